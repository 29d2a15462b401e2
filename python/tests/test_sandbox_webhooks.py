"""What `wacloud.testing.Sandbox` sends to a webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from wacloud import WindowClosedError
from wacloud.testing import Sandbox

TO = "+15550001234"


class Receiver(ThreadingHTTPServer):
    """A server that takes webhooks, answers with what `answers` says, then 200."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/webhook"
        self.came: list[tuple[str, bytes]] = []
        self.answers: list[int] = []

    def items(self, name: str) -> list[dict[str, Any]]:
        return [
            item
            for _, body in self.came
            for entry in json.loads(body)["entry"]
            for change in entry["changes"]
            for item in change["value"].get(name, [])
        ]


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        right = query["hub.verify_token"] == ["sandbox-verify-token"]
        self._answer(200 if right else 403, query["hub.challenge"][0].encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((self.headers["X-Hub-Signature-256"], body))
        self._answer(self.server.answers.pop(0) if self.server.answers else 200, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_statuses_follow_and_are_signed(sandbox: Sandbox, receiver: Receiver) -> None:
    assert sandbox.webhook(receiver.url, first_retry_ms=1)["subscribed"] is True
    receiver.answers = [503]
    sent = sandbox.client().send_text(TO, "Hello", tracker="order-1")
    sandbox.flush_webhooks()

    statuses = receiver.items("statuses")
    assert {status["status"] for status in statuses} == {"sent", "delivered", "read"}
    assert {(s["id"], s["biz_opaque_callback_data"]) for s in statuses} == {(sent.id, "order-1")}
    for signature, body in receiver.came:
        digest = hmac.new(sandbox.app_secret.encode(), body, hashlib.sha256).hexdigest()
        assert signature == f"sha256={digest}"
    assert sandbox.messages()[0]["status"] == "read"
    first = sandbox.webhooks(state="delivered")[0]
    assert [attempt["status"] for attempt in first["attempts"]] == [503, 200]
    assert first["payload"]["object"] == "whatsapp_business_account"


def test_customers_write(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.webhook(receiver.url, statuses=[], batch=10, hold_ms=60_000)
    written = sandbox.customer(TO, text="Grüße", name="Ana", reply_to="wamid.x")
    sandbox.customer("US.134912086", button_reply={"id": "yes", "title": "Yes"})
    assert sandbox.webhooks() == [], "both are held back for one POST"
    sandbox.flush_webhooks()
    text, reply = receiver.items("messages")
    assert len(receiver.came) == 1
    assert (text["id"], text["from"]) == (written["id"], "15550001234")
    assert (text["text"]["body"], text["context"]["id"]) == ("Grüße", "wamid.x")
    assert ("from" in reply, reply["from_user_id"]) == (False, "US.134912086")
    assert receiver.items("contacts")[0]["profile"]["name"] == "Ana"
    with pytest.raises(ValueError, match="a content is required"):
        sandbox.customer(TO)


def test_any_payload_is_sent(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.webhook(receiver.url)
    assert sandbox.post_webhook({"object": "page"}) == 0
    assert sandbox.post_webhook(b"\xff") == 1
    sandbox.flush_webhooks()
    assert [body for _, body in receiver.came] == [b'{"object": "page"}', b"\xff"]


def test_what_does_not_work_is_told(sandbox: Sandbox, receiver: Receiver) -> None:
    with pytest.raises(ValueError, match="403"):
        sandbox.webhook(receiver.url, verify_token="another")
    with pytest.raises(ValueError, match="https is not spoken"):
        sandbox.webhook("https://example.com/webhook")
    assert sandbox.webhook()["subscribed"] is False
    sandbox.webhook(receiver.url)
    receiver.answers = [500] * 3
    sandbox.customer(TO, text="Hello")
    with pytest.raises(TimeoutError, match="1 webhooks"):
        sandbox.flush_webhooks(timeout=0.05)


def test_the_window_closes_as_time_goes_by() -> None:
    with Sandbox(window=True, pair_rate=False, app_secret="s", verify_token="v") as sandbox:
        assert (sandbox.app_secret, sandbox.verify_token) == ("s", "v")
        client = sandbox.client()
        sandbox.customer(TO, text="Hello?")
        assert client.send_text(TO, "Hello!").id
        sandbox.advance_clock(24 * 3600)
        with pytest.raises(WindowClosedError):
            client.send_text(TO, "Hello!")
