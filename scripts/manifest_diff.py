"""What a new manifest changes for those who use the old one, and which version that needs.

usage: manifest_diff.py OLD NEW

The classes of Python, Node and PHP are generated from the manifest, so this looks at their whole
surface. What goes in (arguments, settings) may become wider, what comes out (results, events,
errors) may have more in it; the other way round breaks programs. Names, types, limits, defaults and
units count. Limits that only the text of the documentation tells are told as "look at this".

The exit status is 1 where NEW has a version that is too low for its changes.
"""

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from schema_kinds import Schema, atoms, name, pairs

BREAKS, ADDS, LOOK = "breaks", "adds", "look at this"
# Keywords that make smaller what is allowed the larger they are, and the other way round.
LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems")
UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
# From narrow to wide. Any other format is a unit or a meaning: another one is another thing.
WIDTHS = ("uint8", "uint16", "uint32", "uint64")


class Change(NamedTuple):
    kind: str
    place: str
    what: str


def numbers(text: str | None) -> list[str]:
    """The numbers of a text: if they change, a limit may have."""
    return sorted(re.findall(r"\d[\d,.]*\d|\d", text or ""))


class Comparison:
    """Collects the changes between two manifests."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self.changes: list[Change] = []
        self.old, self.new = old, new
        # Types refer to themselves: pairs that are being compared already.
        self.seen: set[tuple[str, str, bool]] = set()

    def say(self, kind: str, place: str, what: str) -> None:
        self.changes.append(Change(kind, place, what))

    def wider(self, into: bool, place: str, what: str) -> None:
        """Taking more is an addition; giving more is something that programs do not expect."""
        self.say(ADDS if into else BREAKS, place, what)

    def narrower(self, into: bool, place: str, what: str) -> None:
        self.say(BREAKS if into else ADDS, place, what)

    def text(self, place: str, old: Schema, new: Schema, key: str = "description") -> None:
        if numbers(old.get(key)) != numbers(new.get(key)):
            self.say(
                LOOK, place, "the numbers in the documentation are others: has a limit changed?"
            )

    # Schemas

    def schema(self, place: str, old: Schema, new: Schema, into: bool) -> None:
        self.text(place, old, new)
        if into and old.get("default") != new.get("default"):
            old_default, new_default = (json.dumps(it.get("default")) for it in (old, new))
            self.say(BREAKS, place, f"the default was {old_default} and is {new_default}")
        if old.get("x-default") != new.get("x-default"):
            self.say(LOOK, place, "the default is described in other words")
        for key in ("x-unit", "x-callback"):
            if old.get(key) != new.get(key):
                self.say(BREAKS, place, f"{key} was {old.get(key)} and is {new.get(key)}")
        pair = (old.get("$ref", ""), new.get("$ref", ""), into)
        if all(pair[:2]):
            if pair in self.seen:
                return
            self.seen.add(pair)
        for before, after in pairs(atoms(old, self.old), atoms(new, self.new)):
            if after is None:
                self.narrower(into, place, f"{name(before)} is no longer among what it can be")
            elif before is None:
                self.wider(into, place, f"{name(after)} is new among what it can be")
            else:
                self.atom(place, before, after, into)

    def atom(self, place: str, old: Schema, new: Schema, into: bool) -> None:
        self.text(place, old, new)
        if old.get("enum") != new.get("enum"):
            self.enum(place, old, new, into)
        elif (old.get("type"), new.get("type")) == ("integer", "number"):
            self.wider(into, place, "was an integer and is any number")
        elif (old.get("type"), new.get("type")) == ("number", "integer"):
            self.narrower(into, place, "was any number and is an integer")
        elif old.get("type") != new.get("type"):
            what = f"was {name(old)} and is {name(new)}"
            (self.wider if "type" not in new else self.narrower)(into, place, what)
        elif old.get("type") == "array":
            before, after = (it.get("items", {}) for it in (old, new))
            # `true` stands for anything.
            self.schema(
                f"{place}[]", *(it if isinstance(it, dict) else {} for it in (before, after)), into
            )
        elif old.get("type") == "object":
            self.object(place, old, new, into)
        self.bounds(place, old, new, into)

    def enum(self, place: str, old: Schema, new: Schema, into: bool) -> None:
        if "enum" not in new:
            self.wider(into, place, f"was one of {name(old)} and is any {new.get('type', 'value')}")
        elif "enum" not in old:
            self.narrower(into, place, f"was any {old.get('type', 'value')} and is {name(new)}")
        else:
            for value in [value for value in old["enum"] if value not in new["enum"]]:
                self.narrower(into, place, f"{json.dumps(value)} is gone")
            for value in [value for value in new["enum"] if value not in old["enum"]]:
                # What Meta says may be new at any time; programs are told to expect it.
                self.say(ADDS, place, f"{json.dumps(value)} is new")

    def bounds(self, place: str, old: Schema, new: Schema, into: bool) -> None:
        before, after = old.get("format"), new.get("format")
        if before != after:
            if before in WIDTHS and after in WIDTHS:
                change = self.wider if WIDTHS.index(after) > WIDTHS.index(before) else self.narrower
                change(into, place, f"was {before} and is {after}")
            else:
                self.say(BREAKS, place, f"the format was {before} and is {after}")
        if not into:
            return
        for key in LOWER_BOUNDS + UPPER_BOUNDS:
            low, high = old.get(key), new.get(key)
            if low == high:
                continue
            grows = high is not None and (low is None or (key in LOWER_BOUNDS) == (high > low))
            change = self.narrower if grows else self.wider
            change(into, place, f"{key} was {low} and is {high}")

    def object(self, place: str, old: Schema, new: Schema, into: bool) -> None:
        olds, news = old.get("properties", {}), new.get("properties", {})
        were, are = set(old.get("required", [])), set(new.get("required", []))
        for key in olds:
            if key not in news:
                self.say(BREAKS, f"{place}.{key}", "is gone")
                continue
            if key in were - are:
                self.wider(into, f"{place}.{key}", "was always there and may be absent")
            if key in are - were:
                self.narrower(into, f"{place}.{key}", "could be left out and is required")
            self.schema(f"{place}.{key}", olds[key], news[key], into)
        for key in news:
            if key not in olds:
                kind = BREAKS if into and key in are else ADDS
                self.say(kind, f"{place}.{key}", "is new" + " and required" * (kind == BREAKS))
        if bool(old.get("additionalProperties", True)) != bool(
            new.get("additionalProperties", True)
        ):
            change = self.wider if new.get("additionalProperties", True) else self.narrower
            change(into, place, "takes other members than those named: this has changed")

    # The parts of a manifest

    def named(self, what: str, old: Schema, new: Schema, into: bool) -> None:
        for key in sorted(old.keys() | new.keys()):
            if key not in new:
                self.say(BREAKS, f"{what} {key}", "is gone")
            elif key not in old:
                self.say(ADDS, f"{what} {key}", "is new")
            else:
                self.schema(key, old[key], new[key], into)

    def operation(self, place: str, old: Schema, new: Schema) -> None:
        for key, what in (("effect", "what repeating it does"), ("output", "the result")):
            if old.get(key) != new.get(key):
                self.say(BREAKS, place, f"{what} was {old.get(key)} and is {new.get(key)}")
        if old.get("constructor") != new.get("constructor"):
            kind = ADDS if old.get("constructor") is None else BREAKS
            was, now = old.get("constructor"), new.get("constructor")
            self.say(kind, place, f"Message.{was} is now Message.{now}")
        self.text(place, old, new, "docs")
        before, after = old.get("params", {}), new.get("params", {})
        self.schema(place, before, after, into=True)
        # Arguments that must be given may be given by their position.
        was, now = positional(before), positional(after)
        if was != now and sorted(was) == sorted(now):
            self.say(
                BREAKS, place, f"required arguments were {', '.join(was)}; are {', '.join(now)}"
            )

    def operations(self) -> None:
        olds, news = (
            {it["name"]: it for it in m.get("operations", [])} for m in (self.old, self.new)
        )
        for key in sorted(olds.keys() | news.keys()):
            if key not in news:
                self.say(BREAKS, f"operation {key}", "is gone")
            elif key not in olds:
                self.say(ADDS, f"operation {key}", "is new")
            else:
                self.operation(key, olds[key], news[key])

    def errors(self) -> None:
        olds, news = ({it["name"]: it for it in m.get("errors", [])} for m in (self.old, self.new))
        for key in sorted(olds.keys() | news.keys()):
            if key not in news:
                self.say(BREAKS, f"error {key}", "is gone")
                continue
            if key not in olds:
                self.say(ADDS, f"error {key}", "is new")
                continue
            # `except` of an ancestor must go on to catch it.
            for lost in [it for it in ancestors(olds, key) if it not in ancestors(news, key)]:
                self.say(BREAKS, key, f"is no longer a {lost}")
            before, after = (
                {it["name"]: it["type"] for it in m[key]["fields"]} for m in (olds, news)
            )
            for field in sorted(before.keys() | after.keys()):
                was, now = before.get(field), after.get(field)
                if was is None or (now is not None and was == f"{now}?"):
                    self.say(
                        ADDS, f"{key}.{field}", f"is {now}" + " and may not be absent" * bool(was)
                    )
                elif was != now:
                    self.say(BREAKS, f"{key}.{field}", f"was {was} and is {now or 'gone'}")

    def all(self) -> list[Change]:
        old, new = self.old, self.new
        for part in ("settings", "call_options", "send_options", "bulk_options"):
            self.schema(part, old.get(part, {}), new.get(part, {}), into=True)
        self.operations()
        groups = [{it["name"]: {} for it in m.get("groups", [])} for m in (old, new)]
        self.named("group", *groups, into=True)
        self.named("result", old.get("results", {}), new.get("results", {}), into=False)
        self.named("event", old.get("webhooks", {}), new.get("webhooks", {}), into=False)
        self.errors()
        for gone in sorted(old.get("$defs", {}).keys() - new.get("$defs", {}).keys()):
            self.say(BREAKS, f"type {gone}", "is gone")
        return sorted(set(self.changes))


def positional(params: Schema) -> list[str]:
    return [key for key in params.get("properties", {}) if key in params.get("required", [])]


def ancestors(errors: dict[str, Schema], name: str) -> list[str]:
    found = []
    while (parent := errors.get(name, {}).get("parent")) is not None:
        found.append(parent)
        name = parent
    return found


def needed(version: str, changes: Iterable[Change]) -> str:
    """The lowest version that may have the changes: as cargo reads versions, also before 1.0."""
    major, minor, patch = map(int, version.split("."))
    kinds = {change.kind for change in changes}
    if BREAKS in kinds:
        return f"{major + 1}.0.0" if major else f"0.{minor + 1}.0"
    if ADDS in kinds and major:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


def main(old_path: str, new_path: str) -> int:
    old, new = (json.loads(Path(path).read_text(encoding="utf-8")) for path in (old_path, new_path))
    changes = Comparison(old, new).all()
    for kind in (BREAKS, ADDS, LOOK):
        for change in changes:
            if change.kind == kind:
                print(f"  {kind}: {change.place}: {change.what}")
    lowest = needed(old["version"], changes)
    counts = ", ".join(
        f"{sum(change.kind == kind for change in changes)} {kind}" for kind in (BREAKS, ADDS, LOOK)
    )
    print(f"Since {old['version']}: {counts}. The next version is {lowest} or later.")
    if new["version"] == old["version"]:
        return 0
    if tuple(map(int, new["version"].split("."))) < tuple(map(int, lowest.split("."))):
        print(f"{new['version']} is too low.")
        return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__.split("\n\n")[1])
    sys.exit(main(sys.argv[1], sys.argv[2]))
