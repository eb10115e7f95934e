"""Enquiries through the real service: from the letterbox to the caller, for one tenant only."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import grpc
import pytest
from haidang.api.websites.v1 import websites_pb2 as messages
from haidang.core.ports.publishing import Letter, LetterAnswer
from haidang.core.testing.memory import NOON
from haidang.website_builder import letterbox

from tests.website_builder.served import SERVICE, Client, Running

HOST = "thu-tu.vn"
State = messages.Enquiry


@pytest.fixture
async def client(running: Running) -> AsyncIterator[Client]:
    found = Client(running, "t-thu", "websites.read", "websites.write", audience="websites")
    yield found
    await found.channel.close()


@pytest.fixture
async def stranger(running: Running) -> AsyncIterator[Client]:
    found = Client(running, "t-khac", "websites.read", "websites.write", audience="websites")
    yield found
    await found.channel.close()


async def a_site(client: Client, host: str) -> str:
    return (await client.create(host)).name.removeprefix("websites/")


def leave(folder: Path, site: str, *numbers: int) -> None:
    """As the edge does."""
    for number in numbers:
        at = NOON + timedelta(minutes=number)
        answers = (LetterAnswer("phone", "Số điện thoại", "0901 234 567"),)
        letter = Letter(f"{number:024x}", site, at, "order", "dat-hang", "vi", 600, answers)
        letterbox.leave(folder / "edge" / letterbox.LETTERS, letter)


async def refusal(call: object) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call  # type: ignore[misc]  # a call of a stub
    return error.value.code(), error.value.details() or ""


async def test_a_letter_is_listed_read_marked_and_erased(
    client: Client,
    running: Running,
) -> None:
    site = await a_site(client, "mot.vn")
    leave(running.state, site, 1, 2, 3)
    first = await client.websites.ListEnquiries(
        messages.ListEnquiriesRequest(website=f"websites/{site}", page_size=2)
    )
    rest = await client.websites.ListEnquiries(
        messages.ListEnquiriesRequest(
            website=f"websites/{site}", page_size=2, page_token=first.next_page_token
        )
    )

    assert [one.create_time.ToDatetime().minute for one in first.enquiries] == [3, 2]
    assert [one.create_time.ToDatetime().minute for one in rest.enquiries] == [1]
    assert not rest.next_page_token
    one = first.enquiries[0]
    assert (one.kind, one.state, one.locale) == (State.KIND_ORDER, State.STATE_NEW, "vi")
    assert one.answers[0].value == "0901 234 567"
    for _ in range(2):
        marked = await client.websites.MarkEnquiry(
            messages.MarkEnquiryRequest(name=one.name, state=State.STATE_DONE)
        )
        assert marked.state == State.STATE_DONE
    await client.websites.DeleteEnquiry(messages.DeleteEnquiryRequest(name=one.name))
    code, _ = await refusal(client.websites.GetEnquiry(messages.GetEnquiryRequest(name=one.name)))
    assert code is grpc.StatusCode.NOT_FOUND
    purged = await client.websites.PurgeEnquiries(
        messages.PurgeEnquiriesRequest(website=f"websites/{site}")
    )
    assert purged.erased == 2


async def test_another_tenant_finds_nothing(
    client: Client,
    stranger: Client,
    running: Running,
) -> None:
    site = await a_site(client, "hai.vn")
    leave(running.state, site, 7)
    listed = await client.websites.ListEnquiries(
        messages.ListEnquiriesRequest(website=f"websites/{site}")
    )
    name = listed.enquiries[0].name
    theirs = stranger.websites
    for call in (
        theirs.ListEnquiries(messages.ListEnquiriesRequest(website=f"websites/{site}")),
        theirs.GetEnquiry(messages.GetEnquiryRequest(name=name)),
        theirs.MarkEnquiry(messages.MarkEnquiryRequest(name=name, state=State.STATE_DONE)),
        theirs.DeleteEnquiry(messages.DeleteEnquiryRequest(name=name)),
        theirs.PurgeEnquiries(messages.PurgeEnquiriesRequest(website=f"websites/{site}")),
    ):
        assert (await refusal(call))[0] is grpc.StatusCode.NOT_FOUND
    found = await client.websites.GetEnquiry(messages.GetEnquiryRequest(name=name))
    assert found.state == State.STATE_NEW


async def test_whoever_may_only_read_changes_nothing(
    client: Client,
    running: Running,
) -> None:
    site = await a_site(client, "ba.vn")
    reader = Client(running, "t-thu", "websites.read", audience="websites")
    name = f"websites/{site}/enquiries/{'0' * 24}"
    for call in (
        reader.websites.MarkEnquiry(messages.MarkEnquiryRequest(name=name, state=1)),
        reader.websites.DeleteEnquiry(messages.DeleteEnquiryRequest(name=name)),
        reader.websites.PurgeEnquiries(messages.PurgeEnquiriesRequest(website=f"websites/{site}")),
    ):
        assert (await refusal(call))[0] is grpc.StatusCode.PERMISSION_DENIED
    await reader.channel.close()


@pytest.mark.parametrize("name", ["", "websites/x", "websites/x/enquiries/", "x/../y"])
async def test_a_name_that_is_none_is_not_found(client: Client, name: str) -> None:
    code, _ = await refusal(client.websites.GetEnquiry(messages.GetEnquiryRequest(name=name)))

    assert code is grpc.StatusCode.NOT_FOUND


async def test_an_enquiry_is_new_or_done_and_nothing_else(client: Client) -> None:
    request = messages.MarkEnquiryRequest(name=f"websites/x/enquiries/{'0' * 24}", state=0)

    code, details = await refusal(client.websites.MarkEnquiry(request))

    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert "new or done" in details


async def test_letters_survive_a_service_that_is_killed(
    client: Client,
    running: Running,
) -> None:
    site = await a_site(client, "bon.vn")
    process = running.processes["websites"]
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    leave(running.state, site, 11, 12)
    running.start(*SERVICE)

    listed = await client.websites.ListEnquiries(
        messages.ListEnquiriesRequest(website=f"websites/{site}"), wait_for_ready=True
    )

    assert len(listed.enquiries) == 2
    assert not list((running.state / "edge" / letterbox.LETTERS / site).glob("2*.json"))
