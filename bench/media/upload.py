"""Uploads the file BENCH_FILE and prints by how many KiB the process grew at most."""

import os
from pathlib import Path

from wacloud import WhatsAppClient


def peak() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


wa = WhatsAppClient.from_env()
before = peak()
with Path(os.environ["BENCH_FILE"]).open("rb") as file:
    wa.media.upload(file if os.environ["BENCH_FORM"] == "stream" else file.name)
print(peak() - before)
