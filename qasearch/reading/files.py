"""A folder to the text of its Markdown files: walk, read, decode, hash.

The only part of reading that uses the disk. A file that cannot be read becomes a `Problem`, and the
walk goes on.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Container, Iterable, Iterator, Set
from dataclasses import dataclass
from pathlib import Path

from qasearch.datatypes.entry import Problem
from qasearch.datatypes.flavour import Flavour
from qasearch.datatypes.rules import NO_RULES, CorpusRules, ToldFlavour
from qasearch.datatypes.stamp import Stamp
from qasearch.errors import CorpusUnreadable
from qasearch.reading.flavours import MARKERS, flavour_above, flavour_of
from qasearch.reading.ignoring import (
    NO_LAYERS,
    SUFFIXES,
    Layers,
    PatternList,
    layers_of_setting,
    parse,
)
from qasearch.reading.repository import (
    GIT_IGNORE,
    OWN_IGNORE,
    lines_of,
    with_lists_above,
    with_repository,
)

__all__ = ["SUFFIXES", "Listing", "SourceFile", "check_corpus", "list_files", "read_text"]

MAX_BYTES = 32 * 1024 * 1024
"""A larger file is reported and not read: no text with questions and answers is that long."""

SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "site-packages", "venv"})
"""Folders of which nothing is read, by name: others wrote what is in them."""

_ENVIRONMENT = frozenset({"pyvenv.cfg", "conda-meta"})
_PARTS_OF_ENVIRONMENT = (frozenset({"lib", "Lib", "lib64"}), frozenset({"bin", "Scripts"}))
_LISTS = frozenset({GIT_IGNORE, OWN_IGNORE})
_TELLING = MARKERS | _LISTS | _ENVIRONMENT | {".git"}
"""Most folders have none of these names, and only these names are looked for."""

_HIDDEN = "hidden: its name begins with a dot"
_OF_PACKAGES = "a folder of installed packages"
_OF_ENVIRONMENT = "a virtual environment"
_LINKS_TO_EXCLUDED = "a link to what is left out: "

_ON_WINDOWS = os.name == "nt"
_MAX_INTEGER = 2**63 - 1
"""The largest number that a column of an index can hold."""

_ListedFile = tuple[bool, str, Stamp, int]
"""Whether a link leads to a file, its path, its stamp and its identity.

Plain tuples: the garbage collector leaves them alone, so a hundred thousand of them cost little.
"""


def read_as(flavour: Flavour, private_headings: Iterable[str] = ()) -> str:
    """What decides how a file is read besides its text, as one text."""
    return "\n".join([flavour.value, *private_headings])


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A Markdown file of the corpus.

    Attributes:
        path: relative to the corpus.
        abs_path: where it is.
        size: in bytes.
        mtime_ns: its time stamp.
        inode: its number in the file system.
        ctime_ns: when it changed last in any way.
        flavour: that of its folder.
        private_headings: the headings of the sections that are not read.
    """

    path: str
    abs_path: Path
    size: int
    mtime_ns: int
    inode: int = 0
    ctime_ns: int = 0
    flavour: Flavour = Flavour.PLAIN
    private_headings: tuple[str, ...] = ()

    @property
    def stamp(self) -> Stamp:
        """What tells whether it changed."""
        read = read_as(self.flavour, self.private_headings)
        return self.size, self.mtime_ns, self.inode, self.ctime_ns, read


@dataclass(frozen=True, slots=True)
class Skipped:
    """A Markdown file, or a folder with `/` at its end, that is not read, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a corpus by path, sorted, and what could not be listed.

    Attributes:
        corpus: the corpus.
        stamps: of each file.
        problems: what could not be listed.
        skipped: what is left out, by path.
        flavours: each flavour with its marker, the corpus first.
        unreadable: the folders that could not be listed, with `/` at their ends.
        layers: the patterns that hold in the corpus.
    """

    corpus: Path
    stamps: dict[str, Stamp]
    problems: tuple[Problem, ...]
    skipped: tuple[Skipped, ...] = ()
    flavours: tuple[ToldFlavour, ...] = ()
    unreadable: tuple[str, ...] = ()
    layers: Layers = NO_LAYERS

    @property
    def files(self) -> tuple[SourceFile, ...]:
        """The files, in the order of their paths."""
        return tuple(map(self.file, self.stamps))

    def file(self, path: str) -> SourceFile:
        """The file at a path of the listing."""
        size, mtime_ns, inode, ctime_ns, read = self.stamps[path]
        flavour, *headings = read.split("\n")
        return SourceFile(
            path,
            self.corpus / path,
            size,
            mtime_ns,
            inode,
            ctime_ns,
            Flavour(flavour),
            tuple(headings),
        )

    def unreadable_above(self, path: str) -> str:
        """The folder above a path that could not be listed; "" if all could, or if the path is
        left out anyway.
        """
        for folder in self.unreadable:
            if path.startswith(folder):
                return "" if _excluded(self.layers, self.corpus, path) else folder
        return ""


def check_corpus(corpus: Path, rules: CorpusRules = NO_RULES) -> None:
    """Check that there is a Markdown file; the walk ends at the first one.

    Raises:
        CorpusUnreadable: `corpus` cannot be listed, or holds no Markdown.
    """
    _check_folder(corpus)
    walk = _Walk(corpus, rules)
    if next(walk.files(), None) is not None:
        return
    excluded = [skipped for skipped in walk.skipped if skipped.reason.startswith("excluded")]
    if excluded:
        first = f"{excluded[0].path} ({excluded[0].reason})"
        more = f" and {len(excluded) - 1} more" if len(excluded) > 1 else ""
        raise CorpusUnreadable(
            f"The corpus folder {corpus} holds no Markdown file that is not left out: "
            f"{_printable(first)}{more}.",
            "See all reasons: qasearch list --explain .",
        )
    raise CorpusUnreadable(
        f"The corpus folder {corpus} holds no Markdown file.", "Name another with --corpus."
    )


def list_files(corpus: Path, rules: CorpusRules = NO_RULES) -> Listing:
    """Every Markdown file below `corpus` that is to be read.

    Left out are hidden files and folders, installed packages, virtual environments, and what the
    patterns exclude. Symbolic links are followed. A file with several paths is listed once: under
    the first path without a link, else under the first path.

    Raises:
        CorpusUnreadable: `corpus` is missing, is no folder, or cannot be listed.
    """
    _check_folder(corpus)
    walk = _Walk(corpus, rules)
    files = sorted(walk.files(), reverse=True)
    by_identity = {
        identity: (path, stamp) for _, path, stamp, identity in files
    }  # the last one stays
    return Listing(
        corpus,
        dict(sorted(by_identity.values())),
        tuple(sorted(walk.problems, key=lambda problem: problem.path)),
        tuple(sorted(walk.skipped, key=lambda skipped: skipped.path)),
        tuple(walk.flavours) or (ToldFlavour(Flavour.PLAIN, ""),),
        tuple(walk.unreadable),
        walk.layers,
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


class _Walk:
    """One walk through a corpus: its Markdown files, and on the way all else that is said of it."""

    def __init__(self, corpus: Path, rules: CorpusRules) -> None:
        self.problems: list[Problem] = []
        self.skipped: list[Skipped] = []
        self.flavours: list[ToldFlavour] = []
        self.unreadable: list[str] = []
        self._corpus = corpus
        self._is_flavour_set = rules.flavour is not None
        self.layers = with_lists_above(layers_of_setting(rules.exclude or ()), corpus)
        if rules.flavour is not None:
            told: ToldFlavour | None = ToldFlavour(rules.flavour, "the setting flavour")
        else:
            told = flavour_above(corpus)
        self._flavour = told.flavour if told else Flavour.PLAIN
        if told:
            self.flavours.append(told)

    def files(self) -> Iterator[_ListedFile]:
        """The Markdown files, in no order."""
        above = frozenset([_identity(self._corpus.stat())])
        return self._below("", above, self.layers, self._flavour, linked=False)

    def _below(
        self,
        prefix: str,
        above: frozenset[int],
        layers: Layers,
        flavour: Flavour,
        *,
        linked: bool,
    ) -> Iterator[_ListedFile]:
        """The Markdown files below a folder of the corpus, in no order.

        Args:
            prefix: the path of the folder, with `/` at its end; "" for the corpus itself.
            above: the identities of the folders above, which end circular links.
            layers: the patterns that hold in the folder above.
            flavour: that of the folder above.
            linked: whether a link leads to the folder.
        """
        children = self._children(prefix)
        entered = self._enter(prefix, {child.name for child in children}, layers, flavour)
        if entered is None:
            return
        layers, flavour = entered
        read, for_files = read_as(flavour), layers.for_files()
        are_all_read = for_files is NO_LAYERS
        for child in children:
            name = child.name
            _, dot, suffix = name.rpartition(".")
            is_markdown = dot + suffix.lower() in SUFFIXES
            is_file = child.is_file(follow_symlinks=False)
            if is_file and not is_markdown:
                continue  # the folder says so; no look at the file is needed
            path = prefix + name
            if not is_file:
                yield from self._other(child, path, above, layers, flavour, linked=linked)
                continue
            may_be_left_out = not are_all_read or name[0] == "."
            if may_be_left_out and (reason := _left_out(for_files, path, name, is_folder=False)):
                self.skipped.append(Skipped(path, reason))
                continue
            if (status := self._status(child, path, is_markdown=True)) is None:
                continue
            if not path.isascii() and (fault := _fault(path, status)):
                self._problem(path, fault)
                continue
            headings = layers.private_headings(path, name) if layers.sections else ()
            yield (
                linked,
                path,
                _stamp(status, read_as(flavour, headings) if headings else read),
                _identity(status),
            )

    def _other(
        self,
        child: os.DirEntry[str],
        path: str,
        above: frozenset[int],
        layers: Layers,
        flavour: Flavour,
        *,
        linked: bool,
    ) -> Iterator[_ListedFile]:
        """The Markdown files in or behind a folder or a link; see `_below`."""
        is_link, is_markdown = child.is_symlink(), path.lower().endswith(tuple(SUFFIXES))
        is_folder = not (is_markdown and is_link)
        shown = f"{path}/" if is_folder else path
        if reason := _left_out(layers, path, child.name, is_folder=is_folder):
            self.skipped.append(Skipped(shown, reason))
            return
        status = self._status(child, path, is_markdown=is_markdown)
        if status is None:
            return
        if is_link and (reason := self._excluded_target(child.path)):
            self.skipped.append(Skipped(shown, reason))
        elif stat.S_ISDIR(status.st_mode):
            identity = _identity(status)
            if identity in above:
                self._problem(path, "circular symbolic link: points to a folder above it")
            else:
                yield from self._below(
                    f"{path}/", above | {identity}, layers, flavour, linked=linked or is_link
                )
        elif is_markdown and (fault := _fault(path, status)):
            self._problem(path, fault)
        elif is_markdown:
            headings = layers.private_headings(path, child.name)
            yield True, path, _stamp(status, read_as(flavour, headings)), _identity(status)

    def _children(self, prefix: str) -> list[os.DirEntry[str]]:
        """What is in a folder; nothing if it cannot be listed, which is a problem."""
        try:
            with os.scandir(self._corpus / prefix) as scan:
                return list(scan)
        except OSError as error:
            self.unreadable.append(prefix)
            self._problem(prefix.rstrip("/"), f"cannot list the folder: {error.strerror}")
            return []

    def _enter(
        self, prefix: str, names: Set[str], layers: Layers, flavour: Flavour
    ) -> tuple[Layers, Flavour] | None:
        """The patterns and the flavour that hold in a folder; None if it is not read.

        `layers` and `flavour` are those of the folder above.
        """
        if _TELLING.isdisjoint(names) and not prefix.lower().endswith("env/"):
            return layers, flavour
        if prefix and _is_environment(prefix, names):
            self.skipped.append(Skipped(prefix, _OF_ENVIRONMENT))
            return None
        layers = _entered(layers, self._corpus, prefix, names)
        if not prefix:
            self.layers = layers
        return layers, self._told(prefix, names) or flavour

    def _status(
        self, child: os.DirEntry[str], path: str, *, is_markdown: bool
    ) -> os.stat_result | None:
        """The status of what is there; None if nobody can tell, which may be a problem."""
        try:
            return os.stat(child.path) if _ON_WINDOWS else child.stat()  # noqa: PTH116
        except OSError as error:
            is_gone = isinstance(error, FileNotFoundError)
            if not is_gone:  # a file or a folder: nothing tells which
                self.unreadable.append(f"{path}/")
            if is_markdown or not is_gone or not child.is_symlink():
                reason = "dangling symbolic link" if is_gone else error.strerror
                self._problem(path, f"cannot read: {reason}")
            return None

    def _told(self, prefix: str, names: Set[str]) -> Flavour | None:
        """The flavour that a folder tells; None for nothing, or if the setting tells it."""
        if self._is_flavour_set or MARKERS.isdisjoint(names):
            return None
        told = flavour_of(self._corpus / prefix, names)
        if told is None:
            return None
        flavour, marker = told
        if not prefix:
            self.flavours.clear()  # the corpus is nearer than what lies above it
        self.flavours.append(ToldFlavour(flavour, prefix + marker))
        return flavour

    def _excluded_target(self, link: str) -> str:
        """Why what a link leads to is left out, if it lies in the corpus; "" if it is not."""
        root, target = os.path.realpath(self._corpus), os.path.realpath(link)
        if not target.startswith(root + os.sep):
            return ""
        inside = target[len(root) + 1 :].replace(os.sep, "/")
        reason = _excluded(self.layers, self._corpus, inside)
        return f"{_LINKS_TO_EXCLUDED}{reason}" if reason else ""

    def _problem(self, path: str, reason: str) -> None:
        self.problems.append(Problem(_printable(path), 0, reason))


def _stamp(status: os.stat_result, read: str) -> Stamp:
    return (
        status.st_size,
        status.st_mtime_ns,
        status.st_ino & _MAX_INTEGER,
        status.st_ctime_ns,
        read,
    )


def _fault(path: str, status: os.stat_result) -> str:
    """Why what has the name of a Markdown file cannot be read; "" if it can."""
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    if not path.isascii() and _printable(path) != path:
        return "the file name is not valid Unicode; rename it"
    return ""


def _left_out(layers: Layers, path: str, name: str, *, is_folder: bool) -> str:
    """Why a folder or a Markdown file is not read, as far as its name tells; "" if it is."""
    if name.startswith("."):
        return _HIDDEN
    if name in SKIPPED_FOLDERS or f"/{path}/".endswith("/logseq/bak/"):
        return _OF_PACKAGES
    if layers is NO_LAYERS:
        return ""
    return layers.excluding(path, name, is_folder=is_folder)


def _is_environment(prefix: str, names: Set[str]) -> bool:
    """Whether a folder is a virtual environment of Python, or one of conda."""
    if not _ENVIRONMENT.isdisjoint(names):
        return True
    is_named = prefix.rstrip("/").rpartition("/")[2].lower() == "env"
    return is_named and not any(part.isdisjoint(names) for part in _PARTS_OF_ENVIRONMENT)


def _entered(layers: Layers, corpus: Path, prefix: str, names: Container[str]) -> Layers:
    """The patterns that hold in a folder, given those of the folder above."""
    folder = corpus / prefix
    if prefix and ".git" in names:
        layers = with_repository(layers, folder, corpus, prefix)
    if GIT_IGNORE in names and layers.in_repository:
        source = prefix + GIT_IGNORE
        patterns = parse(lines_of(folder / GIT_IGNORE))
        layers = layers.with_repository(PatternList(source, patterns, strip=len(prefix)))
    if OWN_IGNORE in names:
        patterns = parse(lines_of(folder / OWN_IGNORE), sections=True)
        layers = layers.with_own(prefix + OWN_IGNORE, patterns, strip=len(prefix))
    return layers


def _excluded(layers: Layers, corpus: Path, path: str) -> str:
    """Why a path of the corpus is left out, asking about each folder on the way; "" if it is not.

    `layers` are those of the corpus; the lists of the folders on the way are read.
    """
    parts = path.split("/")
    for end, name in enumerate(parts, start=1):
        here = "/".join(parts[:end])
        is_folder = end < len(parts) or not here.lower().endswith(tuple(SUFFIXES))
        if reason := _left_out(layers, here, name, is_folder=is_folder):
            return reason
        if is_folder:
            names = {name for name in (*_LISTS, ".git") if os.path.lexists(corpus / here / name)}
            layers = _entered(layers, corpus, f"{here}/", names)
    return ""


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
