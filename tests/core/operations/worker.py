"""One life of a service: opens a desk, carries some requests out, prints what came of them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from haidang.core.database import Database
from haidang.core.operations.desk import MIGRATIONS, Desk, DeskSettings
from haidang.core.operations.effects import Patience
from haidang.core.operations.faults import faults_from
from haidang.core.tenancy import Actor

from tests.core.operations import shop
from tests.core.operations.outside import Outside

ACTOR = Actor(id="owner", tenant="t1", grants=frozenset({"*"}))


async def main(state: Path, url: str, requests: list[str]) -> None:
    database = await Database.open(
        url, migrations={"operations": MIGRATIONS, "ledger": shop.MIGRATIONS}
    )
    moods = json.loads(os.environ.get("MOODS", "{}"))
    office = shop.Shop(
        shop.Ledger(database, moods.get("ledger")),
        Outside(state / "outside.sqlite", moods.get("outside")),
    )
    desk = await Desk.open(
        DeskSettings("shop", state, patience=Patience(first_seconds=0.05)),
        database,
        [office],
        faults=faults_from(os.environ.get("HAIDANG_KILL_AT", ""), sandbox=True, state=state),
    )
    started = await asyncio.gather(
        *(
            desk.start(office.buy, shop.Buy(f"{r}-a", f"{r}-b"), request_id=r, actor=ACTOR)
            for r in requests
        )
    )
    ended = [await desk.wait(o.name, tenant="t1", timeout_seconds=20) for o in started]
    print(json.dumps([[o.state, str(o.result)] for o in ended]), flush=True)
    await desk.close()
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))
