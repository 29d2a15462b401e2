"""A journal, and what else goes on with its file: Python's own SQLite, copies, links and forks."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from wacloud import BulkResult, Message, StoreError, WhatsAppClient
from wacloud.journal import Journal
from wacloud.testing import Sandbox

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="locks of an open file are Linux's"
)

COUNT = 200
"""So many messages a campaign has."""

DISTURBED = 60
"""After so many something happens to the file, and so often again until the process dies."""


def campaign() -> list[tuple[str, Message]]:
    return [(f"key {n}", Message.text(f"+1555{n:07}", "Hello")) for n in range(COUNT)]


def client(sandbox: Sandbox) -> WhatsAppClient:
    return sandbox.client(rate=400, pair_rate=0, pace="process")


def in_a_child(work: Callable[[], object]) -> str:
    """What `work` returns in a forked process, or the error that it ends in; nothing where it is
    killed."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        try:
            os.write(writer, str(work()).encode())
        except Exception as error:
            os.write(writer, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, encoding="utf-8") as told:
        text = told.read()
    os.waitpid(child, 0)
    return text


def elsewhere(place: Path) -> int:
    """How many are accepted, as a process of its own reads it."""
    code = (
        "import sys; from wacloud.journal import Journal\n"
        "print(Journal(sys.argv[1]).report().accepted)"
    )
    asked = subprocess.run(
        [sys.executable, "-c", code, str(place)], capture_output=True, check=True, text=True
    )
    return int(asked.stdout)


def twice(sandbox: Sandbox) -> int:
    to = [str(message["to"]) for message in sandbox.messages()]
    return len(to) - len(set(to))


def goes_on(sandbox: Sandbox, place: Path) -> list[BulkResult]:
    """Runs the campaign to its end: nobody gets a second message, and who gets none is told of."""
    told = list(client(sandbox).send_bulk(campaign(), journal=str(place)))
    assert len(told) == COUNT
    assert twice(sandbox) == 0
    unknown = sum(result.outcome == "unknown" for result in told)
    assert COUNT - unknown <= len(sandbox.messages()) <= COUNT
    return told


def look(place: Path) -> None:
    connection = sqlite3.connect(place)
    connection.execute("SELECT count(*) FROM log").fetchall()
    connection.close()


def copy(place: Path) -> None:
    shutil.rmtree(place.parent / "copy", ignore_errors=True)
    shutil.copytree(place.parent, place.parent / "copy", ignore=shutil.ignore_patterns("copy"))
    # Another process comes and goes while this one has no locks of SQLite's any more.
    assert elsewhere(place) > 0


@pytest.mark.parametrize("disturb", [look, copy])
def test_what_the_process_itself_does_with_the_file(
    sandbox: Sandbox, tmp_path: Path, disturb: Callable[[Path], None]
) -> None:
    place = tmp_path / "campaign.db"

    def killed() -> None:
        for count, _ in enumerate(client(sandbox).send_bulk(campaign(), journal=str(place)), 1):
            if count % DISTURBED == 0:
                disturb(place)
            if count == COUNT - 10:
                os.kill(os.getpid(), 9)

    assert in_a_child(killed) == ""
    assert sum(result.replayed for result in goes_on(sandbox, place)) >= COUNT - 20


@pytest.mark.parametrize("kind", ["symlink", "link"])
def test_a_second_name_is_no_second_file(sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    place, other = tmp_path / "campaign.db", tmp_path / "other" / "campaign.db"
    other.parent.mkdir()
    # So small a window that the bulk goes on only as far as somebody asks for results.
    bulk = client(sandbox).send_bulk(campaign(), journal=str(place), window=24)
    next(bulk)
    getattr(os, kind)(place, other)
    code = (
        "import json, sys; from wacloud import Message, StoreError, WhatsAppClient\n"
        "url, number, place = sys.argv[1:]\n"
        "wa = WhatsAppClient(phone_number_id=number, access_token='sandbox-token', base_url=url)\n"
        "last = ('key 199', Message.text('+15550000199', 'Hello'))\n"
        "try: list(wa.send_bulk([last], journal=place))\n"
        "except StoreError as error: print(json.dumps(str(error)))"
    )
    second = subprocess.run(
        [sys.executable, "-c", code, sandbox.url, sandbox.phone_number_id, str(other)],
        capture_output=True,
        check=True,
        text=True,
    )
    assert "is in use" in json.loads(second.stdout)
    assert len(list(bulk)) == COUNT - 1
    assert twice(sandbox) == 0
    if kind == "link":
        with pytest.raises(StoreError, match="hard link"):
            list(client(sandbox).send_bulk(campaign(), journal=str(other)))


def test_who_read_a_journal_becomes_a_daemon(sandbox: Sandbox, tmp_path: Path) -> None:
    place = tmp_path / "campaign.db"
    first = client(sandbox).send_bulk(campaign()[:1], journal=str(place))
    assert [result.outcome for result in first] == ["accepted"]
    journal = Journal(str(place))
    report = journal.report()
    assert report is not None
    assert report.accepted == 1

    def daemon() -> None:
        for count, _ in enumerate(client(sandbox).send_bulk(campaign(), journal=str(place)), 1):
            if count % DISTURBED == 0:
                assert elsewhere(place) > 0
            if count == COUNT - 10:
                os.kill(os.getpid(), 9)

    assert in_a_child(daemon) == ""
    goes_on(sandbox, place)


def test_a_child_of_who_sends_is_told_that_it_cannot_use_the_file(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    place = tmp_path / "campaign.db"
    bulk = client(sandbox).send_bulk(campaign(), journal=str(place), window=24)
    next(bulk)
    told = in_a_child(lambda: Journal(str(place)).report())
    assert told.startswith("StoreError")
    assert "forked" in told
    assert len(list(bulk)) == COUNT - 1
    assert elsewhere(place) == COUNT


def test_what_is_moved_away_ends_the_bulk(sandbox: Sandbox, tmp_path: Path) -> None:
    place = tmp_path / "campaign.db"
    bulk = client(sandbox).send_bulk(campaign(), journal=str(place), window=24)
    for _ in range(20):
        next(bulk)
    for ending in ("", "-wal", "-shm"):
        os.rename(f"{place}{ending}", tmp_path / f"moved.db{ending}")
    with pytest.raises(StoreError, match="moved"):
        list(bulk)
    assert len(sandbox.messages()) < COUNT
