"""How well each language keeps the pace: 2,000 texts in bulk, with default settings, to a local
Cloud API that counts the messages of any one second and refuses the 81st.

What is measured is the server's: when messages were accepted, how many were refused as too fast,
how many came twice. `--write` keeps the table in bench/README.md.
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
HERE = ROOT / "bench" / "pace"
WORK = TARGET / "bench"
README = ROOT / "bench" / "README.md"

MESSAGES = 2000
# What Meta allows a number, a second.
ALLOWED = 80
LEAST_SHARE = 0.96
MOST_REFUSED = 2

PROGRAMS = {
    "Python": [str(ROOT / ".venv" / "bin" / "python"), str(HERE / "bulk.py")],
    "Node": ["node", str(WORK / "bulk.mjs")],
    "PHP": ["php", "-c", str(TARGET / "php.ini"), str(HERE / "bulk.php")],
    "Rust": [str(TARGET / "release" / "wacloud-pace")],
}
HEAD = "| language | messages/s | of what is allowed | refused | twice |"


def measure(command: list[str]) -> tuple[float, int, int]:
    """Messages a second, refusals and messages that came twice, as the server saw them."""
    with LocalCloudApi(str(TARGET / "release" / "wacloud")) as api:
        environment = api.environment() | {"BENCH_MESSAGES": str(MESSAGES)}
        subprocess.run(command, env=environment, check=True)
        counters = api.get("state")["counters"]
        messages = api.get("messages")["messages"]
    if len(messages) != MESSAGES:
        raise SystemExit(f"{len(messages)} of {MESSAGES} messages were accepted")
    times = sorted(message["at"] for message in messages)
    rate = (len(times) - 1) * 1000 / (times[-1] - times[0])
    return rate, sum(counters["refused"].values()), counters["duplicate_trackers"]


def main() -> int:
    WORK.mkdir(parents=True, exist_ok=True)
    make_node_package_findable(WORK)
    (WORK / "bulk.mjs").write_text((HERE / "bulk.mjs").read_text())
    rows = [HEAD, "| --- | --- | --- | --- | --- |"]
    print(HEAD, rows[1], sep="\n", flush=True)
    kept = True
    for language, command in PROGRAMS.items():
        rate, refused, twice = measure(command)
        share = rate / ALLOWED
        kept &= share >= LEAST_SHARE and refused <= MOST_REFUSED and twice == 0
        rows.append(f"| {language} | {rate:.1f} | {share:.1%} | {refused} | {twice} |")
        print(rows[-1], flush=True)
    if "--write" in sys.argv[1:]:
        before, _, rest = README.read_text().partition("<!-- pace -->\n")
        _, _, after = rest.partition("<!-- /pace -->")
        table = "\n".join([f"Measured on {time.strftime('%Y-%m-%d')}, 2 cores:", "", *rows])
        README.write_text(f"{before}<!-- pace -->\n{table}\n<!-- /pace -->{after}")
    if not kept:
        print(f"Promised: {LEAST_SHARE:.0%}, at most {MOST_REFUSED} refused, nothing twice.")
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
