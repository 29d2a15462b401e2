"""Checks the documentation site as it was built.

usage: check.py SITE

- Links and anchors within the site lead somewhere, and every page is linked.
- Links to elsewhere are well formed. Nobody is asked whether they answer.
- No page fetches anything from another host: no script, style, font or picture.
- No Markdown is left over in the text.
- What people come with (`QUESTIONS`) is two clicks from the first page at most, and in the search.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

FIRST = "index.html"

# Words that a heading must have, which is found in so few clicks.
QUESTIONS = ["131056", "429", "template", "not approved", "test", "php-fpm", "131047", "serverless"]
CLICKS = 2

# Elements that fetch something, and the attribute that says from where.
FETCHING = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
    "object": "data",
}
# Of `<link>`, what only names another page.
NAMING = {"prev", "next", "canonical", "alternate", "describedby"}
STYLE_ADDRESS = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")
LEFT_OVER = re.compile(r"^\s*(- |\* |\| |```|=== |<!--|:::)", re.MULTILINE)
HEADINGS = ("h1", "h2", "h3", "h4")


@dataclass
class Page:
    """What a page has, as far as it is checked."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    # The text of each heading by its anchor; the first one also without.
    headings: dict[str, str] = field(default_factory=dict)
    paragraphs: list[str] = field(default_factory=list)


class Reader(HTMLParser):
    """Reads a page."""

    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._heading: str | None = None
        self._is_style = False
        self._paragraph: list[str] | None = None
        self._code_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        page = self.page
        page.ids.update(known[name] for name in ("id", "name") if known.get(name))
        if tag == "a" and "href" in known and "headerlink" not in known.get("class", ""):
            page.links.append(known["href"])
        if tag == "link" and known.get("rel") not in NAMING:
            page.fetched.append(known.get("href", ""))
        if known.get(FETCHING.get(tag, "")):
            page.fetched.append(known[FETCHING[tag]])
        page.fetched += addresses_in_style(known.get("style", ""))
        self._is_style = tag == "style"
        if tag in HEADINGS:
            self._heading = known.get("id", "")
            page.headings[self._heading] = ""
        elif tag == "p":
            self._paragraph = []
        elif tag == "code":
            self._code_depth += 1

    def handle_endtag(self, tag: str) -> None:
        self._is_style = False
        if tag in HEADINGS:
            if self._heading is not None:
                self.page.headings.setdefault("", self.page.headings[self._heading])
            self._heading = None
        elif tag == "p" and self._paragraph is not None:
            self.page.paragraphs.append("".join(self._paragraph))
            self._paragraph = None
        elif tag == "code":
            self._code_depth -= 1

    def handle_data(self, data: str) -> None:
        if self._heading is not None:
            self.page.headings[self._heading] += data
        if self._is_style:
            self.page.fetched += addresses_in_style(data)
        if self._paragraph is not None:
            self._paragraph.append("`" if self._code_depth else data)


def addresses_in_style(text: str) -> Iterator[str]:
    for found in STYLE_ADDRESS.finditer(text):
        yield found[1] or found[2]


def read(text: str) -> Page:
    """What is on a page."""
    reader = Reader()
    reader.feed(text)
    return reader.page


def target(name: str, link: str) -> tuple[str, str] | None:
    """The page and anchor that a link on page `name` leads to; nothing if it leads elsewhere."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    path = unquote(parts.path)
    if not path:
        page = name
    elif path.startswith("/"):
        page = path[1:]
    else:
        page = (Path("/") / Path(name).parent / path).resolve().as_posix()[1:]
    return (page if page not in ("", ".") else FIRST), unquote(parts.fragment)


def is_elsewhere(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme != "data" and bool(parts.netloc or parts.scheme)


def is_well_formed(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    if parts.scheme == "mailto":
        return "@" in parts.path
    host = parts.hostname or ""
    return parts.scheme in ("http", "https") and ("." in host or host == "localhost")


def mistakes_of(name: str, pages: dict[str, Page], files: set[str]) -> Iterator[str]:
    """What is wrong with one page."""
    page = pages[name]
    for link in page.links:
        found = target(name, link)
        if found is None:
            if not is_well_formed(link):
                yield f"{name}: {link} is not a well formed address"
            continue
        path, anchor = found
        if path not in files:
            yield f"{name}: {link} leads to no page"
        elif anchor and path in pages and anchor not in pages[path].ids:
            yield f"{name}: {link} leads to no anchor"
    for address in page.fetched:
        if is_elsewhere(address):
            yield f"{name}: fetches {address}"
        elif (
            (found := target(name, address))
            and not address.startswith("data:")
            and found[0] not in files
        ):
            yield f"{name}: {address} is missing"
    for paragraph in page.paragraphs:
        if left_over := LEFT_OVER.search(paragraph):
            yield f"{name}: Markdown is left over: {paragraph[left_over.start() :].strip()[:60]!r}"


def orphans(pages: dict[str, Page]) -> list[str]:
    """Pages to which no path of links leads from the first one."""
    reached, new = set(), {FIRST}
    while new:
        reached |= new
        led_to = {target(name, link) for name in new for link in pages[name].links}
        new = {found[0] for found in led_to if found and found[0] in pages} - reached
    return sorted(set(pages) - reached - {"404.html"})


def clicks_to(words: str, pages: dict[str, Page]) -> int | None:
    """How many clicks lead from the first page to such a heading; nothing for too many."""
    here = {(FIRST, "")}
    for clicks in range(1, CLICKS + 1):
        links = {target(name, link) for name, _ in here for link in pages[name].links}
        here = {found for found in links if found and found[0] in pages}
        if any(words in pages[name].headings.get(anchor, "").lower() for name, anchor in here):
            return clicks
    return None


def mistakes(pages: dict[str, Page], files: set[str], search: list[str]) -> Iterator[str]:
    """Everything that is wrong with a site."""
    for name in sorted(pages):
        yield from mistakes_of(name, pages, files)
    yield from (f"{name}: no page links to it" for name in orphans(pages))
    for words in QUESTIONS:
        if clicks_to(words, pages) is None:
            yield f"{words!r} is not within {CLICKS} clicks of the first page"
        if not any(words in title for title in search):
            yield f"{words!r} is in no title that the search knows"


def main(site: Path) -> int:
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    pages = {
        name: read((site / name).read_text("utf-8")) for name in files if name.endswith(".html")
    }
    search = json.loads((site / "search.json").read_text("utf-8"))["items"]
    found = list(mistakes(pages, files, [item["title"].lower() for item in search]))
    for name in sorted(name for name in files if name.endswith(".css")):
        fetched = addresses_in_style((site / name).read_text("utf-8"))
        found += [f"{name}: fetches {address}" for address in fetched if is_elsewhere(address)]
    print(
        "\n".join(found)
        or f"{len(pages)} pages, {sum(len(page.links) for page in pages.values())} links"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
