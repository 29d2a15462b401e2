"""Whether everything is there that a release has, and nothing else.

usage: release_files.py DIRECTORY

A job of the build that made nothing, or gave it another name, would otherwise be a platform without
its package, which only shows when somebody installs it there.
"""

import sys
from pathlib import Path

from versions import ROOT, workspace_version

# As scripts/release/build.sh has them: the platform, how wheels say it, cargo's target.
PLATFORMS = {
    "linux-x64-gnu": ("manylinux2014_x86_64.manylinux_2_17_x86_64", "x86_64-unknown-linux-gnu"),
    "linux-x64-musl": ("musllinux_1_2_x86_64", "x86_64-unknown-linux-musl"),
    "linux-arm64-gnu": (
        "manylinux2014_aarch64.manylinux_2_17_aarch64",
        "aarch64-unknown-linux-gnu",
    ),
    "linux-arm64-musl": ("musllinux_1_2_aarch64", "aarch64-unknown-linux-musl"),
    "darwin-x64": ("macosx_11_0_x86_64", "x86_64-apple-darwin"),
    "darwin-arm64": ("macosx_11_0_arm64", "aarch64-apple-darwin"),
    "win32-x64-msvc": ("win_amd64", "x86_64-pc-windows-msvc"),
}
# As scripts/release/build-php.sh has them.
PHP_PLATFORMS = (
    "x86_64-linux-glibc",
    "arm64-linux-glibc",
    "x86_64-linux-musl",
    "arm64-linux-musl",
    "arm64-darwin-bsdlibc",
)
PHP_VERSIONS = ("8.2", "8.3", "8.4", "8.5")
CRATES = ("wacloud-python", "wacloud-node", "wacloud-php", "wacloud-cli")


def expected(version: str) -> set[str]:
    names = {f"python/wacloud-{version}.tar.gz", f"python/wacloud_cli-{version}.tar.gz"}
    names |= {f"npm/wacloud-{version}.tgz", f"npm/wacloud-cli-{version}.tgz"}
    for platform, (tag, target) in PLATFORMS.items():
        names.add(f"python/wacloud-{version}-cp310-abi3-{tag}.whl")
        names.add(f"python/wacloud_cli-{version}-py3-none-{tag}.whl")
        names.add(f"npm/wacloud-{platform}-{version}.tgz")
        names.add(f"npm/wacloud-cli-{platform}-{version}.tgz")
        names.add(f"archives/wacloud-{version}-{target}.tar.gz")
    for php in PHP_VERSIONS:
        for platform in PHP_PLATFORMS:
            for safety in ("nts", "zts"):
                names.add(f"php/php_wacloud-{version}_php{php}-{platform}-{safety}.tgz")
    return names | {f"sbom/{crate}-{version}.cdx.json" for crate in CRATES}


def in_order(name: str) -> str:
    """The name of a wheel with its tags in order: versions of maturin differ in theirs."""
    stem, dash, tags = name.removesuffix(".whl").rpartition("-")
    return f"{stem}{dash}{'.'.join(sorted(tags.split('.')))}.whl" if name.endswith(".whl") else name


def complaints(directory: Path, version: str) -> list[str]:
    files = [path for path in directory.rglob("*") if path.is_file()]
    found = {in_order(path.relative_to(directory).as_posix()) for path in files}
    wanted = expected(version)
    empty = [path for path in files if not path.stat().st_size]
    return (
        [f"missing: {name}" for name in sorted(wanted - found)]
        + [f"not expected: {name}" for name in sorted(found - wanted)]
        + [f"empty: {path.relative_to(directory).as_posix()}" for path in sorted(empty)]
    )


def main(directory: str) -> int:
    version = workspace_version(ROOT)
    found = complaints(Path(directory), version)
    print("\n".join(found) if found else f"{len(expected(version))} files of {version}")
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__.split("\n\n")[1])
    sys.exit(main(sys.argv[1]))
