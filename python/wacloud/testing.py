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
import sysconfig
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


def _installed() -> str:
    """The program beside this Python: a virtual environment need not be active to be used."""
    name = "wacloud.exe" if os.name == "nt" else "wacloud"
    beside = os.path.join(sysconfig.get_path("scripts"), name)
    return beside if os.path.exists(beside) else "wacloud"


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
        window: Whether free-form messages need the customer to have written within 24 hours
            (131047). They do not unless told so.
        webhook_url: Where your server takes webhooks, ``http://127.0.0.1:3000/webhook`` as an
            example. One that is up already must pass the handshake, one that is not is asked
            again until it answers. `webhook` subscribes later.
        app_secret: What signs webhooks; the sandbox's own unless given.
        verify_token: What the handshake asks with; the sandbox's own unless given.
        binary: The program ``wacloud``. Unless given it is that of ``WACLOUD_BIN``, the one that
            ``pip install wacloud-cli`` puts beside this Python, or one on the ``PATH``.
    """

    url: str
    """Where it listens: a client's `base_url`."""
    phone_number_id: str
    """The number that can send."""
    business_account_id: str
    """The account that its numbers belong to."""
    token: str
    """The access token that is let in."""
    app_secret: str
    """What signs webhooks, as it was at the start."""
    verify_token: str
    """What the handshake asks with, as it was at the start."""

    def __init__(
        self,
        *,
        rate: int | None = None,
        pair_rate: bool | None = None,
        latency_ms: int | None = None,
        jitter_ms: int | None = None,
        seed: int | None = None,
        window: bool | None = None,
        webhook_url: str | None = None,
        app_secret: str | None = None,
        verify_token: str | None = None,
        binary: str | os.PathLike[str] | None = None,
    ) -> None:
        self._binary = os.fspath(binary or os.environ.get("WACLOUD_BIN") or _installed())
        flags = {
            "rate": rate,
            "pair-rate": None if pair_rate is None else "on" if pair_rate else "off",
            "latency-ms": latency_ms,
            "jitter-ms": jitter_ms,
            "seed": seed,
            "window": None if window is None else "on" if window else "off",
            "webhook-url": webhook_url,
            "app-secret": app_secret,
            "verify-token": verify_token,
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
                f"the sandbox could not be started: {error}. Its program comes with `pip install "
                f"wacloud-cli`; WACLOUD_BIN can say where another one is."
            ) from None
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            status = process.wait(_PATIENCE)
            raise RuntimeError(f"the sandbox ended with status {status} before it listened")
        ready = json.loads(line)
        self._process = process
        self.url = ready["url"]
        self.phone_number_id = ready["phone_number_id"]
        self.business_account_id = ready["business_account_id"]
        self.token = ready["token"]
        self.app_secret = ready["app_secret"]
        self.verify_token = ready["verify_token"]
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
        """What it accepted, oldest first: `id`, `to`, `type`, `tracker`, `status`, `payload` …"""
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

    def webhook(self, url: str | None = None, **settings: Any) -> JsonObject:
        """Subscribes your server to webhooks, or changes how they are sent; what came of it.

        With a URL the handshake is made first, so your server has to be running, and not in the
        thread that calls this: with asyncio, ``await asyncio.to_thread(sandbox.webhook, url)``.

        Args:
            url: Where your server takes webhooks; plain ``http`` only.
            settings: By the sandbox's own names: ``app_secret``, ``verify_token``, ``statuses``
                (``["sent", "delivered", "read"]`` unless given), ``status_delay_ms``,
                ``first_retry_ms``, ``batch``, ``repeat``, ``shuffle``, ``wrong_signature`` …

        Raises:
            ValueError: The handshake failed, or a setting makes no sense. Nothing is changed.
        """
        changes = settings if url is None else {"url": url, **settings}
        found: JsonObject = (
            self._control("PUT", "webhook", changes) if changes else self._control("GET", "webhook")
        )
        return found

    def customer(self, sender: str, /, **message: Any) -> JsonObject:
        """Writes a message as a customer; what was written, with its `id`.

        Your webhook is told, and the customer's service window opens.

        Args:
            sender: The customer's number, or user id (``US.13491208655302741918``) if the number
                is hidden.
            message: The content by its kind, ``text="Hello"``, ``image={}``,
                ``button_reply="yes"``, ``location={"latitude": 48.2, "longitude": 16.4}`` …, or
                ``type="sticker"`` for one as the sandbox makes it; and as far as wanted ``name``,
                ``username``, ``reply_to`` (a message id), ``context``, ``referral``.

        Raises:
            ValueError: The sandbox does not understand the message.
        """
        written: JsonObject = self._control("POST", "customer", {"from": sender, **message})
        return written

    def post_webhook(self, payload: JsonObject | str | bytes) -> int:
        """Signs any payload and sends it to your webhook; the index of the POST.

        Args:
            payload: Text and bytes are sent as they are, an object as JSON.
        """
        body = payload if isinstance(payload, (bytes, str)) else json.dumps(payload)
        raw = body.encode() if isinstance(body, str) else body
        index: int = self._control("POST", "webhooks", raw)["index"]
        return index

    def webhooks(self, *, state: str | None = None) -> list[JsonObject]:
        """The POSTs to your webhook, oldest first: `payload`, `state`, `sent`, `attempts` …

        Args:
            state: Only those that are ``pending``, ``delivered`` or ``given_up``.
        """
        query = "" if state is None else f"?state={state}"
        webhooks: list[JsonObject] = self._control("GET", f"webhooks{query}")["webhooks"]
        return webhooks

    def flush_webhooks(self, timeout: float = _PATIENCE) -> None:
        """Has everything sent that waits, and waits until your server has answered all with 200.

        Statuses that would come later, held batches and repeats go at once.

        Args:
            timeout: How long to wait, in seconds.

        Raises:
            TimeoutError: Something is not answered with 200 yet. It stays, and is repeated.
        """
        body = {"timeout_ms": round(timeout * 1000)}
        pending = self._control("POST", "webhooks/flush", body, patience=timeout)["pending"]
        if pending:
            raise TimeoutError(f"{pending} webhooks were not answered with 200 within {timeout} s")

    def advance_clock(self, seconds: float) -> None:
        """Moves its clock forward: windows close, limits recover, what waits becomes due."""
        self._control("POST", "clock", {"advance_ms": round(seconds * 1000)})

    def settings(self, **changes: Any) -> JsonObject:
        """Its settings by its own names, after changing those that are given."""
        found: JsonObject = (
            self._control("PUT", "settings", changes)
            if changes
            else self._control("GET", "settings")
        )
        return found

    def reset(self, *, settings: bool = False) -> None:
        """Forgets messages, requests, faults and webhooks, and on request changed settings too."""
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
            "business_account_id": self.business_account_id,
            "access_token": self.token,
            "base_url": self.url,
            **settings,
        }

    def _control(
        self,
        method: str,
        path: str,
        body: JsonObject | bytes | None = None,
        *,
        patience: float = 0,
    ) -> Any:
        if self._process is None:
            raise RuntimeError("the sandbox is not running: use it in a `with` block")
        request = Request(f"{self.url}/_sandbox/{path}", method=method)
        if body is not None:
            request.data = body if isinstance(body, bytes) else json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        try:
            with self._open(request, timeout=patience + 2 * _PATIENCE) as response:
                return json.loads(response.read() or b"null")
        except HTTPError as error:
            text = error.read().decode(errors="replace")
            raise ValueError(f"the sandbox refused {method} {path}: {text}") from None
