"""Real processes that send from one number: the limit holds for all of them together.

How fast they are, and how little is refused, is measured by `make bench`. Here nothing may be lost
or doubled, and no more refused than a sandbox that counts strictly does on a machine that is busy
with other things: whoever keeps a limit of its own has a third of its messages refused, or more.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hosts import Hosts, why_not
from queues import wait_until
from senders import Sender, texts
from wacloud import WhatsAppClient
from wacloud.testing import Sandbox

EACH = 80
TIMEOUT_S = 120
# Of what is sent, at most.
REFUSED = 0.1


@pytest.fixture
def strict() -> Iterator[Sandbox]:
    """80 messages in any second, each recipient one in 6 s; answers take 40 to 70 ms."""
    with Sandbox(latency_ms=40, jitter_ms=30) as sandbox:
        yield sandbox


def settings(sandbox: Sandbox, **more: Any) -> dict[str, Any]:
    return {
        "phone_number_id": sandbox.phone_number_id,
        "access_token": sandbox.token,
        "base_url": sandbox.url,
        **more,
    }


def refused_and_doubled(sandbox: Sandbox) -> tuple[int, int]:
    trackers = Counter(message["tracker"] for message in sandbox.messages())
    refused = sum(1 for request in sandbox.requests() if request["status"] >= 400)
    return refused, sum(1 for times in trackers.values() if times > 1)


def send_together(senders: list[Sender]) -> Counter[str]:
    for sender in senders:
        sender.start()
    return sum((sender.outcomes(TIMEOUT_S) for sender in senders), Counter[str]())


def test_six_processes_of_three_languages_keep_one_limit(strict: Sandbox, tmp_path: Path) -> None:
    shared = settings(strict, pace_dir=str(tmp_path))
    languages = ["Python", "Node", "PHP"] * 2
    senders = [
        Sender(language, shared, texts(f"{language}{n}", EACH))
        for n, language in enumerate(languages)
    ]
    assert send_together(senders) == {"accepted": 6 * EACH}
    refused, doubled = refused_and_doubled(strict)
    assert doubled == 0
    assert refused <= REFUSED * 6 * EACH


def test_a_process_that_is_killed_leaves_its_share_to_the_others(
    strict: Sandbox, tmp_path: Path
) -> None:
    shared = settings(strict, pace_dir=str(tmp_path))
    senders = [Sender("Python", shared, texts(f"killed{n}", 200)) for n in range(3)]
    for sender in senders:
        sender.start()
    wait_until(lambda: len(strict.messages()) >= 150, "150 messages were accepted", TIMEOUT_S)
    victim = senders.pop()
    victim.process.kill()
    victim.process.wait()
    killed_ms = time.time() * 1000
    told = sum((sender.outcomes(TIMEOUT_S) for sender in senders), Counter[str]())
    assert told == {"accepted": 400}
    refused, doubled = refused_and_doubled(strict)
    assert doubled == 0
    assert refused <= REFUSED * 600
    after = [message["at"] for message in strict.messages() if message["at"] > killed_ms + 500]
    # In the best second from half a second after the end of one: nearly all slots are used again.
    best = max(sum(1 for at in after if 0 <= at - begin < 1000) for begin in after)
    assert best >= 0.8 * 77


def test_a_forked_child_keeps_the_pace(strict: Sandbox, tmp_path: Path) -> None:
    wa = WhatsAppClient(**settings(strict, pace_dir=str(tmp_path)))
    assert all(result.outcome == "accepted" for result in wa.send_bulk(messages("parent", 40)))
    children = []
    for n in range(2):
        if (child := os.fork()) == 0:
            outcomes = {result.outcome for result in wa.send_bulk(messages(f"child{n}", EACH))}
            os._exit(0 if outcomes == {"accepted"} else 1)
        children.append(child)
    assert all(result.outcome == "accepted" for result in wa.send_bulk(messages("again", EACH)))
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0]
    refused, doubled = refused_and_doubled(strict)
    assert doubled == 0
    assert refused <= REFUSED * (40 + 3 * EACH)


def messages(name: str, count: int) -> Iterator[Any]:
    from wacloud import Message

    return (Message.text(text["to"], text["body"]) for text in texts(name, count))


@contextlib.contextmanager
def redis_server(address: str) -> Iterator[tuple[str, Any]]:
    """Its URL, and a function that kills it and starts it again."""
    program = shutil.which("valkey-server") or shutil.which("redis-server")
    if program is None:
        assert "CI" not in os.environ, "neither valkey-server nor redis-server is installed"
        pytest.skip("neither valkey-server nor redis-server is installed")
    with socket.socket() as probe:
        probe.bind((address, 0))
        port = probe.getsockname()[1]
    running: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        options = ["--port", str(port), "--bind", address, "--save", "", "--dir", "/tmp"]
        running.append(
            subprocess.Popen(
                [program, *options, "--protected-mode", "no"], stdout=subprocess.DEVNULL
            )
        )
        deadline = time.monotonic() + 20
        while socket.socket().connect_ex((address, port)) != 0:
            assert time.monotonic() < deadline, "the server does not listen"
            time.sleep(0.01)

    def stop() -> None:
        running[-1].kill()
        running[-1].wait()

    start()
    try:
        yield f"redis://{address}:{port}/0", (stop, start)
    finally:
        stop()


@pytest.mark.parametrize("dies", [False, True])
def test_hosts_keep_one_limit_on_a_server(strict: Sandbox, tmp_path: Path, dies: bool) -> None:
    if (reason := why_not()) is not None:
        pytest.skip(reason)
    port = int(strict.url.rsplit(":", 1)[1])
    with Hosts(3, port) as hosts, redis_server(hosts.address) as (pace, (stop, start)):
        senders = []
        for n, name in enumerate(hosts):
            own = tmp_path / name
            shared = settings(strict, pace=pace, pace_dir=str(own)) | {"base_url": hosts.url}
            language = ["Python", "Node", "PHP"][n]
            inside = hosts.inside(name)
            senders.append(Sender(language, shared, texts(name, 3 * EACH), inside))
        for sender in senders:
            sender.start()
        if dies:
            wait_until(lambda: len(strict.messages()) >= 100, "100 were accepted", TIMEOUT_S)
            stop()
            wait_until(lambda: len(strict.messages()) >= 300, "300 were accepted", TIMEOUT_S)
            start()
        told = sum((sender.outcomes(TIMEOUT_S) for sender in senders), Counter[str]())
    assert told == {"accepted": 9 * EACH}
    refused, doubled = refused_and_doubled(strict)
    assert doubled == 0
    # While the server is away each host is as fast as it would be alone.
    assert refused <= (300 if dies else REFUSED * 9 * EACH)
