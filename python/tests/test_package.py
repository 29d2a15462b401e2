"""What `import wacloud` costs, and who can be told by it."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata, resources

import pytest

import wacloud
from wacloud.testing import Sandbox

HEAVY = {
    "asyncio",
    "dataclasses",
    "inspect",
    "json",
    "logging",
    "re",
    "socket",
    "ssl",
    "threading",
    "typing",
}


def modules_after(code: str) -> set[str]:
    """The modules that a program has loaded at its end."""
    program = f"{code}\nimport sys\nprint(*sys.modules)"
    # -S: what site and its .pth files load is not ours.
    site = [path for path in sys.path if path]
    run = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path += {site!r}\n{program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(run.stdout.split())


def test_importing_is_light() -> None:
    before = modules_after("")
    after = modules_after("import wacloud")
    assert not (after - before) & HEAVY
    assert "wacloud._native" in after


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for threads and open files")
def test_importing_and_making_clients_start_no_thread_and_open_nothing() -> None:
    program = """
import os

def running() -> tuple[int, int]:
    return len(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd"))

before = running()
from wacloud import AsyncWhatsAppClient, WhatsAppClient
clients = WhatsAppClient("1", "token"), AsyncWhatsAppClient("1", "token")
assert running() == before, (before, running())
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_asyncio_is_loaded_by_who_uses_it() -> None:
    assert "asyncio" in modules_after("from wacloud import AsyncWhatsAppClient")


def test_groups_can_be_named(sandbox: Sandbox) -> None:
    assert isinstance(sandbox.client().media, wacloud.MediaOperations)
    assert isinstance(sandbox.async_client().media, wacloud.AsyncMediaOperations)
    assert "AsyncMediaOperations" in dir(wacloud)


def test_the_package_is_typed_and_has_a_version() -> None:
    assert resources.files(wacloud).joinpath("py.typed").is_file()
    assert metadata.version("wacloud") == wacloud.__version__
    assert not metadata.requires("wacloud")
