"""A campaign that can be killed at any moment. For test_kill.py.

Reads a task from standard input: settings of the client, options of the bulk, and messages
(recipient, text, and a key or none). Tells each result as a line of JSON.
"""

import json
import sys
from collections.abc import Iterator

from wacloud import Message, WhatsAppClient


def main() -> None:
    task = json.loads(sys.stdin.readline())
    wa = WhatsAppClient(**task["settings"])

    def messages() -> Iterator[Message | tuple[str, Message]]:
        for to, text, key in task["messages"]:
            message = Message.text(to, text)
            yield message if key is None else (key, message)

    for result in wa.send_bulk(messages(), **task["options"]):
        told = [result.index, result.key, result.outcome, result.replayed]
        print(json.dumps(told), flush=True)
    print('"done"')


main()
