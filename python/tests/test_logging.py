"""What the logger `wacloud` is told, and what a client counts."""

from __future__ import annotations

import gc
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from wacloud import ClientStats, DeliveryUnknownError, Message, NotSentError
from wacloud.testing import Sandbox

TO = "+15550001234"


class Records(logging.Handler):
    """Keeps what is logged, and on which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[logging.LogRecord] = []
        self.threads: set[int] = set()

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record)
        self.threads.add(threading.get_ident())

    @property
    def fields(self) -> list[dict[str, Any]]:
        return [vars(record)["wacloud"] for record in self.told]

    @property
    def kinds(self) -> list[str]:
        return [fields["kind"] for fields in self.fields]


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    logger = logging.getLogger("wacloud")
    level = logger.level
    yield logger
    logger.setLevel(level)


@pytest.fixture
def records(logger: logging.Logger) -> Iterator[Records]:
    records = Records()
    logger.addHandler(records)
    yield records
    logger.removeHandler(records)


def test_a_send_is_logged_as_far_as_the_logger_takes_it(
    sandbox: Sandbox, logger: logging.Logger, records: Records
) -> None:
    client = sandbox.client()
    for level, kinds in [
        (logging.DEBUG, ["attempt", "outcome"]),
        (logging.INFO, ["outcome"]),
        (logging.WARNING, []),
        (logging.CRITICAL, []),
    ]:
        records.told.clear()
        # The level counts that the logger has at the time of the call.
        logger.setLevel(level)
        sent = client.send_text(TO, "the secret plan")
        assert records.kinds == kinds
    logger.setLevel(logging.INFO)
    sent = client.send_text(TO, "the secret plan")
    (record,) = records.told
    assert (record.name, record.levelno, record.msg) == (
        "wacloud",
        logging.INFO,
        "message accepted %s",
    )
    fields = vars(record)["wacloud"]
    assert (fields["id"], fields["tracker"], fields["attempts"]) == (sent.id, sent.tracker, 1)
    assert f"id={sent.id}" in record.getMessage()
    for kept in ("secret plan", "15550001234", sandbox.token):
        assert kept not in str(vars(record))
    assert records.threads == {threading.get_ident()}


def test_content_is_logged_where_it_is_asked_for(
    sandbox: Sandbox, logger: logging.Logger, records: Records
) -> None:
    logger.setLevel(logging.DEBUG)
    sandbox.client(log_content=True).send_text(TO, "Hello")
    attempt, outcome = records.fields
    assert (attempt["to"], attempt["body"]["text"]["body"], outcome["to"]) == (TO, "Hello", TO)


def test_what_is_in_the_way_is_logged(
    sandbox: Sandbox, logger: logging.Logger, records: Records
) -> None:
    logger.setLevel(logging.INFO)
    sandbox.fault("graph_error", code=131056, retry_after_s=1)
    sandbox.client(max_wait=30.0).send_text(TO, "Hello")
    assert records.kinds[0] == "throttled"
    assert records.kinds[-1] == "outcome"
    assert records.fields[0]["scope"] == "pair"
    records.told.clear()
    sandbox.fault("reset_after")
    with pytest.raises(DeliveryUnknownError) as raised:
        sandbox.client().send_text(TO, "Hello")
    assert records.fields[0]["outcome"] == "unknown"
    assert records.fields[0]["tracker"] == raised.value.tracker
    records.told.clear()
    sandbox.fault("reset_after")
    sandbox.client(on_unknown="resend").send_text(TO, "Hello")
    assert (records.kinds, records.told[0].levelno) == (["retry", "outcome"], logging.WARNING)
    assert records.told[0].getMessage().startswith("message is sent again though it may")


async def test_the_async_client_logs_on_the_event_loop(
    sandbox: Sandbox, logger: logging.Logger, records: Records
) -> None:
    logger.setLevel(logging.DEBUG)
    client = sandbox.async_client(rate=0)
    await client.send_text(TO, "Hello")
    assert records.kinds == ["attempt", "outcome"]
    messages = [Message.text(f"+1555000{n:04}", "Hello") for n in range(20)]
    assert len([result async for result in client.send_bulk(messages)]) == 20
    assert records.kinds.count("outcome") == 21
    assert records.threads == {threading.get_ident()}
    assert client.stats().accepted == 21


def test_the_messages_of_a_bulk_are_logged_not_later_than_told(
    sandbox: Sandbox, logger: logging.Logger, records: Records
) -> None:
    logger.setLevel(logging.INFO)
    client = sandbox.client(rate=0)
    texts = ["Hello"] * 300 + [""]
    for told, _ in enumerate(client.send_bulk(Message.text(TO, text) for text in texts)):
        assert records.kinds.count("outcome") > told
    assert records.kinds == ["outcome"] * 301
    assert [fields["outcome"] for fields in records.fields].count("not_sent") == 1
    assert records.threads == {threading.get_ident()}


def test_what_is_in_flight_when_a_bulk_is_left_is_logged(
    sandbox: Sandbox, logger: logging.Logger, records: Records
) -> None:
    logger.setLevel(logging.INFO)
    for _ in sandbox.client(rate=0).send_bulk(Message.text(TO, "Hello") for _ in range(50)):
        break
    gc.collect()
    accepted = [fields for fields in records.fields if fields["outcome"] == "accepted"]
    assert len(accepted) == len(sandbox.messages())


class Broken(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        raise OSError("the disk is full")


def test_a_logger_that_raises_breaks_no_send(
    sandbox: Sandbox, logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = Broken()
    logger.addHandler(broken)
    logger.setLevel(logging.DEBUG)
    try:
        assert sandbox.client().send_text(TO, "Hello").id
        results = list(sandbox.client().send_bulk([Message.text(TO, "Hello")] * 3))
    finally:
        logger.removeHandler(broken)
    assert [result.outcome for result in results] == ["accepted"] * 3
    shown = capsys.readouterr().err
    assert "--- Logging error ---" in shown
    assert "the disk is full" in shown


def test_an_exception_that_is_no_error_ends_the_send(
    sandbox: Sandbox, logger: logging.Logger
) -> None:
    class Stops(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise KeyboardInterrupt

    stops = Stops()
    logger.addHandler(stops)
    logger.setLevel(logging.INFO)
    try:
        with pytest.raises(KeyboardInterrupt) as raised:
            sandbox.client().send_text(TO, "Hello")
    finally:
        logger.removeHandler(stops)
    # It came with the answer, which is not lost.
    assert vars(raised.value)["wacloud_outcome"].id


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stderr


def test_warnings_are_shown_once_where_nobody_has_set_up_logging() -> None:
    program = (
        "import sys\n"
        "from wacloud import WhatsAppClient\n"
        "old = WhatsAppClient('1', 't', api_version='v13.0')\n"
        "{}\n"
        "WhatsAppClient('2', 't', api_version='v13.0').with_options(rate=5)"
    )
    assert run(program.format("")) == "Graph API v13.0 has ended; use v25.0.\n"
    silent = "import logging; logging.getLogger('wacloud').setLevel('ERROR')\n"
    assert run(silent + program.format("")) == ""
    # Nothing is imported for a logger that nobody has.
    light = "from wacloud import WhatsAppClient; WhatsAppClient('1', 't')\n"
    run(light + "import sys; assert 'logging' not in sys.modules")


def test_a_client_counts_with_its_copies(sandbox: Sandbox) -> None:
    client = sandbox.client(rate=0)
    assert client.stats() == ClientStats(**dict.fromkeys(ClientStats.__slots__, 0))
    client.send_text(TO, "Hello")
    copy = client.with_options(max_retries=0)
    sandbox.fault("graph_error", code=131047)
    list(copy.with_options(rate=0).send_bulk([Message.text(TO, text) for text in ["a", "b", ""]]))
    stats = client.stats()
    assert stats == copy.stats()
    assert (stats.accepted, stats.rejected, stats.not_sent, stats.unknown) == (2, 1, 1, 0)
    assert (stats.attempts, stats.retries, stats.in_flight, stats.waiting) == (3, 0, 0, 0)
    assert sandbox.client(rate=0).stats().accepted == 0
    client.close()
    assert client.stats() == stats


def test_in_flight_is_counted_now(sandbox: Sandbox) -> None:
    sandbox.fault("delay", delay_ms=1_500)
    client = sandbox.client()
    sending = threading.Thread(target=client.send_text, args=(TO, "Hello"))
    sending.start()
    while client.stats().in_flight == 0:
        assert sending.is_alive()
    sending.join()
    assert client.stats().in_flight == 0


def test_no_password_is_seen(sandbox: Sandbox, show: Callable[..., None]) -> None:
    client = sandbox.client(proxy="http://user:proxy0password@127.0.0.1:9", max_retries=0)
    with pytest.raises(NotSentError) as raised:
        client.send_text(TO, "Hello")
    show("proxy", client, raised.value)
    shown = repr(vars(client))
    assert "proxy0password" not in shown
    assert sandbox.token not in shown
