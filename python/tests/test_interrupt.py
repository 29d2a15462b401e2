"""Ctrl-C, in a program of its own: it returns at once and says what became of the messages."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest

from wacloud import DeliveryUnknownError
from wacloud.testing import Sandbox

# Answers come so late that whoever waits for one is seen to.
ANSWER_MS = 60_000
# A few milliseconds on a machine that has nothing else to do.
SOON_S = 10

# Interrupts itself when enough requests have arrived and what is asked for holds, and tells what it
# caught and when.
PROGRAM = """
import itertools, json, os, signal, sys, threading, time
from wacloud import Message
from wacloud.testing import Sandbox

url, token, number, arrivals = sys.argv[1:]
sandbox = Sandbox()
# Another process runs it.
sandbox.url, sandbox.token, sandbox.phone_number_id = url, token, number
sandbox.business_account_id = "102290129340398"
sandbox._process = True
interrupted = None

def interrupt():
    global interrupted
    while len(sandbox.requests()) < int(arrivals) or not (HOLDS):
        time.sleep(0.01)
    interrupted = time.monotonic()
    os.kill(os.getpid(), signal.SIGINT)

def message(number):
    return Message.text(f"+1555{number:07}", "Hello")

def forever():
    yield message(0)
    time.sleep(60)

# Whoever runs the tests in the background may have it ignored, which a program inherits.
signal.signal(signal.SIGINT, signal.default_int_handler)
threading.Thread(target=interrupt, daemon=True).start()
try:
    BODY
except KeyboardInterrupt as caught:
    outcome = caught.wacloud_outcome
    outcomes = outcome if isinstance(outcome, list) else [outcome]
    print(json.dumps({
        "seconds": time.monotonic() - interrupted,
        "outcomes": [one.outcome for one in outcomes],
        "context": type(caught.__context__).__name__,
        "trackers": [getattr(getattr(one, "error", one), "tracker", None) for one in outcomes],
        "notes": getattr(caught, "__notes__", []),
    }))
"""


def interrupted(sandbox: Sandbox, arrivals: int, body: str, holds: str = "True") -> dict[str, Any]:
    program = PROGRAM.replace("BODY", body).replace("HOLDS", holds)
    run = subprocess.run(
        [
            *(sys.executable, "-c", program),
            *(sandbox.url, sandbox.token, sandbox.phone_number_id, str(arrivals)),
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    told: dict[str, Any] = json.loads(run.stdout)
    assert told["seconds"] < SOON_S
    return told


def test_a_call_after_its_request_was_written(sandbox: Sandbox) -> None:
    sandbox.fault("delay", delay_ms=ANSWER_MS)
    told = interrupted(sandbox, 1, 'sandbox.client().send_text("+15550001234", "Hello")')
    assert told["outcomes"] == ["unknown"]
    assert told["context"] == "DeliveryUnknownError"
    (tracker,) = told["trackers"]
    assert tracker == sandbox.messages()[0]["tracker"]
    if sys.version_info >= (3, 11):
        assert tracker in told["notes"][0]


def test_a_call_that_waits_for_its_slot(sandbox: Sandbox) -> None:
    body = "wa = sandbox.client(rate=0.01); wa.send(message(0)); wa.send(message(1))"
    told = interrupted(sandbox, 1, body, "wa.pace().waiting == 1")
    assert told["outcomes"] == ["not_sent"]
    assert told["context"] == "NotSentError"
    assert len(sandbox.messages()) == 1


def test_a_call_that_has_begun_and_is_not_yet_returned(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python runs signal handlers also between the end of a function and the assignment of what it
    returns."""
    client = sandbox.client()
    core: Any = client._core

    class Interrupted:
        def submit(self, *arguments: object) -> None:
            core.submit(*arguments)
            raise KeyboardInterrupt

    monkeypatch.setattr(client, "_core", Interrupted())
    sandbox.fault("delay", delay_ms=ANSWER_MS)
    with pytest.raises(KeyboardInterrupt) as caught:
        client.send_text("+15550001234", "Hello")
    told: Any = caught.value
    assert told.wacloud_outcome.outcome == ("unknown" if sandbox.messages() else "not_sent")


def test_a_bulk_with_messages_in_flight(sandbox: Sandbox) -> None:
    sandbox.fault("delay", delay_ms=ANSWER_MS, times=0)
    body = "list(sandbox.client(rate=0).send_bulk(map(message, itertools.count()), window=5))"
    told = interrupted(sandbox, 5, body)
    assert told["outcomes"] == ["unknown"] * 5
    assert told["context"] == "DeliveryUnknownError"
    assert len(sandbox.requests()) == 5


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions have no notes yet")
def test_what_only_waited_for_its_turn_is_one_line_of_the_notes(sandbox: Sandbox) -> None:
    body = "list(sandbox.client(rate=10).send_bulk(map(message, range(200))))"
    told = interrupted(sandbox, 3, body)
    assert told["outcomes"].count("not_sent") > 100
    (note,) = told["notes"]
    assert "messages had not started and were not sent" in note
    assert len(note.splitlines()) < 10


@pytest.mark.skipif(sys.version_info < (3, 11), reason="exceptions have no notes yet")
def test_what_may_have_gone_out_is_not_counted_with_what_did_not_start(sandbox: Sandbox) -> None:
    sandbox.fault("delay", delay_ms=30_000, times=0)
    body = "list(sandbox.client(rate=0).send_bulk(map(message, range(60)), window=30))"
    told = interrupted(sandbox, 30, body)
    assert set(told["outcomes"]) == {"unknown"}
    (note,) = told["notes"]
    assert "had not started" not in note
    assert note.count(" unknown: ") == 20
    assert "and 10 more" in note


def test_a_bulk_whose_iterable_is_slow(sandbox: Sandbox) -> None:
    sandbox.fault("delay", delay_ms=ANSWER_MS, times=0)
    told = interrupted(sandbox, 1, "list(sandbox.client().send_bulk(forever()))")
    assert told["outcomes"] == ["unknown"]


def test_any_exception_of_a_signal_handler_ends_a_call(sandbox: Sandbox) -> None:
    def ring(*_: object) -> None:
        raise TimeoutError("the alarm of a job queue")

    sandbox.fault("delay", delay_ms=ANSWER_MS)

    def pull() -> None:
        while not sandbox.requests():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGALRM)

    before = signal.signal(signal.SIGALRM, ring)
    try:
        threading.Thread(target=pull, daemon=True).start()
        with pytest.raises(TimeoutError) as raised:
            sandbox.client().send_text("+15550001234", "Hello")
    finally:
        signal.signal(signal.SIGALRM, before)
    assert isinstance(raised.value.__context__, DeliveryUnknownError)


def test_an_interrupted_bulk_tells_every_message_that_it_took(sandbox: Sandbox) -> None:
    body = """told = []
    try:
        for result in sandbox.client().send_bulk(message(number) for number in range(10_000)):
            told.append(result)
    except KeyboardInterrupt as caught:
        told += caught.wacloud_outcome
        assert sorted(result.index for result in told) == list(range(len(told)))
        taken = {result.sent.id for result in told if result.sent}
        unknown = sum(result.outcome == "unknown" for result in told)
        accepted = {accepted["id"] for accepted in sandbox.messages()}
        assert taken <= accepted and len(accepted) <= len(taken) + unknown
        raise"""
    for arrivals in (1, 5, 9, 13, 17):
        sandbox.reset()
        assert interrupted(sandbox, arrivals, body)["outcomes"]
