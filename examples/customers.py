"""Sends a template to every row of a CSV file, and tells which rows did not go out and why.

usage: customers.py FILE [FAILED]

FILE has the columns name, phone, place and when. The rows that were not accepted go to FAILED, with
the line they came from. WA_PHONE_ID and WA_TOKEN say who sends.
"""

import csv
import sys
from collections.abc import Iterator

from wacloud import BulkResult, Message, ValidationError, WhatsAppClient


class Rows:
    """The rows of a file as messages. Only those under way are kept in memory."""

    def __init__(self, rows: "csv.DictReader[str]") -> None:
        self._rows = rows
        self._under_way: dict[int, tuple[int, str]] = {}

    def messages(self) -> Iterator[Message]:
        for index, row in enumerate(self._rows):
            self._under_way[index] = (self._rows.line_num, row["name"])
            yield Message.template(
                row["phone"],
                "appointment",
                "en_US",
                header=row["place"],
                body=[row["name"], row["when"]],
            )

    def of(self, result: BulkResult) -> tuple[int, str]:
        """The line and the name that a result belongs to."""
        return self._under_way.pop(result.index)


def reasons(result: BulkResult) -> list[str]:
    if isinstance(result.error, ValidationError):
        return [f"{mistake.path} {mistake.message}" for mistake in result.error.violations]
    return [str(result.error)]


def main(path: str, failed_path: str | None = None) -> None:
    wa = WhatsAppClient.from_env()
    accepted = 0
    failed = []
    with open(path, encoding="utf-8", newline="") as file:
        rows = Rows(csv.DictReader(file))
        for result in wa.send_bulk(rows.messages()):
            line, name = rows.of(result)
            if result.outcome == "accepted":
                accepted += 1
            else:
                failed.append((line, name, result.outcome, reasons(result)))
    failed.sort()

    print(f"{accepted} rows accepted, {len(failed)} not:")
    for line, name, outcome, why in failed:
        print(f"  line {line}, {name}: {outcome}")
        for reason in why:
            print(f"    {reason}")
    if failed_path is not None:
        with open(failed_path, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["line", "name", "outcome", "reason"])
            writer.writerows(
                [line, name, outcome, "; ".join(why)] for line, name, outcome, why in failed
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
