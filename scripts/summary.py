"""Prints the table that ends `make test`, from what each suite wrote about itself.

usage: summary.py DIRECTORY SUITE...

A suite that wrote nothing, ran nothing or had a failure makes the exit status 1: a table without
a line would otherwise look like success.
"""

import json
import sys
from pathlib import Path

COLUMNS = ("vectors", "passed", "failed", "skipped")


def main(directory: Path, expected: list[str]) -> int:
    found = {path.stem: json.loads(path.read_text()) for path in sorted(directory.glob("*.json"))}
    names = expected + [name for name in found if name not in expected]
    complaints = []
    print(f"  {'suite':<12}" + "".join(f"{column:>10}" for column in COLUMNS))
    for name in names:
        row = found.get(name)
        if row is None:
            complaints.append(f"{name}: left no summary")
            continue
        print(f"  {name:<12}" + "".join(f"{row[column]:>10}" for column in COLUMNS))
        if row["failed"]:
            complaints.append(f"{name}: {row['failed']} failed")
        if not row["passed"]:
            complaints.append(f"{name}: nothing passed")
    totals = [sum(row[column] for row in found.values()) for column in COLUMNS]
    print(f"  {'all':<12}" + "".join(f"{total:>10}" for total in totals))
    for complaint in complaints:
        print(f"  {complaint}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
