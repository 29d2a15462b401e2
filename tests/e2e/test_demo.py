"""All languages against one sandbox: the demo, which checks itself by the sandbox's own ledger."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_demo_holds_what_it_shows() -> None:
    demo = [sys.executable, str(ROOT / "scripts" / "demo.py")]
    shown = subprocess.run(demo, capture_output=True, text=True, timeout=180)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    for language in ("Python", "Node", "PHP", "Rust"):
        assert f"\n  {language} " in shown.stdout
    assert "38 rows accepted, 2 not:" in shown.stdout
