"""A server for webhooks, in a thread of the test."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from wacloud import webhooks
from wacloud.webhooks import WebhookEvent


class Receiver(ThreadingHTTPServer):
    """A server that takes webhooks, answers with what `answers` says, then 200."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/webhook"
        self.came: list[tuple[str, bytes]] = []
        self.answers: list[int] = []

    def events(self, app_secret: str) -> list[WebhookEvent]:
        """The events of everything that came, each delivery verified."""
        events = []
        for signature, body in self.came:
            webhooks.verify(app_secret, body, signature)
            events += webhooks.parse(body)
        return events

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
