"""Walking a folder and decoding its files, with everything that can be wrong about either."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from qasearch.datatypes.entry import Problem
from qasearch.errors import CorpusUnreadable
from qasearch.reading.files import SourceFile, list_files, read_text
from tests.conftest import Corpus


def paths(folder: Path) -> list[str]:
    return [file.path for file in list_files(folder).files]


def only_file(folder: Path) -> SourceFile:
    (file,) = list_files(folder).files
    return file


def test_files_come_sorted_by_path_with_their_stat(corpus: Corpus) -> None:
    folder = corpus(
        {"b.md": "12345", "a/z.md": "", "a.md": "", "B.md": "", "a-b/c.md": "", "ä.md": ""}
    )
    listing = list_files(folder)
    assert [file.path for file in listing.files] == [
        "B.md",
        "a-b/c.md",
        "a.md",
        "a/z.md",
        "b.md",
        "ä.md",
    ]
    assert listing.problems == ()
    b = listing.files[4]
    assert (b.abs_path, b.size, b.mtime_ns) == (
        folder / "b.md",
        5,
        (folder / "b.md").stat().st_mtime_ns,
    )


def test_only_markdown_is_listed_by_any_of_its_suffixes(corpus: Corpus) -> None:
    names = [
        "a.md",
        "b.MD",
        "c.markdown",
        "d.mdown",
        "e.mkd",
        "f.mdx",
        "g.txt",
        "h",
        "i.md.bak",
        "j.rst",
        "md",
    ]
    assert paths(corpus(dict.fromkeys(names, ""))) == [
        "a.md",
        "b.MD",
        "c.markdown",
        "d.mdown",
        "e.mkd",
        "f.mdx",
    ]


def test_hidden_files_and_folders_and_those_of_tools_are_left_out(corpus: Corpus) -> None:
    names = [
        ".a.md",
        ".git/b.md",
        "c/.d/e.md",
        "node_modules/f.md",
        "g/node_modules/h.md",
        "__pycache__/i.md",
        "j/k.md",
    ]
    assert paths(corpus(dict.fromkeys(names, ""))) == ["j/k.md"]


def test_a_folder_with_the_name_of_a_file_is_a_folder(corpus: Corpus) -> None:
    folder = corpus({"x.md/y.md": "", "x.md/z.txt": ""})
    assert paths(folder) == ["x.md/y.md"]
    assert list_files(folder).problems == ()


def test_the_corpus_may_be_a_hidden_folder_or_a_link(corpus: Corpus, tmp_path: Path) -> None:
    folder = corpus({"a.md": ""})
    hidden = folder.rename(tmp_path / ".hidden")
    (tmp_path / "link").symlink_to(hidden)
    assert paths(hidden) == ["a.md"]
    assert paths(tmp_path / "link") == ["a.md"]


def test_a_dangling_link_is_a_problem(corpus: Corpus) -> None:
    folder = corpus({"a.md": ""})
    (folder / "b.md").symlink_to("missing.md")
    (folder / "c.txt").symlink_to("missing.txt")
    listing = list_files(folder)
    assert [file.path for file in listing.files] == ["a.md"]
    assert listing.problems == (Problem("b.md", 0, "cannot read: dangling symbolic link"),)


def test_a_circular_link_is_a_problem_and_ends(corpus: Corpus) -> None:
    folder = corpus({"a/b/c.md": ""})
    (folder / "a" / "b" / "up").symlink_to("../..")
    (folder / "self.md").symlink_to("self.md")
    listing = list_files(folder)
    assert [file.path for file in listing.files] == ["a/b/c.md"]
    assert [(problem.path, problem.line) for problem in listing.problems] == [
        ("a/b/up", 0),
        ("self.md", 0),
    ]
    assert listing.problems[0].reason == "circular symbolic link: points to a folder above it"


def test_a_file_by_two_paths_is_listed_once_under_its_own(corpus: Corpus, tmp_path: Path) -> None:
    folder = corpus({"m/own.md": "", "z.md": ""})
    (folder / "a.md").symlink_to("m/own.md")
    (folder / "b").symlink_to("m")
    (folder / "z2.md").hardlink_to(folder / "z.md")
    listing = list_files(folder)
    assert [file.path for file in listing.files] == ["m/own.md", "z.md"]
    assert listing.problems == ()


def test_files_outside_the_corpus_are_reached_by_links(corpus: Corpus, tmp_path: Path) -> None:
    folder = corpus({"a.md": ""})
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.md").write_text("B", encoding="utf-8")
    (folder / "first").symlink_to(tmp_path / "elsewhere")
    (folder / "second").symlink_to(tmp_path / "elsewhere")
    listing = list_files(folder)
    assert [file.path for file in listing.files] == ["a.md", "first/b.md"]
    assert read_text(listing.files[1])[0] == "B"


def test_a_pipe_is_a_problem_and_is_not_opened(corpus: Corpus) -> None:
    folder = corpus({"a.md": ""})
    os.mkfifo(folder / "b.md")
    listing = list_files(folder)
    assert [file.path for file in listing.files] == ["a.md"]
    assert listing.problems == (Problem("b.md", 0, "not a regular file"),)


def test_a_name_that_is_not_unicode_is_a_problem(corpus: Corpus) -> None:
    folder = corpus({"a.md": ""})
    try:
        (folder / os.fsdecode(b"caf\xe9.md")).touch()
    except OSError:
        pytest.skip("this file system takes only Unicode names")
    listing = list_files(folder)
    assert [file.path for file in listing.files] == ["a.md"]
    assert listing.problems == (
        Problem("caf\\udce9.md", 0, "the file name is not valid Unicode; rename it"),
    )


def test_problems_come_sorted_by_path(corpus: Corpus) -> None:
    folder = corpus({"a/a.md": ""})
    for name in ("z.md", "a/z.md", "b.md"):
        (folder / name).symlink_to("missing")
    assert [problem.path for problem in list_files(folder).problems] == ["a/z.md", "b.md", "z.md"]


def test_a_missing_corpus(tmp_path: Path) -> None:
    with pytest.raises(
        CorpusUnreadable,
        match=r"The corpus folder .*/none does not exist\. Name a folder of Markdown",
    ):
        list_files(tmp_path / "none")


def test_a_file_as_corpus(corpus: Corpus) -> None:
    folder = corpus({"a.md": ""})
    with pytest.raises(
        CorpusUnreadable,
        match=r"The corpus .*/a\.md is not a folder\. Name the folder that holds it",
    ):
        list_files(folder / "a.md")


needs_permissions = pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")


@needs_permissions
def test_an_unreadable_folder_below_is_a_problem(corpus: Corpus) -> None:
    folder = corpus({"a.md": "", "b/c.md": ""})
    (folder / "b").chmod(0)
    try:
        listing = list_files(folder)
    finally:
        (folder / "b").chmod(0o700)
    assert [file.path for file in listing.files] == ["a.md"]
    assert listing.problems == (Problem("b", 0, "cannot list the folder: Permission denied"),)


@needs_permissions
def test_an_unreadable_corpus(corpus: Corpus) -> None:
    folder = corpus({"a.md": ""})
    folder.chmod(0)
    try:
        with pytest.raises(
            CorpusUnreadable, match=r"Cannot list the corpus folder .*: Permission denied"
        ):
            list_files(folder)
    finally:
        folder.chmod(0o700)


@needs_permissions
def test_an_unreadable_file_is_listed_and_raises_when_read(corpus: Corpus) -> None:
    folder = corpus({"a.md": "A"})
    (folder / "a.md").chmod(0)
    with pytest.raises(PermissionError, match="Permission denied"):
        read_text(only_file(folder))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        ("Tee für 茶 🍵\n".encode(), "Tee für 茶 🍵\n"),
        (b"\xef\xbb\xbf---\na: b\n---\n", "---\na: b\n---\n"),
        ("Tee für 茶\r\n".encode("utf-16"), "Tee für 茶\n"),
        (b"\xfe\xff" + "茶\n".encode("utf-16-be"), "茶\n"),
        (b"a\r\nb\rc\n\r\n", "a\nb\nc\n\n"),
        (b"a\x0bb\xc2\x85c", "a\x0bb\x85c"),
    ],
    ids=[
        "empty",
        "UTF-8",
        "byte order mark",
        "UTF-16 LE",
        "UTF-16 BE",
        "line ends",
        "other separators",
    ],
)
def test_decoding(corpus: Corpus, data: bytes, text: str) -> None:
    assert read_text(only_file(corpus({"a.md": data}))) == (text, hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (
            b"one\ntwo\ncaf\xe9\n",
            r"not UTF-8: byte 0xe9 in line 3\. Save the file as UTF-8 \(for Latin-1: iconv ",
        ),
        (b"\xe9", r"not UTF-8: byte 0xe9 in line 1\."),
        (b"one\n\xed\xa0\x80", r"not UTF-8: byte 0xed in line 2\."),
        (b"one\n\ntwo\0\n", r"^a NUL character in line 3: not a text file\.$"),
    ],
)
def test_what_is_no_text_is_refused_with_its_line(corpus: Corpus, data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_text(only_file(corpus({"a.md": data})))


def test_broken_utf_16_is_called_so(corpus: Corpus) -> None:
    data = "one\ntwo\n".encode("utf-16") + b"x"
    with pytest.raises(ValueError, match=r"not UTF-16: .* line 3"):
        read_text(only_file(corpus({"a.md": data})))


@pytest.mark.parametrize(
    ("size", "refused"), [(33 * 2**20, True), (32 * 2**20 + 1, True), (32 * 2**20, False)]
)
def test_a_file_too_large_is_refused_before_it_is_read(
    corpus: Corpus, size: int, refused: bool
) -> None:
    folder = corpus({"a.md": ""})
    os.truncate(folder / "a.md", size)
    reason = (
        r"^3[23] MB; the limit is 32 MB\. Split the file\.$"
        if refused
        else "^a NUL character in line 1"
    )
    with pytest.raises(ValueError, match=reason):
        read_text(only_file(folder))
