"""Receives webhooks again and again, checks and reads each. usage: python.py wacloud | pywa

Environment: BENCH_PAYLOADS (a JSON list of body and signature), BENCH_WARM_UP, BENCH_ROUNDS.
Prints {"cpu_us": …, "told": …}: the process's CPU time of all rounds, and how many events came out.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

SECRET = "app secret"
Receive = Callable[[bytes, str], None]

told = 0


def wacloud() -> Receive:
    from wacloud import webhooks

    def receive(body: bytes, signature: str) -> None:
        global told
        webhooks.verify(SECRET, body, signature)
        for event in webhooks.parse(body):
            if event.kind in ("message", "status") and event.id:
                told += 1

    return receive


def pywa() -> Receive:
    from pywa import WhatsApp, types

    wa = WhatsApp(
        "106540352242922",
        "token",
        app_secret=SECRET,
        verify_token="my word",
        server=None,
        # The same few bodies come again and again.
        skip_duplicate_updates=False,
    )

    def count(_: WhatsApp, update: types.Message | types.MessageStatus) -> None:
        global told
        global told
        if update.id:
            told += 1

    for decorate in (wa.on_message, wa.on_message_status, wa.on_callback_button):
        decorate(count)

    def receive(body: bytes, signature: str) -> None:
        refused = wa.webhook_update_validator(body, signature)
        assert refused is None, refused
        assert wa.webhook_update_handler(body) == ("ok", 200)

    return receive


def main() -> None:
    receive = {"wacloud": wacloud, "pywa": pywa}[sys.argv[1]]()
    text = Path(os.environ["BENCH_PAYLOADS"]).read_text(encoding="utf-8")
    payloads = [(body.encode(), signature) for body, signature in json.loads(text)]
    for _ in range(int(os.environ["BENCH_WARM_UP"])):
        for body, signature in payloads:
            receive(body, signature)
    before, begun = told, time.process_time()
    for _ in range(int(os.environ["BENCH_ROUNDS"])):
        for body, signature in payloads:
            receive(body, signature)
    cpu_us = (time.process_time() - begun) * 1e6
    print(json.dumps({"cpu_us": cpu_us, "told": told - before}))


if __name__ == "__main__":
    main()
