"""How much memory a long bulk takes: 100,000 texts from a generator, in each language, with default
settings but for the pace.

What is measured is by how much the process grew between having a client and having told the last
result: its peak (VmHWM), connections and all. `--write` keeps the table in bench/README.md.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from sandbox import LocalCloudApi, make_node_package_findable  # noqa: E402

TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
HERE = ROOT / "bench" / "memory"
WORK = TARGET / "bench"
README = ROOT / "bench" / "README.md"

MESSAGES = 100_000
# A small bulk: what the machinery takes however few messages there are.
FEW = 2_000
MOST_MB = 20.0

PYTHON = str(ROOT / ".venv" / "bin" / "python")
PROGRAMS = {
    "Python": [PYTHON, str(HERE / "bulk.py")],
    "Python, asyncio": [PYTHON, str(HERE / "bulk_async.py")],
    "Node": ["node", str(WORK / "memory.mjs")],
    "PHP": ["php", "-c", str(TARGET / "php.ini"), str(HERE / "bulk.php")],
    "Rust": [str(TARGET / "release" / "wacloud-memory")],
}
HEAD = f"| language | {MESSAGES:,} messages | {FEW:,} messages | s |"


def measure(command: list[str], messages: int) -> tuple[float, float]:
    """Growth in MB, and how long it took."""
    with LocalCloudApi(str(TARGET / "release" / "wacloud")) as api:
        # The pace is not what is measured here.
        api.configure(rate=0, pair_rate=False)
        environment = api.environment() | {"BENCH_MESSAGES": str(messages)}
        began = time.monotonic()
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        took = time.monotonic() - began
        accepted = api.get("state")["counters"]["accepted"]
    if accepted != messages:
        raise SystemExit(f"{accepted} of {messages} messages were accepted")
    return int(done.stdout) / 1024, took


def main() -> int:
    WORK.mkdir(parents=True, exist_ok=True)
    make_node_package_findable(WORK)
    (WORK / "memory.mjs").write_text((HERE / "bulk.mjs").read_text())
    rows = [HEAD, "| --- | --- | --- | --- |"]
    print(HEAD, rows[1], sep="\n", flush=True)
    kept = True
    for language, command in PROGRAMS.items():
        few, _ = measure(command, FEW)
        grown, took = measure(command, MESSAGES)
        kept &= grown <= MOST_MB
        rows.append(f"| {language} | {grown:.1f} MB | {few:.1f} MB | {took:.0f} |")
        print(rows[-1], flush=True)
    if "--write" in sys.argv[1:]:
        before, _, rest = README.read_text().partition("<!-- memory -->\n")
        _, _, after = rest.partition("<!-- /memory -->")
        table = "\n".join([f"Measured on {time.strftime('%Y-%m-%d')}, 2 cores:", "", *rows])
        README.write_text(f"{before}<!-- memory -->\n{table}\n<!-- /memory -->{after}")
    if not kept:
        print(f"Promised: at most {MOST_MB:.0f} MB.")
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
