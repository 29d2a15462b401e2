"""Bulks with a journal: the same call again sends nothing twice, and webhooks settle what is
unknown, with both clients."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
from receiving import Receiver

from wacloud import (
    BulkProgress,
    BulkResult,
    ConfigError,
    Message,
    StoreError,
    ValidationError,
    webhooks,
)
from wacloud.journal import AsyncJournal, Journal
from wacloud.testing import Sandbox


class Door:
    """Client and `Journal` of one kind: those that wait, or those of asyncio."""

    def __init__(self, is_async: bool, sandbox: Sandbox) -> None:
        options: Any = {"rate": 0, "pair_rate": 0}
        self.client: Any = (sandbox.async_client if is_async else sandbox.client)(**options)
        self.journal: Any = AsyncJournal if is_async else Journal

    async def send(self, messages: Any, **options: Any) -> list[BulkResult]:
        return await gathered(self.client.send_bulk(messages, **options))


async def done(outcome: Any) -> Any:
    return await outcome if inspect.isawaitable(outcome) else outcome


async def gathered(items: Any) -> list[Any]:
    return [item async for item in items] if hasattr(items, "__aiter__") else list(items)


@pytest.fixture(params=["sync", "async"])
def door(request: pytest.FixtureRequest, sandbox: Sandbox) -> Door:
    return Door(request.param == "async", sandbox)


def numbered(count: int) -> list[Message]:
    return [Message.text(f"+1555{n:07}", f"Hello {n}") for n in range(count)]


def told(results: list[BulkResult]) -> list[tuple[str, bool]]:
    return [(r.outcome, r.replayed) for r in sorted(results, key=lambda result: result.index)]


async def test_the_same_call_again_goes_on(door: Door, sandbox: Sandbox, tmp_path: Path) -> None:
    place = tmp_path / "campaign.db"
    first = await door.send(numbered(3), journal=place)
    assert told(first) == [("accepted", False)] * 3
    told_progress: list[BulkProgress] = []
    again = await door.send(
        reversed(numbered(5)), journal=str(place), progress=told_progress.append
    )
    assert told(again) == [("accepted", False)] * 2 + [("accepted", True)] * 3
    assert (told_progress[-1].replayed, told_progress[-1].new_keys) == (3, 2)
    known = {r.key: r.sent for r in first}
    assert {r.key: r.sent for r in again if r.replayed} == known
    assert len(sandbox.messages()) == 5


async def test_keys_are_the_callers(door: Door, sandbox: Sandbox, tmp_path: Path) -> None:
    place = str(tmp_path / "campaign.db")
    message = numbered(1)[0]
    results = await door.send(
        [("order 1", message), (2, message), ("order 1", message)], journal=place
    )
    results.sort(key=lambda result: result.index)
    assert [r.key for r in results] == ["order 1", "2", "order 1"]
    assert told(results)[:2] == [("accepted", False)] * 2
    refused = results[2].error
    assert isinstance(refused, ValidationError)
    assert (refused.violations[0].path, refused.violations[0].rule) == ("key", "unique")
    wrong: Any = [(["no key"], message), ("", message), ("key", "no message")]
    results = await door.send(wrong, journal=place)
    assert [r.outcome for r in results] == ["not_sent"] * 3
    assert all(isinstance(r.error, ValidationError) for r in results)
    # Another text under the same key is the same message.
    results = await door.send([("order 1", Message.text("+15550000009", "Changed"))], journal=place)
    assert told(results) == [("accepted", True)]
    assert len(sandbox.messages()) == 2


async def test_a_webhook_settles_what_is_unknown(
    door: Door, sandbox: Sandbox, receiver: Receiver, tmp_path: Path
) -> None:
    place = str(tmp_path / "campaign.db")
    sandbox.webhook(receiver.url, statuses=["sent", "delivered", "read"], status_delay_ms=0)
    sandbox.fault("reset_after")
    results = await door.send(numbered(1), journal=place)
    assert told(results) == [("unknown", False)]
    assert told(await door.send(numbered(1), journal=place)) == [("unknown", True)]
    sandbox.flush_webhooks()
    events = [event for _, body in receiver.came for event in webhooks.parse(body)]
    journal = door.journal(place)
    observed = await done(journal.observe(events))
    assert (observed.settled, observed.delivered, observed.read) == (1, 1, 1)
    again = await done(journal.observe(iter(events)))
    assert (again.settled, again.repeated) == (0, len(events))
    assert told(await door.send(numbered(1), journal=place)) == [("accepted", True)]
    report = await done(journal.report())
    assert (report.accepted, report.read, report.runs) == (1, 1, 3)
    [row] = await gathered(journal.rows())
    [message] = sandbox.messages()
    assert (row.id, row.to, row.outcome) == (message["id"], "+15550000000", "accepted")
    assert row.read_at_ms is not None
    assert row.message is None


async def test_refusals_stay_unless_asked_for(door: Door, sandbox: Sandbox, tmp_path: Path) -> None:
    place = str(tmp_path / "campaign.db")
    sandbox.fault("graph_error", code=131026)
    assert told(await door.send(numbered(1), journal=place)) == [("rejected", False)]
    [result] = await door.send(numbered(1), journal=place)
    assert (result.outcome, result.replayed) == ("rejected", True)
    assert getattr(result.error, "code", None) == 131026
    results = await door.send(numbered(1), journal=place, retry_rejected=True)
    assert told(results) == [("accepted", False)]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"journal": ""}, "journal: "),
        ({"journal": 7}, "journal"),
        ({"journal": "ftp://host/0"}, "journal: "),
        ({"campaign": "spring"}, "campaign: needs a journal"),
        ({"retry_rejected": True}, "retry_rejected: needs a journal"),
        ({"journal": "c.db", "campaign": ""}, "campaign: must have 1 to 100 characters"),
    ],
)
async def test_what_cannot_be_is_told_at_once(
    door: Door, sandbox: Sandbox, options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ConfigError, match=problem):
        await door.send(numbered(1), **options)
    assert sandbox.messages() == []


async def test_a_file_that_is_none(door: Door, sandbox: Sandbox, tmp_path: Path) -> None:
    place = tmp_path / "notes.txt"
    place.write_text("This is no journal. " * 50)
    with pytest.raises(StoreError, match="not a database"):
        await door.send(numbered(2), journal=place)
    assert place.read_text() == "This is no journal. " * 50
    with pytest.raises(StoreError, match="does not exist"):
        await done(door.journal(tmp_path / "nowhere.db").report())
    with pytest.raises(StoreError):
        await door.send(numbered(2), journal=tmp_path / "no" / "such" / "folder.db")
    assert sandbox.messages() == []
    with pytest.raises(ConfigError):
        door.journal("")


async def test_people_are_forgotten(door: Door, tmp_path: Path) -> None:
    place = str(tmp_path / "campaign.db")
    await door.send(numbered(3), journal=place, campaign="spring", journal_messages=True)
    await door.send(numbered(1), journal=place, campaign="autumn")
    spring = door.journal(place, "spring")
    assert await done(spring.campaigns()) == ["spring", "autumn"]
    with pytest.raises(ConfigError, match=r"must be given: .* has several \(spring, autumn\)"):
        await done(door.journal(place).report())
    rows = await gathered(spring.rows())
    assert rows[0].message["text"] == {"body": "Hello 0"}
    assert await done(spring.purge(recipient="+15550000001")) == 1
    assert await done(spring.purge(older_than=3600)) == 0
    assert await done(door.journal(place).purge(older_than=0)) == 3
    with pytest.raises(ConfigError):
        await done(spring.purge())


def test_a_loop_that_is_left_goes_on_later(sandbox: Sandbox, tmp_path: Path) -> None:
    place = str(tmp_path / "campaign.db")
    wa = sandbox.client(rate=0, pair_rate=0)
    with wa.send_bulk(numbered(50), journal=place, window=4) as results:
        next(results)
    results = wa.send_bulk(numbered(50), journal=place)
    assert {result.outcome for result in results} == {"accepted"}
    assert len(sandbox.messages()) == 50


def test_a_second_bulk_is_told_of_the_first(sandbox: Sandbox, tmp_path: Path) -> None:
    place = str(tmp_path / "campaign.db")
    wa = sandbox.client(rate=0, pair_rate=0)
    first = wa.send_bulk(numbered(50), journal=place, window=4)
    next(first)
    with pytest.raises(StoreError, match="this process"):
        list(wa.send_bulk(numbered(1), journal=place))
    first.close()
    assert len(list(wa.send_bulk(numbered(50), journal=place))) == 50


def test_a_repr_tells_no_place() -> None:
    assert repr(Journal("secret.db")) == "<Journal>"
