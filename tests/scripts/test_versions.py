"""The version in all its places: what differs is found, and another one is written everywhere."""

import json
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import versions

CARGO = """\
[workspace]
members = ["core"]

[workspace.package]
version = "1.2.3"
edition = "2024"

[workspace.dependencies]
wacloud = { path = "core", version = "1.2.3" }
bytes = "1.2.3"
"""

LOCK = """\
[[package]]
name = "wacloud"
version = "1.2.3"

[[package]]
name = "wacloud-of-somebody-else"
version = "1.2.3"
source = "registry"

[[package]]
name = "bytes"
version = "1.2.3"
"""

CHANGELOG = """\
# Changelog

## [Unreleased]

## [1.2.3] - 2026-12-01

### Added

- A thing.

## [1.2.2] - 2026-11-01

- Older.

[Unreleased]: https://example.com
[1.2.3]: https://example.com
"""

PACKAGE = {
    "name": "wacloud",
    "version": "1.2.3",
    "dependencies": {"other": "1.2.3"},
    "optionalDependencies": {"@wacloud/linux-x64-gnu": "1.2.3"},
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in (("Cargo.toml", CARGO), ("Cargo.lock", LOCK), ("CHANGELOG.md", CHANGELOG)):
        (tmp_path / name).write_text(text)
    for folder in ("python", "node/node_modules/other", "cli/npm", "php"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "node/package.json").write_text(json.dumps(PACKAGE, indent=2) + "\n")
    # What others have is theirs.
    lock = {
        "version": "1.2.3",
        "packages": {"": PACKAGE, "node_modules/other": {"version": "9.9.9"}},
    }
    (tmp_path / "node/package-lock.json").write_text(json.dumps(lock, indent=2) + "\n")
    (tmp_path / "node/node_modules/other/package.json").write_text('{"version": "9.9.9"}')
    (tmp_path / "cli/npm/package.json").write_text('{"name": "wacloud-cli", "version": "1.2.3"}')
    (tmp_path / "python/pyproject.toml").write_text(
        '[project.optional-dependencies]\ncli = ["wacloud-cli==1.2.3"]\n'
    )
    return tmp_path


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_one_version_everywhere(root: Path) -> None:
    assert versions.complaints(root, None) == []
    assert versions.complaints(root, "v1.2.3") == []


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "Cargo.toml",
            'core", version = "1.2.3"',
            'core", version = "1.2.2"',
            "Cargo.toml: wacloud",
        ),
        (
            "Cargo.lock",
            '"wacloud"\nversion = "1.2.3"',
            '"wacloud"\nversion = "1.2.2"',
            "Cargo.lock: wacloud",
        ),
        (
            "node/package.json",
            '"version": "1.2.3"',
            '"version": "1.2.2"',
            "node/package.json: version",
        ),
        (
            "node/package.json",
            'gnu": "1.2.3"',
            'gnu": "1.2.2"',
            "optionalDependencies @wacloud/linux-x64-gnu",
        ),
        (
            "node/package-lock.json",
            'gnu": "1.2.3"',
            'gnu": "1.2.2"',
            "node/package-lock.json: packages",
        ),
        ("cli/npm/package.json", "1.2.3", "1.2.2", "cli/npm/package.json: version"),
        ("python/pyproject.toml", "1.2.3", "1.2.2", "python/pyproject.toml: wacloud-cli"),
    ],
)
def test_a_place_that_says_another_version(
    root: Path, file: str, old: str, new: str, said: str
) -> None:
    replace(root / file, old, new)
    (complaint,) = versions.complaints(root, None)
    assert said in complaint
    assert "says 1.2.2, Cargo.toml 1.2.3" in complaint


def test_what_is_not_ours_may_have_any_version(root: Path) -> None:
    replace(root / "Cargo.toml", 'bytes = "1.2.3"', 'bytes = "3"')
    replace(root / "Cargo.lock", 'else"\nversion = "1.2.3"', 'else"\nversion = "3.0.0"')
    replace(root / "node/package.json", '"other": "1.2.3"', '"other": "^3"')
    assert versions.complaints(root, None) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("## [1.2.3] - 2026-12-01", "## [1.2.3]", "no date"),
        ("## [1.2.3] - 2026-12-01", "## 1.2.3 (2026-12-01)", "no heading"),
        ("### Added\n\n- A thing.\n", "", "says nothing"),
    ],
)
def test_a_release_without_its_changelog(root: Path, old: str, new: str, said: str) -> None:
    replace(root / "CHANGELOG.md", old, new)
    (complaint,) = versions.complaints(root, "v1.2.3")
    assert said in complaint


@pytest.mark.parametrize("tag", ["1.2.3", "v1.2.4", "v1.2.3-rc.1"])
def test_a_tag_of_another_version(root: Path, tag: str) -> None:
    assert versions.complaints(root, tag) == [f"the tag is {tag}, the version 1.2.3"]


def test_a_pre_release_is_refused(root: Path) -> None:
    replace(root / "Cargo.toml", 'package]\nversion = "1.2.3"', 'package]\nversion = "1.2.3-rc.1"')
    assert "1.2.3-rc.1 is not three numbers" in versions.complaints(root, None)
    with pytest.raises(SystemExit, match="not three numbers"):
        versions.write(root, "1.2")


def test_another_version_is_written_everywhere(root: Path) -> None:
    versions.write(root, "2.0.0")
    # What is left is cargo's.
    replace(root / "Cargo.lock", '"wacloud"\nversion = "1.2.3"', '"wacloud"\nversion = "2.0.0"')
    assert versions.complaints(root, None) == []
    assert versions.workspace_version(root) == "2.0.0"
    assert 'bytes = "1.2.3"' in (root / "Cargo.toml").read_text()
    package = json.loads((root / "node/package.json").read_text())
    assert package["dependencies"] == {"other": "1.2.3"}
    assert package["optionalDependencies"] == {"@wacloud/linux-x64-gnu": "2.0.0"}


def test_what_the_changelog_says_of_a_version(root: Path) -> None:
    assert versions.section(root, "1.2.3") == ("2026-12-01", "### Added\n\n- A thing.")
    assert versions.section(root, "1.2.2") == ("2026-11-01", "- Older.")
    assert versions.section(root, "9.9.9") is None


def test_the_repository_has_one_version(tmp_path: Path) -> None:
    assert versions.complaints(versions.ROOT, None) == []
    # Writing the version that is there changes nothing: files stay as npm and people write them.
    for path in ["Cargo.toml", "Cargo.lock"]:
        shutil.copy(versions.ROOT / path, tmp_path / path)
    for name in ("pyproject.toml", "package.json", "package-lock.json"):
        for path in versions.manifests(versions.ROOT, name):
            copied = tmp_path / path.relative_to(versions.ROOT)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copied)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    versions.write(tmp_path, versions.workspace_version(tmp_path))
    assert len(before) >= 6
    assert [path for path, text in before.items() if path.read_bytes() != text] == []
