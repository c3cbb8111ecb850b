"""An entry, its passages and references, and the document that holds them.

Owns what a piece of a corpus is. Knows no file system, no index and no screen.

Lines and columns are 1-based and inclusive everywhere. Paths are relative to the corpus and are
written with `/` on every platform.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum


class Rule(StrEnum):
    """The way in which a document marks the question of an entry.

    `qasearch.reading.finders.registry` says how each of them is found, and in which order.
    """

    FRONT_MATTER = "front_matter"
    HEADING = "heading"
    DETAILS = "details"
    CALLOUT = "callout"
    LABEL = "label"
    HEADING_IN_LIST_ITEM = "heading_in_list_item"
    TABLE = "table"
    DEFINITION = "definition"
    BOLD = "bold"
    LIST_ITEM = "list_item"
    PARAGRAPH = "paragraph"
    POINTER = "pointer"
    TOPIC = "topic"
    SECTION = "section"
    SECTION_OVERVIEW = "section_overview"
    LINKS = "links"

    @property
    def is_note(self) -> bool:
        """Whether the document marks no question: the entry is a section of plain notes."""
        return self in (Rule.SECTION, Rule.SECTION_OVERVIEW, Rule.LINKS)


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
    """A link, an image, a footnote, or a source that the front matter names.

    `exists` tells whether the target exists. It is None for addresses in the web, which are never
    looked up, for every reference that was not looked up yet, and for attachments that may be
    anywhere in the corpus. `by_name` tells that the target may be anywhere, as in wiki links.
    """

    text: str
    target: str
    kind: ReferenceKind
    line: int
    exists: bool | None = None
    by_name: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Another place of the corpus that has the same question and the same answer.

    `line` is the line of the question there, `id` the id of the entry there.
    """

    path: str
    line: int
    id: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A question with its answer: the unit that is searched and shown.

    Attributes:
        id: unique in the corpus; see `qasearch.identity`.
        question: the words of the question on one line, without numbering and markup.
        aliases: other wordings of the question, from the front matter.
        answer: an exact slice of the file without hidden text, from `column_start` of `line_start`
            to `column_end` of `line_end`. It consists of whole lines, except where question and
            answer share a line.
        answered: False if the document gives no answer. Then `answer` is empty, and the lines and
            columns are those of the question.
        breadcrumb: the headings above the question, the outermost first.
        tags: the tags of the file (front matter, a line of tags at its top), then those on the
            lines of the entry.
        references: the references in question and answer, by line.
        path: the file.
        question_line: the first line of the question.
        question_line_end: the last line of the question, `question_body` included.
        question_body: the code, the choices or the picture below the wording that belong to the
            question, as Markdown; "" if there are none.
        rule: the way in which the document marks the question.
        also_at: the other places that have the same question with the same answer.
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
    rule: Rule
    column_start: int
    column_end: int
    question_line_end: int
    question_body: str = ""
    also_at: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of an entry that has a vector of its own.

    Attributes:
        kind: the part of the entry.
        text: what is shown; for an answer, a slice of the file.
        embedded: what the encoder reads: the text without markup, and for a piece of an answer the
            headings and the question in front of it.
    """

    kind: PassageKind
    text: str
    embedded: str
    line_start: int
    line_end: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault of the corpus that its owner should mend. `line` is 0 if the fault has no line."""

    path: str
    line: int
    reason: str

    def __str__(self) -> str:
        """`path:line: reason`, or `path: reason` without a line."""
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Document:
    """One Markdown file as it was read.

    Attributes:
        path: the file.
        entries: the entries in the order of their lines, with the ids that the path and the
            question give them (derived ids).
        anchors: the fragments that a link to this document may name: GitHub's slugs of the
            headings, and the ids in HTML.
        problems: what is wrong in the file.
        declared_ids: the derived id of an entry to the id that its front matter declares.
        pairs: the derived id of each answered entry to the digest of its question and answer.
            Two entries that say the same in the same words have the same digest.
    """

    path: str
    entries: tuple[Entry, ...]
    anchors: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    declared_ids: dict[str, str] = field(default_factory=dict)
    pairs: dict[str, str] = field(default_factory=dict)


_A_WORD = re.compile(r"[^\W\d_]{3}|[^\W\d_a-zA-Z]")
"""Three letters, or one that is not Latin: words of other scripts may be shorter."""


def has_a_word(question: str) -> bool:
    """Whether a question says anything; the name of a file that stands for one, such as `000123`,
    does not.
    """
    return _A_WORD.search(question) is not None
