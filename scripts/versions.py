"""The version, which stands in many files: whether all say the same, or writes another one.

usage: versions.py               prints the version, or every place that says another one
       versions.py --tag v1.2.3  holds it against a tag and the changelog as well
       versions.py --set 1.2.3   writes it everywhere but into the changelog
       versions.py --notes       prints what the changelog says of it

The version of the workspace in Cargo.toml is the one that counts. Wheels, extension and command
take it from there; what is generated is held against it by `make check`.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PLAIN = re.compile(r"\d+\.\d+\.\d+")
# The packages that are released together: an exact version of one in another is this version.
OURS = re.compile(r"wacloud(-cli)?|@wacloud/.+|@wacloud-cli/.+")
WORKSPACE = re.compile(r'(?<=^\[workspace\.package\]\nversion = ")[^"]+', re.M)
# wacloud = { path = "core", version = "0.1.0" }
CRATE = re.compile(
    r'^(?P<name>wacloud[\w-]*) = \{ path = "[^"]+", version = "(?P<found>[^"]+)"', re.M
)
# What comes from elsewhere has a source.
LOCKED = re.compile(
    r'^name = "(?P<name>wacloud[\w-]*)"\nversion = "(?P<found>[^"]+)"\n(?!source)', re.M
)
# "wacloud-cli==0.1.0" in pyproject.toml.
PINNED = re.compile(r'"(?P<name>wacloud[\w-]*)==(?P<found>[^"]+)"')
HEADING = re.compile(r"^## \[(?P<version>[^\]]+)\](?: - (?P<date>\d{4}-\d{2}-\d{2}))?$", re.M)


def manifests(root: Path, name: str) -> list[Path]:
    """The manifests of that name of what is published: not those of examples and benchmarks."""
    folders = ("python", "node", "cli", "php")
    found = (path for folder in folders for path in (root / folder).rglob(name))
    return sorted(path for path in found if "node_modules" not in path.parts)


def workspace_version(root: Path) -> str:
    found = WORKSPACE.search((root / "Cargo.toml").read_text(encoding="utf-8"))
    if not found:
        raise SystemExit("Cargo.toml: [workspace.package] does not begin with a version")
    return found[0]


def npm_places(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str, str]]:
    """Where a package.json or its lock file has the version: object, key, and what to call it."""
    if "version" in document:
        yield document, "version", "version"
    for kind in ("dependencies", "optionalDependencies", "peerDependencies", "devDependencies"):
        for name in document.get(kind, {}):
            if OURS.fullmatch(name):
                yield document[kind], name, f"{kind} {name}"
    for path, package in document.get("packages", {}).items():
        name = path.rpartition("node_modules/")[2]
        if not path or OURS.fullmatch(name):
            for place, key, what in npm_places(package):
                yield place, key, f"packages {path!r} {what}"


def places(root: Path) -> Iterator[tuple[str, str]]:
    """What the files say: a description of the place, and the version that stands there."""
    cargo = (root / "Cargo.toml").read_text(encoding="utf-8")
    for found in CRATE.finditer(cargo):
        yield f"Cargo.toml: {found['name']}", found["found"]
    lock = (root / "Cargo.lock").read_text(encoding="utf-8")
    for found in LOCKED.finditer(lock):
        yield f"Cargo.lock: {found['name']}", found["found"]
    for path in manifests(root, "pyproject.toml"):
        for found in PINNED.finditer(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(root)}: {found['name']}", found["found"]
    for path in manifests(root, "package.json") + manifests(root, "package-lock.json"):
        document = json.loads(path.read_text(encoding="utf-8"))
        for place, key, what in npm_places(document):
            yield f"{path.relative_to(root)}: {what}", place[key]


def section(root: Path, version: str) -> tuple[str | None, str] | None:
    """What the changelog has of a version: its date and its text."""
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = list(HEADING.finditer(changelog))
    ends = [*(heading.start() for heading in headings), len(changelog)][1:]
    for heading, end in zip(headings, ends, strict=True):
        if heading["version"] == version:
            text = re.sub(r"^\[[^\]]+\]: \S+\n?", "", changelog[heading.end() : end], flags=re.M)
            return heading["date"], text.strip()
    return None


def complaints(root: Path, tag: str | None) -> list[str]:
    version = workspace_version(root)
    found = [
        f"{place} says {said}, Cargo.toml {version}"
        for place, said in places(root)
        if said != version
    ]
    if not PLAIN.fullmatch(version):
        # Cargo, npm and PyPI write pre-releases each in its own way.
        found.append(f"{version} is not three numbers")
    if tag is None:
        return found
    if tag != f"v{version}":
        found.append(f"the tag is {tag}, the version {version}")
    said = section(root, version)
    if said is None:
        found.append(f"CHANGELOG.md has no heading «## [{version}] - <date>»")
    elif said[0] is None:
        found.append(f"CHANGELOG.md has no date for {version}")
    elif not said[1]:
        found.append(f"CHANGELOG.md says nothing of {version}")
    return found


def write(root: Path, version: str) -> None:
    if not PLAIN.fullmatch(version):
        raise SystemExit(f"{version} is not three numbers, such as 1.2.3")
    path = root / "Cargo.toml"
    cargo = WORKSPACE.sub(version, path.read_text(encoding="utf-8"))
    cargo = CRATE.sub(lambda found: found[0].replace(f'"{found["found"]}"', f'"{version}"'), cargo)
    path.write_text(cargo, encoding="utf-8", newline="\n")
    for path in manifests(root, "pyproject.toml"):
        text = path.read_text(encoding="utf-8")
        text = PINNED.sub(lambda found: f'"{found["name"]}=={version}"', text)
        path.write_text(text, encoding="utf-8", newline="\n")
    for path in manifests(root, "package.json") + manifests(root, "package-lock.json"):
        document = json.loads(path.read_text(encoding="utf-8"))
        for place, key, _ in list(npm_places(document)):
            place[key] = version
        # As npm writes it.
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        path.write_text(text, encoding="utf-8", newline="\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--tag", metavar="v1.2.3")
    what.add_argument("--set", metavar="1.2.3", dest="wanted")
    what.add_argument("--notes", action="store_true")
    arguments = parser.parse_args()
    if arguments.wanted:
        write(ROOT, arguments.wanted)
        # Cargo.lock names the crates of the workspace with their versions.
        return subprocess.run(
            ["cargo", "update", "--quiet", "--workspace", "--offline"], cwd=ROOT, check=False
        ).returncode
    version = workspace_version(ROOT)
    if arguments.notes:
        said = section(ROOT, version)
        if said is None:
            raise SystemExit(f"CHANGELOG.md has no section for {version}")
        print(said[1])
        return 0
    found = complaints(ROOT, arguments.tag)
    print("\n".join(found) if found else version)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
