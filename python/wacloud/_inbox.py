"""What `Dedup` and `ServiceWindow` have in common: a place where the core remembers."""

from __future__ import annotations

import os

from wacloud import _native
from wacloud._errors import error_from_core
from wacloud._generated.webhooks import WebhookEvent
from wacloud._json import decode, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any


class Remembering:
    """The core's side. Opens nothing until it is asked something."""

    __slots__ = ("_core",)

    def __init__(self, store: str | os.PathLike[str] | None = None) -> None:
        """
        Args:
            store: The path of a SQLite file, which the processes of this machine may share, or the
                address of a Redis or Valkey server (`redis://…`, `rediss://…`). This process's
                memory unless given.

        Raises:
            ConfigError: `store` is neither.
        """
        place = os.fspath(store) if isinstance(store, os.PathLike) else store
        self._core = _native.Inbox(encode({"store": place}))
        problem = self._core.error()
        if problem is not None:
            raise error_from_core(decode(problem))

    def __repr__(self) -> str:
        # Not the address of a server, which may hold a password.
        return f"<{type(self).__name__}>"

    def _begin(self, what: str, **members: Any) -> _native.Call:
        return self._core.submit(encode({"what": what, **members}))


def keys(events: Iterable[WebhookEvent]) -> list[str]:
    return [event.key for event in _events(events)]


def _events(given: Iterable[WebhookEvent]) -> Iterator[WebhookEvent]:
    for event in given:
        if not isinstance(event, WebhookEvent):
            raise TypeError(f"an event that webhooks.parse made belongs here, got {type(event)!r}")
        yield event


def news(events: Iterable[WebhookEvent]) -> list[dict[str, Any]]:
    """What a service window learns from events."""
    return [
        {
            "kind": event.kind,
            "channel": event.channel,
            "number_id": event.number_id,
            "timestamp": event.timestamp,
            "sender": event.sender,
            "sender_user_id": event.sender_user_id,
            "recipient": event.recipient,
            "recipient_user_id": event.recipient_user_id,
            "by_ad": event.referral is not None and event.referral.source_type == "ad",
            "codes": [error.code for error in event.errors if error.code is not None],
        }
        for event in _events(events)
    ]


def answered(text: str) -> Any:
    envelope = decode(text)
    if "error" in envelope:
        raise error_from_core(envelope["error"])
    return envelope["ok"]
