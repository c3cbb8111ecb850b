"""An entry, its passages and references, and the document that they stand in.

Line numbers are 1-based and inclusive everywhere. Paths inside a corpus are relative to it, with
`/` on every platform.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class ReferenceKind(StrEnum):
    """What a reference points to."""

    WEB = "web"
    FILE = "file"
    ANCHOR = "anchor"
    IMAGE = "image"
    FOOTNOTE = "footnote"


class PassageKind(StrEnum):
    """Which part of an entry a passage is."""

    QUESTION = "question"
    ALIAS = "alias"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Reference:
    """A link, image, footnote or front-matter source of an entry.

    `exists` is None where it cannot be known without the network (`WEB`) or was not looked up yet.
    """

    text: str
    target: str
    kind: ReferenceKind
    line: int
    exists: bool | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where else the same question has the same answer: the line of the question, and the id of the
    entry there.
    """

    path: str
    line: int
    id: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A question with its answer: the unit that is found and shown.

    `answer` is the exact slice of the file at `path` from `column_start` of `line_start` to
    `column_end` of `line_end` (1-based, in characters, inclusive): whole lines, except where
    question and answer share one. An entry that is not `answered` has an empty answer, and its
    place is that of the question.

    `rule` names the way in which the question was marked; it stands on `question_line` to
    `question_line_end`. `question_body` is what belongs to it below its wording, as Markdown: code,
    choices, a picture. `also_at` are other places of the corpus where the same question has the
    same answer.
    """

    id: str
    question: str
    aliases: tuple[str, ...]
    answer: str
    answered: bool
    breadcrumb: tuple[str, ...]
    tags: tuple[str, ...]
    references: tuple[Reference, ...]
    path: str
    line_start: int
    line_end: int
    question_line: int
    rule: str
    column_start: int
    column_end: int
    question_line_end: int
    question_body: str = ""
    also_at: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of an entry that gets a vector of its own.

    `text` is what is shown, and for an answer a slice of its file; `embedded` is what the encoder
    reads (the same in plain text, with the question in front as context).
    """

    kind: PassageKind
    text: str
    embedded: str
    line_start: int
    line_end: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the corpus that its owner should mend. `line` is 0 where no line is to blame."""

    path: str
    line: int
    reason: str

    def __str__(self) -> str:
        """`path:line: reason`."""
        return (
            f"{self.path}:{self.line}: {self.reason}"
            if self.line
            else f"{self.path}: {self.reason}"
        )


@dataclass(frozen=True, slots=True)
class Document:
    """One Markdown file as it was read.

    `anchors` are the fragment identifiers that a link may point to (GitHub's heading slugs, HTML
    ids). `declared_ids` maps the id of an entry to the one that its front matter asks for, `pairs`
    that of an answered entry to a digest of question and answer, alike where both say the same in
    the same words.
    """

    path: str
    entries: tuple[Entry, ...]
    anchors: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    declared_ids: dict[str, str] = field(default_factory=dict)
    pairs: dict[str, str] = field(default_factory=dict)
