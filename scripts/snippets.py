"""Runs the programs in our documentation against a local Cloud API.

usage: snippets.py SUMMARY FILE...
       snippets.py --joined LANGUAGE FILE    prints the file's programs in that language as one, for
                                             a type checker
       snippets.py --first LANGUAGE FILE     prints the first of them

Every fenced block of the files is run as a program by itself, in order; one that fails fails the
test. As many files are worked on at once as there are cores, each in a folder of its own and with
a sandbox that is emptied before each block; WA_PHONE_ID, WA_TOKEN and WA_BASE_URL lead to it.
`python`, `js` (as an ES module), `php` and `sh` are run; `rust` must stand word for word in
examples/rust, whose build is run; `rust,no_run` must be an example in core's documentation, which
`cargo test` compiles. `text` is not a program (`text python` is one for readers of Python: how to
install something, or how to start it), and `text output` is what the program before it prints. Any
other tag, or none, is an error.

What blocks have in common may stand once before them, unseen:

    <!-- prelude python
    wa = WhatsAppClient.from_env()
    -->

It is put in front of the blocks of that language until the file ends or another takes its place. An
`epilogue` goes behind them: it tries what a block defines for a server to call.
"""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sandbox import LocalCloudApi, make_node_package_findable

ROOT = Path(__file__).resolve().parents[1]
TARGET = Path(os.environ["CARGO_TARGET_DIR"])
WORK = TARGET / "snippets"
RUST = ROOT / "examples" / "rust"
CORE = ROOT / "core" / "src"

LONGEST_S = 60

FENCE = re.compile(
    r"^<!-- (?P<end>prelude|epilogue) (?P<of>\w+)\n(?P<common>.*?)^-->$"
    r"|^```(?P<tag>[^\n]*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass
class Snippet:
    place: str
    language: str
    text: str
    prelude: str
    epilogue: str = ""
    output: str | None = None

    @property
    def whole(self) -> str:
        return self.prelude + self.text + self.epilogue


def snippets(path: Path) -> list[Snippet]:
    """The blocks of a file that are programs."""
    programs: list[Snippet] = []
    page = path.read_text(encoding="utf-8")
    common: dict[tuple[str, str], str] = {}
    for found in FENCE.finditer(page):
        if found["of"]:
            common[found["end"], found["of"]] = found["common"]
            continue
        place = f"{path.relative_to(ROOT)}:{page.count(chr(10), 0, found.start()) + 1}"
        if found["tag"] == "text output":
            programs[-1].output = found["text"]
            continue
        tag = found["tag"]
        if tag not in (*RUNNERS, "text", *(f"text {language}" for language in RUNNERS)):
            raise SystemExit(
                f"{place}: the tag {tag!r} says neither how to run it nor that it is text"
            )
        if tag in RUNNERS:
            ends = [common.get((end, tag), "") for end in ("prelude", "epilogue")]
            programs.append(Snippet(place, tag, found["text"], *ends))
    return programs


@dataclass
class Place:
    """Where one program runs at a time: a folder, and a Cloud API."""

    folder: Path
    api: LocalCloudApi

    def program(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)


def python(snippet: Snippet, place: Place) -> list[str]:
    return [sys.executable, place.program("snippet.py", snippet.whole)]


def js(snippet: Snippet, place: Place) -> list[str]:
    return ["node", place.program("snippet.mjs", snippet.whole)]


def php(snippet: Snippet, place: Place) -> list[str]:
    text = snippet.text if snippet.text.startswith("<?php") else f"<?php\n{snippet.whole}"
    return ["php", "-c", str(TARGET / "php.ini"), place.program("snippet.php", text)]


def sh(snippet: Snippet, place: Place) -> list[str]:
    # What a block exports for people at the default sandbox must be what a sandbox really has.
    same = f"[[ $WA_PHONE_ID == {place.api.phone_number_id} && $WA_TOKEN == {place.api.token} ]]"
    text = f"set -euo pipefail\n{snippet.whole}\n{same}\n"
    return ["bash", place.program("snippet.sh", text)]


def rust(snippet: Snippet, _: Place) -> list[str]:
    for path in RUST.glob("*.rs"):
        if path.read_text(encoding="utf-8") == snippet.text:
            return [str(TARGET / "debug" / "examples" / path.stem)]
    raise SystemExit(f"{snippet.place}: no file of {RUST.relative_to(ROOT)} has exactly this text")


# A line of documentation in Rust, without the mark of those that rustdoc does not show.
DOC_LINE = re.compile(r"^\s*///(?: (?!# )(?P<text>.*)|(?P<empty>))$")


def shown_by_rustdoc(source: str) -> str:
    """The lines of documentation of a file, as they are shown."""
    lines = (DOC_LINE.match(line) for line in source.splitlines())
    return "".join(f"{line['text'] or ''}\n" for line in lines if line)


def rust_of_core(snippet: Snippet, _: LocalCloudApi) -> list[str]:
    for path in CORE.rglob("*.rs"):
        if f"```no_run\n{snippet.text}```\n" in shown_by_rustdoc(path.read_text(encoding="utf-8")):
            return ["true"]
    raise SystemExit(f"{snippet.place}: no example of {CORE.relative_to(ROOT)} has this text")


RUNNERS = {
    "python": python,
    "js": js,
    "php": php,
    "sh": sh,
    "rust": rust,
    "rust,no_run": rust_of_core,
}


# What the programs upload, and the id of a file that Meta has.
FILES = ROOT / "tests" / "vectors" / "files"
MEDIA_ID = "1037543291543636"
# The template that they edit and delete.
TEMPLATE = {
    "name": "summer_sale",
    "language": "en_US",
    "id": "1192339204654487",
    "body": "Our summer sale has begun.",
}


def run(snippet: Snippet, place: Place) -> bool:
    api = place.api
    api.reset()
    api.put_media(kind="document", id=MEDIA_ID)
    api.put_template(**TEMPLATE)
    for name in ("invoice.pdf", "photo.png"):
        (place.folder / name).write_bytes((FILES / name).read_bytes())
    done = subprocess.run(
        RUNNERS[snippet.language](snippet, place),
        env=api.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST_S,
        cwd=place.folder,
        check=False,
    )
    is_good = done.returncode == 0 and snippet.output in (None, done.stdout)
    told = f"{'ok' if is_good else 'FAIL':<5}{snippet.place} ({snippet.language})"
    if not is_good:
        told += f"\nexit status {done.returncode}\n{snippet.whole}{done.stdout}"
    print(told, flush=True)
    return is_good


def run_page(file: str) -> list[bool]:
    folder = WORK / Path(file).stem
    make_node_package_findable(folder)
    # What Composer would write; php.ini has the library loaded already.
    (folder / "vendor").mkdir(exist_ok=True)
    (folder / "vendor" / "autoload.php").write_text("<?php\n", encoding="utf-8")
    with LocalCloudApi("wacloud") as api:
        return [run(snippet, Place(folder, api)) for snippet in snippets(ROOT / file)]


def of_language(language: str, file: str) -> list[Snippet]:
    programs = [program for program in snippets(ROOT / file) if program.language == language]
    if not programs:
        raise SystemExit(f"{file} has no program in {language}")
    return programs


def joined(programs: list[Snippet]) -> str:
    return programs[0].prelude + "".join(program.text for program in programs)


def main(summary: str, *files: str) -> int:
    if summary in ("--joined", "--first"):
        programs = of_language(*files)
        print(joined(programs if summary == "--joined" else programs[:1]), end="")
        return 0
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        # The longest first: the last one to begin should not be the one to wait for.
        pages = sorted(files, key=lambda file: len(snippets(ROOT / file)), reverse=True)
        found = [is_good for page in threads.map(run_page, pages) for is_good in page]
    passed, failed = found.count(True), found.count(False)
    counted = {"suite": "snippets", "vectors": 0, "passed": passed, "failed": failed, "skipped": 0}
    Path(summary).write_text(json.dumps(counted), encoding="utf-8")
    print(f"{passed} snippets passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
