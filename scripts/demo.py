"""The demo: a local Cloud API, messages to it from each language, and a bulk from a CSV file.

What it shows comes from the Cloud API, not from the programs that sent. The exit status is 1 if
anything is not as the documentation promises. `make demo` runs it.
"""

import csv
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sandbox import LocalCloudApi, make_node_package_findable

ROOT = Path(__file__).resolve().parents[1]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
BINARY = os.environ.get("WACLOUD_BIN", str(TARGET / "release" / "wacloud"))
WORK = TARGET / "demo"

LANGUAGES = ("Python", "Node", "PHP", "Rust")
# What the language programs put into the tracker, and the type that the Cloud API must have seen.
KINDS = {
    "text": "text",
    "reaction": "reaction",
    "image": "image",
    "document": "document",
    "location": "location",
    "buttons": "interactive",
    "list": "interactive",
    "template, positional": "template",
    "template, named": "template",
    "template, header": "template",
    "template, buttons": "template",
}
READ = "mark as read"

CUSTOMERS = ROOT / "examples" / "customers.csv"
# The lines of the file that cannot go out, and where in the request body the mistake is.
BAD_LINES = {27: "to", 36: "template.components[0].parameters[0].text"}

# Graph's codes for too many messages from a number, and to a recipient.
THROTTLES = ("130429", "131056")

# A program here takes a second; a machine that is busy may take its time.
LONGEST_S = 60


def programs() -> dict[str, list[str]]:
    """The command of each language."""
    here = ROOT / "examples" / "demo"
    return {
        "Python": [sys.executable, str(here / "demo.py")],
        "Node": ["node", str(shutil.copy(here / "demo.mjs", WORK))],
        "PHP": ["php", "-c", str(TARGET / "php.ini"), str(here / "demo.php")],
        "Rust": [str(TARGET / "release" / "wacloud-demo")],
    }


def run(command: list[str], api: LocalCloudApi) -> float:
    """Seconds that the program took; ends the demo if it failed."""
    began = time.monotonic()
    done = subprocess.run(command, env=api.environment(), timeout=LONGEST_S, check=False)
    if done.returncode:
        raise SystemExit(f"\n{' '.join(command)} ended with status {done.returncode}")
    return time.monotonic() - began


def acknowledged(api: LocalCloudApi) -> dict[tuple[str, str], dict[str, Any]]:
    """What the Cloud API took from each language, by language and kind."""
    found = {}
    for message in api.get("messages")["messages"]:
        language, _, kind = message["tracker"].partition("/")
        found[language, kind] = message
    for request in api.get("requests")["requests"]:
        # What asks for something has none.
        body = request["body"] or {}
        if request["status"] == 200 and body.get("status") == "read":
            language = body["message_id"].rpartition("/")[2]
            found[language, READ] = {"id": body["message_id"], "type": READ, "payload": None}
    return found


def body_of(message: dict[str, Any]) -> dict[str, Any]:
    """What was sent, less the tracker, which names the language."""
    return {
        name: value
        for name, value in message["payload"].items()
        if name != "biz_opaque_callback_data"
    }


def show_table(found: dict[tuple[str, str], dict[str, Any]]) -> Iterable[str]:
    """Prints every message as it was acknowledged; yields what is missing or wrong."""
    kinds = {**KINDS, READ: READ}
    for language in LANGUAGES:
        print()
        for position, (kind, type_) in enumerate(kinds.items()):
            message = found.get((language.lower(), kind))
            shown = message["id"] if message else "not acknowledged"
            print(f"  {language if position == 0 else '':<8}{kind:<22}{shown}")
            if message is None or message["type"] != type_:
                yield f"{language}: {kind} was not acknowledged"
    for kind in KINDS:
        bodies = [body_of(message) for (_, of), message in found.items() if of == kind]
        if any(body != bodies[0] for body in bodies):
            yield f"the languages sent different bodies for {kind}"
    ids = [message["id"] for message in found.values()]
    if len(set(ids)) != len(ids) or len(ids) != len(kinds) * len(LANGUAGES):
        yield f"{len(ids)} messages with {len(set(ids))} ids were acknowledged"


def check_bulk(api: LocalCloudApi, failed: Path) -> Iterable[str]:
    """What is not as it should be after the bulk."""
    with CUSTOMERS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with failed.open(encoding="utf-8", newline="") as file:
        told = {int(row["line"]): row for row in csv.DictReader(file)}
    if told.keys() != BAD_LINES.keys():
        yield f"lines {sorted(told)} were told to be bad, lines {sorted(BAD_LINES)} are"
    for line, path in BAD_LINES.items():
        row = told.get(line)
        if row is not None and (
            row["outcome"] != "not_sent" or not row["reason"].startswith(f"{path} ")
        ):
            yield f"line {line}: {row['outcome']}, {row['reason']}"
    sent = [
        message["payload"]["template"]["components"] for message in api.get("messages")["messages"]
    ]
    names = sorted(components[1]["parameters"][0]["text"] for components in sent)
    # The header is line 1.
    wanted = sorted(row["name"] for line, row in enumerate(rows, start=2) if line not in BAD_LINES)
    if names != wanted:
        yield f"{len(names)} messages were accepted, {len(wanted)} rows are good"


def main() -> int:
    problems: list[str] = []
    make_node_package_findable(WORK)
    with LocalCloudApi(BINARY) as api:
        print(f"A local Cloud API listens on {api.url}; nothing leaves this machine.\n")
        for language, command in programs().items():
            print(f"  {language:<8}{run(command, api):5.1f} s", flush=True)

        print("\nWhat it acknowledged from each language:")
        found = list(show_table(acknowledged(api)))
        if not found:
            print("\n  Of each kind the four bodies are the same, but for the tracker.")
        problems += found
        counters = api.get("state")["counters"]
        if counters["refused"] or counters["duplicate_trackers"]:
            problems.append(f"the Cloud API counted {counters}")

        api.reset()
        print(f"\n{CUSTOMERS.relative_to(ROOT)} as a bulk of templates, from Python:\n", flush=True)
        failed = WORK / "failed.csv"
        failed.unlink(missing_ok=True)
        customers = str(ROOT / "examples" / "customers.py")
        seconds = run([sys.executable, customers, str(CUSTOMERS), str(failed)], api)
        problems += check_bulk(api, failed)
        counters = api.get("state")["counters"]
        # Beside the messages it was asked for the definition of their template.
        sends = [
            request for request in api.get("requests")["requests"] if request["method"] == "POST"
        ]
        throttled = sum(counters["refused"].get(code, 0) for code in THROTTLES)
        print(
            f"\n  The Cloud API accepted {counters['accepted']} of {len(sends)} messages "
            f"in {seconds:.1f} s, and refused {throttled} as too fast (429)."
        )
        if counters["refused"] or counters["accepted"] != len(sends):
            problems.append(f"the Cloud API counted {counters}")
    print("\nThe local Cloud API has ended; nothing is left running.")
    for problem in problems:
        print(f"NOT AS PROMISED: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
