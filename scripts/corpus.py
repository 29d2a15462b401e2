"""What fuzzing begins with: the bodies and arguments of the test vectors, a file each.

python3 scripts/corpus.py DIRECTORY
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

VECTORS = Path(__file__).resolve().parent.parent / "tests" / "vectors"


def bodies() -> Iterator[str]:
    for vector in json.loads((VECTORS / "webhooks" / "parse.json").read_text())["vectors"]:
        if "body" in vector:
            yield json.dumps(vector["body"])
        elif "text" in vector:
            yield vector["text"]


def payloads() -> Iterator[str]:
    for file in sorted(VECTORS.glob("*.json")):
        for vector in json.loads(file.read_text())["vectors"]:
            for request in vector.get("requests", []):
                if isinstance(request.get("body"), dict):
                    yield json.dumps(request["body"], ensure_ascii=False)
            if "params" in vector:
                yield json.dumps(vector["params"], ensure_ascii=False)


def main() -> None:
    root = Path(sys.argv[1])
    (root / "verify").mkdir(parents=True, exist_ok=True)
    for name, texts in (("parse", bodies()), ("from_payload", payloads())):
        folder = root / name
        folder.mkdir(parents=True, exist_ok=True)
        count = 0
        for text in texts:
            path = folder / hashlib.sha256(text.encode()).hexdigest()[:16]
            path.write_text(text)
            count += 1
        if count == 0:
            raise SystemExit(f"no vectors for {name}")


if __name__ == "__main__":
    main()
