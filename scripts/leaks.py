"""Searches what the test suites have written for the secrets that they used.

usage: leaks.py LOGS

LOGS is the folder with the output of every suite and, as `debug-<language>.log`, what the suites
could have logged: events with full logging on, results, errors with their traces, dumps of clients.
A secret that stands there, as it is or in a form in which something could have written it, fails.
"""

import base64
import json
import os
import re
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote, quote_plus

# Places that are named, of all.
SHOWN = 20

LANGUAGES = ("python", "node", "php")

# A password of a proxy is used by tests of each language; the token is what `test.sh` has chosen.
PASSWORD = "proxy0password"


def forms(secret: str) -> set[bytes]:
    """The secret as it is, and as programs write it into URLs, headers and JSON."""
    plain = secret.encode()
    texts = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}
    texts |= {quote(secret, safe="").lower(), json.dumps(secret)[1:-1]}
    texts |= {secret.replace("/", "\\/"), json.dumps(secret).replace("/", "\\/")[1:-1]}
    texts |= {"".join(f"\\u{ord(letter):04x}" for letter in secret), plain.hex()}
    found = {text.encode() for text in texts}
    # Inside of a longer text, what is encoded begins at one of three places.
    for skipped in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            encoded = encode(b"\0" * skipped + plain).rstrip(b"=")
            # The first and the last letters hold parts of what stands beside it.
            found.add(encoded[4 if skipped else 0 : -1])
    return found


def places(folder: Path, secrets: dict[str, str]) -> list[str]:
    """Where a secret stands. What is told of the place does not show it."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        for name, secret in secrets.items():
            for form in forms(secret):
                for match in re.finditer(re.escape(form), content):
                    line = content.count(b"\n", 0, match.start()) + 1
                    found.append(f"{path.name}:{line}: the {name}")
    return found


def check_itself(secrets: dict[str, str]) -> None:
    """That nothing is found must not be because nothing can be."""
    for name, secret in secrets.items():
        basic = base64.b64encode(f"user:{secret}".encode()).decode()
        for text in (
            secret,
            f"https://graph.example/?access_token={quote(secret, safe='')}&x=1",
            f"Authorization: Basic {basic}",
            json.dumps({"token": secret}).replace("/", "\\/"),
            base64.b64encode(f"{{Bearer {secret}}}".encode()).decode(),
            base64.urlsafe_b64encode(f"Bearer {secret}".encode()).decode(),
        ):
            with tempfile.TemporaryDirectory() as folder:
                Path(folder, "debug.log").write_text(f"before\n{text}\nafter\n", encoding="utf-8")
                if not places(Path(folder), secrets):
                    raise SystemExit(f"the search does not find the {name} in a text that holds it")


def main() -> None:
    logs = Path(sys.argv[1])
    secrets = {"token": os.environ["WACLOUD_SANDBOX_TOKEN"], "proxy's password": PASSWORD}
    check_itself(secrets)
    for language in LANGUAGES:
        path = logs / f"debug-{language}.log"
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        for part in ("message accepted", "DeliveryUnknownError", "proxy"):
            if part not in text:
                raise SystemExit(
                    f"{path} does not hold {part!r}: what should be searched is not there"
                )
    found = places(logs, secrets)
    if found:
        shown = [*found[:SHOWN], *(["…"] if len(found) > SHOWN else [])]
        raise SystemExit(f"{len(found)} secrets in what the tests wrote:\n  " + "\n  ".join(shown))
    print(f"no secret in {sum(path.is_file() for path in logs.rglob('*'))} files")


if __name__ == "__main__":
    main()
