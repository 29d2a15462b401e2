"""Tests of what makes the site's pages, and of what checks them."""

import unittest

from check import Page, clicks_to, is_well_formed, mistakes_of, orphans, read, target
from prepare import prepared, with_tabs


def block(tag: str, code: str = "x\n") -> str:
    return f"```{tag}\n{code}```\n"


class Tabs(unittest.TestCase):
    def test_neighbours_in_other_languages_are_tabs(self) -> None:
        programs = block("python", "a = 1\n\nb = 2\n") + "\n" + block("js")
        page = with_tabs(f"Before.\n\n{programs}\nAfter.\n")
        expected = 'Before.\n\n===! "Python"\n\n    ```python\n    a = 1\n\n    b = 2\n    ```\n\n'
        expected += '=== "Node"\n\n    ```js\n    x\n    ```\n\nAfter.\n'
        assert page == expected

    def test_a_program_alone_stays_as_it_is(self) -> None:
        page = f"Before.\n\n{block('python')}\nBetween.\n\n{block('js')}"
        assert with_tabs(page) == page

    def test_a_language_that_comes_again_begins_anew(self) -> None:
        page = with_tabs("\n".join([block("python"), block("python"), block("js")]))
        assert page.startswith('```python\nx\n```\n\n===! "Python"\n')
        assert page.count("===") == 2

    def test_both_tags_of_rust_are_one_language(self) -> None:
        page = with_tabs("\n".join([block("rust"), block("rust,no_run")]))
        assert page == f"{block('rust')}\n{block('rust')}"

    def test_what_a_program_prints_goes_with_it(self) -> None:
        page = with_tabs("\n".join([block("python"), block("text output", "1\n"), block("js")]))
        assert '    ``` { .text .output title="prints" }\n    1\n    ```\n\n=== "Node"' in page

    def test_what_is_for_readers_of_a_language_goes_by_it(self) -> None:
        page = with_tabs(
            "\n".join([block("text python"), block("text rust"), block("text output")])
        )
        assert page.count("    ```text\n") == 2
        assert '=== "Rust"' in page

    def test_text_is_no_program(self) -> None:
        page = "\n".join([block("text"), block("python")])
        assert with_tabs(page) == page

    def test_php_without_its_tag_is_still_php(self) -> None:
        assert with_tabs(block("php", "f();\n")) == block("php-inline", "f();\n")
        assert with_tabs(block("php", "<?php\n")) == block("php", "<?php\n")


class Prepared(unittest.TestCase):
    def test_comments_go_and_programs_keep_theirs(self) -> None:
        program = block("js", "<!-- kept -->\n")
        page = f"<!-- prelude python\nx = 1\n\n-->\n\n{program}"
        assert prepared(page, "a.md").strip() == program.strip()

    def test_neighbours_with_a_prelude_between_are_tabs(self) -> None:
        page = f"{block('python')}\n<!-- prelude js\n-->\n\n{block('js')}"
        assert prepared(page, "a.md").count("===") == 2

    def test_files_beside_the_pages_are_in_the_repository(self) -> None:
        page = prepared("[a](../README.md#more) [b](../examples/queues) [c](bulk.md)", "a.md")
        assert "/blob/main/README.md#more)" in page
        assert "/tree/main/examples/queues)" in page
        assert "[c](bulk.md)" in page

    def test_a_file_that_there_is_not_is_told(self) -> None:
        told = ""
        try:
            prepared("[a](../nothing.md)", "a.md")
        except SystemExit as error:
            told = str(error)
        assert "there is no nothing.md" in told


class Checks(unittest.TestCase):
    def mistakes(self, html: str) -> list[str]:
        pages = {"index.html": read(html), "a.html": read('<h1 id="top">A</h1>')}
        return list(mistakes_of("index.html", pages, {"index.html", "a.html", "a.css"}))

    def test_right_links_pass(self) -> None:
        html = '<a href="a.html#top"></a><a href="https://example.com/"></a>'
        html += '<link rel="stylesheet" href="a.css">'
        assert self.mistakes(html) == []

    def test_wrong_links_are_told(self) -> None:
        assert len(self.mistakes('<a href="b.html"></a><a href="a.html#b"></a>')) == 2
        assert len(self.mistakes('<a href="htp://example.com"></a>')) == 1

    def test_what_is_fetched_from_elsewhere_is_told(self) -> None:
        for html in (
            '<script src="https://cdn.example.com/x.js"></script>',
            '<link rel="stylesheet" href="//fonts.example.com/x.css">',
            '<link rel="preconnect" href="https://fonts.example.com">',
            '<p style="background: url(https://example.com/x.png)"></p>',
            "<style>@import 'https://example.com/x.css';</style>",
            '<img src="https://example.com/x.png">',
        ):
            assert len(self.mistakes(html)) == 1, html
        assert self.mistakes('<link rel="canonical" href="https://example.com/">') == []

    def test_markdown_that_is_left_over_is_told(self) -> None:
        assert len(self.mistakes("<p>Two:\n- one</p>")) == 1
        assert self.mistakes("<p>It is <code>- one</code></p>") == []

    def test_addresses(self) -> None:
        assert target("a.html", "#b") == ("a.html", "b")
        assert target("a.html", ".") == ("index.html", "")
        assert target("a.html", "mailto:a@example.com") is None
        assert is_well_formed("http://127.0.0.1:8025/")
        assert not is_well_formed("https://")

    def test_orphans_and_clicks(self) -> None:
        pages = {
            "index.html": Page(links=["a.html"]),
            "a.html": Page(links=["b.html#x"], headings={"": "A"}),
            "b.html": Page(headings={"": "B", "x": "131056"}, links=["c.html"]),
            "c.html": Page(headings={"": "Far away"}),
            "d.html": Page(),
        }
        assert orphans(pages) == ["d.html"]
        assert clicks_to("131056", pages) == 2
        assert clicks_to("far away", pages) is None


if __name__ == "__main__":
    unittest.main()
