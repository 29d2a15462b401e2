"""The notices of third parties: which texts of a crate go along, and how the page is made."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import notices


def crate(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"the text of {name}\r\n", newline="")
    return folder


def chosen(folder: Path, licence: str) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in notices.licence_files(folder, licence)]


@pytest.mark.parametrize(
    ("licence", "files", "wanted"),
    [
        ("MIT", ["LICENSE", "README.md"], ["LICENSE"]),
        ("MIT OR Apache-2.0", ["LICENSE-APACHE", "LICENSE-MIT"], ["LICENSE-MIT"]),
        ("Unlicense/MIT", ["COPYING", "LICENSE-MIT", "UNLICENSE"], ["COPYING", "LICENSE-MIT"]),
        ("Apache-2.0 OR MIT", ["license-apache-2.0", "license-mit"], ["license-mit"]),
        # One file for both: it stays whole. No text of MIT: then the other one.
        ("MIT OR Apache-2.0", ["LICENSE.md"], ["LICENSE.md"]),
        ("Apache-2.0 OR MIT", ["LICENSE-APACHE"], ["LICENSE-APACHE"]),
        # Both are needed.
        (
            "Apache-2.0 AND MIT",
            ["LICENSE-APACHE", "LICENSE-MIT"],
            ["LICENSE-APACHE", "LICENSE-MIT"],
        ),
        (
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            ["LICENSE-APACHE", "LICENSE-MIT", "LICENSE-UNICODE"],
            ["LICENSE-APACHE", "LICENSE-MIT", "LICENSE-UNICODE"],
        ),
        # A notice goes along, whatever is chosen.
        ("MIT OR Apache-2.0", ["LICENSE-MIT", "NOTICE"], ["LICENSE-MIT", "NOTICE"]),
        # What stands in folders, but for what is not compiled; and sources are no texts.
        ("MIT", ["LICENSE", "src/license.rs", "src/spin/LICENSE"], ["LICENSE", "src/spin/LICENSE"]),
        ("MIT", ["LICENSE", "sqlcipher/LICENSE", "tests/x/LICENSE"], ["LICENSE"]),
    ],
)
def test_the_texts_of_a_crate(
    tmp_path: Path, licence: str, files: list[str], wanted: list[str]
) -> None:
    assert chosen(crate(tmp_path, *files), licence) == wanted


def test_texts_are_the_same_on_every_machine(tmp_path: Path) -> None:
    (tmp_path / "LICENSE").write_bytes("\ufeffone  \r\n\r\n\r\n\r\n\ttwo\r\n\r\n".encode())
    assert notices.texts_of("x", tmp_path, "MIT") == ["one\n\n        two"]


def test_a_crate_without_a_text_has_to_be_looked_at(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"new-crate .* brings no licence text"):
        notices.texts_of("new-crate", tmp_path, "MIT")
    # What was found for one licence is not the text of another one.
    with pytest.raises(SystemExit, match="brings no licence text"):
        notices.texts_of("napi", tmp_path, "Apache-2.0")
    assert "LongYinan" in notices.texts_of("napi", tmp_path, "MIT")[0]


def test_a_text_stands_there_once_with_all_who_need_it() -> None:
    rows = dict.fromkeys(("a", "b", "c"), ("MIT", "P"))
    page = notices.render(
        rows, [("a", "same words\nhere"), ("b", "other"), ("c", "same\nwords here")]
    )
    assert "\na, c:\n\nsame words\nhere\n" in page
    assert "\nb:\n\nother\n" in page
    assert page.count("same") == 1


def test_every_platform_is_read() -> None:
    assert "x86_64-pc-windows-msvc" in notices.targets()
    assert "aarch64-unknown-linux-musl" in notices.targets()


def test_the_file_of_the_repository_names_what_is_linked() -> None:
    page = notices.NOTICES.read_text(encoding="utf-8")
    for name in ("ring", "tokio", "pyo3", "napi", "ext-php-rs", "clap", "SQLite", "windows-sys"):
        assert f"{name} " in page
    # Only other programs are compiled with these.
    assert "proptest" not in page
    assert "  syn " not in page
