"""What it costs to load a client library and to make a client, before anything is sent.

Each program runs in a process of its own, many times, in turn with the others. What is told is the
median of the process's CPU time, less that of the language's own start, and the memory that it has
beyond the language's own when it stands ready. `--write` keeps the table in bench/README.md,
`--quick` measures less.
"""

import os
import subprocess
import sys
from statistics import median
from typing import NamedTuple

import places
from places import ROOT, WORK
from table import keep, rule

PYTHON = (places.PYTHON, "-c")
PEERS_OF_PYTHON = (places.PEERS_OF_PYTHON, "-c")
NODE = ("node", "--eval")
PHP = (*places.PHP, "-r")

ROUNDS, QUICK_ROUNDS = 25, 5
# How much of Python's own start `import wacloud` may cost on top.
MOST_OF_PYTHON = 0.5
IMPORT = "import wacloud"


class Program(NamedTuple):
    language: str
    name: str
    run: tuple[str, ...]
    code: str


AUTOLOAD = f"require '{ROOT}/php/autoload.php';"
PROGRAMS = [
    Program("Python", "", PYTHON, "pass"),
    Program("Python", IMPORT, PYTHON, IMPORT),
    Program(
        "Python",
        "wacloud, a client",
        PYTHON,
        "import wacloud; w = wacloud.WhatsAppClient('106540352242922', 'token')",
    ),
    Program(
        "Python",
        "wacloud, a client for asyncio",
        PYTHON,
        "import wacloud; w = wacloud.AsyncWhatsAppClient('106540352242922', 'token')",
    ),
    Program("Python", "aiohttp", PEERS_OF_PYTHON, "import aiohttp"),
    Program("Python", "httpx, a client", PEERS_OF_PYTHON, "import httpx; c = httpx.Client()"),
    Program(
        "Python",
        "pywa, a client",
        PEERS_OF_PYTHON,
        "import pywa; w = pywa.WhatsApp('106540352242922', 'token')",
    ),
    Program("Node", "", NODE, "0"),
    Program(
        "Node",
        "wacloud, a client",
        NODE,
        "const { WhatsAppClient } = require('wacloud');"
        "w = new WhatsAppClient({ phoneNumberId: '106540352242922', accessToken: 'token' })",
    ),
    Program(
        "Node",
        "undici, a pool",
        NODE,
        "const { Pool } = require('undici'); p = new Pool('http://127.0.0.1:1')",
    ),
    Program(
        "Node",
        "whatsapp-api-js, a client",
        NODE,
        "import('whatsapp-api-js').then(({ WhatsAppAPI }) => {"
        "w = new WhatsAppAPI({ token: 'token', secure: false, v: 'v25.0' }) })",
    ),
    Program("PHP", "", ("php", "-r"), ""),
    Program("PHP", "wacloud, loaded", PHP, ""),
    Program(
        "PHP",
        "wacloud, a client",
        PHP,
        AUTOLOAD + "$w = new WaCloud\\WhatsAppClient('106540352242922', 'token');",
    ),
]
# Appended to the program: its memory, as Linux tells it.
TELL_MEMORY = {
    "Python": "\nprint(open('/proc/self/status').read())",
    "Node": "\n;process.on('exit', () =>"
    " console.log(require('fs').readFileSync('/proc/self/status', 'utf8')))",
    "PHP": "\necho file_get_contents('/proc/self/status');",
}
HEAD = "| language | loaded | ms CPU | of the language's own start | MB |"


def cpu_ms(program: Program) -> float:
    """The CPU time of one run, in milliseconds."""
    process = subprocess.Popen([*program.run, program.code], cwd=WORK)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{program.language}, {program.name}: exit status {process.returncode}")
    return (usage.ru_utime + usage.ru_stime) * 1000


def memory_mb(program: Program) -> float:
    code = program.code + TELL_MEMORY[program.language]
    told = subprocess.run(
        [*program.run, code], cwd=WORK, stdout=subprocess.PIPE, text=True, check=True
    )
    line = next(line for line in told.stdout.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def main() -> int:
    places.make_node_package_findable(WORK)
    rounds = QUICK_ROUNDS if "--quick" in sys.argv[1:] else ROUNDS
    times: dict[Program, list[float]] = {program: [] for program in PROGRAMS}
    for _ in range(rounds):
        for program, own in times.items():
            own.append(cpu_ms(program))

    lines, kept = [HEAD, rule(HEAD)], True
    bare_ms = bare_mb = 0.0
    for program, own in times.items():
        ms, mb = median(own), median(memory_mb(program) for _ in range(3))
        if not program.name:
            bare_ms, bare_mb = ms, mb
            lines.append(f"| {program.language} | nothing | {ms:.1f} | | {mb:.1f} |")
            continue
        share = (ms - bare_ms) / bare_ms
        promise = ""
        if program.name == IMPORT:
            kept = share <= MOST_OF_PYTHON
            promise = f" (at most {MOST_OF_PYTHON:.2f})"
        lines.append(
            f"| {program.language} | {program.name} | + {ms - bare_ms:.1f}"
            f" | {share:.2f}{promise} | + {mb - bare_mb:.1f} |"
        )
    print(*lines, sep="\n", flush=True)
    if "--write" in sys.argv[1:]:
        keep("start", lines)
    if not kept:
        print(f"Not kept: {IMPORT} costs at most {MOST_OF_PYTHON} of Python's own start")
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
