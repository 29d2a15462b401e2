"""The Celery worker of examples/queues: a job that comes twice sends nothing twice, also where its
worker was killed in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from queues import EXAMPLES, redis_server, wait_until
from wacloud.journal import Journal
from wacloud.testing import Sandbox

pytest.importorskip("celery", reason="celery is not installed")


@pytest.fixture
def redis_url() -> Iterator[str]:
    with redis_server() as url:
        yield url


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
