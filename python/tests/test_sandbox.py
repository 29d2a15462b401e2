"""`wacloud.testing.Sandbox` itself."""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
import traceback
import urllib.request

import pytest

from wacloud import Message
from wacloud.testing import Sandbox

TO = "+15550001234"


def test_what_it_shows(sandbox: Sandbox) -> None:
    sent = sandbox.client().send_text(TO, "Hello")
    (accepted,) = sandbox.messages()
    assert (accepted["id"], accepted["to"], accepted["type"]) == (sent.id, TO, "text")
    assert accepted["payload"]["text"] == {"body": "Hello"}
    (request,) = sandbox.requests()
    assert (request["method"], request["status"]) == ("POST", 200)
    sandbox.reset()
    assert sandbox.messages() == sandbox.requests() == []


def test_what_can_be_changed(sandbox: Sandbox) -> None:
    assert sandbox.settings(latency_ms=1)["latency_ms"] == 1
    assert sandbox.settings()["latency_ms"] == 1
    sandbox.reset(settings=True)
    assert sandbox.settings()["latency_ms"] == 0
    with pytest.raises(ValueError, match="no_such_kind"):
        sandbox.fault("no_such_kind")
    sandbox.fault("status", status=503, times=0)
    sandbox.clear_faults()
    assert sandbox.client().send(Message.text(TO, "Hello")).id


async def test_it_is_an_async_context_manager_too() -> None:
    async with Sandbox(rate=5, seed=1) as sandbox:
        assert sandbox.settings()["rate"] == 5
        assert (await sandbox.async_client().send_text(TO, "Hello")).id
    with pytest.raises(RuntimeError, match="not running"):
        sandbox.messages()


def test_it_says_what_is_missing_in_one_traceback(sandbox: Sandbox) -> None:
    with pytest.raises(RuntimeError, match="WACLOUD_BIN") as missing:
        Sandbox(binary="/no/such/program").start()
    with pytest.raises(ValueError, match="refused POST faults") as wrong:
        sandbox.fault("no_such_thing")
    for error in (missing.value, wrong.value):
        told = "".join(traceback.format_exception(error))
        assert told.count("Traceback (most recent call last):") == 1


def test_it_ends_with_its_process() -> None:
    program = (
        "import os\nfrom wacloud.testing import Sandbox\n"
        "print(Sandbox().start().url, flush=True)\nos._exit(1)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    url = run.stdout.strip()
    assert url.startswith("http://127.0.0.1:")
    # It may take a moment to notice.
    deadline = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(f"{url}/_sandbox/state", timeout=30).close()
        except (OSError, http.client.HTTPException):
            break
        assert time.monotonic() < deadline, "the sandbox outlived its process"
        time.sleep(0.01)
