"""The same as sender.py with asyncio."""

import asyncio
import json
import sys

from sender import Task, Text, messages, settings, tell
from wacloud import AsyncWhatsAppClient, WhatsAppError


async def send(wa: AsyncWhatsAppClient, text: Text) -> None:
    try:
        sent = await wa.send_text(text["to"], text["body"], tracker=text["tracker"])
    except WhatsAppError as error:
        tell(text, error.outcome, None, error)
    else:
        tell(text, "accepted", sent, None)


async def carry_out(task: Task) -> None:
    wa = AsyncWhatsAppClient(**settings(task))
    await asyncio.gather(*(send(wa, text) for text in task["single"]))
    async for result in wa.send_bulk(messages(task)):
        tell(task["bulk"][result.index], result.outcome, result.sent, result.error)


for line in sys.stdin:
    asyncio.run(carry_out(json.loads(line)))
    print('"done"', flush=True)
