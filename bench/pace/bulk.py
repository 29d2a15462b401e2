"""Sends BENCH_MESSAGES texts in bulk at BENCH_RATE, each to somebody else."""

import os

from wacloud import Message, WhatsAppClient

area = os.environ["BENCH_AREA"]
messages = (
    Message.text(f"+1{area}555{n:04}", "The shop opens at nine")
    for n in range(int(os.environ["BENCH_MESSAGES"]))
)
wa = WhatsAppClient.from_env(
    rate=float(os.environ["BENCH_RATE"]), pace_dir=os.environ["BENCH_PACE_DIR"]
)
for result in wa.send_bulk(messages):
    if result.error is not None:
        raise result.error
