"""`make release-check` on a repository of its own, with a cargo that builds nothing."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
NEEDED = (
    "lib.sh",
    "codegen.sh",
    "release-check.sh",
    "versions.py",
    "manifest_diff.py",
    "schema_kinds.py",
)

# What it is asked for a manifest, it writes; nothing that it is asked to build can fail.
CARGO = """\
#!/bin/sh
for last; do :; done
case "$*" in
*--manifest\\ *) cp "$NEXT_MANIFEST" "$last" ;;
semver-checks*) exit 1 ;;
esac
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the script needs a bash")


class Repository:
    def __init__(self, root: Path) -> None:
        self.root = root / "repository"
        self.next_manifest = root / "next.json"
        tools = root / "tools"
        (self.root / "scripts").mkdir(parents=True)
        (self.root / "bindings/codegen").mkdir(parents=True)
        tools.mkdir()
        (tools / "cargo").write_text(CARGO)
        (tools / "cargo").chmod(0o755)
        for name in NEEDED:
            shutil.copy(SCRIPTS / name, self.root / "scripts" / name)
        (self.root / "scripts/notices.py").write_text("")
        (self.root / ".gitignore").write_text("/target\n__pycache__\n")
        self.environment = {
            **{key: value for key, value in os.environ.items() if key != "CARGO_TARGET_DIR"},
            "PATH": f"{tools}:{os.environ['PATH']}",
            "NEXT_MANIFEST": str(self.next_manifest),
            # No look at GitHub.
            "GIT_ALLOW_PROTOCOL": "file",
        }
        self.git("init", "--quiet")
        self.git("config", "user.name", "test")
        self.git("config", "user.email", "test@example.com")

    def git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True)

    def write(self, version: str, operations: list[str]) -> None:
        """The version in its places, and the manifest as this release keeps it."""
        (self.root / "Cargo.toml").write_text(f'[workspace.package]\nversion = "{version}"\n')
        (self.root / "Cargo.lock").write_text("")
        (self.root / "CHANGELOG.md").write_text(f"## [{version}] - 2026-12-01\n\n- Something.\n")
        manifest: dict[str, Any] = {
            "version": version,
            "operations": [{"name": name, "params": {}} for name in operations],
        }
        self.next_manifest.write_text(json.dumps(manifest))
        shutil.copy(self.next_manifest, self.root / "bindings/codegen/released.json")

    def release(self, version: str, operations: list[str]) -> None:
        self.write(version, operations)
        self.commit()
        self.git("tag", f"v{version}")

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "more")

    def check(self) -> tuple[int, str]:
        done = subprocess.run(
            ["scripts/release-check.sh"],
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_the_first_release_is_compared_with_nothing(repository: Repository) -> None:
    repository.write("0.1.0", ["send"])
    repository.commit()
    status, said = repository.check()
    assert status == 0, said
    assert "the first release: there is nothing to compare with" in said
    assert "Ready as 0.1.0, 3 skipped. Next: git tag -s v0.1.0" in said


def test_an_addition_may_be_released_as_one(repository: Repository) -> None:
    repository.release("0.1.0", ["send"])
    repository.write("0.1.1", ["send", "read"])
    repository.commit()
    status, said = repository.check()
    assert status == 0, said
    assert "adds: operation read: is new" in said
    assert "Ready as 0.1.1" in said
    # The same commit once more, when it has its tag: it is not compared with itself.
    repository.git("tag", "v0.1.1")
    assert "Since 0.1.0:" in repository.check()[1]


def test_what_breaks_programs_needs_another_version(repository: Repository) -> None:
    repository.release("0.1.0", ["send", "read"])
    repository.write("0.1.1", ["send"])
    repository.commit()
    status, said = repository.check()
    assert status == 1, said
    assert "breaks: operation read: is gone" in said
    assert "0.1.1 is too low." in said
    repository.write("0.2.0", ["send"])
    repository.commit()
    status, said = repository.check()
    assert status == 0, said


def test_what_was_forgotten_is_told_all_at_once(repository: Repository) -> None:
    repository.release("0.1.0", ["send"])
    repository.write("0.1.0", ["send", "read"])
    (repository.root / "CHANGELOG.md").write_text("## [Unreleased]\n")
    repository.commit()
    # Kept for the next release: an older one.
    (repository.root / "bindings/codegen/released.json").write_text("{}")
    status, said = repository.check()
    assert status == 1, said
    for complaint in (
        "CHANGELOG.md has no heading",
        "Not committed:",
        "v0.1.0 is another commit already",
        "Write it: cargo run -p wacloud-codegen -- --manifest bindings/codegen/released.json",
    ):
        assert complaint in said
