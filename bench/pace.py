"""How well the pace is kept: texts in bulk, with default settings, to a local Cloud API that counts
the messages of any one second and refuses what is too much.

What is measured is the server's: when messages were accepted, how many were refused as too fast,
how many came twice. Then what waiting for the pace costs in CPU time. `--write` keeps the tables
in bench/README.md, `--quick` measures all languages at once.
"""

import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import places
from places import RELEASE, ROOT, LocalCloudApi
from table import keep, rule

HERE = ROOT / "bench" / "pace"

LEAST_SHARE = 0.96
MOST_REFUSED = 2
MOST_US = 2.0

PROGRAMS = {
    "Python": (places.PYTHON, str(HERE / "bulk.py")),
    "Node": places.node_program(HERE / "bulk.mjs"),
    "PHP": (*places.PHP, str(HERE / "bulk.php")),
    "Rust": (str(RELEASE / "wacloud-pace"),),
}
HEAD = "| what | messages/s | of what is allowed | refused | twice |"


@dataclass
class Scenario:
    name: str
    # One program for each process.
    languages: list[str]
    messages: int = 2000
    # What Meta allows the number, a second.
    allowed: int = 80
    latency_ms: int = 0
    jitter_ms: int = 0


ALONE = [Scenario(language, [language]) for language in PROGRAMS]
TOGETHER = [
    Scenario(
        "6 processes, two of each language, 40 to 70 ms away",
        ["Python", "Node", "PHP"] * 2,
        messages=400,
        latency_ms=40,
        jitter_ms=30,
    ),
    *(
        Scenario(f"{language}, 1,000/s, 200 ms away", [language], 5000, 1000, 200)
        for language in PROGRAMS
    ),
]


def measure(scenario: Scenario) -> tuple[float, int, int]:
    """Messages a second, refusals and messages that came twice, as the server saw them."""
    with (
        LocalCloudApi(str(RELEASE / "wacloud")) as api,
        tempfile.TemporaryDirectory(prefix="wacloud-pace-") as directory,
    ):
        api.configure(
            rate=scenario.allowed, latency_ms=scenario.latency_ms, jitter_ms=scenario.jitter_ms
        )
        processes = []
        for number, language in enumerate(scenario.languages):
            environment = api.environment() | {
                "BENCH_MESSAGES": str(scenario.messages),
                "BENCH_RATE": str(scenario.allowed),
                "BENCH_AREA": str(200 + number),
                "BENCH_PACE_DIR": directory,
            }
            processes.append(subprocess.Popen(PROGRAMS[language], env=environment))
        for process in processes:
            if process.wait() != 0:
                raise SystemExit(f"a program ended with {process.returncode}")
        counters = api.get("state")["counters"]
        messages = api.get("messages")["messages"]
    count = scenario.messages * len(scenario.languages)
    if len(messages) != count:
        raise SystemExit(f"{len(messages)} of {count} messages were accepted")
    times = sorted(message["at"] for message in messages)
    rate = (len(times) - 1) * 1000 / (times[-1] - times[0])
    return rate, sum(counters["refused"].values()), counters["duplicate_trackers"]


def cost() -> tuple[list[str], bool]:
    """CPU time that a message costs the pace, by where it is kept."""
    command = ["cargo", "test", "--quiet", "--release", "-p", "wacloud", "--lib"]
    command += ["the_limiter_costs_little", "--", "--ignored", "--nocapture"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    rows = re.findall(r"^\| .+ \|$", shown, re.MULTILINE)
    head = "| pace | us of CPU a message |"
    # The last one is no limiter, but what to hold the others against.
    kept = all(float(row.split("|")[2]) < MOST_US for row in rows[:-1])
    return [head, rule(head), *rows], kept and len(rows) > 1


def main() -> int:
    rows = [HEAD, rule(HEAD)]
    print(*rows, sep="\n", flush=True)
    kept = True
    # All at once they disturb each other a little, and take a quarter of the time.
    at_once = len(ALONE) if "--quick" in sys.argv[1:] else 1
    for scenarios, threads in ((ALONE, at_once), (TOGETHER, 1)):
        with ThreadPoolExecutor(threads) as pool:
            measured = zip(scenarios, pool.map(measure, scenarios), strict=True)
            for scenario, (rate, refused, twice) in measured:
                share = rate / scenario.allowed
                kept &= share >= LEAST_SHARE and refused <= MOST_REFUSED and twice == 0
                name = scenario.name
                rows.append(f"| {name} | {rate:.1f} | {share:.1%} | {refused} | {twice} |")
                print(rows[-1], flush=True)
    costs, is_cheap = cost()
    print("", *costs, sep="\n", flush=True)
    if "--write" in sys.argv[1:]:
        keep("pace", rows)
        keep("limiter", costs)
    if not kept:
        print(f"Promised: {LEAST_SHARE:.0%}, at most {MOST_REFUSED} refused, nothing twice.")
    if not is_cheap:
        print(f"Promised: less than {MOST_US} us of CPU a message for the pace.")
    return 0 if kept and is_cheap else 1


if __name__ == "__main__":
    raise SystemExit(main())
