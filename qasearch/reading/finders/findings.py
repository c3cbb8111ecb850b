"""What the finders of a document know of each other: the questions so far, and whose sections."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.extents import Span, spans
from qasearch.reading.document.marks import Mark
from qasearch.reading.document.outline import Outline
from qasearch.reading.document.repeats import repeating_sections
from qasearch.reading.document.sections import Section


class Claims(Enum):
    """Which sections a finder claims, so that most of the later finders leave them alone."""

    NOTHING = auto()
    """No section: a section can hold questions of several kinds."""

    SECTIONS = auto()
    """The sections in which its questions stand."""

    SECTIONS_AND_BELOW = auto()
    """The sections in which its questions stand, and the sections below these."""


class LooksIn(Enum):
    """In which sections a finder looks for questions."""

    ALL = auto()
    """In all sections, whoever claimed them."""

    UNCLAIMED = auto()
    """In the sections that no earlier finder claimed."""

    UNCLAIMED_NEW = auto()
    """In these, but not in sections that only repeat questions which were found before. The first
    finder that looks so decides for all later ones which sections these are."""


class Findings:
    """The questions that were found in a document so far.

    Attributes:
        outline: the document.
        marks: the questions, in the order in which they were found.
        claimed: the numbers of the sections that a finder has claimed.
        repeats: the numbers of the sections that only repeat questions of the document.
    """

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.marks: list[Mark] = []
        self.claimed: set[int] = set()
        self.repeats: frozenset[int] = frozenset()
        self._looked_for_repeats = False
        self._spans: list[Span] | None = None

    def spans(self) -> list[Span]:
        """The questions with what belongs to each of them, in the order of their lines."""
        if self._spans is None:
            self._spans = spans(self.outline, self.marks)
        return self._spans

    def has(self, rule: Rule) -> bool:
        """Whether a question is marked in this way."""
        return any(mark.rule is rule for mark in self.marks)

    def sections(self, looks_in: LooksIn) -> Sequence[Section]:
        """The sections in which a finder looks, in order."""
        if looks_in is LooksIn.ALL:
            return self.outline.sections
        if looks_in is LooksIn.UNCLAIMED_NEW and not self._looked_for_repeats:
            questions = [mark.question for mark in self.marks]
            self.repeats = repeating_sections(self._unclaimed(), questions)
            self.claimed |= self.repeats
            self._looked_for_repeats = True
        return self._unclaimed()

    def _unclaimed(self) -> list[Section]:
        return [section for section in self.outline.sections if section.number not in self.claimed]

    def add(self, marks: Sequence[Mark], claims: Claims) -> None:
        """Add the questions that a finder has found, and the sections that it claims."""
        if not marks:
            return
        self.marks += marks
        self._spans = None
        if claims is Claims.NOTHING:
            return
        self.claimed.update(self.outline.section_at(mark.line).number for mark in marks)
        if claims is Claims.SECTIONS_AND_BELOW:
            for section in self.outline.sections:  # a parent comes before its children
                if section.parent in self.claimed:
                    self.claimed.add(section.number)
