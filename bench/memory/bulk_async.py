"""Sends BENCH_MESSAGES texts in bulk and prints by how many KiB the process grew at most."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

from wacloud import AsyncWhatsAppClient, Message


def peak() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


async def messages() -> AsyncIterator[Message]:
    for n in range(int(os.environ["BENCH_MESSAGES"])):
        yield Message.text(f"+1212{n:07}", "The shop opens at nine")


async def main() -> None:
    wa = AsyncWhatsAppClient.from_env(rate=0, pair_rate=0)
    before = peak()
    async for result in wa.send_bulk(messages()):
        assert result.outcome == "accepted", result.error
    print(peak() - before)


asyncio.run(main())
