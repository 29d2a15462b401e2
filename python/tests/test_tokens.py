"""Access tokens that come from the caller's function."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from wacloud import AuthenticationError, ConfigError, Message, NotSentError
from wacloud.testing import Sandbox

TO = "+15550001234"


def test_the_function_is_called_on_the_callers_thread(sandbox: Sandbox) -> None:
    threads = []

    def token() -> str:
        threads.append(threading.get_ident())
        return sandbox.token

    client = sandbox.client(access_token=token)
    client.send_text(TO, "Hello")
    results = list(client.send_bulk(Message.text(f"+1555000{i:04}", "Hello") for i in range(5)))
    assert {result.outcome for result in results} == {"accepted"}
    assert threads
    assert set(threads) == {threading.get_ident()}


def test_the_token_may_change(sandbox: Sandbox) -> None:
    sandbox.settings(tokens=["second"])
    tokens = iter(["first", "second"])
    client = sandbox.client(access_token=lambda: next(tokens))
    assert client.send_text(TO, "Hello").id
    assert [request["status"] for request in sandbox.requests()] == [401, 200]


def test_another_token_takes_the_place_of_one(sandbox: Sandbox) -> None:
    sandbox.settings(tokens=["second"])
    client = sandbox.client(access_token="first")
    copy = client.phone(sandbox.phone_number_id)
    with pytest.raises(AuthenticationError):
        client.phone.get()
    with pytest.raises(ConfigError):
        client.set_access_token("sec ond")
    client.set_access_token("second")
    assert client.phone.get().id == sandbox.phone_number_id
    assert client.send_text(TO, "Hello").id
    client.set_access_token(lambda: "second")
    assert client.phone(sandbox.phone_number_id).phone.get().id
    assert client.stats().attempts == 4
    with pytest.raises(AuthenticationError):
        copy.phone.get()
    client.close()
    client.set_access_token("second")
    with pytest.raises(NotSentError):
        client.phone.get()


async def test_coroutine_functions_are_awaited(sandbox: Sandbox) -> None:
    async def token() -> str:
        return sandbox.token

    for function in (token, lambda: sandbox.token):
        client = sandbox.async_client(access_token=function)
        assert (await client.send_text(TO, "Hello")).id
        assert [r.outcome async for r in client.send_bulk([Message.text(TO, "Hello")])] == [
            "accepted"
        ]


def failing() -> str:
    raise LookupError("the vault's own secret words")


def of_the_wrong_type() -> Any:
    return 5


@pytest.mark.parametrize("function", [failing, of_the_wrong_type])
def test_without_a_token_nothing_is_sent(function: Callable[[], str], sandbox: Sandbox) -> None:
    with pytest.raises(NotSentError) as raised:
        sandbox.client(access_token=function).send_text(TO, "Hello")
    assert raised.value.reason == "token"
    assert "secret words" not in str(raised.value)
    if function is failing:
        assert isinstance(raised.value.__cause__, LookupError)
    assert sandbox.requests() == []


async def test_a_coroutine_function_needs_an_event_loop(sandbox: Sandbox) -> None:
    async def failing_later() -> str:
        raise LookupError

    client = sandbox.async_client(access_token=failing_later)
    with pytest.raises(NotSentError) as raised:
        await client.send_text(TO, "Hello")
    assert isinstance(raised.value.__cause__, LookupError)

    def never_awaited() -> Awaitable[str]:
        return failing_later()

    wrong: Any = never_awaited
    with (
        pytest.raises(NotSentError, match="coroutine"),
        pytest.warns(RuntimeWarning, match="never awaited"),
    ):
        sandbox.client(access_token=wrong).send_text(TO, "Hello")
