"""The webhook servers of examples/, one in each language: from a customer of the sandbox to the
answer in its ledger, with deliveries that come twice and a server that is away for a while.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from wacloud.testing import Sandbox

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "webhooks"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))


def command(language: str, port: int, project: Path) -> list[str]:
    match language:
        case "python":
            return [sys.executable, str(EXAMPLES / "server.py"), str(port)]
        case "node":
            return ["node", str(project / "server.mjs"), str(port)]
        case "php":
            ini, root = str(TARGET / "php.ini"), str(EXAMPLES)
            return ["php", "-c", ini, "-S", f"127.0.0.1:{port}", "-t", root]
        case _:
            program = TARGET / "debug" / "examples" / "webhook_server"
            if not program.exists():
                pytest.skip("cargo build -p wacloud-examples --examples makes what this runs")
            return [str(program), str(port)]


def node_project(folder: Path) -> None:
    """A project that has the package installed, and the server in it."""
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "wacloud").symlink_to(ROOT / "node")
    shutil.copy(EXAMPLES / "server.mjs", folder)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(words: list[str], port: int, environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(words, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: process.poll() is not None or answers(port), "the server is there")
        assert process.poll() is None, "the server has ended"
        yield
    finally:
        process.kill()
        process.wait()


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def wait_until(condition: Any, what: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.02)


def answered(sandbox: Sandbox) -> list[tuple[str, str | None]]:
    """What was sent, by its text or emoji, and what it quotes or is put on."""
    told = []
    for message in sandbox.messages():
        body = message["payload"]
        if body["type"] == "reaction":
            told.append((body["reaction"]["emoji"], body["reaction"]["message_id"]))
        else:
            told.append((body["text"]["body"], body.get("context", {}).get("message_id")))
    return sorted(told, key=str)


@pytest.mark.parametrize("language", ["python", "node", "php", "rust"])
def test_a_bot_answers_everybody_once(language: str, tmp_path: Path) -> None:
    with Sandbox() as sandbox:
        port = free_port()
        environment = {
            "WA_PHONE_ID": sandbox.phone_number_id,
            "WA_TOKEN": sandbox.token,
            "WA_BASE_URL": sandbox.url,
            "WA_APP_SECRET": sandbox.app_secret,
            "WA_VERIFY_TOKEN": sandbox.verify_token,
            "INBOX": str(tmp_path / "inbox.db"),
        }
        node_project(tmp_path)
        words = command(language, port, tmp_path)
        # The others answer at any path.
        url = f"http://127.0.0.1:{port}/server.php"
        with running(words, port, environment):
            # Everything comes twice.
            sandbox.webhook(url, repeat=2, first_retry_ms=50, max_retry_ms=200)
            hello = sandbox.customer("15550001234", text="Hello", name="Ana")
            photo = sandbox.customer("US.13491208655302741918", image={"id": "1234"})
            sandbox.flush_webhooks(20)
            expected = [("You wrote: Hello", hello["id"]), ("👍", photo["id"])]
            assert answered(sandbox) == sorted(expected, key=str)
        # Nobody is there, and people go on writing.
        for n in range(5):
            text = sandbox.customer("15550001235", text=f"anybody? {n}")
            expected.append((f"You wrote: anybody? {n}", text["id"]))
        with running(words, port, environment):
            sandbox.flush_webhooks(20)
            assert answered(sandbox) == sorted(expected, key=str)
