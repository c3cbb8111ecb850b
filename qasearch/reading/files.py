"""A folder to the text of its Markdown files: walk, read, decode, hash.

The only part of reading that uses the disk. A file that cannot be read becomes a `Problem`, and the
walk goes on.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qasearch.datatypes.entry import Problem
from qasearch.datatypes.flavour import Flavour
from qasearch.errors import CorpusUnreadable

SUFFIXES = frozenset({".md", ".markdown", ".mdown", ".mkd", ".mdx"})
MAX_BYTES = 32 * 1024 * 1024
"""A larger file is reported and not read: no text with questions and answers is that long."""

SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__"})

Stat = tuple[int, int]
"""The size of a file in bytes and its time stamp in nanoseconds, which tell whether it changed."""

_ListedFile = tuple[bool, str, Stat, int]
"""Whether a link leads to a file, its path, its stat and its identity.

Plain tuples: the garbage collector leaves them alone, so a hundred thousand of them cost little.
"""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A Markdown file of the corpus.

    `path` is relative to the corpus, `flavour` is that of its folder.
    """

    path: str
    abs_path: Path
    size: int
    mtime_ns: int
    flavour: Flavour = Flavour.PLAIN


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a corpus by path, sorted, and what could not be listed."""

    corpus: Path
    stats: dict[str, Stat]
    problems: tuple[Problem, ...]

    @property
    def files(self) -> tuple[SourceFile, ...]:
        """The files, in the order of their paths."""
        return tuple(map(self.file, self.stats))

    def file(self, path: str) -> SourceFile:
        """The file at a path of the listing."""
        return SourceFile(path, self.corpus / path, *self.stats[path])


def check_corpus(corpus: Path) -> None:
    """Check that there is a Markdown file; the walk ends at the first one.

    Raises:
        CorpusUnreadable: `corpus` cannot be listed, or holds no Markdown.
    """
    _check_folder(corpus)
    files = _walk(corpus, "", frozenset([_identity(corpus.stat())]), [], linked=False)
    if next(files, None) is None:
        raise CorpusUnreadable(
            f"The corpus folder {corpus} holds no Markdown file.", "Name another with --corpus."
        )


def list_files(corpus: Path) -> Listing:
    """Every Markdown file below `corpus`.

    Hidden files and folders are left out, and so are `node_modules` and `__pycache__`. Symbolic
    links are followed. A file with several paths is listed once: under the first path without a
    link, else under the first path.

    Raises:
        CorpusUnreadable: `corpus` is missing, is no folder, or cannot be listed.
    """
    _check_folder(corpus)
    problems: list[Problem] = []
    seen = frozenset([_identity(corpus.stat())])
    files = sorted(_walk(corpus, "", seen, problems, linked=False), reverse=True)
    by_identity = {
        identity: (path, stat) for _, path, stat, identity in files
    }  # the last one stays
    return Listing(
        corpus,
        dict(sorted(by_identity.values())),
        tuple(sorted(problems, key=lambda problem: problem.path)),
    )


def read_text(file: SourceFile) -> tuple[str, str]:
    """The text of a file with `\\n` line ends and no byte order mark, and the SHA-256 of its bytes.

    Raises:
        ValueError: the file is too large or is no text; the message tells the user why.
        OSError: the file cannot be read.
    """
    if file.size > MAX_BYTES:
        raise ValueError(
            f"{file.size / 2**20:.0f} MB; the limit is {MAX_BYTES // 2**20} MB. Split the file."
        )
    data = file.abs_path.read_bytes()
    return _decode(data), hashlib.sha256(data).hexdigest()


def _decode(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-16":
            line = data[: error.start].decode(encoding, "ignore").count("\n") + 1
            raise ValueError(
                f"not UTF-16: broken in line {line}. Save the file as UTF-8."
            ) from error
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"not UTF-8: byte 0x{data[error.start]:02x} in line {line}. "
            "Save the file as UTF-8 (for Latin-1: iconv -f latin1 -t utf-8)."
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ValueError(f"a NUL character in line {line}: not a text file.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _walk(
    corpus: Path, prefix: str, above: frozenset[int], problems: list[Problem], *, linked: bool
) -> Iterator[_ListedFile]:
    """The Markdown files below a folder of the corpus, in no order.

    Args:
        corpus: the corpus.
        prefix: the path of the folder, with `/` at its end; "" for the corpus itself.
        above: the identities of the folders above, which end circular links.
        problems: what cannot be listed is added to it.
        linked: whether a link leads to the folder.
    """
    try:
        with os.scandir(corpus / prefix) as scan:
            children = list(scan)
    except OSError as error:
        problems.append(
            Problem(_printable(prefix.rstrip("/")), 0, f"cannot list the folder: {error.strerror}")
        )
        return
    for child in children:
        name = child.name
        _, dot, suffix = name.rpartition(".")
        is_markdown = dot + suffix.lower() in SUFFIXES
        if name.startswith(".") or name in SKIPPED_FOLDERS:
            continue
        if not is_markdown and child.is_file(follow_symlinks=False):
            continue  # the folder says so; no look at the file is needed
        path = prefix + name
        by_link = linked or child.is_symlink()
        try:
            status = child.stat()
        except OSError as error:
            if is_markdown or not child.is_symlink():
                reason = (
                    "dangling symbolic link"
                    if isinstance(error, FileNotFoundError)
                    else error.strerror
                )
                problems.append(Problem(_printable(path), 0, f"cannot read: {reason}"))
            continue
        if stat.S_ISDIR(status.st_mode):
            identity = _identity(status)
            if identity in above:
                problems.append(
                    Problem(
                        _printable(path), 0, "circular symbolic link: points to a folder above it"
                    )
                )
            else:
                yield from _walk(corpus, path + "/", above | {identity}, problems, linked=by_link)
        elif is_markdown and not stat.S_ISREG(status.st_mode):
            problems.append(Problem(_printable(path), 0, "not a regular file"))
        elif is_markdown and not path.isascii() and _printable(path) != path:
            problems.append(
                Problem(_printable(path), 0, "the file name is not valid Unicode; rename it")
            )
        elif is_markdown:
            yield by_link, path, (status.st_size, status.st_mtime_ns), _identity(status)


def _check_folder(corpus: Path) -> None:
    if not corpus.exists():
        raise CorpusUnreadable(
            f"The corpus folder {corpus} does not exist.",
            "Name a folder of Markdown with --corpus.",
        )
    if not corpus.is_dir():
        raise CorpusUnreadable(
            f"The corpus {corpus} is not a folder.", "Name the folder that holds it with --corpus."
        )
    try:
        os.scandir(corpus).close()
    except OSError as error:
        raise CorpusUnreadable(
            f"Cannot list the corpus folder {corpus}: {error.strerror}."
        ) from error


def _identity(status: os.stat_result) -> int:
    return status.st_dev << 64 | status.st_ino


def _printable(path: str) -> str:
    """The path with escapes for bytes that are no valid Unicode."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")
