"""What receiving a webhook costs: checking its signature and making an event of it, with wacloud
and with the libraries that most programs use.

The deliveries are what Meta sends most: one message or status each. Batches are left out, because
the others read their first item only. The programs take turns, each in a process of its own, and
what is compared is what two of them cost in one round. `--write` keeps the table in
bench/README.md, `--quick` measures too little to judge.
"""

import hashlib
import hmac
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import NamedTuple

import places
from places import ROOT, WORK
from table import keep, rule

HERE = ROOT / "bench" / "webhooks"
NODE = places.node_program(HERE / "node.mjs")
ROUNDS = 7
SECRET = b"app secret"
WACLOUD = "**wacloud**"
# How much of the other library's cost ours may be.
MOST = 1 / 4
HEAD = "| language | library | µs CPU / webhook | compared |"


class Receiver(NamedTuple):
    language: str
    name: str
    command: tuple[str, ...]
    rounds: int
    """A second of work, more or less. The warm-up has a quarter as many."""


RECEIVERS = [
    Receiver("Python", "pywa", (places.PEERS_OF_PYTHON, str(HERE / "python.py"), "pywa"), 1000),
    Receiver("Python", WACLOUD, (places.PYTHON, str(HERE / "python.py"), "wacloud"), 8000),
    Receiver("Node", "whatsapp-api-js", (*NODE, "whatsapp-api-js"), 4000),
    Receiver("Node", WACLOUD, (*NODE, "wacloud"), 12_000),
]


def delivery(**value: object) -> str:
    """As Meta writes it: no spaces, characters beyond ASCII and slashes escaped."""
    number = {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"}
    value = {"messaging_product": "whatsapp", "metadata": number, **value}
    entry = {"id": "419561257915477", "changes": [{"value": value, "field": "messages"}]}
    body = {"object": "whatsapp_business_account", "entry": [entry]}
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/")


PERSON = {
    "profile": {"name": "Ana Žáková"},
    "wa_id": "16505551234",
    "user_id": "US.13491208655302741918",
}


def message(**content: object) -> str:
    wamid = "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA="
    item = {"from": "16505551234", "id": wamid, "timestamp": "1749416383", **content}
    return delivery(contacts=[PERSON], messages=[item])


def status(name: str, **more: object) -> str:
    wamid = "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI3MTE5MjY1NzMzOEQ0QTRDNjgA"
    item = {"id": wamid, "status": name, "timestamp": "1749416390", "recipient_id": "16505551234"}
    return delivery(contacts=[PERSON], statuses=[{**item, **more}])


PRICING = {"billable": True, "pricing_model": "PMP", "category": "utility", "type": "regular"}
CONTEXT = {
    "from": "15550783881",
    "id": "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI3MEM2RUJFNkI0RENGQTVDRjUA",
}
PICTURE = {
    "caption": "The parcel is damaged 😟",
    "mime_type": "image/jpeg",
    "sha256": "SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI=",
    "id": "1003383421387256",
}
BUTTON = {"type": "button_reply", "button_reply": {"id": "cancel-button", "title": "Cancel"}}
BODIES = [
    message(type="text", text={"body": "Does it come in another colour? 🙂"}),
    message(type="image", image=PICTURE),
    message(type="interactive", context=CONTEXT, interactive=BUTTON),
    status("sent", pricing=PRICING),
    status("delivered", pricing=PRICING),
    status("read"),
]


def payloads() -> Path:
    """The deliveries with their signatures, in a file."""
    signed = []
    for body in BODIES:
        digits = hmac.new(SECRET, body.encode(), hashlib.sha256).hexdigest()
        signed.append((body, f"sha256={digits}"))
    path = WORK / "webhooks.json"
    path.write_text(json.dumps(signed), encoding="utf-8")
    return path


def measure(receiver: Receiver, path: Path, share: float) -> float:
    """Microseconds of CPU for one delivery."""
    rounds = int(receiver.rounds * share)
    environment = {"BENCH_PAYLOADS": str(path), "BENCH_WARM_UP": str(rounds // 4)}
    environment["BENCH_ROUNDS"] = str(rounds)
    run = subprocess.run(
        receiver.command, env=os.environ | environment, stdout=subprocess.PIPE, check=True
    )
    told = json.loads(run.stdout)
    count = rounds * len(BODIES)
    if told["told"] != count:
        told_of = f"{told['told']} of {count} events"
        raise SystemExit(f"{receiver.name} ({receiver.language}) told {told_of}")
    return float(told["cpu_us"]) / count


def main() -> int:
    is_quick = "--quick" in sys.argv[1:]
    rounds, share = (1, 0.2) if is_quick else (ROUNDS, 1.0)
    path = payloads()
    costs: dict[Receiver, list[float]] = {receiver: [] for receiver in RECEIVERS}
    for _ in range(rounds):
        for receiver, own in costs.items():
            own.append(measure(receiver, path, share))

    lines, broken = [HEAD, rule(HEAD)], []
    peer: tuple[str, list[float]] = ("", [])
    for receiver, own in costs.items():
        compared = f"1.00 x {receiver.name}"
        if receiver.name == WACLOUD:
            name, theirs = peer
            share_of_peer = median(ours / other for ours, other in zip(own, theirs, strict=True))
            is_kept = share_of_peer <= MOST
            mark = "" if is_kept else ": missed"
            compared = f"**{share_of_peer:.2f} x {name}** (at most {MOST:.2f}{mark})"
            if not is_kept:
                broken.append(f"{receiver.language}: {compared}")
        else:
            peer = (receiver.name, own)
        lines.append(f"| {receiver.language} | {receiver.name} | {median(own):.1f} | {compared} |")
    print(*lines, sep="\n", flush=True)
    if "--write" in sys.argv[1:]:
        keep("webhooks", lines)
    if is_quick:
        print("Nothing is judged by that: compilers are still warming up.")
        return 0
    for promise in broken:
        print(f"Not kept: {promise}")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
