"""The tables in bench/README.md, each between two markers."""

import os
import time

from places import ROOT

README = ROOT / "bench" / "README.md"


def rule(head: str) -> str:
    """The line under the head of a table."""
    columns = head.count("|") - 1
    return "| " + " | ".join(["---"] * columns) + " |"


def keep(name: str, lines: list[str]) -> None:
    """Puts a table where `<!-- name -->` and `<!-- /name -->` stand."""
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, found, rest = README.read_text().partition(begin)
    _, also_found, after = rest.partition(end)
    if not (found and also_found):
        raise SystemExit(f"bench/README.md has no place for the table {name!r}")
    measured = f"Measured on {time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores:"
    README.write_text(before + begin + "\n".join([measured, "", *lines]) + "\n" + end + after)
