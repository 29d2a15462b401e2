"""Sends BENCH_MESSAGES texts in bulk and prints by how many KiB the process grew at most."""

import os
from pathlib import Path

from wacloud import Message, WhatsAppClient


def peak() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


messages = (
    Message.text(f"+1212{n:07}", "The shop opens at nine")
    for n in range(int(os.environ["BENCH_MESSAGES"]))
)
wa = WhatsAppClient.from_env(rate=0, pair_rate=0)
before = peak()
assert all(result.outcome == "accepted" for result in wa.send_bulk(messages))
print(peak() - before)
