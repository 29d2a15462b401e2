"""Whether a release has everything: what is missing, empty or not expected is told."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import release_files

RELEASE = release_files.ROOT / "scripts" / "release"
WORKFLOW = release_files.ROOT / ".github" / "workflows" / "release.yml"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    for name in release_files.expected("1.2.3"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("something")
    return tmp_path


def test_everything_is_there(built: Path) -> None:
    assert release_files.complaints(built, "1.2.3") == []


def test_what_is_missing_empty_or_of_another_version_is_told(built: Path) -> None:
    (built / "npm/wacloud-linux-arm64-musl-1.2.3.tgz").unlink()
    (built / "php/php_wacloud-1.2.3_php8.5-arm64-linux-musl-zts.tgz").write_text("")
    (built / "python/wacloud-1.2.2.tar.gz").write_text("something")
    assert release_files.complaints(built, "1.2.3") == [
        "missing: npm/wacloud-linux-arm64-musl-1.2.3.tgz",
        "not expected: python/wacloud-1.2.2.tar.gz",
        "empty: php/php_wacloud-1.2.3_php8.5-arm64-linux-musl-zts.tgz",
    ]


def test_tags_of_a_wheel_may_stand_in_any_order(built: Path) -> None:
    wheel = built / "python/wacloud-1.2.3-cp310-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64.whl"
    wheel.rename(
        built / "python/wacloud-1.2.3-cp310-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
    )
    assert release_files.complaints(built, "1.2.3") == []


def test_every_platform_is_one_that_is_built() -> None:
    script = (RELEASE / "build.sh").read_text(encoding="utf-8")
    targets = dict(re.findall(r"^([\w-]+)\) target=([\w-]+) ", script, re.M))
    assert targets == {name: target for name, (_, target) in release_files.PLATFORMS.items()}


def test_every_platform_has_jobs() -> None:
    """Built and tried each; and the targets of the workflow are those of the script."""
    workflow = WORKFLOW.read_text(encoding="utf-8")
    built = dict(re.findall(r"platform: ([\w-]+), runner: [\w.-]+, target: ([\w-]+) }", workflow))
    assert built == {name: target for name, (_, target) in release_files.PLATFORMS.items()}
    # Built, tried, and most of them with an extension for PHP.
    jobs = re.findall(r"platform: ([\w-]+) }", workflow)
    jobs += re.findall(r"platform: ([\w-]+), runner", workflow)
    assert all(jobs.count(name) >= 2 for name in release_files.PLATFORMS)


def test_every_version_of_php_has_jobs() -> None:
    workflow = WORKFLOW.read_text(encoding="utf-8")
    assert f"php: {list(release_files.PHP_VERSIONS)}" in workflow
    assert f"for php in {' '.join(release_files.PHP_VERSIONS)}; do" in workflow
