"""From the core's answers to results and exceptions, also when the caller stops waiting."""

from __future__ import annotations

from wacloud._errors import error_from_core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    from wacloud import BulkResult
    from wacloud._native import Call
    from wacloud._tokens import Tokens

    T = TypeVar("T")

# How often Python gets to run its signal handlers while it waits for the core.
TICK = 0.1

# How long what was cancelled may take to tell how it ended. Ctrl-C returns within 0.3 s, and a
# tick may have passed before Python noticed it.
LAST_WORDS = 0.15

# How long the messages in flight are waited for when a bulk's loop is left: the default time-out
# of an attempt.
LEAVE = 30.0

# How many messages of a bulk are named in an exception.
_NAMED = 20


def is_answer(envelope: dict[str, Any]) -> bool:
    """Whether the call has ended with this; else it asks something or has something to log."""
    return "ok" in envelope or "error" in envelope


def with_bytes(envelope: dict[str, Any], call: Call) -> dict[str, Any]:
    """The answer with the bytes that belong to it, which cross beside it."""
    if "bytes" in envelope:
        envelope["ok"]["data"] = call.bytes()
    return envelope


def unwrap(envelope: dict[str, Any], make: Callable[[Any], T], tokens: Tokens) -> T:
    """What the call gave back; raises what the core says went wrong."""
    if "error" in envelope:
        raise error_from_core(envelope["error"]) from tokens.failure
    return make(envelope["ok"])


def carry(
    stopped: BaseException, envelope: dict[str, Any] | None, make: Callable[[Any], Any]
) -> None:
    """Tells, in the exception that ended the waiting, how the call itself ended.

    A call that was cut off after it was written may have been carried out. Its error becomes the
    context of the exception, as if the exception had been raised while handling it.
    """
    outcome: object = None
    if envelope is None:
        note = "the call had not ended when it was left; it may have been carried out"
    elif "error" in envelope:
        outcome = stopped.__context__ = error_from_core(envelope["error"])
        note = str(outcome)
    else:
        outcome = make(envelope["ok"])
        note = f"the call was carried out all the same: {outcome}"
    _attach(stopped, outcome, note)


def carry_bulk(stopped: BaseException, untold: Sequence[BulkResult], ended: bool) -> None:
    """Tells, in the exception that ended a bulk, what became of the messages under way.

    `wacloud_outcome` has the results that the loop has not been told. The context is one of them
    only where something may have gone out: the first unknown.
    """
    # Those that never started are all the same, and may be as many as the window.
    started = [result for result in untold if not _is_unstarted(result)]
    lines = [f"{len(untold)} results were still to be told:"] if untold else []
    for result in started[:_NAMED]:
        lines.append(f"  message {result.index} {result.outcome}: {result.sent or result.error}")
    if len(started) > _NAMED:
        lines.append(f"  and {len(started) - _NAMED} more")
    if len(untold) > len(started):
        lines.append(f"  {len(untold) - len(started)} messages had not started and were not sent")
    if not ended:
        lines.append("some messages had not ended when the bulk was left; they may have been sent")
    unknown = [result.error for result in untold if result.outcome == "unknown"]
    if unknown:
        stopped.__context__ = unknown[0]
    _attach(stopped, list(untold), "\n".join(lines))


def _is_unstarted(result: BulkResult) -> bool:
    # Waiting for its turn, or for the pace. A message that was cancelled in flight has the same
    # reason, and may have gone out.
    reason = getattr(result.error, "reason", None)
    return result.outcome == "not_sent" and reason in ("cancelled", "stopped")


def _attach(stopped: BaseException, outcome: object, note: str) -> None:
    # For programs; the note is for people, and came with Python 3.11.
    stopped.wacloud_outcome = outcome  # type: ignore[attr-defined]
    if note and hasattr(stopped, "add_note"):
        stopped.add_note(f"wacloud: {note}")
