"""Where the benchmarks find what they measure, and where they work."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from sandbox import LocalCloudApi as LocalCloudApi  # noqa: E402
from sandbox import make_node_package_findable  # noqa: E402

TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
RELEASE = TARGET / "release"
# What scripts/bench.sh installs, and copies of the Node programs, which look for packages there.
WORK = TARGET / "bench"

PYTHON = str(ROOT / ".venv" / "bin" / "python")
PEERS_OF_PYTHON = str(WORK / "python" / "bin" / "python")
PHP = ("php", "-c", str(TARGET / "php.ini"))


def node_program(source: Path) -> tuple[str, ...]:
    """The command that runs a Node program, which finds our package and those to compare with."""
    WORK.mkdir(parents=True, exist_ok=True)
    make_node_package_findable(WORK)
    copy = WORK / source.name
    copy.write_text(source.read_text())
    return "node", str(copy)
