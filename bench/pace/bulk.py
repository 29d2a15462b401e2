"""Sends BENCH_MESSAGES texts in bulk, each to somebody else."""

import os

from wacloud import Message, WhatsAppClient

messages = (
    Message.text(f"+1212555{n:04}", "The shop opens at nine")
    for n in range(int(os.environ["BENCH_MESSAGES"]))
)
assert all(result.outcome == "accepted" for result in WhatsAppClient.from_env().send_bulk(messages))
