"""How far a bulk is: a function that is told, and a bar."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from wacloud import BulkProgress, ConfigError, Message
from wacloud.testing import Sandbox


def message(number: int) -> Message:
    return Message.text(f"+1555{number:07}", "Hello")


def messages(count: int) -> Iterator[Message]:
    yield from map(message, range(count))


def test_a_function_is_told_to_the_end(sandbox: Sandbox) -> None:
    sandbox.settings(latency_ms=20)
    sandbox.fault("graph_error", code=131026, to="+15550000003")
    sandbox.fault("reset_after", to="+15550000005")
    told: list[BulkProgress] = []
    threads = set()

    def progress(now: BulkProgress) -> None:
        told.append(now)
        threads.add(threading.get_ident())

    batch = [*messages(40), Message.text("call me", "")]
    results = list(sandbox.client(rate=0).send_bulk(batch, window=4, progress=progress))
    assert len(results) == 41
    assert threads == {threading.get_ident()}
    last = told[-1]
    assert (last.done, last.total, last.eta_ms) == (41, 41, 0)
    assert (last.accepted, last.rejected, last.not_sent, last.unknown) == (38, 1, 1, 1)
    assert last.rate > 0
    # 40 messages, 4 at a time, each at least 20 ms: at most ten times a second, and the end.
    assert last.elapsed_ms >= 200
    assert len(told) <= last.elapsed_ms / 100 + 3
    done = [now.done for now in told]
    assert done == sorted(done)
    assert told[0].total == 41


def test_the_last_call_comes_after_the_last_result(sandbox: Sandbox) -> None:
    events: list[object] = []
    for result in sandbox.client(rate=0).send_bulk(messages(50), progress=events.append):
        events.append(result)
    assert isinstance(events[-1], BulkProgress)
    assert events[-1].done == 50
    assert sum(isinstance(event, BulkProgress) and event.done == 50 for event in events[-2:]) >= 1


@pytest.mark.parametrize("total", [None, 7])
def test_the_total_is_counted_or_given(total: int | None, sandbox: Sandbox) -> None:
    told: list[BulkProgress] = []
    client = sandbox.client(rate=0)
    list(client.send_bulk(messages(3), total=total, progress=told.append))
    assert {now.total for now in told} == {total}
    list(client.send_bulk([*messages(3)], total=total, progress=told.append))
    assert told[-1].total == (total or 3)


def test_an_exception_of_the_function_is_the_callers(sandbox: Sandbox) -> None:
    def progress(_: BulkProgress) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        list(sandbox.client(rate=0).send_bulk(messages(5), progress=progress))


def test_what_is_neither_is_refused(sandbox: Sandbox) -> None:
    wrong: Any = "yes"
    with pytest.raises(ConfigError) as raised:
        list(sandbox.client().send_bulk(messages(1), progress=wrong))
    assert raised.value.setting == "progress"
    with pytest.raises(ConfigError) as raised:
        list(sandbox.client().send_bulk(messages(1), total=-1))
    assert raised.value.setting == "total"
    assert sandbox.requests() == []


async def test_async_functions_and_coroutine_functions(sandbox: Sandbox) -> None:
    client = sandbox.async_client(rate=0)
    told: list[BulkProgress] = []

    async def progress(now: BulkProgress) -> None:
        told.append(now)

    for function in (progress, told.append):
        told.clear()
        async for _ in client.send_bulk([*messages(20)], progress=function):
            pass
        assert (told[-1].done, told[-1].total) == (20, 20)


# Sends to somebody else's sandbox, with a bar.
PROGRAM = """
import sys
from wacloud import Message, WhatsAppClient

url, token, number = sys.argv[1:]
wa = WhatsAppClient(number, token, base_url=url, rate=0, pair_rate=0)
batch = [Message.text(f"+1555{n:07}", "Hello") for n in range(30)]
for result in wa.send_bulk(batch, progress=True, window=4):
    pass
"""


def program(sandbox: Sandbox) -> list[str]:
    arguments = [sandbox.url, sandbox.token, sandbox.phone_number_id]
    return [sys.executable, "-c", PROGRAM, *arguments]


def test_a_bar_is_drawn_on_a_terminal(sandbox: Sandbox) -> None:
    sandbox.settings(latency_ms=20)
    sandbox.fault("graph_error", code=131026, to="+15550000003")
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    running = subprocess.Popen(
        program(sandbox), stdout=subprocess.PIPE, stderr=slave, env=environment
    )
    os.close(slave)
    drawn = b""
    while True:
        try:
            drawn += os.read(master, 4096)
        except OSError:  # The other side has closed it.
            break
    os.close(master)
    printed, _ = running.communicate()
    assert (running.returncode, printed) == (0, b"")
    text = drawn.decode()
    assert "0/30" in text
    assert " left" in text
    last = text.rpartition("\r")[2] or text
    assert "30/30" in text
    assert "  1 rejected" in text
    assert "  in 0:0" in text, last


def test_without_a_terminal_it_is_one_line_at_the_end(sandbox: Sandbox) -> None:
    done = subprocess.run(program(sandbox), capture_output=True, text=True, check=True)
    (line,) = done.stderr.splitlines()
    assert line.startswith("wacloud: 30/30  ")
    assert done.stdout == ""
