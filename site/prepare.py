"""Makes the sources of the documentation site of docs/, which stays plain Markdown.

usage: prepare.py FOLDER

FOLDER gets the site's configuration, and in `docs/` the pages, in which

- neighbouring programs in different languages stand in tabs, each with what it prints,
- comments, such as the preludes of scripts/snippets.py, are left out,
- links to files that are not pages lead to the repository.

A page that is not in the configuration's `nav`, or is there and does not exist, is an error.
"""

import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PAGES = ROOT / "docs"
REPOSITORY = "https://github.com/wacloud/wacloud"

# What the tabs are called, by the tags of scripts/snippets.py.
TABS = {
    "python": "Python",
    "js": "Node",
    "php": "PHP",
    "rust": "Rust",
    "rust,no_run": "Rust",
    "sh": "Shell",
}
OUTPUT = "text output"
# What readers of one language need that is no program: how to install or start something.
TABS |= {f"text {tag}": name for tag, name in TABS.items()}

FENCE = re.compile(r"^```(?P<tag>[^\n]*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"^<!--.*?-->\n?", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?P<up>\.\./)(?P<path>[^)#\s]*)(?P<anchor>#[^)\s]*)?\)")


@dataclass
class Program:
    """A program, and what it prints."""

    tag: str
    blocks: list[str] = field(default_factory=list)


def fence(tag: str, code: str) -> str:
    """A fenced block as the site's highlighter takes it."""
    if tag == OUTPUT:
        return f'``` {{ .text .output title="prints" }}\n{code}```'
    # Without `<?php` in front, what follows would not be taken for PHP.
    if tag == "php" and not code.startswith("<?php"):
        tag = "php-inline"
    if tag.startswith("text "):
        tag = "text"
    return f"```{tag.removesuffix(',no_run')}\n{code}```"


def without_comments(page: str) -> str:
    """The page without what stands in comments outside of its blocks."""
    kept: list[str] = []
    end = 0
    for found in FENCE.finditer(page):
        kept += [COMMENT.sub("", page[end : found.start()]), found[0]]
        end = found.end()
    return "".join(kept) + COMMENT.sub("", page[end:])


def with_tabs(page: str) -> str:
    """The page with neighbouring programs in tabs."""
    parts: list[str] = []
    group: list[Program] = []
    end = 0
    for found in FENCE.finditer(page):
        between, tag, block = (
            page[end : found.start()],
            found["tag"],
            fence(found["tag"], found["code"]),
        )
        end = found.end()
        is_next_to = not between.strip()
        if group and is_next_to and tag == OUTPUT:
            group[-1].blocks.append(block)
            continue
        if tag in TABS and is_next_to and all(TABS[tag] != TABS[known.tag] for known in group):
            if not group:
                parts.append(between)
            group.append(Program(tag, [block]))
            continue
        parts += [*rendered(group), between]
        group = [Program(tag, [block])] if tag in TABS else []
        if tag not in TABS:
            parts.append(block)
    parts += [*rendered(group), page[end:]]
    return "".join(parts)


def rendered(group: list[Program]) -> Iterator[str]:
    """A lone program as it is, several as tabs."""
    if len(group) < 2:
        yield from ("\n\n".join(program.blocks) for program in group)
        return
    for number, program in enumerate(group):
        lines = "\n\n".join(program.blocks).split("\n")
        indented = "\n".join(f"    {line}" if line else "" for line in lines)
        # The first one begins a set of its own, also right after another one.
        mark = "===!" if number == 0 else "\n\n==="
        yield f'{mark} "{TABS[program.tag]}"\n\n{indented}'


def with_repository_links(page: str, name: str) -> str:
    """The page with links to files beside docs/ that lead to the repository."""

    def link(found: re.Match[str]) -> str:
        path = ROOT / found["path"]
        if not path.exists():
            raise SystemExit(f"docs/{name}: there is no {found['path']}")
        kind = "tree" if path.is_dir() else "blob"
        return f"]({REPOSITORY}/{kind}/main/{found['path']}{found['anchor'] or ''})"

    return LINK.sub(link, page)


def prepared(page: str, name: str) -> str:
    """A page of docs/ as the site's generator takes it."""
    return with_repository_links(with_tabs(without_comments(page)), name)


def named(nav: list[object]) -> Iterator[str]:
    """The pages in a `nav`, however deep."""
    for entry in nav:
        for value in entry.values() if isinstance(entry, dict) else [entry]:
            if isinstance(value, list):
                yield from named(value)
            else:
                yield str(value)


def main(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    shutil.copytree(HERE / "assets", folder / "docs" / "assets")
    configuration = (HERE / "zensical.toml").read_text(encoding="utf-8")
    (folder / "zensical.toml").write_text(configuration, encoding="utf-8")

    in_nav = set(named(tomllib.loads(configuration)["project"]["nav"]))
    pages = {path.name for path in PAGES.glob("*.md")}
    if pages != in_nav:
        raise SystemExit(
            f"pages that `nav` in site/zensical.toml lacks: {sorted(pages - in_nav)}; "
            f"pages in it that there are not: {sorted(in_nav - pages)}"
        )
    for name in sorted(pages):
        page = (PAGES / name).read_text(encoding="utf-8")
        (folder / "docs" / name).write_text(prepared(page, name), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
