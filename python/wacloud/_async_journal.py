"""`AsyncJournal`."""

from __future__ import annotations

from wacloud._generated.results import JournalObserved, JournalReport, JournalRow
from wacloud._inbox import answered
from wacloud._journal import PAGE, JournalBase, purged, statuses
from wacloud._wake import woken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from typing import Any

    from wacloud._generated.webhooks import WebhookEvent

__all__ = ["AsyncJournal"]


class AsyncJournal(JournalBase):
    """The journal of a campaign, which a bulk with the option `journal` writes: `Journal` for
    asyncio.

        journal = AsyncJournal("campaign.db")
        await journal.observe(webhooks.parse(body))
    """

    __slots__ = ()

    async def report(self) -> JournalReport:
        """As `Journal.report`."""
        return JournalReport.from_core(await self._ask("report"))

    async def rows(self) -> AsyncIterator[JournalRow]:
        """As `Journal.rows`, for `async for`."""
        after = 0
        while page := await self._ask("rows", after=after, limit=PAGE):
            for row in JournalRow.list_from_core(page):
                yield row
            after = page[-1]["position"]

    async def observe(self, events: Iterable[WebhookEvent]) -> JournalObserved:
        """As `Journal.observe`."""
        return JournalObserved.from_core(await self._ask("settle", events=statuses(events)))

    async def purge(self, *, older_than: float | None = None, recipient: str | None = None) -> int:
        """As `Journal.purge`.

        Args:
            older_than: Those whose outcome was learnt longer ago than this, in seconds.
            recipient: Those that went to this person, as `JournalRow.to` has it.
        """
        count: int = await self._ask("purge", purge=purged(older_than, recipient))
        return count

    async def campaigns(self) -> list[str]:
        """As `Journal.campaigns`."""
        names: list[str] = await self._ask("campaigns")
        return names

    async def _ask(self, what: str, **members: Any) -> Any:
        call = self._begin(what, **members)
        while (text := call.wait(0)) is None:
            await woken(call.on_done)
        return answered(text)
