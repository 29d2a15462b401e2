"""How well each language keeps the pace: 2,000 texts in bulk, with default settings, to a local
Cloud API that counts the messages of any one second and refuses the 81st.

What is measured is the server's: when messages were accepted, how many were refused as too fast,
how many came twice. `--write` keeps the table in bench/README.md, `--quick` measures all languages
at once.
"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import places
from places import RELEASE, ROOT, LocalCloudApi
from table import keep, rule

HERE = ROOT / "bench" / "pace"

MESSAGES = 2000
# What Meta allows a number, a second.
ALLOWED = 80
LEAST_SHARE = 0.96
MOST_REFUSED = 2

PROGRAMS = {
    "Python": (places.PYTHON, str(HERE / "bulk.py")),
    "Node": places.node_program(HERE / "bulk.mjs"),
    "PHP": (*places.PHP, str(HERE / "bulk.php")),
    "Rust": (str(RELEASE / "wacloud-pace"),),
}
HEAD = "| language | messages/s | of what is allowed | refused | twice |"


def measure(command: tuple[str, ...]) -> tuple[float, int, int]:
    """Messages a second, refusals and messages that came twice, as the server saw them."""
    with LocalCloudApi(str(RELEASE / "wacloud")) as api:
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
    rows = [HEAD, rule(HEAD)]
    print(*rows, sep="\n", flush=True)
    kept = True
    # All at once they disturb each other a little, and take a quarter of the time.
    at_once = len(PROGRAMS) if "--quick" in sys.argv[1:] else 1
    with ThreadPoolExecutor(at_once) as threads:
        measured = zip(PROGRAMS, threads.map(measure, PROGRAMS.values()), strict=True)
        for language, (rate, refused, twice) in measured:
            share = rate / ALLOWED
            kept &= share >= LEAST_SHARE and refused <= MOST_REFUSED and twice == 0
            rows.append(f"| {language} | {rate:.1f} | {share:.1%} | {refused} | {twice} |")
            print(rows[-1], flush=True)
    if "--write" in sys.argv[1:]:
        keep("pace", rows)
    if not kept:
        print(f"Promised: {LEAST_SHARE:.0%}, at most {MOST_REFUSED} refused, nothing twice.")
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
