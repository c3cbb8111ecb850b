"""A mark: a question that a finder has found, and how far what belongs to it can reach."""

from __future__ import annotations

from dataclasses import dataclass

from qasearch.datatypes.entry import Rule
from qasearch.reading.markdown.blocks import Position

LIST_SCOPE = 7
"""The level of a question that is no heading: below all headings (1 to 6), so that any heading ends
its answer."""

HEADING_PATH = " › "
"""What joins headings to one text, the outermost first."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A question and where it stands.

    Attributes:
        rule: the way in which the question is marked.
        question: its words, without numbering and markup.
        line: the line on which it begins.
        body: the first character that can belong to the answer.
        scope: the level of the question: that of its heading, else `LIST_SCOPE`. A heading of this
            level or above ends the answer.
        breadcrumb: the headings above the question.
        nested: the question stands inside the answer of another question, which goes on below it.
        end: the last character that can belong to the answer; None if only the next question or
            heading ends the answer.
        is_linked: the whole question is a link, which leads to its answer.
        opens: the first line of what belongs to the question, if it stands above `line`; else 0.
        aside: the first and the last line of what belongs to the question though it stands above
            `body`, such as code in the summary of a folded part.
    """

    rule: Rule
    question: str
    line: int
    body: Position
    scope: int
    breadcrumb: tuple[str, ...]
    nested: bool = False
    end: Position | None = None
    is_linked: bool = False
    opens: int = 0
    aside: tuple[int, int] | None = None

    @property
    def first_line(self) -> int:
        """The first line of what belongs to the question."""
        return self.opens or self.line
