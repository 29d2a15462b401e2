"""What the tests of examples/queues have in common: a server with a queue, and waiting for what its
workers do."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "queues"


def wait_until(condition: Callable[[], object], what: str, seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.05)


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def redis_server() -> Iterator[str]:
    """Its URL."""
    program = shutil.which("valkey-server") or shutil.which("redis-server")
    if program is None:
        assert "CI" not in os.environ, "neither valkey-server nor redis-server is installed"
        pytest.skip("neither valkey-server nor redis-server is installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", "/tmp"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: is_open(port), "the server is there")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()
