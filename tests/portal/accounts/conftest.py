"""An office of accounts, once on each kind of database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.portal.accounts.office import Office, an_office


@pytest.fixture
async def office(url: str) -> AsyncIterator[Office]:
    office = await an_office(url)
    yield office
    office.accounts.close()
    await office.database.close()
