"""From a folder to the text of its Markdown files: walk, decode, hash.

The only part of reading that touches the disk. What cannot be read becomes a `Problem`, and the walk goes on.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qasearch.datatypes import Problem
from qasearch.errors import CorpusUnreadable

SUFFIXES = frozenset({".md", ".markdown", ".mdown", ".mkd", ".mdx"})
MAX_BYTES = 32 * 1024 * 1024
"""A larger file is reported instead of read: no question-and-answer text is that long."""

_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__"})


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A Markdown file of the corpus: `path` relative to it, with the stat that tells whether it changed."""

    path: str
    abs_path: Path
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a corpus sorted by path, and what could not be listed."""

    files: tuple[SourceFile, ...]
    problems: tuple[Problem, ...]


def check_corpus(corpus: Path) -> None:
    """Look no further than the first Markdown file.

    Raises:
        CorpusUnreadable: `corpus` cannot be listed, or holds no Markdown.
    """
    _check_folder(corpus)
    if next(_walk(corpus, "", {_identity(corpus.stat())}, [], linked=False), None) is None:
        raise CorpusUnreadable(f"The corpus folder {corpus} holds no Markdown file.", "Name another with --corpus.")


def list_files(corpus: Path) -> Listing:
    """Every Markdown file below `corpus`; hidden and `node_modules` folders are left out.

    Symbolic links are followed, and each file and folder is listed once, under the first path in sorted
    order that leads to it without a link if there is one.

    Raises:
        CorpusUnreadable: `corpus` is missing, is no folder, or cannot be listed.
    """
    _check_folder(corpus)
    problems: list[Problem] = []
    found = list(_walk(corpus, "", {_identity(corpus.stat())}, problems, linked=False))
    files: list[SourceFile] = []
    seen: set[tuple[int, int]] = set()
    for identity, _, file in sorted(found, key=lambda item: (item[1], item[2].path)):
        if identity not in seen:
            seen.add(identity)
            files.append(file)
    return Listing(tuple(sorted(files, key=lambda file: file.path)), tuple(sorted(problems, key=lambda p: p.path)))


def read_text(file: SourceFile) -> tuple[str, str]:
    """The text of a file with `\\n` line ends and no byte order mark, and the SHA-256 of its bytes.

    Raises:
        ValueError: the file is too large or is not text; the message is a reason for the user.
        OSError: it cannot be read.
    """
    if file.size > MAX_BYTES:
        raise ValueError(f"{file.size / 2**20:.0f} MB; the limit is {MAX_BYTES // 2**20} MB. Split the file.")
    data = file.abs_path.read_bytes()
    return _decode(data), hashlib.sha256(data).hexdigest()


def _decode(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-16":
            line = data[: error.start].decode(encoding, "ignore").count("\n") + 1
            raise ValueError(f"not UTF-16: broken in line {line}. Save the file as UTF-8.") from error
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"not UTF-8: byte 0x{data[error.start]:02x} in line {line}. "
            "Save the file as UTF-8 (for Latin-1: iconv -f latin1 -t utf-8)."
        ) from error
    if "\0" in text:
        raise ValueError(f"a NUL character in line {text.count(chr(10), 0, text.index(chr(0))) + 1}: not a text file.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


_Found = tuple[tuple[int, int], bool, SourceFile]


def _walk(
    folder: Path, prefix: str, above: set[tuple[int, int]], problems: list[Problem], *, linked: bool
) -> Iterator[_Found]:
    try:
        with os.scandir(folder) as scan:
            children = sorted(scan, key=lambda child: child.name)
    except OSError as error:
        problems.append(Problem(_printable(prefix.rstrip("/")), 0, f"cannot list the folder: {error.strerror}"))
        return
    for child in children:
        is_markdown = os.path.splitext(child.name)[1].lower() in SUFFIXES  # noqa: PTH122
        if child.name.startswith(".") or child.name in _SKIPPED_FOLDERS:
            continue
        path = prefix + child.name
        by_link = linked or child.is_symlink()
        try:
            status = child.stat()
        except OSError as error:
            if is_markdown or not child.is_symlink():
                reason = "dangling symbolic link" if isinstance(error, FileNotFoundError) else error.strerror
                problems.append(Problem(_printable(path), 0, f"cannot read: {reason}"))
            continue
        if stat.S_ISDIR(status.st_mode):
            identity = _identity(status)
            if identity in above:
                problems.append(Problem(_printable(path), 0, "circular symbolic link: points to a folder above it"))
            else:
                yield from _walk(Path(child.path), path + "/", above | {identity}, problems, linked=by_link)
        elif is_markdown and not stat.S_ISREG(status.st_mode):
            problems.append(Problem(_printable(path), 0, "not a regular file"))
        elif is_markdown and _printable(path) != path:
            problems.append(Problem(_printable(path), 0, "the file name is not valid Unicode; rename it"))
        elif is_markdown:
            yield (
                _identity(status),
                by_link,
                SourceFile(path, Path(child.path), status.st_size, status.st_mtime_ns),
            )


def _check_folder(corpus: Path) -> None:
    if not corpus.exists():
        raise CorpusUnreadable(
            f"The corpus folder {corpus} does not exist.", "Name a folder of Markdown with --corpus."
        )
    if not corpus.is_dir():
        raise CorpusUnreadable(f"The corpus {corpus} is not a folder.", "Name the folder that holds it with --corpus.")
    try:
        list(corpus.iterdir())
    except OSError as error:
        raise CorpusUnreadable(f"Cannot list the corpus folder {corpus}: {error.strerror}.") from error


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _printable(path: str) -> str:
    return path.encode("utf-8", "backslashreplace").decode("utf-8")
