"""What a message costs the program that sends it: wacloud and other clients, each language's in a
process of its own, against one server on this machine.

What is measured is the client process's own CPU time, after a warm-up, and the messages a second
beside it. The clients take turns, several rounds of them; what is compared are the two costs of one
round, and what is told is the median. `--write` keeps the table in bench/README.md, `--quick`
measures too little to judge, and `--only PATTERN` only the clients whose language and name match.
"""

import json
import os
import re
import subprocess
import sys
import urllib.request
from statistics import median
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import NamedTuple

import places
from places import RELEASE, ROOT
from table import keep, rule

HERE = ROOT / "bench" / "clients"
PYTHON = (places.PYTHON, str(HERE / "python.py"))
PEERS_OF_PYTHON = (places.PEERS_OF_PYTHON, str(HERE / "python.py"))
NODE = places.node_program(HERE / "node.mjs")
PHP = (*places.PHP, str(HERE / "php.php"))

ROUNDS = 5


class Client(NamedTuple):
    language: str
    name: str
    command: tuple[str, ...]
    messages: int
    """A second of work, more or less. The warm-up has a quarter as many."""
    has_journal: bool = False
    window: int | None = None
    """Where it is not as many as the others have in flight."""


BULK = "**wacloud, bulk**"
# As many as there are unless a window is given: what a sync of the disk costs is shared by all that
# wait for it.
WIDE = "wacloud, bulk, 256 under way"
JOURNALED = "**wacloud, the same with a journal**"

CLIENTS = [
    Client("Rust", "hyper", (str(RELEASE / "bench-hyper"),), 20_000),
    Client("Rust", "reqwest", (str(RELEASE / "bench-reqwest"),), 20_000),
    Client("Rust", BULK, (str(RELEASE / "bench-wacloud"),), 20_000),
    Client("Rust", WIDE, (str(RELEASE / "bench-wacloud"),), 20_000, window=256),
    Client("Rust", JOURNALED, (str(RELEASE / "bench-wacloud"),), 20_000, True, window=256),
    Client("Python", "aiohttp", (*PEERS_OF_PYTHON, "aiohttp"), 4000),
    Client("Python", "httpx", (*PEERS_OF_PYTHON, "httpx"), 400),
    Client("Python", "pywa", (*PEERS_OF_PYTHON, "pywa"), 400),
    Client("Python", "wacloud, one after the other", (*PYTHON, "wacloud-sync"), 5000),
    Client("Python", "wacloud, asyncio", (*PYTHON, "wacloud-async"), 5000),
    Client("Python", BULK, (*PYTHON, "wacloud-bulk"), 20_000),
    Client("Python", WIDE, (*PYTHON, "wacloud-bulk"), 20_000, window=256),
    Client("Python", JOURNALED, (*PYTHON, "wacloud-bulk"), 20_000, True, window=256),
    Client("Python", "wacloud, asyncio, bulk", (*PYTHON, "wacloud-async-bulk"), 20_000),
    Client("Node", "undici", (*NODE, "undici"), 20_000),
    Client("Node", "fetch", (*NODE, "fetch"), 8000),
    Client("Node", "whatsapp-api-js", (*NODE, "whatsapp-api-js"), 8000),
    Client("Node", "wacloud, one after the other", (*NODE, "wacloud-one"), 5000),
    Client("Node", "wacloud, 32 promises", (*NODE, "wacloud-many"), 10_000),
    Client("Node", BULK, (*NODE, "wacloud-bulk"), 20_000),
    Client("Node", WIDE, (*NODE, "wacloud-bulk"), 20_000, window=256),
    Client("Node", JOURNALED, (*NODE, "wacloud-bulk"), 20_000, True, window=256),
    Client("PHP", "curl, one after the other", (*PHP, "curl"), 5000),
    Client("PHP", "curl_multi", (*PHP, "curl_multi"), 10_000),
    Client("PHP", "wacloud, one after the other", (*PHP, "wacloud-loop"), 5000),
    Client("PHP", BULK, (*PHP, "wacloud-bulk"), 20_000),
    Client("PHP", WIDE, (*PHP, "wacloud-bulk"), 20_000, window=256),
    Client("PHP", JOURNALED, (*PHP, "wacloud-bulk"), 20_000, True, window=256),
]
# With what each language's bulk is compared, and how many times its cost it may have at most.
PROMISED = {
    "Rust": ("reqwest", 1.3),
    "Python": ("aiohttp", 1 / 4),
    "Node": ("undici", 1 / 3),
    "PHP": ("curl_multi", 1.5),
}
# How many times the cost of a bulk without a journal one with a journal may have.
WITH_JOURNAL = 1.3
# How many times the cost of Rust's own bulk another language's may have.
BESIDE_RUST = 1.5
HEAD = "| language | client | µs CPU / message | compared | messages/s |"


class Cost(NamedTuple):
    cpu_us: float
    """Of the client's process, for one message."""
    rate: float
    """Messages a second."""


class Server:
    """Answers messages, and counts them."""

    def __enter__(self) -> "Server":
        self._process = subprocess.Popen(
            [str(RELEASE / "bench-server")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        self.url: str = json.loads(self._process.stdout.readline())["url"]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)

    def count(self) -> int:
        # The environment's proxy is for other machines.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.url}/count", timeout=30) as answer:
            return int(answer.read())


def measure(server: Server, client: Client, share: float) -> Cost:
    messages = int(client.messages * share)
    warm_up = messages // 4
    task = {"BENCH_URL": server.url, "BENCH_WARM_UP": warm_up, "BENCH_MESSAGES": messages}
    environment = os.environ | {name: str(value) for name, value in task.items()}
    before = server.count()
    with TemporaryDirectory(dir=places.WORK) as folder:
        if client.window:
            environment["BENCH_WINDOW"] = str(client.window)
        if client.has_journal:
            environment["BENCH_JOURNAL"] = f"{folder}/campaign.db"
        run = subprocess.run(client.command, env=environment, stdout=subprocess.PIPE, check=True)
    if server.count() - before != warm_up + messages:
        raise SystemExit(f"{client.name} ({client.language}) did not send each message once")
    told = json.loads(run.stdout)
    return Cost(told["cpu_us"] / messages, messages / told["seconds"])


def ratio(costs: list[Cost], peer: list[Cost]) -> float:
    """How many times the cost of the peer; each round is compared with itself."""
    return median(own.cpu_us / other.cpu_us for own, other in zip(costs, peer, strict=True))


def table(costs: dict[Client, list[Cost]]) -> tuple[list[str], list[str]]:
    """The lines of the table, and what was promised and not kept."""
    lines, broken = [HEAD, rule(HEAD)], []
    for client, own in costs.items():
        name, most = PROMISED[client.language] if client.name != JOURNALED else (WIDE, WITH_JOURNAL)
        peer = next((costs[c] for c in costs if c[:2] == (client.language, name)), None)
        compared = "" if peer is None else f"{ratio(own, peer):.2f} x {name.strip('*')}"
        if client.name in (BULK, JOURNALED) and peer is not None:
            is_kept = ratio(own, peer) <= most
            compared = f"**{compared}** (at most {most:.2f}{'' if is_kept else ': missed'})"
            if not is_kept:
                broken.append(f"{client.language}: {compared}")
        cpu_us, rate = (median(cost[column] for cost in own) for column in (0, 1))
        row = (client.language, client.name, f"{cpu_us:.1f}", compared, f"{rate:,.0f}")
        lines.append(f"| {' | '.join(row)} |")
    return lines, broken


def main() -> int:
    arguments = sys.argv[1:]
    is_quick = "--quick" in arguments
    only = arguments[arguments.index("--only") + 1] if "--only" in arguments else ""
    chosen = [client for client in CLIENTS if re.search(only, f"{client.language} {client.name}")]
    rounds, share = (1, 0.2) if is_quick else (ROUNDS, 1.0)

    costs: dict[Client, list[Cost]] = {client: [] for client in chosen}
    with Server() as server:
        for _ in range(rounds):
            for client in chosen:
                costs[client].append(measure(server, client, share))
    lines, broken = table(costs)
    print(*lines, sep="\n", flush=True)
    if "--write" in arguments:
        keep("clients", lines)
    if is_quick:
        print("Nothing is judged by that: compilers are still warming up.")
        return 0
    for promise in broken:
        print(f"Not kept: {promise}")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
