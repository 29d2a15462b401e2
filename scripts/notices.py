"""Writes THIRD-PARTY-NOTICES.txt: whose code is in the packages, with the texts of the licences.

usage: notices.py [--check]

It asks cargo which crates are linked into the wheel, the addon, the extension and the command
line, on every platform for which packages are made, and takes the texts from the crates' own
sources. A crate that brings no text fails, until a person has looked where its text is and added
it to BRINGS_NONE. Versions are left out, so that most updates of a crate change nothing here; the
bills of materials of a release have them.

cargo-about makes such files, too. It compiles for minutes on a machine of CI, chooses texts by
likeness, and leaves out what stands in folders of a crate (ring's fiat, tracing's spin).
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOTICES = ROOT / "THIRD-PARTY-NOTICES.txt"

# What is handed out, the crate that it is built from, and the letter that stands for it.
PACKAGES = {
    "wacloud-python": ("P", "the Python wheel"),
    "wacloud-node": ("N", "the Node addon"),
    "wacloud-php": ("H", "the PHP extension"),
    "wacloud-cli": ("C", "the wacloud command"),
}

LICENCE_FILE = re.compile(r"(un)?licen[cs]e|copying|copyright|notice", re.IGNORECASE)
# Sources are named so, too: `license.rs`.
TEXT_ENDINGS = {"", ".md", ".txt"}
# Where one may choose, MIT is chosen: the shortest. Then these texts are not needed.
NOT_CHOSEN = re.compile(r"apache|zlib|boost|bsl|unlicense|0bsd|isc", re.IGNORECASE)
# Not compiled: SQLCipher is another SQLite, which the feature `bundled` does not take.
NOT_LINKED = {"sqlcipher", "tests", "benches", "examples"}

MIT = """\
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE."""

# Crates whose archive has no licence text, all under MIT: what their repositories have above it
# (`LICENSE` of napi-rs/napi-rs, `LICENSE_MIT` of ext-php-rs).
BRINGS_NONE = {
    "ext-php-rs-introspection": (
        "Copyright (c) 2021 David Cole <david.cole1340@gmail.com> and all contributors"
    ),
    "napi": "Copyright (c) 2020 LongYinan\nCopyright (c) 2018 GitHub",
    "napi-sys": "Copyright (c) 2020 LongYinan\nCopyright (c) 2018 GitHub",
}

# What cargo does not know of. The C library is in no package, also where it is musl
# (scripts/release/build.sh); compilers' own libraries have exceptions for what they compile.
NO_CRATES = {
    "The Rust standard library": (
        "MIT OR Apache-2.0",
        "Copyright (c) The Rust Project Contributors\n\n" + MIT,
    ),
    "SQLite (in libsqlite3-sys)": (
        "public domain",
        "The author disclaims copyright to this source code. In place of a legal notice, here is\n"
        "a blessing:\n\n"
        "   May you do good and not evil.\n"
        "   May you find forgiveness for yourself and forgive others.\n"
        "   May you share freely, never taking more than you give.",
    ),
}


def targets() -> list[str]:
    """The platforms of packages, from the one place that lists them."""
    listed = re.search(r"^targets = \[(.*?)^\]", (ROOT / "deny.toml").read_text(), re.M | re.S)
    assert listed, "deny.toml names no targets"
    return re.findall(r'^\s*"([^"]+)"', listed[1], re.M)


def cargo(*arguments: str) -> str:
    done = subprocess.run(
        ["cargo", *arguments, "--locked"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.returncode)
    return done.stdout


def linked(package: str) -> set[tuple[str, str]]:
    """Name and version of the crates whose code is in what is built from the package."""
    platforms = [argument for target in targets() for argument in ("--target", target)]
    lines = cargo(
        *("tree", "--package", package, *platforms),
        *("--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"),
    ).splitlines()
    # "serde v1.0.228", with "(*)" behind it the second time and a path behind the workspace's own.
    found = {(line.split()[0], line.split()[1][1:]) for line in lines if line}
    return {(name, version) for name, version in found if not name.startswith("wacloud")}


def licence_files(folder: Path, licence: str) -> list[Path]:
    """The files with the texts that have to go along with a crate."""
    found = sorted(
        path
        for path in folder.rglob("*")
        if LICENCE_FILE.match(path.name)
        and path.suffix.lower() in TEXT_ENDINGS
        and path.is_file()
        and not NOT_LINKED.intersection(path.relative_to(folder).parts[:-1])
    )
    one_of = re.search(r" OR |/", licence) and " AND " not in licence
    if one_of and any("mit" in path.name.lower() for path in found):
        found = [path for path in found if not NOT_CHOSEN.search(path.name)]
    return found


def clean(text: str) -> str:
    """Without what differs between machines and editors: ends of lines, blanks, a mark of order."""
    lines = text.lstrip("\ufeff").expandtabs().splitlines()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip("\n")


def texts_of(name: str, folder: Path, licence: str) -> list[str]:
    files = licence_files(folder, licence)
    if files:
        return [clean(path.read_text(encoding="utf-8", errors="replace")) for path in files]
    if name in BRINGS_NONE and "MIT" in licence:
        return [f"{BRINGS_NONE[name]}\n\n{MIT}"]
    raise SystemExit(
        f"{name} ({licence}) brings no licence text: find it in its repository, and add it to "
        "BRINGS_NONE in scripts/notices.py"
    )


def render(rows: Mapping[str, tuple[str, str]], texts: Iterable[tuple[str, str]]) -> str:
    """The page. `rows`: licence and letters by name; `texts`: pairs of a name and a text."""
    users: dict[str, list[str]] = {}
    shown: dict[str, str] = {}
    for name, text in texts:
        # The same words, however the lines are broken.
        words = " ".join(text.split())
        shown.setdefault(words, text)
        if name not in users.setdefault(words, []):
            users[words].append(name)
    letters = "".join(f"  {letter}  {what}\n" for letter, what in PACKAGES.values())
    width = max(map(len, rows))
    table = "".join(
        f"  {used:<5} {name:<{width}}  {licence}\n" for name, (licence, used) in rows.items()
    )
    blocks = "".join(
        f"{'-' * 80}\n{', '.join(names)}:\n\n{shown[words]}\n\n" for words, names in users.items()
    )
    return (
        "wacloud: notices for code of others\n\n"
        "wacloud itself is licensed under MIT or Apache-2.0 (LICENSE-MIT, LICENSE-APACHE). Its\n"
        "packages contain the code that is listed here. The letters say where it is:\n\n"
        f"{letters}\n"
        "Where one may choose between licences, MIT is chosen. Not everything is in the packages\n"
        "of every platform. This file is made by scripts/notices.py; do not edit it.\n\n"
        f"{table}\n{blocks}"
    )


def notices() -> str:
    metadata = json.loads(cargo("metadata", "--format-version", "1"))
    crates = {(crate["name"], crate["version"]): crate for crate in metadata["packages"]}
    used: dict[tuple[str, str], str] = {}
    for package, (letter, _) in PACKAGES.items():
        for key in linked(package):
            used[key] = used.get(key, "") + letter
    every = "".join(letter for letter, _ in PACKAGES.values())
    rows = {name: (licence, every) for name, (licence, _) in NO_CRATES.items()}
    texts = [(name, text) for name, (_, text) in NO_CRATES.items()]
    for name, version in sorted(used):
        crate = crates[name, version]
        licence = crate["license"] or "see its text"
        letters = used[name, version] + (rows[name][1] if name in rows else "")
        rows[name] = (licence, "".join(letter for letter in every if letter in letters))
        folder = Path(crate["manifest_path"]).parent
        texts += [(name, text) for text in texts_of(name, folder, licence)]
    return render(rows, texts)


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        raise SystemExit("usage: notices.py [--check]")
    wanted = notices()
    found = NOTICES.read_text(encoding="utf-8") if NOTICES.exists() else None
    if found == wanted:
        return 0
    if arguments:
        print(f"{NOTICES.name} is not up to date: run scripts/notices.py", file=sys.stderr)
        return 1
    NOTICES.write_text(wanted, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
