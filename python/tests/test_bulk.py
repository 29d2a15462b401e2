"""Many messages with the client that waits: lazy, bounded, and told to the end."""

from __future__ import annotations

import gc
import itertools
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from wacloud import (
    AuthenticationError,
    ConfigError,
    Message,
    NotSentError,
    PolicyError,
    ValidationError,
)
from wacloud.testing import Sandbox


def message(number: int) -> Message:
    return Message.text(f"+1555{number:07}", "Hello")


def test_every_message_is_told(sandbox: Sandbox) -> None:
    results = list(sandbox.client(rate=0).send_bulk(map(message, range(300))))
    assert sorted(result.index for result in results) == list(range(300))
    assert {result.outcome for result in results} == {"accepted"}
    assert {result.sent.id for result in results if result.sent} == {
        accepted["id"] for accepted in sandbox.messages()
    }


def test_in_order_on_request(sandbox: Sandbox) -> None:
    sandbox.settings(jitter_ms=20)
    bulk = sandbox.client(rate=0).send_bulk(map(message, range(100)), in_order=True)
    assert [result.index for result in bulk] == list(range(100))


def test_what_is_no_message_ends_as_a_result(sandbox: Sandbox) -> None:
    mixed: list[Any] = [message(0), 5, None, Message.text("call me", ""), message(1)]
    results = sorted(sandbox.client().send_bulk(mixed), key=lambda result: result.index)
    assert [result.outcome for result in results] == [
        *("accepted", "not_sent", "not_sent", "not_sent", "accepted")
    ]
    assert all(isinstance(result.error, ValidationError) for result in results[1:4])
    assert "int" in str(results[1].error)
    assert len(sandbox.messages()) == 2


def test_a_text_is_no_list(sandbox: Sandbox) -> None:
    with pytest.raises(
        TypeError, match="must be an iterable of messages, got a text: read the file"
    ):
        sandbox.client().send_bulk("customers.csv")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="got a text"):
        sandbox.async_client().send_bulk(b"customers.csv")  # type: ignore[arg-type]
    assert not sandbox.messages()


def test_nothing_happens_before_the_first_result_is_asked_for(sandbox: Sandbox) -> None:
    pulled: list[int] = []

    def messages() -> Iterator[Message]:
        for number in range(3):
            pulled.append(number)
            yield message(number)

    bulk = sandbox.client().send_bulk(messages())
    assert pulled == []
    assert len(list(bulk)) == 3


def test_messages_are_pulled_on_this_thread_and_as_far_as_there_is_room(sandbox: Sandbox) -> None:
    sandbox.settings(latency_ms=20)
    threads = set()
    pulled = 0

    def messages() -> Iterator[Message]:
        nonlocal pulled
        for number in itertools.count():
            threads.add(threading.get_ident())
            pulled += 1
            yield message(number)

    bulk = sandbox.client(rate=0).send_bulk(messages(), window=4)
    for told, _ in enumerate(itertools.islice(bulk, 40), start=1):
        # What was told, what is in flight, and what waits to be told.
        assert pulled <= told + 3 * 4
    # Somebody who does not ask is not rushed.
    before = pulled
    time.sleep(0.2)
    assert pulled == before
    bulk.close()
    assert threads == {threading.get_ident()}


def test_leaving_its_block_stops_what_has_not_started(sandbox: Sandbox) -> None:
    sandbox.settings(latency_ms=20)
    bulk = sandbox.client(rate=0).send_bulk(map(message, itertools.count()), window=4)

    def leave() -> None:
        with bulk as results:
            assert next(results).outcome == "accepted"
            for result in results:
                raise LookupError(result.index)

    with pytest.raises(LookupError):
        leave()
    sent = len(sandbox.requests())
    assert 2 <= sent < 20
    assert list(bulk) == []
    assert len(sandbox.messages()) == sent
    with sandbox.client().send_bulk([message(0)]) as results:
        (told,) = results
    assert told.outcome == "accepted"


def test_a_slow_iterable_delays_no_result(sandbox: Sandbox) -> None:
    told = 0
    behind = []

    def messages() -> Iterator[Message]:
        for number in range(6):
            # So slow that each is handed over alone, and all before it have arrived.
            time.sleep(0.2)
            while len(sandbox.messages()) < number:
                time.sleep(0.01)
            behind.append(number - told)
            yield message(number)

    for _ in sandbox.client().send_bulk(messages()):
        told += 1
    assert told == 6
    assert max(behind) <= 3


def test_leaving_the_loop_stops_what_has_not_started(sandbox: Sandbox) -> None:
    sandbox.settings(latency_ms=100)
    for result in sandbox.client(rate=0).send_bulk(map(message, itertools.count()), window=5):
        assert result.outcome == "accepted"
        break
    # What was in flight has been waited for: everything that arrived was answered.
    requests = sandbox.requests()
    assert {request["status"] for request in requests} == {200}
    assert len(requests) < 20
    time.sleep(0.3)
    assert len(sandbox.requests()) == len(requests)


def test_an_exception_of_the_iterable_comes_after_the_results(sandbox: Sandbox) -> None:
    def messages() -> Iterator[Message]:
        yield from map(message, range(3))
        raise LookupError("row 4")

    told = []
    bulk = sandbox.client().send_bulk(messages())
    with pytest.raises(LookupError, match="row 4"):  # noqa: PT012
        for result in bulk:
            told.append(result.index)
    assert sorted(told) == [0, 1, 2]
    assert len(sandbox.messages()) == 3


def test_the_end_of_another_generator_is_told_like_any_exception(sandbox: Sandbox) -> None:
    def messages() -> Iterator[Message]:
        yield from map(message, range(3))
        raise GeneratorExit

    told = []
    with pytest.raises(GeneratorExit):  # noqa: PT012
        for result in sandbox.client().send_bulk(messages()):
            told.append(result.index)
    assert sorted(told) == [0, 1, 2]


def test_an_iterator_that_ends_inside_a_message_is_no_end_of_the_list(sandbox: Sandbox) -> None:
    class Names:
        """A path that is taken from an iterator which has no more."""

        def __fspath__(self) -> str:
            return next(iter(()))

    mixed = [message(0), Message.image("+15550000001", Names()), message(2)]
    told = []
    with pytest.raises(RuntimeError) as raised:  # noqa: PT012
        for result in sandbox.client().send_bulk(mixed):
            told.append(result.index)
    assert isinstance(raised.value.__cause__, StopIteration)
    assert told == [0]


def test_a_dead_token_ends_the_bulk_and_is_raised_after_the_results(sandbox: Sandbox) -> None:
    sandbox.fault("graph_error", code=190, times=0)
    pulled = 0

    def messages() -> Iterator[Message]:
        nonlocal pulled
        for number in itertools.count():
            pulled += 1
            yield message(number)

    told = []
    with pytest.raises(AuthenticationError, match="The bulk stopped by itself") as raised:  # noqa: PT012
        for result in sandbox.client(rate=0).send_bulk(messages(), window=8):
            told.append(result)
    assert raised.value.code == 190
    assert len(told) == pulled <= 16
    assert {result.outcome for result in told} <= {"rejected", "not_sent"}
    assert sandbox.messages() == []


def test_what_waits_when_a_bulk_stops_is_not_sent_and_says_why(sandbox: Sandbox) -> None:
    sandbox.fault("graph_error", code=131031, to="+15550000001")
    told = []
    with pytest.raises(PolicyError):  # noqa: PT012
        for result in sandbox.client(rate=2).send_bulk(map(message, range(20)), in_order=True):
            told.append(result)
    assert [result.outcome for result in told[:3]] == ["accepted", "rejected", "not_sent"]
    assert [result.index for result in told] == list(range(20))
    for result in told[2:]:
        assert isinstance(result.error, NotSentError)
        assert result.error.reason == "stopped"
        assert "131031" in str(result.error)


def test_when_both_fail_the_iterables_exception_is_the_cause(sandbox: Sandbox) -> None:
    sandbox.fault("graph_error", code=190, times=0)

    def messages() -> Iterator[Message]:
        yield message(0)
        raise LookupError("row 2")

    with pytest.raises(AuthenticationError) as raised:
        list(sandbox.client(rate=0).send_bulk(messages()))
    assert isinstance(raised.value.__cause__, LookupError)


def test_a_token_that_is_renewed_stops_no_bulk(sandbox: Sandbox) -> None:
    sandbox.settings(tokens=["second"])
    tokens = itertools.chain(["first"], itertools.repeat("second"))
    client = sandbox.client(rate=0, access_token=lambda: next(tokens))
    results = list(client.send_bulk(map(message, range(50)), window=8))
    assert {result.outcome for result in results} == {"accepted"}


def test_an_exception_in_the_loop_is_the_callers(sandbox: Sandbox) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        for _ in sandbox.client().send_bulk(map(message, range(50))):
            _ = 1 / 0


def test_a_forgotten_bulk_is_collected(sandbox: Sandbox) -> None:
    bulk = sandbox.client(rate=0).send_bulk(map(message, itertools.count()), window=3)
    next(bulk)
    cycle: list[Any] = [bulk]
    cycle.append(cycle)
    del bulk, cycle
    gc.collect()
    count = len(sandbox.requests())
    time.sleep(0.2)
    assert len(sandbox.requests()) == count


def test_wrong_options_are_told(sandbox: Sandbox) -> None:
    with pytest.raises(ConfigError):
        list(sandbox.client().send_bulk([message(0)], window=0))
    assert sandbox.requests() == []


@pytest.mark.slow
def test_the_default_pace_holds_a_strict_limit() -> None:
    # Tried anew where the machine stalls: what it has held up arrives at once then, and counts in
    # one second. A pace that is too fast is so every time.
    refused: list[int] = []
    while not refused or refused[-1] > 2:
        assert len(refused) < 3, refused
        with Sandbox() as strict:
            results = list(strict.client().send_bulk(map(message, range(2000))))
            assert {result.outcome for result in results} == {"accepted"}
            assert len(strict.messages()) == 2000
            refused.append(sum(request["status"] != 200 for request in strict.requests()))
