"""What a value of a manifest's schema can be, and what has become what in a newer one.

A schema of the manifest is a reference, a union, a list of types or one type: all of them become
a list of atoms, each with one `type` or with the values of an `enum`.
"""

import json
from collections.abc import Iterable
from typing import Any

Schema = dict[str, Any]

# Where references lead to.
PARTS = ("$defs", "results", "webhooks")


def atoms(schema: Schema, manifest: Schema) -> list[Schema]:
    """What a value can be: one schema for each kind, without references and unions."""
    if "$ref" in schema:
        target = schema["$ref"].rpartition("/")[2]
        found = next(
            (manifest[part][target] for part in PARTS if target in manifest.get(part, {})), {}
        )
        return [{"x-name": target, **atom} for atom in atoms(found, manifest)]
    for union in ("anyOf", "oneOf"):
        if union in schema:
            every = [atom for it in schema[union] for atom in atoms(it, manifest)]
            values = [value for atom in every for value in atom.get("enum", [])]
            rest = [atom for atom in every if "enum" not in atom]
            return [*rest, {"enum": values}] if values else rest
    if "const" in schema:
        return [{"enum": [schema["const"]]}]
    if "enum" in schema:
        return [{"enum": schema["enum"]}]
    types = schema.get("type", [])
    if isinstance(types, list):
        return [{**schema, "type": it} for it in types] or [schema]
    return [schema]


def tags(atom: Schema) -> dict[str, Any]:
    """The members of an object that say which of several it is."""
    members = atom.get("properties", {}).items()
    return {key: it["const"] for key, it in members if isinstance(it, dict) and "const" in it}


def likeness(old: Schema, new: Schema) -> int:
    """How probable it is that the one has become the other; 0: they are two things."""
    if old.get("type") != new.get("type") or ("enum" in old) != ("enum" in new):
        # A string that was one of a few; a number that was an integer; anything.
        kinds = {"integer", "number"}
        kin = {old.get("type"), new.get("type")} == kinds or ("enum" in old) != ("enum" in new)
        return 1 if kin or not {"type", "enum"} & (old.keys() & new.keys()) else 0
    if old.get("type") != "object":
        return 100
    if tags(old) != tags(new):
        return 0
    shared = len(old.get("properties", {}).keys() & new.get("properties", {}).keys())
    alike = old.get("x-name") is not None and old.get("x-name") == new.get("x-name")
    empty = not old.get("properties") or not new.get("properties")
    return 100 * bool(tags(old)) + 50 * alike + 10 * shared + 2 * empty


def pairs(olds: list[Schema], news: list[Schema]) -> Iterable[tuple[Schema | None, Schema | None]]:
    """What has become what; None beside what is gone or new."""
    scores = sorted(
        ((likeness(old, new), -i, -j) for i, old in enumerate(olds) for j, new in enumerate(news)),
        reverse=True,
    )
    left, right = dict(enumerate(olds)), dict(enumerate(news))
    for score, i, j in scores:
        if score and -i in left and -j in right:
            yield left.pop(-i), right.pop(-j)
    yield from ((old, None) for old in left.values())
    yield from ((None, new) for new in right.values())


def name(atom: Schema) -> str:
    if "enum" in atom:
        return ", ".join(json.dumps(value) for value in atom["enum"])
    if atom.get("type") == "object" and "x-name" in atom:
        return str(atom["x-name"])
    members = ", ".join(atom.get("properties", {}))
    return f"{atom.get('type', 'anything')}" + f" ({members})" * bool(members)
