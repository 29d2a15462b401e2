"""What joins receiving and sending: which events are news, and who may be written to freely.

`Dedup` and `ServiceWindow` wait; `AsyncDedup` and `AsyncServiceWindow` are for asyncio.
"""

from __future__ import annotations

from wacloud._inbox import Remembering, answered, keys, news
from wacloud._outcome import TICK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from wacloud._async_inbox import AsyncDedup, AsyncServiceWindow
    from wacloud._generated.webhooks import WebhookEvent
    from wacloud._native import Call
    from wacloud._values import Recipient

__all__ = ["AsyncDedup", "AsyncServiceWindow", "Dedup", "ServiceWindow"]


class Dedup(Remembering):
    """Tells events that are news from those that are not: repeated ones, and statuses that come
    after a later one of the same message (`delivered` after `read`).

    Meta repeats a delivery until it is answered with 200, and it can come twice even so. Who has
    several processes needs a store that they share. It holds hashes, no ids and no numbers; they
    are kept for eight days, in memory the last 200,000.
    """

    __slots__ = ()

    def fresh(self, events: Iterable[WebhookEvent]) -> list[WebhookEvent]:
        """Those of the events that are news, in their order. From then on they are known.

        Raises:
            StoreError: The store cannot be used. Answer Meta with a 500: it delivers again.
        """
        given = list(events)
        are_fresh = self._ask("fresh", keys=keys(given))
        return [event for event, is_fresh in zip(given, are_fresh, strict=True) if is_fresh]

    def is_fresh(self, event: WebhookEvent) -> bool:
        """Whether an event is news. From then on it is known."""
        return bool(self.fresh([event]))

    def forget(self, events: Iterable[WebhookEvent]) -> None:
        """Takes events for unknown again: where working on them failed, and Meta's repetition
        shall be taken."""
        self._ask("forget", keys=keys(events))

    def _ask(self, what: str, **members: Any) -> Any:
        return _asked(self._begin(what, **members))


class ServiceWindow(Remembering):
    """Knows from events who may be sent anything: whoever wrote in the last 24 hours, or 72 after
    a click on an ad that leads to WhatsApp. To everybody else only templates go out.

    Each of your numbers has a window of its own with each person; phone number and user id of a
    person are the same. Groups have none. A person who never wrote since this store is there has a
    closed one.

        window.observe(webhooks.parse(body))
        wa.send(message, window=window, fallback=Message.template(to, "order_update", "en_US"))
    """

    __slots__ = ()

    def observe(self, events: Iterable[WebhookEvent]) -> None:
        """Learns from events, in any order and as often as they come: a message opens the window,
        a status with 131047 closes it. All others say nothing about it.

        Raises:
            StoreError: The store cannot be used. Answer Meta with a 500: it delivers again.
        """
        self._ask("observe", events=news(events))

    def open_until(self, number_id: str, to: str | Recipient | WebhookEvent) -> float | None:
        """Until when the window of a person with your number is open, in seconds since 1970;
        `None` where it is closed.

        Args:
            number_id: The id of your number: `phone_number_id`.
            to: The person.
        """
        until: float | None = self._ask("open_until", number_id=number_id, to=to)
        return until

    def is_open(self, number_id: str, to: str | Recipient | WebhookEvent) -> bool:
        """Whether a person may be sent anything now by the number with this id."""
        return self.open_until(number_id, to) is not None

    def to_core(self) -> str:
        """What names it where a message is sent."""
        return self._core.name()

    def _ask(self, what: str, **members: Any) -> Any:
        return _asked(self._begin(what, **members))


def _asked(call: Call) -> Any:
    while (text := call.wait(TICK)) is None:
        pass
    return answered(text)


def __getattr__(name: str) -> object:
    # asyncio costs more to import than all the rest: only those who use it pay.
    if name in ("AsyncDedup", "AsyncServiceWindow"):
        from wacloud import _async_inbox

        return getattr(_async_inbox, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(globals().keys() | set(__all__))
