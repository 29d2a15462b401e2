"""A sandbox for tests: the Cloud API on this machine, that sends nothing to anybody.

    from wacloud.testing import Sandbox

    with Sandbox() as sandbox:
        sandbox.client().send_text("+15550001234", "Hello")
        assert sandbox.messages()[0]["type"] == "text"

It is the command ``wacloud sandbox``, strict where Meta is strict. As a pytest fixture:

    @pytest.fixture(scope="session")
    def sandbox():
        with Sandbox() as sandbox:
            yield sandbox
"""

from __future__ import annotations

import json
import os
import subprocess
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from wacloud._generated.client import WhatsAppClient

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, TypeAlias

    from typing_extensions import Self, Unpack

    from wacloud import AsyncWhatsAppClient
    from wacloud._generated.types import Settings

    JsonObject: TypeAlias = dict[str, Any]

__all__ = ["Sandbox"]

# How long the sandbox may take to end or to answer about itself, in seconds.
_PATIENCE = 10


class Sandbox:
    """A Cloud API on a free port of this machine. It ends with its block, or with this process.

    Args:
        rate: Messages a second that it lets through, counted strictly in any one second; 0 for no
            limit. 80 unless given.
        pair_rate: Whether a recipient gets at most one message every 6 seconds, with a burst of 45.
            It does unless told not to.
        latency_ms: Milliseconds by which every answer is late.
        jitter_ms: Milliseconds by which answers are late at most in addition, by chance.
        seed: Makes chance the same every time.
        binary: The program ``wacloud``; that of ``WACLOUD_BIN``, or on the ``PATH``, unless given.
    """

    url: str
    """Where it listens: a client's `base_url`."""
    phone_number_id: str
    """The number that can send."""
    token: str
    """The access token that is let in."""

    def __init__(
        self,
        *,
        rate: int | None = None,
        pair_rate: bool | None = None,
        latency_ms: int | None = None,
        jitter_ms: int | None = None,
        seed: int | None = None,
        binary: str | os.PathLike[str] | None = None,
    ) -> None:
        self._binary = os.fspath(binary or os.environ.get("WACLOUD_BIN") or "wacloud")
        flags = {
            "rate": rate,
            "pair-rate": None if pair_rate is None else "on" if pair_rate else "off",
            "latency-ms": latency_ms,
            "jitter-ms": jitter_ms,
            "seed": seed,
        }
        self._flags = [f"--{name}={value}" for name, value in flags.items() if value is not None]
        self._process: subprocess.Popen[bytes] | None = None
        # A proxy of the environment leads away from this machine.
        self._open = build_opener(ProxyHandler({})).open

    def start(self) -> Self:
        """Starts it and waits until it listens. A `with` block does this."""
        if self._process is not None:
            raise RuntimeError("this sandbox was started already")
        command = [self._binary, "sandbox", "--port=0", "--json", "--exit-with-parent"]
        try:
            # Its standard input is how it learns that this process has ended, however it ends.
            process = subprocess.Popen(
                [*command, *self._flags], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        except OSError as error:
            raise RuntimeError(
                f"the sandbox could not be started: {error}. Set WACLOUD_BIN to the program "
                f"wacloud, or have it on the PATH."
            ) from error
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            status = process.wait(_PATIENCE)
            raise RuntimeError(f"the sandbox ended with status {status} before it listened")
        ready = json.loads(line)
        self._process = process
        self.url = ready["url"]
        self.phone_number_id = ready["phone_number_id"]
        self.token = ready["token"]
        return self

    def close(self) -> None:
        """Ends it. Leaving a `with` block does this."""
        process, self._process = self._process, None
        if process is None:
            return
        with process:
            process.terminate()
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()

    def client(self, **settings: Unpack[Settings]) -> WhatsAppClient:
        """A client that sends to it, and keeps to one recipient's limit where the sandbox has it.

        Its pace is its process's own unless `pace` says otherwise: ports come again, and another
        sandbox on the same one must not find what was sent to this one.
        """
        return WhatsAppClient(**self._settings_for(settings))

    def async_client(self, **settings: Unpack[Settings]) -> AsyncWhatsAppClient:
        """A client for asyncio that sends to it."""
        from wacloud import AsyncWhatsAppClient

        return AsyncWhatsAppClient(**self._settings_for(settings))

    def messages(self) -> list[JsonObject]:
        """What it accepted, oldest first: `id`, `to`, `type`, `tracker`, `payload` and more."""
        messages: list[JsonObject] = self._control("GET", "messages")["messages"]
        return messages

    def requests(self) -> list[JsonObject]:
        """Every request to the API that reached it, oldest first, with the `status` it answered."""
        requests: list[JsonObject] = self._control("GET", "requests")["requests"]
        return requests

    def fault(self, kind: str, *, times: int = 1, skip: int = 0, **details: Any) -> None:
        """Makes something go wrong with the next requests.

        Args:
            kind: What: ``graph_error`` (with ``code``), ``status``, ``reset_before``,
                ``reset_after``, ``delay`` (with ``delay_ms``), ``truncate``, ``html``, ``no_id`` …
            times: How often; 0 for always.
            skip: How many requests pass before.
            details: What that kind needs, or may have.
        """
        self._control("POST", "faults", {"kind": kind, "times": times, "skip": skip, **details})

    def clear_faults(self) -> None:
        """Takes back the faults that have not happened yet."""
        self._control("DELETE", "faults")

    def settings(self, **changes: Any) -> JsonObject:
        """Its settings by its own names, after changing those that are given."""
        found: JsonObject = (
            self._control("PUT", "settings", changes)
            if changes
            else self._control("GET", "settings")
        )
        return found

    def reset(self, *, settings: bool = False) -> None:
        """Forgets messages, requests and faults, and on request changed settings too."""
        self._control("POST", "reset", {"settings": settings})

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        # It listens within milliseconds: not worth a thread.
        return self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _settings_for(self, settings: Any) -> Any:
        unlimited = {"pair_rate": 0.0} if "--pair-rate=off" in self._flags else {}
        return {
            "pace": "process",
            **unlimited,
            "phone_number_id": self.phone_number_id,
            "access_token": self.token,
            "base_url": self.url,
            **settings,
        }

    def _control(self, method: str, path: str, body: JsonObject | None = None) -> Any:
        if self._process is None:
            raise RuntimeError("the sandbox is not running: use it in a `with` block")
        request = Request(f"{self.url}/_sandbox/{path}", method=method)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with self._open(request, timeout=_PATIENCE) as response:
                return json.loads(response.read() or b"null")
        except HTTPError as error:
            text = error.read().decode(errors="replace")
            raise ValueError(f"the sandbox refused {method} {path}: {text}") from error
