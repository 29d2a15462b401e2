"""Groups of calls: lists to their end, and the clients of other numbers."""

from __future__ import annotations

import pytest

from wacloud import ConfigError, WhatsAppClient
from wacloud.testing import Sandbox

USERS = [f"+1555000000{index}" for index in range(5)]


def test_a_list_goes_through_its_pages(sandbox: Sandbox) -> None:
    client = sandbox.client()
    client.blocks.add(USERS)
    assert [f"+{user.wa_id}" for user in client.blocks.list_all(limit=2)] == USERS
    assert len(sandbox.requests()) == 4
    # The next page is asked for when the one before is used up.
    next(client.blocks.list_all(limit=2))
    assert len(sandbox.requests()) == 5
    page = client.blocks.list(limit=2)
    assert page.has_next
    assert page.items[0].extra == {"messaging_product": "whatsapp"}
    assert client.blocks.list(limit=2, after=page.after).items[0].wa_id == USERS[2][1:]


async def test_and_so_it_does_for_asyncio(sandbox: Sandbox) -> None:
    client = sandbox.async_client()
    await client.blocks.add(USERS)
    assert [f"+{user.wa_id}" async for user in client.blocks.list_all(limit=2)] == USERS
    assert len(sandbox.requests()) == 4


def test_a_client_of_another_number(sandbox: Sandbox) -> None:
    sandbox.settings(phone_numbers=[{"id": "1000"}, {"id": "2000"}])
    client = sandbox.client(phone_number_id="1000")
    other = client.phone("2000")
    assert isinstance(other, WhatsAppClient)
    assert other.phone.get().id == "2000"
    other.send_text("+15550001234", "Hello")
    assert [message["phone_number_id"] for message in sandbox.messages()] == ["2000"]
    assert client.stats().attempts == other.stats().attempts == 2
    assert repr(other.phone) == "<PhoneOperations of <WhatsAppClient phone_number_id='2000'>>"
    with pytest.raises(ConfigError):
        client.phone("+1 555 000 1234")


def test_calls_about_the_account_need_to_know_it(sandbox: Sandbox) -> None:
    client = sandbox.client(business_account_id=None)
    with pytest.raises(ConfigError, match="is needed by account") as raised:
        client.account.get()
    assert raised.value.setting == "business_account_id"
    assert sandbox.requests() == []
