"""What `Journal` and `AsyncJournal` have in common."""

from __future__ import annotations

import os

from wacloud import _native
from wacloud._errors import error_from_core
from wacloud._json import decode, encode, milliseconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from wacloud._generated.webhooks import WebhookEvent

# Rows that are read together.
PAGE = 500


class JournalBase:
    """The core's side. Opens nothing until it is asked something."""

    __slots__ = ("_core",)

    def __init__(self, journal: str | os.PathLike[str], campaign: str | None = None) -> None:
        """
        Args:
            journal: Where it is, as in `send_bulk`.
            campaign: Which one of several campaigns of that place. The only one unless given.

        Raises:
            ConfigError: One of them cannot be what it should.
        """
        place = os.fspath(journal) if isinstance(journal, os.PathLike) else journal
        self._core = _native.Inbox(encode({"journal": place, "campaign": campaign}))
        problem = self._core.error()
        if problem is not None:
            raise error_from_core(decode(problem))

    def __repr__(self) -> str:
        # Not the address of a server, which may hold a password.
        return f"<{type(self).__name__}>"

    def _begin(self, what: str, **members: Any) -> _native.Call:
        return self._core.submit(encode({"what": what, **members}))


def purged(older_than: float | None, recipient: str | None) -> dict[str, Any]:
    """What is to be forgotten, in the core's words."""
    return {"older_than_ms": milliseconds(older_than), "recipient": recipient}


def statuses(events: Iterable[WebhookEvent]) -> list[dict[str, Any]]:
    """What a journal learns from events."""
    return [status(event) for event in events]


def status(event: WebhookEvent) -> dict[str, Any]:
    pricing, error = event.pricing, event.errors[0] if event.errors else None
    return {
        "kind": event.kind,
        "channel": event.channel,
        "id": event.id,
        "tracker": event.tracker,
        "status": event.status,
        "timestamp": event.timestamp,
        "recipient": event.recipient,
        "recipient_user_id": event.recipient_user_id,
        "category": pricing.category if pricing else None,
        "pricing_type": pricing.type if pricing else None,
        "billable": pricing.billable if pricing else None,
        "code": error.code if error else None,
        "problem": (error.details or error.title) if error else None,
    }
