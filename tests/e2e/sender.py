"""Sends what it is told on standard input and tells what became of it.

For tests/rust/chance.rs and tests/e2e/senders.py.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from wacloud import Message, SentMessage, WhatsAppClient, WhatsAppError

Task = dict[str, Any]
Text = dict[str, str]


def settings(task: Task) -> dict[str, Any]:
    """Durations are in seconds here."""
    given = task["settings"].items()
    return {
        name.removesuffix("_ms"): value / 1000 if name.endswith("_ms") else value
        for name, value in given
    }


def messages(task: Task) -> list[Message]:
    return [
        Message.text(text["to"], text["body"], tracker=text["tracker"]) for text in task["bulk"]
    ]


def tell(text: Text, outcome: str, sent: SentMessage | None, error: WhatsAppError | None) -> None:
    if sent is not None:
        attempts = sent.meta.attempts
    else:
        assert error is not None
        assert outcome == error.outcome
        attempts = error.attempts
    told = {"tracker": text["tracker"], "outcome": outcome, "attempts": attempts}
    print(json.dumps(told))


def send(wa: WhatsAppClient, text: Text) -> tuple[SentMessage | None, WhatsAppError | None]:
    try:
        return wa.send_text(text["to"], text["body"], tracker=text["tracker"]), None
    except WhatsAppError as error:
        return None, error


def carry_out(task: Task) -> None:
    wa = WhatsAppClient(**settings(task))
    with ThreadPoolExecutor(4) as pool:
        results = pool.map(lambda text: send(wa, text), task["single"])
        for text, (sent, error) in zip(task["single"], results, strict=True):
            tell(text, error.outcome if error else "accepted", sent, error)
    for result in wa.send_bulk(messages(task)):
        tell(task["bulk"][result.index], result.outcome, result.sent, result.error)


if __name__ == "__main__":
    for line in sys.stdin:
        carry_out(json.loads(line))
        print('"done"', flush=True)
