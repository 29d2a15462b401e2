"""The job of examples/queues/laravel_worker.php in a real Laravel application, whose workers are
Laravel's own (`php artisan queue:work`): a job that comes twice sends nothing twice, also where its
worker was killed in the middle.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from queues import EXAMPLES, ROOT, redis_server, wait_until
from wacloud.journal import Journal
from wacloud.testing import Sandbox

TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PHP = ["php", "-c", str(TARGET / "php.ini")]


def laravel_is_installed() -> bool:
    files = ["Illuminate/autoload.php", "Predis/autoload.php"]
    found = "&&".join(f"stream_resolve_include_path('{file}')" for file in files)
    php = shutil.which("php")
    return php is not None and subprocess.call([php, "-r", f"exit({found} ? 0 : 1);"]) == 0


pytestmark = pytest.mark.skipif(
    not laravel_is_installed(),
    reason="php-laravel-framework and php-predis, packages of Debian, are not installed",
)


class Application:
    """A Laravel application as a deployment leaves it: with its configuration cached."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.log = folder / "storage" / "logs" / "laravel.log"
        shutil.copytree(Path(__file__).parent / "laravel", folder)
        for name in ["app/Jobs", "bootstrap/cache", "storage/framework", "storage/logs"]:
            (folder / name).mkdir(parents=True)
        shutil.copy(EXAMPLES / "laravel_worker.php", folder / "app/Jobs/SendOrderMessage.php")
        lines = [f"{name}={value}\n" for name, value in environment.items()]
        (folder / ".env").write_text("".join(lines))
        self.run("artisan", "config:cache")
        # From here on nobody may need it.
        (folder / ".env").unlink()

    def run(self, *words: str, given: str = "") -> None:
        ended = subprocess.run(
            [*PHP, *words], cwd=self.folder, input=given, text=True, capture_output=True, timeout=60
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr

    def dispatch(self, *jobs: tuple[str, str, str]) -> None:
        self.run("dispatch.php", given=json.dumps(jobs))

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        words = ["artisan", "queue:work", "redis", "--sleep", "1"]
        process = subprocess.Popen([*PHP, *words], cwd=self.folder)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def outcomes(self) -> Counter[tuple[str, str]]:
        """How often a job ended with its message so: what the jobs have logged."""
        told = self.log.read_text() if self.log.exists() else ""
        return Counter(re.findall(r"DEBUG: (order \d+): (\w+)", told))


@pytest.fixture
def redis_url() -> Iterator[str]:
    with redis_server() as url:
        yield url


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def application(redis_url: str, sandbox: Sandbox, tmp_path: Path) -> Application:
    environment = {
        "REDIS_URL": redis_url,
        # Seconds until the job of a dead worker comes again. Laravel's own 90 would be waited for.
        "RETRY_AFTER": "5",
        "WA_PHONE_ID": sandbox.phone_number_id,
        "WA_TOKEN": sandbox.token,
        "WA_BASE_URL": sandbox.url,
        "WA_JOURNAL": redis_url,
    }
    return Application(tmp_path / "application", environment)


def test_a_job_that_comes_twice_sends_nothing_twice(
    application: Application, sandbox: Sandbox, redis_url: str
) -> None:
    jobs = [(f"order {n % 5}", f"+1555000000{n % 5}", "Hello") for n in range(15)]
    application.dispatch(*jobs)
    with application.worker(), application.worker():
        wait_until(lambda: application.outcomes().total() == 15, "every job has ended", 100)
    assert application.outcomes() == {(f"order {n}", "accepted"): 3 for n in range(5)}
    assert len(sandbox.messages()) == 5
    # One whose answer never comes, and whose worker is killed while it waits for it.
    sandbox.fault("delay", delay_ms=60_000)
    application.dispatch(("order 9", "+15550000009", "Hello"))
    with application.worker() as first:
        wait_until(lambda: len(sandbox.messages()) == 6, "it has left")
        first.kill()
        first.wait()
    with application.worker():
        # Laravel brings the job again. While the dead worker's lease lasts it is told that somebody
        # has the message: then nobody knows.
        ended = ("order 9", "unknown")
        wait_until(lambda: application.outcomes()[ended] == 1, "its job has ended", 100)
    assert len(sandbox.messages()) == 6
    report = Journal(redis_url, campaign="orders").report()
    assert (report.accepted, report.unknown) == (5, 1)
