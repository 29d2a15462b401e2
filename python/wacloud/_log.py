"""What the core tells, handed to ``logging.getLogger("wacloud")`` on the caller's thread.

The core is asked for no more than the logger takes at the time of a call, so a logger that takes
nothing costs nothing.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_NAME = "wacloud"

# The core's names of levels, and what logging calls DEBUG, INFO and WARNING.
_LEVELS = {"debug": 10, "info": 20, "warning": 30}


def wanted() -> str | None:
    """The least level that the logger takes now, by the core's name; None if it takes nothing."""
    if "logging" not in sys.modules:
        # To import it costs more than all the rest, and nobody has set anything up: then logging
        # shows warnings, on stderr.
        return "warning"
    import logging

    logger = logging.getLogger(_NAME)
    for name, level in _LEVELS.items():
        if logger.isEnabledFor(level):
            return name
    return None


def tell(told: Mapping[str, Any]) -> None:
    """Hands on the log events that came with an answer of the core.

    A logger that raises must not end a send whose outcome is under way. What it raised is shown
    as logging shows what its handlers raise: on stderr, unless `logging.raiseExceptions` is off.
    """
    events = told.get("log")
    if not events or sys.is_finalizing():
        return
    import logging

    for event in events:
        fields = event["fields"]
        # A text that stays the same, with what changes as its arguments: tools that count messages
        # by their text do not take each for a new one.
        text = event["message"].replace("%", "%%")
        said = [f"{name}={value}" for name, value in fields.items() if name != "kind"]
        args = (" ".join(said),) if event["level"] != "warning" or "operation" in fields else ()
        text += " %s" * len(args)
        try:
            logging.getLogger(_NAME).log(
                _LEVELS[event["level"]], text, *args, extra={_NAME: fields}
            )
        except Exception:
            record = logging.makeLogRecord({"name": _NAME, "msg": text, "args": args})
            logging.Handler().handleError(record)
