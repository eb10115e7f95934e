"""Run the e-sign service: settings, then plugins, then offices, then the server."""

from __future__ import annotations

from contextlib import suppress

import grpc
from haidang.api.esign.v1 import esign_pb2_grpc
from haidang.core import process
from haidang.core.blobs import BlobFolder
from haidang.core.clock import SystemClock
from haidang.core.database import Database, sqlite_url
from haidang.core.errors import Absent
from haidang.core.house import METHODS as HOUSE
from haidang.core.house import add_house
from haidang.core.offers import BuildContext
from haidang.core.operations.desk import MIGRATIONS, Desk, DeskSettings
from haidang.core.operations.faults import faults_from
from haidang.core.plugins import load_plugins
from haidang.core.ports.signing import Signer
from haidang.core.ports.timestamps import TimestampAuthority
from haidang.core.privacy import Parts
from haidang.core.server import run_service
from haidang.core.settings import Platform, load, platform
from haidang.esign.ledger import MIGRATIONS as LEDGER
from haidang.esign.ledger import DocumentLedger
from haidang.esign.messages import ANSWERS
from haidang.esign.personal import PapersPart
from haidang.esign.personal.ledger import PersonalLedger
from haidang.esign.providers.assembler import Assembler
from haidang.esign.providers.checked_signer import CheckedSigner
from haidang.esign.providers.evidence import EvidenceSource
from haidang.esign.servicer import METHODS, EsignServicer
from haidang.esign.signing import SigningOffice
from haidang.esign.verification import VerificationSettings, Verifier, open_verifier
from pydantic import BaseModel


class EsignSettings(BaseModel, extra="forbid", frozen=True):
    """Settings of the e-sign service, section [esign].

    `database_url`: the ledger; empty means SQLite in the state folder. `signer_provider`
    and `signer`, `timestamp_provider` and `timestamp`: the chosen offers and their
    settings. `evidence_hosts`: host:port that may be asked for revocation information.
    """

    database_url: str = ""
    signer_provider: str = "software-key"
    signer: dict[str, str] = {}
    timestamp_provider: str = "rfc3161"
    timestamp: dict[str, str] = {}
    evidence_hosts: tuple[str, ...] = ()


def signer_settings(settings: EsignSettings, place: Platform) -> dict[str, str]:
    """The chosen signer's settings; by default certified by this platform's sandbox."""
    if settings.signer or settings.signer_provider != "software-key":
        return dict(settings.signer)
    return {
        "trust_url": f"http://{place.address('trust')}",
        "credentials": str(place.state / "trust" / "credentials.json"),
    }


def timestamp_settings(settings: EsignSettings, place: Platform) -> dict[str, str]:
    """The chosen authority's settings; by default this platform's sandbox."""
    if settings.timestamp or settings.timestamp_provider != "rfc3161":
        return dict(settings.timestamp)
    return {"url": f"http://{place.address('tsa')}/"}


def chosen(
    settings: EsignSettings, place: Platform, context: BuildContext
) -> tuple[Signer, TimestampAuthority]:
    """The providers that the configuration names."""
    plugins = load_plugins()
    signer = plugins.choose(
        "register_signers",
        Signer,
        settings.signer_provider,
        signer_settings(settings, place),
        context,
    )
    tsa = plugins.choose(
        "register_timestamp_authorities",
        TimestampAuthority,
        settings.timestamp_provider,
        timestamp_settings(settings, place),
        context,
    )
    return signer, tsa


def open_office(
    settings: EsignSettings, place: Platform, database: Database, verifier: Verifier
) -> SigningOffice:
    """The office with all its parts."""
    folder, clock = place.folder("esign"), SystemClock()
    signer, tsa = chosen(settings, place, BuildContext(folder, clock))
    documents = BlobFolder(place.folder("esign", "documents"))
    hosts = frozenset({*settings.evidence_hosts, *sandbox_hosts(place)})
    evidence = EvidenceSource(hosts, clock)
    return SigningOffice(
        DocumentLedger(database),
        CheckedSigner(signer, evidence),
        Assembler(documents, tsa, evidence, verifier, state=folder, clock=clock),
        documents,
        verifier,
        clock,
        sandbox=place.sandbox,
    )


async def main() -> None:
    """Serve until stopped."""
    place = platform()
    settings = load(EsignSettings, "esign")
    folder = place.folder("esign")
    process.hold(folder)
    database = await Database.open(
        settings.database_url or sqlite_url(folder / "ledger.sqlite"),
        migrations={"operations": MIGRATIONS, "ledger": LEDGER},
    )
    verifier = open_verifier(place, load(VerificationSettings, "esign_verification"), SystemClock())
    office = open_office(settings, place, database, verifier)
    desk = await Desk.open(
        DeskSettings("esign", folder),
        database,
        [office],
        faults=faults_from(place.kill_at, sandbox=place.sandbox, state=place.state),
    )

    papers = PapersPart(PersonalLedger(database), office.documents, office.assembler, office.signer)
    data = Parts((papers,))

    def add(server: grpc.aio.Server) -> None:
        esign_pb2_grpc.add_EsignServiceServicer_to_server(
            EsignServicer(desk, office, verifier), server
        )
        add_house(server, desk, ANSWERS, data, service="esign")

    await run_service("esign", methods={**METHODS, **HOUSE}, add=add)
    await desk.close()
    await database.close()


def sandbox_hosts(place: Platform) -> set[str]:
    """This platform's sandbox trust service, where it runs with sandbox parts."""
    with suppress(Absent):  # certified by another service: the sandbox need not run
        return {place.address("trust")} if place.sandbox else set()
    return set()


if __name__ == "__main__":
    process.run(main)
