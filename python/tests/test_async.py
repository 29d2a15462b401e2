"""The client for asyncio: cancellation, several loops, loops that are gone."""

from __future__ import annotations

import asyncio
import gc
import itertools
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from wacloud import (
    AsyncWhatsAppClient,
    DeliveryUnknownError,
    Message,
    NotSentError,
    PolicyError,
    SentMessage,
)
from wacloud.testing import Sandbox

TO = "+15550001234"

# Answers come so late that whoever waits for one is seen to.
ANSWER_MS = 60_000
# A few milliseconds on a machine that has nothing else to do.
SOON_S = 10


def message(number: int) -> Message:
    return Message.text(f"+1555{number:07}", "Hello")


async def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def arrived(sandbox: Sandbox, count: int = 1) -> None:
    """Waits until that many requests have reached the sandbox."""
    await until(lambda: len(sandbox.requests()) >= count)


def carried(raised: BaseException) -> Any:
    """What a cancellation carries. Before Python 3.11 a task raised a new one, from ours."""
    while raised.__context__ is not None and not hasattr(raised, "wacloud_outcome"):
        raised = raised.__context__
    return getattr(raised, "wacloud_outcome", None)


async def test_many_at_once(sandbox: Sandbox) -> None:
    async with sandbox.async_client(rate=0) as client:
        sent = await asyncio.gather(*(client.send(message(n)) for n in range(50)))
    assert len({str(one) for one in sent}) == 50


async def test_cancelling_tells_what_may_have_happened(sandbox: Sandbox) -> None:
    sandbox.fault("delay", delay_ms=ANSWER_MS)
    task = asyncio.create_task(sandbox.async_client().send_text(TO, "Hello"))
    await arrived(sandbox)
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as raised:
        await task
    assert time.monotonic() - began < SOON_S
    error = carried(raised.value)
    assert isinstance(error, DeliveryUnknownError)
    assert error.reason == "cancelled"
    assert error.tracker == sandbox.messages()[0]["tracker"]


async def test_cancelling_what_waits_for_its_slot_sends_nothing() -> None:
    # Its own: the pace of a number is kept for as long as the process lives.
    async with Sandbox() as sandbox:
        client = sandbox.async_client(rate=0.1)
        await client.send_text(TO, "first")
        task = asyncio.create_task(client.send_text(TO, "second"))
        await until(lambda: client.pace().waiting == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as raised:
            await task
        assert len(sandbox.messages()) == 1
    assert isinstance(carried(raised.value), NotSentError)


async def test_a_time_out_of_asyncio_carries_the_outcome(sandbox: Sandbox) -> None:
    sandbox.fault("delay", delay_ms=ANSWER_MS)
    task = asyncio.create_task(sandbox.async_client().send_text(TO, "Hello"))
    await arrived(sandbox)
    with pytest.raises(asyncio.TimeoutError) as raised:
        await asyncio.wait_for(task, 0.05)
    chain: BaseException | None = raised.value
    kinds = set()
    while chain is not None:
        kinds.add(type(chain))
        chain = chain.__cause__ or chain.__context__
    assert DeliveryUnknownError in kinds


def test_one_client_serves_several_loops(sandbox: Sandbox) -> None:
    client = sandbox.async_client(rate=0)
    sent: list[SentMessage] = []

    async def main() -> None:
        sent.extend(await asyncio.gather(*(client.send(message(n)) for n in range(10))))

    threads = [threading.Thread(target=lambda: asyncio.run(main())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asyncio.run(main())
    assert len({one.id for one in sent}) == 50


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_loop_may_be_gone_when_the_answer_comes(sandbox: Sandbox) -> None:
    sandbox.settings(latency_ms=200)
    client = sandbox.async_client()
    loop = asyncio.new_event_loop()
    call = client.send_text(TO, "Hello")

    async def begin() -> None:
        # As far as the first thing to wait for.
        waiting = call.send(None)
        assert waiting is not None

    loop.run_until_complete(begin())
    loop.close()
    deadline = time.monotonic() + 30
    while not sandbox.messages():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(0.4)
    call.close()
    gc.collect()
    assert asyncio.run(client.send_text(TO, "Hello")).id


async def test_bulk_takes_any_iterable(sandbox: Sandbox) -> None:
    async def later() -> AsyncIterator[Message]:
        for number in range(20):
            await asyncio.sleep(0)
            yield message(number)

    client = sandbox.async_client(rate=0)
    for messages in (later(), map(message, range(20)), [message(n) for n in range(20)]):
        results = [result async for result in client.send_bulk(messages)]
        assert sorted(result.index for result in results) == list(range(20))
        assert {result.outcome for result in results} == {"accepted"}
    nothing: Any = 5
    with pytest.raises(TypeError):
        client.send_bulk(nothing)


async def test_a_slow_iterable_delays_no_result(sandbox: Sandbox) -> None:
    first_is_told = asyncio.Event()

    async def messages() -> AsyncIterator[Message]:
        yield message(0)
        # For ever, if results had to wait for messages.
        await first_is_told.wait()
        yield message(1)

    async def consume() -> int:
        told = 0
        async for _ in sandbox.async_client().send_bulk(messages()):
            told += 1
            first_is_told.set()
        return told

    assert await asyncio.wait_for(consume(), 10) == 2


async def test_bulk_pulls_only_as_far_as_there_is_room(sandbox: Sandbox) -> None:
    sandbox.settings(latency_ms=20)
    pulled = 0

    def messages() -> Iterator[Message]:
        nonlocal pulled
        for number in itertools.count():
            pulled += 1
            yield message(number)

    told = 0
    bulk = sandbox.async_client(rate=0).send_bulk(messages(), window=4)
    async for _ in bulk:
        told += 1
        assert pulled <= told + 3 * 4
        if told == 40:
            break
    await bulk.aclose()
    requests = sandbox.requests()
    assert {request["status"] for request in requests} == {200}
    await asyncio.sleep(0.2)
    assert len(sandbox.requests()) == len(requests)


async def test_leaving_its_block_stops_what_has_not_started(sandbox: Sandbox) -> None:
    sandbox.settings(latency_ms=20)
    endless = map(message, itertools.count())
    async with sandbox.async_client(rate=0).send_bulk(endless, window=4) as results:
        assert (await anext(results)).outcome == "accepted"
        async for _ in results:
            break
    sent = len(sandbox.requests())
    assert 2 <= sent < 20
    assert [result async for result in results] == []
    assert len(sandbox.messages()) == sent


async def test_an_exception_of_the_iterable_comes_after_the_results(sandbox: Sandbox) -> None:
    async def messages() -> AsyncIterator[Message]:
        for number in range(3):
            yield message(number)
        raise LookupError("row 4")

    told = []
    bulk = sandbox.async_client().send_bulk(messages())
    with pytest.raises(LookupError, match="row 4"):  # noqa: PT012
        async for result in bulk:
            told.append(result.index)
    assert sorted(told) == [0, 1, 2]


@pytest.mark.parametrize("is_async", [True, False])
async def test_a_cancellation_in_the_iterable_is_no_end_of_the_list(
    sandbox: Sandbox, is_async: bool
) -> None:
    lookup = asyncio.create_task(asyncio.sleep(60))

    async def waiting() -> AsyncIterator[Message]:
        for number in range(3):
            yield message(number)
        # Somebody cancels what the iterable waits for, not the bulk.
        lookup.cancel()
        await lookup

    def raising() -> Iterator[Message]:
        yield from map(message, range(3))
        raise asyncio.CancelledError

    told = []
    bulk = sandbox.async_client().send_bulk(waiting() if is_async else raising())
    with pytest.raises(asyncio.CancelledError):  # noqa: PT012
        async for result in bulk:
            told.append(result.index)
    lookup.cancel()
    assert sorted(told) == [0, 1, 2]
    assert len(sandbox.messages()) == 3


@pytest.mark.parametrize("kind", [GeneratorExit, BaseException])
async def test_no_exception_of_the_iterable_is_an_end_of_the_list(
    sandbox: Sandbox, kind: type[BaseException]
) -> None:
    def messages() -> Iterator[Message]:
        yield from map(message, range(3))
        raise kind

    told = []
    with pytest.raises(kind):  # noqa: PT012
        async for result in sandbox.async_client().send_bulk(messages()):
            told.append(result.index)
    assert sorted(told) == [0, 1, 2]


async def test_a_feeder_that_somebody_cancels_is_no_end_of_the_list(sandbox: Sandbox) -> None:
    others = asyncio.all_tasks()

    async def messages() -> AsyncIterator[Message]:
        yield message(0)
        await asyncio.Event().wait()

    bulk = sandbox.async_client().send_bulk(messages())
    assert (await anext(bulk)).outcome == "accepted"
    (feeder,) = asyncio.all_tasks() - others
    feeder.cancel()
    with pytest.raises(asyncio.CancelledError):
        await anext(bulk)


def test_ctrl_c_in_the_iterable_ends_the_loop(sandbox: Sandbox) -> None:
    async def messages() -> AsyncIterator[Message]:
        yield message(0)
        raise KeyboardInterrupt

    async def consume() -> None:
        async for _ in sandbox.async_client().send_bulk(messages()):
            pass

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(consume())


async def test_a_bulk_that_stops_by_itself_waits_for_no_iterable(sandbox: Sandbox) -> None:
    sandbox.fault("graph_error", code=131048, times=0)
    was_closed = False

    async def messages() -> AsyncIterator[Message]:
        nonlocal was_closed
        try:
            yield message(0)
            # Never goes on.
            await asyncio.Event().wait()
        finally:
            was_closed = True

    async def consume() -> list[str]:
        told: list[str] = []
        with pytest.raises(PolicyError, match="The bulk stopped by itself"):  # noqa: PT012
            async for result in sandbox.async_client().send_bulk(messages()):
                told.append(result.outcome)
        return told

    assert await asyncio.wait_for(consume(), 10) == ["rejected"]
    assert was_closed


async def test_bulk_takes_what_only_iterates(sandbox: Sandbox) -> None:
    class Rows:
        """Neither a generator nor its own iterator."""

        def __init__(self) -> None:
            self.at = 0

        def __aiter__(self) -> Rows:
            return self

        async def __anext__(self) -> Message:
            self.at += 1
            if self.at > 5:
                raise StopAsyncIteration
            return message(self.at)

    class Table:
        def __aiter__(self) -> Rows:
            return Rows()

    client = sandbox.async_client(rate=0)
    results = [result async for result in client.send_bulk(Table())]
    assert [result.outcome for result in results] == ["accepted"] * 5


async def test_cancelling_a_bulk_tells_what_was_under_way(sandbox: Sandbox) -> None:
    sandbox.fault("delay", delay_ms=ANSWER_MS, times=0)

    async def consume(client: AsyncWhatsAppClient) -> None:
        async for _ in client.send_bulk(map(message, itertools.count()), window=3):
            pass

    task = asyncio.create_task(consume(sandbox.async_client(rate=0)))
    await arrived(sandbox, 3)
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as raised:
        await task
    assert time.monotonic() - began < SOON_S
    untold = carried(raised.value)
    assert [result.outcome for result in untold] == ["unknown"] * 3
    assert all(isinstance(result.error, DeliveryUnknownError) for result in untold)


async def test_an_abandoned_bulk_ends(sandbox: Sandbox) -> None:
    bulk = sandbox.async_client(rate=0).send_bulk(map(message, itertools.count()), window=3)
    await anext(bulk)
    del bulk
    gc.collect()
    # The event loop closes forgotten generators in tasks of its own.
    await asyncio.sleep(0.01)
    await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))
    count = len(sandbox.requests())
    await asyncio.sleep(0.2)
    assert len(sandbox.requests()) == count
