"""What a change of the manifest is to those who use it, and which version it needs."""

import copy
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from manifest_diff import ADDS, BREAKS, LOOK, Change, Comparison, needed

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"

STRING, NUMBER, INTEGER = {"type": "string"}, {"type": "number"}, {"type": "integer"}
OPTIONAL = {"type": ["string", "null"]}


def struct(required: tuple[str, ...] = (), **members: Any) -> dict[str, Any]:
    schema = {"type": "object", "additionalProperties": False, "properties": members}
    return {**schema, "required": list(required)} if required else schema


def manifest(**parts: Any) -> dict[str, Any]:
    return {"version": "1.2.3", **parts}


def call(**members: Any) -> dict[str, Any]:
    """A manifest with one operation: its parameters, and with `_` in front what else it has."""
    own = {key[1:]: members.pop(key) for key in list(members) if key.startswith("_")}
    required = own.pop("required", ())
    defs = own.pop("defs", {})
    operation = {"name": "send", "effect": "once", "output": "Sent", "constructor": None, **own}
    return manifest(
        operations=[{**operation, "params": struct(required, **members)}], **{"$defs": defs}
    )


def result(required: tuple[str, ...] = (), **members: Any) -> dict[str, Any]:
    return manifest(results={"Sent": struct(required, **members)})


def error(name: str = "B", parent: str | None = "A", **fields: str) -> dict[str, Any]:
    told = [{"name": key, "type": kind} for key, kind in fields.items()]
    top = {"name": "A", "parent": None, "fields": []}
    middle = {"name": "M", "parent": "A", "fields": []}
    return manifest(errors=[top, middle, {"name": name, "parent": parent, "fields": told}])


def union(*schemas: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": list(schemas)}


def enum(*values: str) -> dict[str, Any]:
    return {"oneOf": [{"const": value} for value in values]}


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def changes(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    return Comparison(old, new).all()


TEXT = struct(("kind",), kind={"const": "text"}, body=STRING)
IMAGE = struct(("kind",), kind={"const": "image"}, link=STRING)

CASES = [
    # Operations
    ("an operation more", manifest(), call(), ADDS),
    ("an operation less", call(), manifest(), BREAKS),
    ("repeating does something else", call(_effect="once"), call(_effect="read"), BREAKS),
    ("another result", call(_output="Sent"), call(_output="Done"), BREAKS),
    ("a constructor", call(), call(_constructor="text"), ADDS),
    ("another constructor", call(_constructor="text"), call(_constructor="words"), BREAKS),
    ("another number in its text", call(_docs="24 hours"), call(_docs="48 hours"), LOOK),
    ("other words", call(_docs="24 hours"), call(_docs="hours: 24"), None),
    ("a group more", manifest(groups=[]), manifest(groups=[{"name": "media"}]), ADDS),
    ("a group less", manifest(groups=[{"name": "media"}]), manifest(groups=[]), BREAKS),
    # Arguments
    ("an argument more", call(), call(a=OPTIONAL), ADDS),
    ("one more that is required", call(), call(a=STRING, _required=("a",)), BREAKS),
    ("an argument less", call(a=OPTIONAL), call(), BREAKS),
    ("a new name", call(a=OPTIONAL), call(b=OPTIONAL), BREAKS),
    ("required at last", call(a=STRING), call(a=STRING, _required=("a",)), BREAKS),
    ("required no longer", call(a=STRING, _required=("a",)), call(a=STRING), ADDS),
    (
        "another order",
        call(a=STRING, b=STRING, _required=("a", "b")),
        call(b=STRING, a=STRING, _required=("a", "b")),
        BREAKS,
    ),
    ("may be null", call(a=STRING), call(a=OPTIONAL), ADDS),
    ("may not be null", call(a=OPTIONAL), call(a=STRING), BREAKS),
    ("another type", call(a=STRING), call(a=INTEGER), BREAKS),
    ("any number", call(a=INTEGER), call(a=NUMBER), ADDS),
    ("whole numbers", call(a=NUMBER), call(a=INTEGER), BREAKS),
    ("a union with more", call(a=STRING), call(a=union(STRING, TEXT)), ADDS),
    ("a union with less", call(a=union(STRING, TEXT)), call(a=STRING), BREAKS),
    (
        "a list of something else",
        call(a={"type": "array", "items": STRING}),
        call(a={"type": "array", "items": INTEGER}),
        BREAKS,
    ),
    (
        "a list of anything",
        call(a={"type": "array", "items": STRING}),
        call(a={"type": "array", "items": True}),
        ADDS,
    ),
    ("a value more", call(a=enum("x")), call(a=enum("x", "y")), ADDS),
    ("a value less", call(a=enum("x", "y")), call(a=enum("x")), BREAKS),
    ("another value", call(a=enum("x")), call(a=enum("y")), BREAKS),
    ("any text", call(a=enum("x")), call(a=STRING), ADDS),
    ("some texts", call(a=STRING), call(a=enum("x")), BREAKS),
    ("a default", call(a={**INTEGER, "default": 1}), call(a={**INTEGER, "default": 2}), BREAKS),
    (
        "a default in words",
        call(a={**INTEGER, "x-default": "one"}),
        call(a={**INTEGER, "x-default": "1"}),
        LOOK,
    ),
    (
        "another unit",
        call(a={**INTEGER, "x-unit": "messages"}),
        call(a={**INTEGER, "x-unit": "bytes"}),
        BREAKS,
    ),
    ("another format", call(a={**INTEGER, "format": "duration-ms"}), call(a=INTEGER), BREAKS),
    (
        "a larger integer",
        call(a={**INTEGER, "format": "uint32"}),
        call(a={**INTEGER, "format": "uint64"}),
        ADDS,
    ),
    (
        "a smaller integer",
        call(a={**INTEGER, "format": "uint32"}),
        call(a={**INTEGER, "format": "uint16"}),
        BREAKS,
    ),
    (
        "a higher minimum",
        call(a={**INTEGER, "minimum": 0}),
        call(a={**INTEGER, "minimum": 1}),
        BREAKS,
    ),
    ("a lower minimum", call(a={**INTEGER, "minimum": 1}), call(a={**INTEGER, "minimum": 0}), ADDS),
    ("a maximum", call(a=INTEGER), call(a={**INTEGER, "maximum": 9}), BREAKS),
    ("no maximum", call(a={**INTEGER, "maximum": 9}), call(a=INTEGER), ADDS),
    (
        "a lower maximum",
        call(a={**INTEGER, "maximum": 9}),
        call(a={**INTEGER, "maximum": 8}),
        BREAKS,
    ),
    (
        "a limit in words",
        call(a={**STRING, "description": "1 to 4,096"}),
        call(a={**STRING, "description": "1 to 1,024"}),
        LOOK,
    ),
    ("any members", call(a=TEXT), call(a={**TEXT, "additionalProperties": True}), ADDS),
    ("named members", call(a={**TEXT, "additionalProperties": True}), call(a=TEXT), BREAKS),
    # Types that are referred to
    (
        "a type's member less",
        call(a=ref("T"), _defs={"T": TEXT}),
        call(a=ref("T"), _defs={"T": struct(("kind",), kind={"const": "text"})}),
        BREAKS,
    ),
    (
        "a type's member more",
        call(a=ref("T"), _defs={"T": TEXT}),
        call(
            a=ref("T"),
            _defs={"T": struct(("kind",), kind={"const": "text"}, body=STRING, to=STRING)},
        ),
        ADDS,
    ),
    (
        "one of several less",
        call(a=ref("U"), _defs={"U": union(TEXT, IMAGE)}),
        call(a=ref("U"), _defs={"U": union(IMAGE)}),
        BREAKS,
    ),
    ("the same in another order", call(a=union(TEXT, IMAGE)), call(a=union(IMAGE, TEXT)), None),
    ("a type less", call(_defs={"T": TEXT}), call(), BREAKS),
    (
        "a reference instead of the same in place",
        call(a=TEXT, _defs={"T": TEXT}),
        call(a=ref("T"), _defs={"T": TEXT}),
        None,
    ),
    # Settings
    ("a setting more", manifest(settings=struct()), manifest(settings=struct(a=OPTIONAL)), ADDS),
    ("a setting less", manifest(settings=struct(a=OPTIONAL)), manifest(settings=struct()), BREAKS),
    # What comes out
    ("a result more", manifest(results={}), result(), ADDS),
    ("a result less", result(), manifest(results={}), BREAKS),
    ("a member more", result(), result(a=STRING), ADDS),
    ("a member less", result(a=STRING), result(), BREAKS),
    ("absent at times", result(("a",), a=STRING), result(a=STRING), BREAKS),
    ("always there", result(a=STRING), result(("a",), a=STRING), ADDS),
    ("null at times", result(a=STRING), result(a=OPTIONAL), BREAKS),
    ("never null", result(a=OPTIONAL), result(a=STRING), ADDS),
    ("a kind more", result(a=STRING), result(a=union(STRING, TEXT)), BREAKS),
    ("a word more", result(a=enum("x")), result(a=enum("x", "y")), ADDS),
    ("a limit is no promise", result(a={**INTEGER, "minimum": 0}), result(a=INTEGER), None),
    (
        "an event's member less",
        manifest(webhooks={"E": struct(a=STRING)}),
        manifest(webhooks={"E": struct()}),
        BREAKS,
    ),
    # Errors
    ("an error less", error("B"), error("C"), BREAKS),
    ("an error between", error(parent="A"), error(parent="M"), None),
    ("an ancestor less", error(parent="M"), error(parent="A"), BREAKS),
    ("a field more", error(), error(code="integer"), ADDS),
    ("a field less", error(code="integer"), error(), BREAKS),
    ("a field that may be absent", error(code="integer"), error(code="integer?"), BREAKS),
    ("a field that may not be absent", error(code="integer?"), error(code="integer"), ADDS),
]


@pytest.mark.parametrize(
    ("old", "new", "worst"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_change_is_what_it_is_to_programs(
    old: dict[str, Any], new: dict[str, Any], worst: str | None
) -> None:
    kinds = {change.kind for change in changes(old, new)}
    told = next((kind for kind in (BREAKS, ADDS, LOOK) if kind in kinds), None)
    assert told == worst, changes(old, new)


def test_everything_that_changed_is_told_with_its_place() -> None:
    old = call(a=enum("x", "y"), b=STRING)
    new = call(a=enum("x", "z"), c=STRING, _required=("c",))
    assert changes(old, new) == [
        Change(ADDS, "send.a", '"z" is new'),
        Change(BREAKS, "send.a", '"y" is gone'),
        Change(BREAKS, "send.b", "is gone"),
        Change(BREAKS, "send.c", "is new and required"),
    ]


def test_types_that_refer_to_themselves_come_to_an_end() -> None:
    tree = struct(children={"type": "array", "items": ref("Tree")}, name=STRING)
    wider = struct(children={"type": "array", "items": ref("Tree")}, name=OPTIONAL)
    old, new = call(a=ref("Tree"), _defs={"Tree": tree}), call(a=ref("Tree"), _defs={"Tree": wider})
    assert {change.kind for change in changes(old, new)} == {ADDS}


@pytest.mark.parametrize(
    ("version", "kinds", "wanted"),
    [
        ("1.2.3", {BREAKS, ADDS}, "2.0.0"),
        ("1.2.3", {ADDS, LOOK}, "1.3.0"),
        ("1.2.3", {LOOK}, "1.2.4"),
        ("1.2.3", set(), "1.2.4"),
        # As cargo reads them: the second number is what the first one is later.
        ("0.2.3", {BREAKS}, "0.3.0"),
        ("0.2.3", {ADDS}, "0.2.4"),
    ],
)
def test_the_version_that_changes_need(version: str, kinds: set[str], wanted: str) -> None:
    assert needed(version, [Change(kind, "", "") for kind in kinds]) == wanted


@pytest.mark.parametrize(
    ("version", "status", "said"),
    [
        ("1.2.3", 0, "The next version is 2.0.0 or later."),
        ("1.3.0", 1, "1.3.0 is too low."),
        ("2.0.0", 0, "1 breaks, 0 adds, 0 look at this"),
    ],
)
def test_a_version_that_is_too_low_fails(
    tmp_path: Path, version: str, status: int, said: str
) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(call(a=OPTIONAL)))
    new.write_text(json.dumps({**call(), "version": version}))
    done = subprocess.run(
        [sys.executable, SCRIPTS / "manifest_diff.py", old, new],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert said in done.stdout


@pytest.fixture(scope="module")
def real() -> dict[str, Any]:
    path = Path(os.environ.get("WACLOUD_MANIFEST") or SCRIPTS.parent / "target" / "manifest.json")
    if not path.exists():
        pytest.skip("skipped: no manifest was written (make test writes it)")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_the_real_manifest_has_not_changed_since_itself(real: dict[str, Any]) -> None:
    assert changes(real, copy.deepcopy(real)) == []


def members(schema: Any) -> list[tuple[str, dict[str, Any]]]:
    """Every member of an object anywhere in a schema: its name and what it is."""
    if isinstance(schema, list):
        return [found for it in schema for found in members(it)]
    if not isinstance(schema, dict):
        return []
    inner = [found for it in schema.values() for found in members(it)]
    return [*schema.get("properties", {}).items(), *inner]


PARTS = ("settings", "call_options", "send_options", "bulk_options")
PARTS += ("operations", "results", "webhooks", "$defs")


@pytest.mark.parametrize("part", PARTS)
def test_no_member_of_the_real_manifest_is_out_of_reach(real: dict[str, Any], part: str) -> None:
    """Each gets a number in its text that it did not have, and is told of for it."""
    new = copy.deepcopy(real)
    every = members(new[part])
    for number, (_, schema) in enumerate(every, 100_000):
        schema["description"] = f"{schema.get('description', '')} {number}"
    told = Counter(change.place.rpartition(".")[2] for change in changes(real, new))
    assert every
    assert {
        key: count for key, count in Counter(key for key, _ in every).items() if told[key] < count
    } == {}


def test_a_default_of_a_type_that_was_seen_before_is_not_passed_over() -> None:
    old = call(a=ref("T"), b={**ref("T"), "default": 1}, _defs={"T": STRING})
    new = call(a=ref("T"), b={**ref("T"), "default": 2}, _defs={"T": STRING})
    assert changes(old, new) == [Change(BREAKS, "send.b", "the default was 1 and is 2")]
