"""Programs of each language that send what they are told, several at once, against one sandbox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
HERE = Path(__file__).parent

COMMANDS = {
    "Python": [sys.executable, str(HERE / "sender.py")],
    "Node": ["node", str(HERE / "sender.mjs")],
    "PHP": ["php", "-c", str(TARGET / "php.ini"), str(HERE / "sender.php")],
}


def texts(name: str, count: int, to: str | None = None) -> list[dict[str, str]]:
    """Messages with trackers of their own, each to somebody else unless told otherwise."""
    number = sum(map(ord, name)) % 1000
    return [
        {"to": to or f"+1{number:03}{n:07}", "body": f"Hello {n}", "tracker": f"{name}-{n}"}
        for n in range(count)
    ]


@dataclass
class Sender:
    """A program that sends a bulk."""

    language: str
    settings: dict[str, Any]
    messages: list[dict[str, str]]
    # What comes before its command: the way into a network of its own, say.
    through: list[str] = field(default_factory=list)

    def start(self) -> None:
        command = [*self.through, *COMMANDS[self.language]]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        task = {"settings": self.settings, "single": [], "bulk": self.messages}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(task).encode() + b"\n")
        self.process.stdin.close()

    def outcomes(self, timeout_s: float) -> Counter[str]:
        """How many messages ended in which way, once it has ended."""
        assert self.process.stdout is not None
        self.process.stdin = None
        told, _ = self.process.communicate(timeout=timeout_s)
        assert self.process.returncode == 0, f"{self.language} ended with {self.process.returncode}"
        lines = [json.loads(line) for line in told.splitlines()]
        assert lines.pop() == "done"
        return Counter(line["outcome"] for line in lines)
