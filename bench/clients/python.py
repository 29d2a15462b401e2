"""The Python contenders of bench/clients.py: `python.py NAME` sends and prints what it cost."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Iterator

URL = os.environ["BENCH_URL"]
WARM_UP = int(os.environ["BENCH_WARM_UP"])
MESSAGES = int(os.environ["BENCH_MESSAGES"])
PHONE_NUMBER_ID = "106540352242922"
TOKEN = "EAAG" + "bench" * 18
TEXT = "The shop opens at nine"
IN_FLIGHT = 32
WINDOW = int(os.environ.get("BENCH_WINDOW", IN_FLIGHT))
# Where bulks keep a journal, if they are to.
JOURNAL = os.environ.get("BENCH_JOURNAL")

ENDPOINT = f"{URL}/v25.0/{PHONE_NUMBER_ID}/messages"
HEADERS = {"authorization": f"Bearer {TOKEN}"}
# What wacloud is told beside the number and the token.
SETTINGS = {"base_url": URL, "rate": 0, "pair_rate": 0}


def to(n: int) -> str:
    return f"+1212{n:07}"


def body(n: int) -> dict[str, object]:
    return {"messaging_product": "whatsapp", "to": to(n), "type": "text", "text": {"body": TEXT}}


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def laps() -> Iterator[range]:
    """The messages of the warm-up, then those that are measured; prints what the latter cost."""
    yield range(WARM_UP)
    used, began = cpu(), time.perf_counter()
    yield range(WARM_UP, WARM_UP + MESSAGES)
    seconds, cpu_us = time.perf_counter() - began, (cpu() - used) * 1e6
    print(json.dumps({"cpu_us": cpu_us, "seconds": seconds}))


async def window(numbers: range, send: Callable[[int], Awaitable[object]]) -> None:
    """32 tasks that take the next message each."""
    rest = iter(numbers)

    async def worker() -> None:
        for n in rest:
            await send(n)

    await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))


def wacloud_sync() -> None:
    from wacloud import WhatsAppClient

    wa = WhatsAppClient(PHONE_NUMBER_ID, TOKEN, **SETTINGS)
    for numbers in laps():
        for n in numbers:
            assert wa.send_text(to(n), TEXT).id


def wacloud_bulk() -> None:
    from wacloud import Message, WhatsAppClient

    wa = WhatsAppClient(PHONE_NUMBER_ID, TOKEN, **SETTINGS)
    for numbers in laps():
        messages = (Message.text(to(n), TEXT) for n in numbers)
        for result in wa.send_bulk(messages, window=WINDOW, journal=JOURNAL):
            assert result.sent.id


async def wacloud_async() -> None:
    from wacloud import AsyncWhatsAppClient

    wa = AsyncWhatsAppClient(PHONE_NUMBER_ID, TOKEN, **SETTINGS)

    async def send(n: int) -> None:
        assert (await wa.send_text(to(n), TEXT)).id

    for numbers in laps():
        await window(numbers, send)


async def wacloud_async_bulk() -> None:
    from wacloud import AsyncWhatsAppClient, Message

    wa = AsyncWhatsAppClient(PHONE_NUMBER_ID, TOKEN, **SETTINGS)
    for numbers in laps():
        messages = (Message.text(to(n), TEXT) for n in numbers)
        async for result in wa.send_bulk(messages, window=IN_FLIGHT):
            assert result.sent.id


async def aiohttp() -> None:
    from aiohttp import ClientSession, TCPConnector

    async with ClientSession(connector=TCPConnector(limit=IN_FLIGHT), headers=HEADERS) as session:

        async def send(n: int) -> None:
            async with session.post(ENDPOINT, json=body(n)) as answer:
                answer.raise_for_status()
                assert (await answer.json())["messages"][0]["id"]

        for numbers in laps():
            await window(numbers, send)


async def httpx() -> None:
    from httpx import AsyncClient, Limits

    limits = Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT)
    async with AsyncClient(headers=HEADERS, limits=limits, trust_env=False) as client:

        async def send(n: int) -> None:
            answer = await client.post(ENDPOINT, json=body(n))
            assert answer.raise_for_status().json()["messages"][0]["id"]

        for numbers in laps():
            await window(numbers, send)


async def pywa() -> None:
    from httpx import AsyncClient, Limits
    from pywa_async import WhatsApp

    limits = Limits(max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT)
    async with AsyncClient(limits=limits, trust_env=False) as client:
        wa = WhatsApp(phone_id=PHONE_NUMBER_ID, token=TOKEN, session=client)
        # It has no setting for this.
        client.base_url = f"{URL}/v25.0"

        async def send(n: int) -> None:
            assert (await wa.send_message(to(n), TEXT)).id

        for numbers in laps():
            await window(numbers, send)


CONTENDERS: dict[str, Callable[[], object]] = {
    "wacloud-sync": wacloud_sync,
    "wacloud-bulk": wacloud_bulk,
    "wacloud-async": wacloud_async,
    "wacloud-async-bulk": wacloud_async_bulk,
    "aiohttp": aiohttp,
    "httpx": httpx,
    "pywa": pywa,
}

if __name__ == "__main__":
    contender = CONTENDERS[sys.argv[1]]()
    if asyncio.iscoroutine(contender):
        asyncio.run(contender)
