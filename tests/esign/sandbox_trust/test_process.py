"""The sandbox trust service as the process it is: started, killed, started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from haidang.core.ports.signing import Enrolment

from tests.esign.house import LAN, Trust, a_trust, running, served

MODULE = "haidang.esign.sandbox_trust"


def test_it_announces_itself_and_ends_on_request(tmp_path: Path) -> None:
    with served(a_trust(tmp_path)) as process:
        process.send_signal(signal.SIGTERM)

        assert process.wait(10) == 0


async def test_its_certificates_survive_its_sudden_death(tmp_path: Path) -> None:
    trust = a_trust(tmp_path)
    enrolment = Enrolment("khoa", LAN)
    with served(trust) as process:
        before = trust.root.read_bytes()
        (tmp_path / "a").mkdir()
        held = await trust.signer(tmp_path / "a").enrol(enrolment, "operations/1/enrol")
        process.kill()
        process.wait()
    kept = tmp_path / "a" / "keys" / "khoa.chain.pem"
    kept.unlink()  # as if the answer had never arrived

    with served(trust):
        again = await trust.signer(tmp_path / "a").enrol(enrolment, "operations/1/enrol")

    assert again == held
    assert trust.root.read_bytes() == before


def ended(trust: Trust, **extra: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "HAIDANG_STATE": str(trust.state), **trust.environment, **extra}
    command = [sys.executable, "-m", MODULE]
    return subprocess.run(command, env=environment, capture_output=True, timeout=20)


def test_it_refuses_to_run_where_nothing_is_sandbox(tmp_path: Path) -> None:
    process = ended(a_trust(tmp_path), HAIDANG_SANDBOX="0")

    assert process.returncode == 1
    assert b"sandbox platform only" in process.stderr


def test_a_second_one_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with served(a_trust(tmp_path)):
        second = ended(a_trust(tmp_path))

    assert second.returncode == 1
    assert b"STATE_IN_USE" in second.stderr


def test_it_is_small(tmp_path: Path) -> None:
    """A foreign party must not load what only services need."""
    heavy = ("grpc", "dbos", "pyhanko", "sqlalchemy", "typst", "aiohttp")
    code = (
        "import sys, haidang.esign.sandbox_trust.__main__;"
        f"print([one for one in {heavy!r} if one in sys.modules])"
    )

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert told.stdout.strip() == "[]"


def test_its_keys_are_private(tmp_path: Path) -> None:
    trust = a_trust(tmp_path)
    with running(tmp_path, "trust", MODULE, **trust.environment):
        secrets = [*(tmp_path / "trust" / "pki").glob("*-key.pem")]
        secrets.append(tmp_path / "trust" / "credentials.json")

        assert len(secrets) == 5
        assert {one.stat().st_mode & 0o777 for one in secrets} == {0o600}
