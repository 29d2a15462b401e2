"""The journals of campaigns: what became of each message of a bulk.

`Journal` waits; `AsyncJournal` is for asyncio. The journal itself is written by a bulk with the
option `journal`.
"""

from __future__ import annotations

from wacloud._generated.results import JournalObserved, JournalReport, JournalRow
from wacloud._inbox import answered
from wacloud._journal import PAGE, JournalBase, purged, statuses
from wacloud._outcome import TICK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from wacloud._async_journal import AsyncJournal
    from wacloud._generated.webhooks import WebhookEvent

__all__ = ["AsyncJournal", "Journal"]


class Journal(JournalBase):
    """The journal of a campaign, which a bulk with the option `journal` writes.

    It is read, and told of webhooks, while that goes on, in this process or in another one.

        journal = Journal("campaign.db")
        journal.observe(webhooks.parse(body))
        print(journal.report().delivered)
    """

    __slots__ = ()

    def report(self) -> JournalReport:
        """How the campaign went so far.

        Raises:
            StoreError: The journal cannot be read.
            ConfigError: There is no such campaign.
        """
        return JournalReport.from_core(self._ask("report"))

    def rows(self) -> Iterator[JournalRow]:
        """Its messages, in the order in which they were first met. They are read as they are asked
        for, some hundred at a time.

        Raises:
            StoreError: The journal cannot be read.
            ConfigError: There is no such campaign.
        """
        after = 0
        while page := self._ask("rows", after=after, limit=PAGE):
            yield from JournalRow.list_from_core(page)
            after = page[-1]["position"]

    def observe(self, events: Iterable[WebhookEvent]) -> JournalObserved:
        """Takes in what webhooks say, in any order and as often as they come: an unknown outcome
        is settled, and what was sent, delivered, read or failed is written down, with what it is
        counted as. All campaigns of the place are looked through.

        Raises:
            StoreError: The journal cannot be written. Answer Meta with a 500: it delivers again.
        """
        return JournalObserved.from_core(self._ask("settle", events=statuses(events)))

    def purge(self, *, older_than: float | None = None, recipient: str | None = None) -> int:
        """Forgets messages, with everything that is known of them, and returns how many.

        A list that still has them sends them again: take people off the list, too. Without a
        campaign's name it forgets in all of them.

        Args:
            older_than: Those whose outcome was learnt longer ago than this, in seconds.
            recipient: Those that went to this person, as `JournalRow.to` has it.

        Raises:
            ConfigError: Neither is given.
            StoreError: The journal cannot be written.
        """
        count: int = self._ask("purge", purge=purged(older_than, recipient))
        return count

    def campaigns(self) -> list[str]:
        """The names of the campaigns of the place, in the order in which they began.

        Raises:
            StoreError: The journal cannot be read.
        """
        names: list[str] = self._ask("campaigns")
        return names

    def _ask(self, what: str, **members: Any) -> Any:
        call = self._begin(what, **members)
        while (text := call.wait(TICK)) is None:
            pass
        return answered(text)


def __getattr__(name: str) -> object:
    # asyncio costs more to import than all the rest: only those who use it pay.
    if name == "AsyncJournal":
        from wacloud import _async_journal

        return _async_journal.AsyncJournal
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(globals().keys() | set(__all__))
