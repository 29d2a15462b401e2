"""Which events are news, who may be written to freely, and answering: what a customer writes goes
the whole way, with both clients."""

from __future__ import annotations

import asyncio
import inspect
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from receiving import Receiver

from wacloud import ConfigError, Message, StoreError, ValidationError, WindowClosedError
from wacloud.inbox import AsyncDedup, AsyncServiceWindow, Dedup, ServiceWindow
from wacloud.testing import Sandbox
from wacloud.webhooks import WebhookEvent

TO = "+15550001234"


class Door:
    """Client, `Dedup` and `ServiceWindow` of one kind: those that wait, or those of asyncio."""

    def __init__(self, is_async: bool, sandbox: Sandbox) -> None:
        self.client: Any = sandbox.async_client() if is_async else sandbox.client()
        self.dedup: Any = AsyncDedup if is_async else Dedup
        self.window: Any = AsyncServiceWindow if is_async else ServiceWindow
        self.number = sandbox.phone_number_id


async def done(outcome: Any) -> Any:
    return await outcome if inspect.isawaitable(outcome) else outcome


@pytest.fixture
def strict(sandbox: Sandbox, receiver: Receiver) -> Sandbox:
    """A sandbox that keeps the window and tells what customers write, and no statuses."""
    sandbox.settings(window=True)
    sandbox.webhook(receiver.url, statuses=[])
    return sandbox


@pytest.fixture(params=["sync", "async"])
def door(request: pytest.FixtureRequest, strict: Sandbox) -> Door:
    return Door(request.param == "async", strict)


@pytest.fixture
def written(strict: Sandbox, receiver: Receiver) -> Callable[[], WebhookEvent]:
    """Writes as a customer, and returns the event of that."""

    def write() -> WebhookEvent:
        receiver.came.clear()
        strict.customer(TO, text="Hello?")
        strict.flush_webhooks()
        return receiver.events(strict.app_secret)[0]

    return write


def payloads(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [message["payload"] for message in sandbox.messages()]


def sends(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Not what reads the definition of a template, once in a process."""
    return [request for request in sandbox.requests() if request["method"] == "POST"]


def template() -> Message:
    return Message.template(TO, "hello_world", "en_US")


async def test_a_conversation(door: Door, strict: Sandbox, receiver: Receiver) -> None:
    strict.webhook(repeat=2)
    strict.customer(TO, text="Are you open?")
    strict.flush_webhooks()
    events = receiver.events(strict.app_secret)
    assert [event.text for event in events] == ["Are you open?"] * 2
    dedup, window = door.dedup(), door.window()
    (event,) = await done(dedup.fresh(iter(events)))
    assert event is events[0]
    assert await done(dedup.is_fresh(event)) is False

    assert await done(window.is_open(door.number, TO)) is False
    assert await done(window.open_until(door.number, TO)) is None
    await done(window.observe(events))
    assert await done(window.is_open(door.number, event)) is True
    until = await done(window.open_until(door.number, TO))
    assert until == pytest.approx(time.time() + 24 * 3600, abs=60)

    wa = door.client
    sent = await done(wa.reply(event, "Until six."))
    await done(wa.reply(event, Message.location(event, 48.2, 16.4), priority="urgent"))
    await done(wa.mark_read(event))
    await done(wa.react(event, "👍"))
    await done(wa.remove_reaction(event, event))
    text, place, reaction, removed = payloads(strict)
    assert sent.id.startswith("wamid.")
    assert (text["to"], text["context"]) == (TO, {"message_id": event.id})
    assert (place["to"], place["context"]) == (TO, {"message_id": event.id})
    assert reaction["reaction"] == {"message_id": event.id, "emoji": "👍"}
    assert removed["reaction"]["emoji"] == ""
    (read,) = (r["body"] for r in sends(strict) if "status" in r["body"])
    assert read["message_id"] == event.id


async def test_a_template_goes_out_where_the_window_is_closed(door: Door, strict: Sandbox) -> None:
    message = Message.text(TO, "Hello")
    await done(door.client.send(message, window=door.window(), fallback=template()))
    assert [payload["type"] for payload in payloads(strict)] == ["template"]
    assert len(sends(strict)) == 1, "the text was not tried"


async def test_the_window_learns_from_meta(
    door: Door, strict: Sandbox, written: Callable[[], WebhookEvent]
) -> None:
    window = door.window()
    await done(window.observe([written()]))

    async def send() -> None:
        message = Message.text(TO, "Hello")
        await done(door.client.send(message, window=window, fallback=template()))

    await send()
    strict.advance_clock(24 * 3600)
    assert await done(window.is_open(door.number, TO)), "our clock was not moved"
    await send()
    assert not await done(window.is_open(door.number, TO))
    await send()
    assert [payload["type"] for payload in payloads(strict)] == ["text", "template", "template"]
    assert [request["status"] for request in sends(strict)] == [200, 400, 200, 200]
    with pytest.raises(WindowClosedError):
        await done(door.client.send_text(TO, "Hello"))


async def test_mistakes_are_told_together(door: Door, strict: Sandbox) -> None:
    window, message = door.window(), Message.text(TO, "")
    wrong = Message.template(TO, "Hello World", "en_US")
    with pytest.raises(ValidationError) as caught:
        await done(door.client.send(message, window=window, fallback=wrong))
    paths = [violation.path for violation in caught.value.violations]
    assert "text.body" in paths
    assert any(path.startswith("fallback.") for path in paths)
    for options, setting in (({"window": window}, "fallback"), ({"fallback": wrong}, "window")):
        with pytest.raises(ConfigError) as refused:
            await done(door.client.send(message, **options))
        assert refused.value.setting == setting
    with pytest.raises(TypeError, match="got int"):
        await done(door.client.reply(None, 5))
    assert payloads(strict) == []


async def test_only_its_number_answers_a_message(
    door: Door, written: Callable[[], WebhookEvent]
) -> None:
    for changes, rule in (
        ({"number_id": "1"}, "conflict"),
        ({"kind": "status"}, "type"),
        ({"channel": "messenger"}, "type"),
    ):
        event = written()
        vars(event).update(changes)
        with pytest.raises(ValidationError) as caught:
            await done(door.client.reply(event, "Hello!"))
        assert {violation.rule for violation in caught.value.violations} == {rule}


async def test_a_store_is_shared(
    door: Door, tmp_path: Path, written: Callable[[], WebhookEvent]
) -> None:
    # A path as pathlib has it, or as text.
    store = tmp_path / "inbox.db"
    event = written()
    assert len(await done(door.dedup(store).fresh([event, event]))) == 1
    assert await done(door.dedup(str(store)).fresh([event])) == []
    assert Dedup(store).fresh([event]) == [], "asyncio or not"
    await done(door.dedup(store).forget([event]))
    assert await done(door.dedup(store).is_fresh(event))
    await done(door.window(store).observe([event]))
    assert await done(door.window(store).is_open(door.number, event))
    assert b"15550001234" not in store.read_bytes(), "hashes, no numbers"
    assert await done(door.dedup().is_fresh(event)), "the memory of one is its own"


async def test_a_store_that_cannot_be_used_is_told(
    door: Door, strict: Sandbox, tmp_path: Path, written: Callable[[], WebhookEvent]
) -> None:
    event = written()
    place = tmp_path / "no-database"
    place.write_text("this is no database, and long enough to be seen as none: " * 20)
    with pytest.raises(StoreError) as caught:
        await done(door.dedup(place).fresh([event]))
    assert "no-database" in caught.value.place
    assert caught.value.problem
    window = door.window("redis://127.0.0.1:1")
    with pytest.raises(StoreError):
        await done(window.observe([event]))
    with pytest.raises(StoreError):
        await done(door.client.send(Message.text(TO, "Hello"), window=window, fallback=template()))
    assert payloads(strict) == []
    for store in ("", "mysql://localhost"):
        with pytest.raises(ConfigError):
            door.dedup(store)
        with pytest.raises(ConfigError):
            door.window(store)
    assert "hidden" not in repr(door.dedup("redis://:hidden@127.0.0.1:1"))


@pytest.mark.parametrize("given", [b"{}", ["wamid.A"], [{"kind": "message", "key": "k"}]])
async def test_what_is_no_event_is_refused(door: Door, given: Any) -> None:
    with pytest.raises(TypeError, match=r"an event that webhooks\.parse made belongs here, got"):
        await done(door.dedup().fresh(given))
    with pytest.raises(TypeError, match=r"an event that webhooks\.parse made belongs here, got"):
        await done(door.window().observe(given))


async def test_a_number_is_not_answered(door: Door, strict: Sandbox) -> None:
    with pytest.raises(TypeError, match="to write to a number use send"):
        await done(door.client.reply(TO, "Hello"))
    assert payloads(strict) == []


async def test_asyncio_goes_on_meanwhile(
    strict: Sandbox, tmp_path: Path, written: Callable[[], WebhookEvent]
) -> None:
    event, ticks = written(), 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0)
            ticks += 1

    ticking = asyncio.create_task(tick())
    dedup = AsyncDedup(tmp_path / "inbox.db")
    for _ in range(20):
        await dedup.fresh([event])
    ticking.cancel()
    assert ticks > 20


@pytest.fixture
def redis() -> Iterator[str]:
    program = shutil.which("valkey-server") or shutil.which("redis-server")
    if program is None:
        pytest.skip("neither valkey-server nor redis-server is installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", "/tmp"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        deadline = time.monotonic() + 20
        while socket.socket().connect_ex(("127.0.0.1", port)) != 0:
            assert time.monotonic() < deadline, "the server does not listen"
            time.sleep(0.01)
        yield f"redis://127.0.0.1:{port}/0"
        server.kill()


async def test_a_server_is_a_store(
    door: Door, redis: str, written: Callable[[], WebhookEvent]
) -> None:
    event = written()
    assert await done(door.dedup(redis).is_fresh(event))
    assert not await done(door.dedup(redis).is_fresh(event))
    await done(door.window(redis).observe([event]))
    assert await done(door.window(redis).is_open(door.number, TO))
