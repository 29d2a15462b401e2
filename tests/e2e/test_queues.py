"""The Celery worker of examples/queues: a job that comes twice sends nothing twice, also where its
worker was killed in the middle."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from wacloud.journal import Journal
from wacloud.testing import Sandbox

pytest.importorskip("celery", reason="celery is not installed")

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "queues"


def wait_until(condition: Callable[[], Any], what: str, seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.05)


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture
def redis_url() -> Iterator[str]:
    program = shutil.which("valkey-server") or shutil.which("redis-server")
    if program is None:
        pytest.skip("neither valkey-server nor redis-server is installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", "/tmp"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: is_open(port), "the server is there")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()


@contextmanager
def worker(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    words = [sys.executable, "-m", "celery", "-A", "celery_worker", "worker", "--pool", "solo"]
    words += ["--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
    process = subprocess.Popen(words, cwd=EXAMPLES, env={**os.environ, **environment})
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def test_a_job_that_comes_twice_sends_nothing_twice(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sandbox() as sandbox:
        environment = {
            "REDIS_URL": redis_url,
            "WA_PHONE_ID": sandbox.phone_number_id,
            "WA_TOKEN": sandbox.token,
            "WA_BASE_URL": sandbox.url,
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.syspath_prepend(str(EXAMPLES))
        send: Any = __import__("celery_worker").send
        with worker(environment) as first:
            jobs = [send.delay(f"order {n % 5}", f"+1555000000{n % 5}", "Hello") for n in range(15)]
            assert [job.get(timeout=60) for job in jobs] == ["accepted"] * 15
            assert len(sandbox.messages()) == 5
            # One whose answer never comes, and whose worker is killed while it waits for it.
            sandbox.fault("delay", delay_ms=60_000)
            send.delay("order 9", "+15550000009", "Hello")
            wait_until(lambda: len(sandbox.messages()) == 6, "it has left")
            first.kill()
        # As the queue does once the time for its job is over.
        again = send.delay("order 9", "+15550000009", "Hello")
        with worker(environment):
            # Told that somebody has it, until the dead worker's lease is over: then nobody knows.
            assert again.get(timeout=90) == "unknown"
        assert len(sandbox.messages()) == 6
        report = Journal(redis_url, campaign="orders").report()
        assert (report.accepted, report.unknown) == (5, 1)
