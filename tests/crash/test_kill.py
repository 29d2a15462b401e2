"""Campaigns that are killed at random moments and go on: nothing is delivered twice, and every
message is delivered or told as unknown.

`WACLOUD_KILLS` says how often in each language; `make soak` does it 200 times.
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from wacloud import JournalReport, webhooks
from wacloud.journal import Journal
from wacloud.testing import Sandbox

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
KILLS = int(os.environ.get("WACLOUD_KILLS", "6"))
WINDOW = 24
LANGUAGES = {
    "Python": [sys.executable, str(HERE / "campaign.py")],
    "Node": ["node", str(HERE / "campaign.mjs")],
    "PHP": ["php", "-c", str(TARGET / "php.ini"), str(HERE / "campaign.php")],
    "Rust": [str(TARGET / "debug" / "examples" / "killed_campaign")],
}
# Recipient, text, and a key or none.
Row = tuple[str, str, str | None]


def rows(count: int) -> list[Row]:
    """Every third has a key of its own."""
    return [(f"+1555{n:07}", f"Hello {n}", None if n % 3 else f"order {n}") for n in range(count)]


class Campaign:
    """A campaign of one language: it can be begun, killed, and begun again."""

    def __init__(self, language: str, sandbox: Sandbox, journal: str, **options: Any) -> None:
        self.command = LANGUAGES[language]
        if language == "Rust" and not Path(self.command[0]).exists():
            pytest.skip("cargo build -p wacloud-tests --examples makes what this runs")
        self.settings = {
            "phone_number_id": sandbox.phone_number_id,
            "access_token": sandbox.token,
            "base_url": sandbox.url,
            "rate": 0,
            "pair_rate": 0,
            "pace": "process",
        }
        self.options = {"journal": journal, "window": WINDOW, **options}

    def begin(
        self, messages: list[Row], limit: Callable[[], None] | None = None
    ) -> subprocess.Popen[bytes]:
        task = {"settings": self.settings, "options": self.options, "messages": messages}
        process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=limit
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(task).encode() + b"\n")
        process.stdin.close()
        process.stdin = None
        return process

    def kill_within(self, messages: list[Row], seconds: float) -> list[list[Any]]:
        """What it told before it was killed, after at most so long."""
        process = self.begin(messages)
        try:
            # Whatever it tells meanwhile has room in the pipe.
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        told, _ = process.communicate(timeout=60)
        return [json.loads(line) for line in told.splitlines() if line.endswith(b"]")]

    def finish(self, messages: list[Row]) -> list[list[Any]]:
        process = self.begin(messages)
        told, _ = process.communicate(timeout=120)
        assert process.returncode == 0, process.returncode
        lines = [json.loads(line) for line in told.splitlines()]
        assert lines.pop() == "done"
        return lines


@contextmanager
def receiver() -> Iterator[tuple[str, list[bytes]]]:
    """A server that keeps the bodies of webhooks."""
    bodies: list[bytes] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = self.path.partition("?")[2]
            self.reply(webhooks.challenge(query, "sandbox-verify-token").encode())

        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.reply(b"")

        def reply(self, text: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", bodies
    finally:
        server.shutdown()
        server.server_close()


def delivered(sandbox: Sandbox) -> Counter[tuple[str, str]]:
    """Who got which text how often."""
    sent = Counter(
        (message["payload"]["to"], message["payload"]["text"]["body"])
        for message in sandbox.messages()
    )
    assert sent.total() < 10_000, "the sandbox forgets what is older"
    return sent


def check(sandbox: Sandbox, messages: list[Row], told: list[list[Any]]) -> set[int]:
    """Nothing came twice, and what did not come is unknown. Returns the places of the unknown."""
    sent = delivered(sandbox)
    assert {text: times for text, times in sent.items() if times > 1} == {}
    assert sorted(index for index, *_ in told) == list(range(len(messages)))
    outcomes = {index: outcome for index, _, outcome, _ in told}
    assert set(outcomes.values()) <= {"accepted", "unknown"}
    for index, (to, text, _) in enumerate(messages):
        if outcomes[index] == "accepted":
            assert sent[to, text] == 1, (to, text)
    return {index for index, outcome in outcomes.items() if outcome == "unknown"}


def settle(sandbox: Sandbox, journal: str, bodies: list[bytes]) -> JournalReport:
    """Brings the journal everything that the sandbox tells by webhook; some of it twice."""
    sandbox.flush_webhooks(60)
    record = Journal(journal)
    events = [event for body in bodies for event in webhooks.parse(body)]
    random.shuffle(events)
    for begin in range(0, len(events), 100):
        record.observe(events[begin : begin + 100])
    record.observe(events[:50])
    return record.report()


@pytest.mark.parametrize("language", LANGUAGES)
def test_killed_at_any_moment_nothing_is_sent_twice(language: str, tmp_path: Path) -> None:
    chance = random.Random(f"{language} {os.environ.get('WACLOUD_SEED', time.time())}")
    journal = str(tmp_path / "campaign.db")
    with receiver() as (url, bodies), Sandbox(rate=0, pair_rate=False, latency_ms=25) as sandbox:
        sandbox.webhook(url, statuses=["sent", "delivered"], status_delay_ms=0)
        campaign = Campaign(language, sandbox, journal)
        messages = rows(0)
        unknown: set[str] = set()
        for kill in range(KILLS):
            # The list grows, loses some of its rows and comes in another order.
            messages = rows(40 * (kill + 1)) if KILLS <= 50 else rows(15 * (kill + 1))
            keep = [row for row in messages if chance.random() > 0.05]
            chance.shuffle(keep)
            told = campaign.kill_within(keep, chance.uniform(0.05, 0.6))
            # What was told as accepted stays so.
            unknown.update(key for _, key, outcome, _ in told if outcome == "unknown")
        told = campaign.finish(messages)
        places = check(sandbox, messages, told)
        # No more than were in flight when it was killed.
        assert len(places) <= KILLS * WINDOW
        assert unknown <= {key for index, key, *_ in told if index in places}
        report = settle(sandbox, journal, bodies)
        told = campaign.finish(messages)
        sent = delivered(sandbox)
        left = check(sandbox, messages, told)
        assert [messages[index] for index in left if sent[messages[index][:2]] > 0] == []
        assert report.unknown == len(left)
        assert report.delivered == report.sent == sent.total()
        print(f"{language}: {KILLS} kills, {len(places)} unknown, {len(places - left)} settled")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_full_disk_stops_the_campaign_and_loses_nothing(language: str, tmp_path: Path) -> None:
    journal = str(tmp_path / "campaign.db")
    messages = rows(3_000)

    def full() -> None:
        # The file and its log may not grow beyond this: writing fails as on a full disk.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    with Sandbox(rate=0, pair_rate=False) as sandbox:
        campaign = Campaign(language, sandbox, journal)
        process = campaign.begin(messages, full)
        told = [json.loads(line) for line in process.communicate(timeout=60)[0].splitlines()]
        assert process.returncode != 0
        outcomes = Counter(outcome for _, _, outcome, _ in told)
        assert 0 < outcomes["accepted"] < len(messages)
        assert outcomes["accepted"] == len(sandbox.messages())
        # There is room again.
        left = check(sandbox, messages, campaign.finish(messages))
        assert len(left) <= WINDOW
        assert len(delivered(sandbox)) == len(messages)


def test_whoever_comes_second_is_told_who_is_first(tmp_path: Path) -> None:
    journal = str(tmp_path / "campaign.db")
    # So slow that the first is still there when the second comes.
    with Sandbox(rate=0, pair_rate=False, latency_ms=1_000) as sandbox:
        campaign = Campaign("Python", sandbox, journal)
        first = campaign.begin(rows(600))
        deadline = time.monotonic() + 60
        while not sandbox.messages():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        second = subprocess.Popen(
            campaign.command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, stdout=subprocess.PIPE
        )
        task = {"settings": campaign.settings, "options": campaign.options, "messages": rows(5)}
        _, problem = second.communicate(json.dumps(task).encode() + b"\n", timeout=60)
        assert f"is in use: process {first.pid}" in problem.decode()
        first.kill()
        first.communicate()
        sandbox.settings(latency_ms=0)
        # Its lock is gone with it.
        check(sandbox, rows(600), campaign.finish(rows(600)))
