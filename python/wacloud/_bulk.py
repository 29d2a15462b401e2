"""Many messages from any iterable, a window of them at a time, on the caller's thread.

The iterable is only ever asked on the caller's thread, and only for as many messages as the core
has room for. Between two of its answers the results that are there come out, so a slow iterable
delays no result by more than one step.
"""

from __future__ import annotations

from _thread import get_ident
from time import monotonic

from wacloud._errors import error_from_core
from wacloud._generated.results import BulkResult
from wacloud._json import decode, encode
from wacloud._log import tell
from wacloud._message import MessageBase
from wacloud._outcome import LAST_WORDS, LEAVE, TICK, carry_bulk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from types import TracebackType
    from typing import Any, TypeAlias

    from wacloud import Message
    from wacloud._native import Bulk
    from wacloud._progress import Progress
    from wacloud._tokens import Tokens

    # A message, or a key of the caller's for a journal and a message.
    BulkItem: TypeAlias = Message | tuple[str, Message]

# How long messages are gathered before they are handed over together: a message should cost a
# share of a crossing, and none should wait for the next.
GATHER = 0.005

# What an iterator has when it has no more. A `StopIteration` would say the same where something in
# a message raises it.
END = object()


def check_list(messages: object) -> None:
    """Refuses a text, each of whose letters would be a message with a mistake."""
    if isinstance(messages, (str, bytes)):
        problem = "messages must be an iterable of messages, got a text: read the file first"
        raise TypeError(f"{problem}, and make a message of each row. Nothing was sent.")


def bulk_item(message: object) -> str:
    """A message, or a key and a message, as the core's bulk takes it. What is neither ends as a
    result of its own."""
    if isinstance(message, MessageBase):
        return encode([message.operation, message.params])
    if isinstance(message, tuple) and len(message) == 2 and isinstance(message[1], MessageBase):
        key, keyed = message
        return encode([keyed.operation, keyed.params, key])
    return encode(["", {"got": type(message).__name__}])


def room_after(push_envelope: str) -> int:
    """How many messages the core still wants, from its answer to a push."""
    envelope = decode(push_envelope)
    if "error" in envelope:
        raise error_from_core(envelope["error"])
    room: int = envelope["ok"]
    return room


class BulkResults:
    """What became of the messages of a bulk, as it is known.

    As a context manager it stops, however the block is left, what has not started, and waits for
    what is in flight.
    """

    __slots__ = ("_results",)

    def __init__(self, results: Generator[BulkResult, None, None]) -> None:
        self._results = results

    def __iter__(self) -> Generator[BulkResult, None, None]:
        # A loop is left by leaving the generator, so it must be the only one who has it.
        return self._results

    def __next__(self) -> BulkResult:
        return next(self._results)

    def close(self) -> None:
        """Stops what has not started, and waits for what is in flight."""
        self._results.close()

    def __enter__(self) -> BulkResults:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class Feed:
    """Pulls messages from the caller's iterator into the core."""

    def __init__(self, bulk: Bulk, source: Iterator[object]) -> None:
        self._bulk = bulk
        self._source = source
        self.is_open = True
        self.room = 1
        self.failure: BaseException | None = None

    @property
    def wants_more(self) -> bool:
        return self.is_open and self.room > 0

    def fill(self) -> None:
        """Pulls what there is room for, but hands it over after `GATHER` at the latest."""
        items: list[str] = []
        # Files and bytes in them are there for as long as they are, or the core has them.
        messages: list[object] = []
        began = monotonic()
        while len(items) < self.room and monotonic() - began < GATHER:
            try:
                message = next(self._source, END)
                if message is END:
                    self.is_open = False
                    break
                messages.append(message)
                items.append(bulk_item(message))
            # `GeneratorExit`, too, which would look as if the loop over the results had been left.
            except (Exception, GeneratorExit) as failure:
                # Raised when what was pulled before has been told.
                self.is_open = False
                self.failure = failure
                break
        if items:
            self.room = room_after(self._bulk.push(f"[{','.join(items)}]"))
        if not self.is_open:
            self._bulk.finish()

    def close(self) -> None:
        """Pulls nothing more."""
        self.is_open = False
        self._bulk.finish()


def send_all(
    bulk: Bulk, source: Iterator[object], tokens: Tokens, progress: Progress
) -> Generator[BulkResult, None, None]:
    """The results of sending everything that ``source`` yields."""
    feed = Feed(bulk, source)
    owner = get_ident()
    untold: list[BulkResult] = []
    taken: list[str | None] = []
    try:
        while True:
            # Taken and kept in one step of the interpreter: the exception of a signal, which mostly
            # comes while this waits, is raised after it and cannot lose what was just taken.
            taken.extend(map(bulk.next, (0 if feed.wants_more else TICK,)))
            text = taken[0]
            if text is None:
                taken.clear()
                if feed.wants_more:
                    feed.fill()
                continue
            told = decode(text)
            untold = results(told)
            taken.clear()
            tell(told)
            if "results" in told:
                feed.room = told["room"]
                if "stopped" in told:
                    feed.close()
                progress.tell(told)
                while untold:
                    yield untold.pop(0)
            elif "event" in told:
                bulk.answer(tokens.answer())
            elif "error" in told:
                # The bulk could not begin, or stopped by itself.
                raise error_from_core(told["error"]) from tokens.failure or feed.failure
            elif "done" in told:
                break
    except GeneratorExit:
        # The loop was left: what has not started never will; what is in flight may end. The
        # garbage collector can come by on any thread, and must not wait there.
        bulk.cancel()
        if get_ident() == owner:
            _leave(bulk)
        raise
    except BaseException as stopped:
        bulk.cancel()
        bulk.cancel()
        if taken and taken[0] is not None:
            untold = results(decode(taken[0]))
        rest, ended = _rest(bulk, LAST_WORDS)
        carry_bulk(stopped, untold + rest, ended)
        raise
    if feed.failure is not None:
        raise feed.failure


def results(told: dict[str, Any]) -> list[BulkResult]:
    return BulkResult.list_from_core(told.get("results", []))


def _leave(bulk: Bulk) -> None:
    ended = False
    try:
        _, ended = _rest(bulk, LEAVE, are_wanted=False)
    finally:
        if not ended:
            # The second time, a bulk cancels what is in flight as well.
            bulk.cancel()


def _rest(bulk: Bulk, seconds: float, *, are_wanted: bool = True) -> tuple[list[BulkResult], bool]:
    """What a cancelled bulk still tells within that time, and whether that is all.

    Results that nobody wants are not made: the interpreter may be on its way out, where errors can
    no longer be imported.
    """
    rest: list[BulkResult] = []
    deadline = monotonic() + seconds
    while (left := deadline - monotonic()) > 0:
        text = bulk.next(min(left, TICK))
        if text is None:
            continue
        told = decode(text)
        tell(told)
        if are_wanted:
            rest += results(told)
        if "event" in told:
            bulk.answer('{"error":"the bulk was left"}')
        elif "done" in told or "error" in told:
            return rest, True
    return rest, False
