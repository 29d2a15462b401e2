"""A webhook server that answers everybody who writes, with nothing but the standard library.

    python examples/webhooks/server.py 8080

It takes WA_PHONE_ID, WA_TOKEN, WA_APP_SECRET and WA_VERIFY_TOKEN from the environment, and
remembers in INBOX (`inbox.db` unless set) what it has worked on.

Events are worked on before Meta gets its 200. What could not be sent is forgotten and answered with
a 500, so Meta delivers it again; everything else in that delivery is known by then.
"""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from wacloud import (
    NotSentError,
    WebhookSignatureError,
    WhatsAppClient,
    WhatsAppError,
    webhooks,
)
from wacloud.inbox import Dedup

wa = WhatsAppClient.from_env()
dedup = Dedup(os.environ.get("INBOX", "inbox.db"))


def work(event: webhooks.WebhookEvent) -> None:
    if event.kind == "message" and not event.standby:
        wa.mark_read(event)
        if event.type == "text":
            wa.reply(event, f"You wrote: {event.text}", max_wait=3)
        elif event.type != "reaction":
            wa.react(event, "👍", max_wait=3)
    elif event.status == "failed":
        print(event.id, *event.errors, flush=True)


class Webhook(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        try:
            self.answer(200, webhooks.challenge(self.path, os.environ["WA_VERIFY_TOKEN"]))
        except WebhookSignatureError as error:
            self.answer(403, str(error))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            signature = self.headers.get("X-Hub-Signature-256")
            webhooks.verify(os.environ["WA_APP_SECRET"], body, signature)
        except WebhookSignatureError as error:
            self.answer(403, str(error))
            return
        status = 200
        for event in dedup.fresh(webhooks.parse(body)):
            try:
                work(event)
            except WhatsAppError as error:
                print(error, flush=True)
                if isinstance(error, NotSentError):
                    dedup.forget([event])
                    status = 500
        self.answer(status)

    def answer(self, status: int, text: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: addresses hold the verify token."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Webhook)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
