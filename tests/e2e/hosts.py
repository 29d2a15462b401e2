"""Hosts of a test: network namespaces of their own on one bridge, each with a way to a sandbox.

A client takes plain HTTP to its own machine only, so each host has a small relay on its loopback.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import TracebackType

# Of this process alone: another one may run the same tests, and takes nothing of them away.
NETWORK = f"10.213.{os.getpid() % 250 + 1}"
PREFIX = f"wac{os.getpid()}"
RELAY_PORT = 8025
RELAY = Path(__file__).with_name("relay.py")


def why_not() -> str | None:
    """Why this machine makes no hosts; None if it does."""
    if os.geteuid() != 0:
        return "only root may make network namespaces"
    if shutil.which("ip") is None:
        return "there is no `ip` command (iproute2)"
    name = f"{PREFIX}probe"
    probe = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
    if probe.returncode != 0:
        return f"network namespaces cannot be made: {probe.stderr.strip()}"
    bridge = ["ip", "-n", name, "link", "add", "probe", "type", "bridge"]
    made = subprocess.run(bridge, capture_output=True, text=True)
    subprocess.run(["ip", "netns", "del", name], check=True)
    return None if made.returncode == 0 else f"bridges cannot be made: {made.stderr.strip()}"


def ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr.strip()}"


class Hosts:
    """Namespaces `wac…n1`, `wac…n2` … that reach this one at `address`."""

    address = f"{NETWORK}.254"
    url = f"http://127.0.0.1:{RELAY_PORT}"

    def __init__(self, count: int, sandbox_port: int) -> None:
        # A link's name has 15 letters at most, and a process id has up to seven.
        self._names = [f"{PREFIX}n{n}" for n in range(1, count + 1)]
        self._bridge = f"{PREFIX}br"
        self._sandbox_port = sandbox_port
        self._relays: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Hosts:
        self._remove()
        _remove_what_the_dead_left()
        ip("link", "add", self._bridge, "type", "bridge")
        ip("addr", "add", f"{self.address}/24", "dev", self._bridge)
        ip("link", "set", self._bridge, "up")
        for n, name in enumerate(self._names, start=1):
            ip("netns", "add", name)
            ip("link", "add", f"{name}br", "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("link", "set", f"{name}br", "master", self._bridge)
            ip("link", "set", f"{name}br", "up")
            ip("-n", name, "addr", "add", f"{NETWORK}.{n}/24", "dev", "eth0")
            ip("-n", name, "link", "set", "eth0", "up")
            ip("-n", name, "link", "set", "lo", "up")
        # One relay here hands over to the sandbox, which listens on loopback only.
        self._relay([], f"{self.address}:{RELAY_PORT}", f"127.0.0.1:{self._sandbox_port}")
        for name in self._names:
            on_host = self.inside(name)
            self._relay(on_host, f"127.0.0.1:{RELAY_PORT}", f"{self.address}:{RELAY_PORT}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for relay in self._relays:
            relay.kill()
            relay.wait()
        self._remove()

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._names)

    def inside(self, name: str) -> list[str]:
        """What goes before a command that runs on a host."""
        return ["ip", "netns", "exec", name]

    def _relay(self, through: list[str], listen: str, to: str) -> None:
        command = [*through, sys.executable, str(RELAY), listen, to]
        relay = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert relay.stdout is not None
        assert relay.stdout.readline() == b"ready\n"
        self._relays.append(relay)

    def _remove(self) -> None:
        for name in self._names:
            # The kernel takes a namespace's links down some time after the namespace (cleanup_net),
            # and until then this name is taken; a link that is deleted itself is gone at once.
            subprocess.run(["ip", "link", "del", f"{name}br"], capture_output=True)
            subprocess.run(["ip", "netns", "del", name], capture_output=True)
        subprocess.run(["ip", "link", "del", self._bridge], capture_output=True)


def _remove_what_the_dead_left() -> None:
    """A run that was killed leaves hosts and a bridge, with a network that another one may get."""
    for listing, delete in ((["netns", "list"], ["netns"]), (["-br", "link", "show"], ["link"])):
        listed = subprocess.run(["ip", *listing], capture_output=True, text=True).stdout
        for name in re.findall(r"^wac[0-9]+[a-z0-9]+", listed, re.MULTILINE):
            owner = re.sub(r"^wac([0-9]+).*", r"\1", name)
            if not Path(f"/proc/{owner}").exists():
                subprocess.run(["ip", *delete, "del", name], capture_output=True)
