"""What the tests share: sandboxes, the manifest, and the summary of a run."""

from __future__ import annotations

import json
import logging
import os
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from receiving import Receiver

from wacloud.testing import Sandbox

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def _running() -> Iterator[Sandbox]:
    with Sandbox(rate=0, pair_rate=False) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_running: Sandbox) -> Sandbox:
    """A sandbox without limits, as new."""
    _running.reset(settings=True)
    return _running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def show() -> Iterator[Callable[..., None]]:
    """Full logging into a file, and a function that adds to it what a program could log.

    `make test` ends with a search of these files for secrets (`scripts/leaks.py`).
    """
    path = Path(os.environ.get("CARGO_TARGET_DIR") or REPOSITORY / "target") / "logs"
    path.mkdir(parents=True, exist_ok=True)
    logger = logging.getLogger("wacloud")
    level = logger.level
    file = (path / "debug-python.log").open("a", encoding="utf-8")
    handler = logging.StreamHandler(file)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s %(wacloud)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)

    def show(*things: object) -> None:
        for thing in things:
            said = [str(thing), repr(thing), repr(getattr(thing, "__dict__", None))]
            if isinstance(thing, BaseException):
                said += traceback.format_exception(thing)
            file.write("\n".join(said) + "\n")

    yield show
    logger.setLevel(level)
    logger.removeHandler(handler)
    file.close()


@pytest.fixture(scope="session")
def manifest() -> dict[str, Any]:
    """The core's manifest, as `wacloud-codegen --manifest` wrote it."""
    path = os.environ.get("WACLOUD_MANIFEST") or REPOSITORY / "target" / "manifest.json"
    manifest: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return manifest


class Summary:
    """Counts what ran, for the table that ends `make test`."""

    def __init__(self) -> None:
        self.outcomes = {"passed": 0, "failed": 0, "skipped": 0}
        self.vectors = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # A test that cannot be set up or cleaned up has failed, too.
        if report.when == "call" or not report.passed:
            self.outcomes[report.outcome] += 1
        if report.when == "call" and "test_vectors.py" in report.nodeid:
            self.vectors += 1

    def pytest_sessionfinish(self) -> None:
        path = REPOSITORY / "target" / "test-summary" / "python.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        summary = {"suite": "python", "vectors": self.vectors, **self.outcomes}
        path.write_text(json.dumps(summary) + "\n", encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Summary(), "wacloud-summary")
