"""How much memory it takes to upload 100 MB, in each language, from a path and from a stream.

What is measured is by how much the process grew between having a client and having the id: its peak
(VmHWM). `--write` keeps the table in bench/README.md.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from sandbox import LocalCloudApi, make_node_package_findable  # noqa: E402

TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
HERE = ROOT / "bench" / "media"
WORK = TARGET / "bench"
README = ROOT / "bench" / "README.md"

LENGTH = 100 * 1024 * 1024
MOST_MB = 30.0

PYTHON = str(ROOT / ".venv" / "bin" / "python")
PROGRAMS = {
    "Python": ([PYTHON, str(HERE / "upload.py")], ("path", "stream")),
    "Node": (["node", str(WORK / "upload.mjs")], ("path", "stream")),
    "PHP": (["php", "-c", str(TARGET / "php.ini"), str(HERE / "upload.php")], ("path", "stream")),
    "Rust": ([str(TARGET / "release" / "wacloud-upload-memory")], ("path",)),
}
HEAD = "| language | from a path | from a stream | s |"


def measure(command: list[str], file: str, form: str) -> tuple[float, float]:
    """Growth in MB, and how long it took."""
    with LocalCloudApi(str(TARGET / "release" / "wacloud")) as api:
        environment = api.environment() | {"BENCH_FILE": file, "BENCH_FORM": form}
        began = time.monotonic()
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        took = time.monotonic() - began
        (kept,) = api.get("media")["media"]
    if kept["file_size"] != LENGTH:
        raise SystemExit(f"{kept['file_size']} bytes came")
    return int(done.stdout) / 1024, took


def main() -> int:
    WORK.mkdir(parents=True, exist_ok=True)
    make_node_package_findable(WORK)
    (WORK / "upload.mjs").write_text((HERE / "upload.mjs").read_text())
    rows = [HEAD, "| --- | --- | --- | --- |"]
    print(HEAD, rows[1], sep="\n", flush=True)
    kept = True
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(LENGTH)
        file.flush()
        for language, (command, forms) in PROGRAMS.items():
            measured = [measure(command, file.name, form) for form in forms]
            grown = [mb for mb, _ in measured]
            kept &= max(grown) <= MOST_MB
            cells = [f"{mb:.1f} MB" for mb in grown] + ["-"] * (2 - len(grown))
            rows.append(f"| {language} | {' | '.join(cells)} | {measured[0][1]:.1f} |")
            print(rows[-1], flush=True)
    if "--write" in sys.argv[1:]:
        before, _, rest = README.read_text().partition("<!-- media -->\n")
        _, _, after = rest.partition("<!-- /media -->")
        table = "\n".join([f"Measured on {time.strftime('%Y-%m-%d')}, 2 cores:", "", *rows])
        README.write_text(f"{before}<!-- media -->\n{table}\n<!-- /media -->{after}")
    if not kept:
        print(f"Promised: at most {MOST_MB:.0f} MB.")
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
