"""Many messages from any iterable or async iterable, a window of them at a time.

A task of its own pulls from the caller's iterable, so a slow one delays no result. It lives as long
as the generator that gives out the results.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

from wacloud._bulk import END, GATHER, bulk_item, results, room_after
from wacloud._errors import error_from_core
from wacloud._json import decode
from wacloud._log import tell
from wacloud._outcome import LAST_WORDS, LEAVE, carry_bulk
from wacloud._tokens import Tokens
from wacloud._wake import woken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator
    from types import TracebackType

    from wacloud import BulkResult
    from wacloud._native import Bulk
    from wacloud._progress import Progress


class AsyncBulkResults:
    """What became of the messages of a bulk, as it is known.

    As an async context manager it stops, however the block is left, what has not started, and waits
    for what is in flight. A loop that is left without one does so only when its generator is
    collected.
    """

    __slots__ = ("_results",)

    def __init__(self, results: AsyncGenerator[BulkResult, None]) -> None:
        self._results = results

    def __aiter__(self) -> AsyncGenerator[BulkResult, None]:
        return self._results

    async def __anext__(self) -> BulkResult:
        return await anext(self._results)

    async def aclose(self) -> None:
        """Stops what has not started, and waits for what is in flight."""
        await self._results.aclose()

    async def __aenter__(self) -> AsyncBulkResults:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


class AsyncFeed:
    """Pulls messages from the caller's iterator into the core."""

    def __init__(self, bulk: Bulk, source: Iterator[object] | AsyncIterator[object]) -> None:
        self._bulk = bulk
        self._source = source
        self._room = 1
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._is_left = False
        self.failure: BaseException | None = None

    def set_room(self, room: int) -> None:
        self._room = room
        if room > 0:
            self._has_room.set()
        else:
            self._has_room.clear()

    async def run(self) -> None:
        try:
            if isinstance(self._source, AsyncIterator):
                await self._pull_async(self._source)
            else:
                await self._pull(self._source)
        except BaseException as failure:
            # Raised when what was pulled before has been told. That is so of a `CancelledError`,
            # too: the iterable may have waited for a task that somebody cancelled, or somebody has
            # cancelled this one. An end without it would look like the end of the list.
            if not self._is_left:
                self.failure = failure
            if isinstance(failure, (KeyboardInterrupt, SystemExit)):
                # They end the loop, as out of any task.
                raise
        finally:
            self._bulk.finish()

    def leave(self, feeder: asyncio.Task[None]) -> None:
        """Pulls nothing more, also when the iterable never answers."""
        self._is_left = True
        feeder.cancel()

    async def _pull_async(self, source: AsyncIterator[object]) -> None:
        while True:
            await self._has_room.wait()
            try:
                message = await anext(source)
            except StopAsyncIteration:
                return
            self._push([bulk_item(message)])

    async def _pull(self, source: Iterator[object]) -> None:
        is_open = True
        while is_open:
            await self._has_room.wait()
            items: list[str] = []
            # Files and bytes in them are there for as long as they are, or the core has them.
            messages: list[object] = []
            began = monotonic()
            try:
                while len(items) < self._room and monotonic() - began < GATHER:
                    message = next(source, END)
                    if message is END:
                        is_open = False
                        break
                    messages.append(message)
                    items.append(bulk_item(message))
            finally:
                self._push(items)
            # A long iterable with much room must not keep the loop to itself.
            await asyncio.sleep(0)

    def _push(self, items: list[str]) -> None:
        if items:
            self.set_room(room_after(self._bulk.push(f"[{','.join(items)}]")))


async def send_all(
    bulk: Bulk,
    source: Iterator[object] | AsyncIterator[object],
    tokens: Tokens,
    progress: Progress,
) -> AsyncGenerator[BulkResult, None]:
    """The results of sending everything that ``source`` yields."""
    feed = AsyncFeed(bulk, source)
    feeder = asyncio.create_task(feed.run())
    untold: list[BulkResult] = []
    try:
        while True:
            text = bulk.next(0)
            if text is None:
                await woken(bulk.on_ready)
                continue
            told = decode(text)
            tell(told)
            if "results" in told:
                feed.set_room(told["room"])
                if "stopped" in told:
                    feed.leave(feeder)
                    bulk.finish()
                untold = results(told)
                await progress.tell_async(told)
                while untold:
                    yield untold.pop(0)
            elif "event" in told:
                bulk.answer(await tokens.answer_async())
            elif "error" in told:
                # The bulk could not begin, or stopped by itself.
                raise error_from_core(told["error"]) from tokens.failure or feed.failure
            elif "done" in told:
                break
    except GeneratorExit:
        # The loop was left: what has not started never will; what is in flight may end.
        bulk.cancel()
        feed.leave(feeder)
        _, ended = await _rest(bulk, LEAVE)
        if not ended:
            bulk.cancel()
        raise
    except BaseException as stopped:
        bulk.cancel()
        bulk.cancel()
        feed.leave(feeder)
        rest, ended = await _rest(bulk, LAST_WORDS)
        carry_bulk(stopped, untold + rest, ended)
        raise
    if feed.failure is not None:
        raise feed.failure


async def _rest(bulk: Bulk, seconds: float) -> tuple[list[BulkResult], bool]:
    """What a cancelled bulk still tells within that time, and whether that is all."""
    rest: list[BulkResult] = []
    try:
        await asyncio.wait_for(_until_done(bulk, rest), seconds)
    except asyncio.TimeoutError:
        return rest, False
    return rest, True


async def _until_done(bulk: Bulk, rest: list[BulkResult]) -> None:
    no_token = Tokens(None)
    while True:
        text = bulk.next(0)
        if text is None:
            await woken(bulk.on_ready)
            continue
        told = decode(text)
        tell(told)
        rest += results(told)
        if "event" in told:
            bulk.answer(await no_token.answer_async())
        elif "done" in told or "error" in told:
            return
