"""All ways in which documents mark a question, from the most explicit to the least.

To add a way, write a module with `find`, and add a line to `FINDERS`, a member to `Rule`, and a
file with cases to the fixtures of the tests. The rest of qasearch learns of it by `Rule` alone.

What a finder may do to the others is said in `FINDERS`, and nowhere else. A section does not belong
to the first finder that finds questions in it: only some finders claim sections. The questions of
the others have an end of their own, so that a section can hold questions of several kinds.
Front matter is no way of marking in this sense: it decides about the whole file (`whole_file`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qasearch.datatypes.entry import Rule
from qasearch.reading.document.marks import Mark
from qasearch.reading.document.outline import Outline
from qasearch.reading.document.sections import Section
from qasearch.reading.finders import (
    bold,
    callouts,
    definitions,
    details,
    headings,
    item_headings,
    labels,
    list_items,
    notes,
    paragraphs,
    pointers,
    tables,
    topics,
)
from qasearch.reading.finders.findings import Claims, Findings, LooksIn


@dataclass(frozen=True, slots=True)
class Finder:
    """A way of marking a question, and what it yields to.

    Attributes:
        find: the questions in some sections of a document, given what earlier finders found.
        looks_in: the sections that it is given.
        claims: the sections that later finders leave alone, if it finds questions.
        only_after: it runs only if a question is marked in this way.
        only_if_nothing: it runs only if no finder before it found a question.
    """

    find: Callable[[Findings, Sequence[Section]], list[Mark]]
    looks_in: LooksIn = LooksIn.ALL
    claims: Claims = Claims.NOTHING
    only_after: Rule | None = None
    only_if_nothing: bool = False

    def runs(self, findings: Findings) -> bool:
        """Whether it runs after these findings."""
        if self.only_if_nothing and findings.marks:
            return False
        return self.only_after is None or findings.has(self.only_after)


FINDERS = (
    Finder(headings.find, claims=Claims.SECTIONS_AND_BELOW),
    Finder(details.find),
    Finder(callouts.find, LooksIn.UNCLAIMED),
    Finder(labels.find, LooksIn.UNCLAIMED, Claims.SECTIONS),
    Finder(item_headings.find, LooksIn.UNCLAIMED, Claims.SECTIONS),
    Finder(tables.find, LooksIn.UNCLAIMED_NEW),
    Finder(definitions.find, LooksIn.UNCLAIMED_NEW),
    Finder(bold.find, LooksIn.UNCLAIMED_NEW, Claims.SECTIONS),
    Finder(list_items.find, LooksIn.UNCLAIMED_NEW, Claims.SECTIONS),
    Finder(paragraphs.find, LooksIn.UNCLAIMED_NEW, Claims.SECTIONS),
    Finder(pointers.find, only_after=Rule.LIST_ITEM),
    Finder(topics.find, only_after=Rule.LIST_ITEM),
    Finder(headings.find_by_title, only_if_nothing=True),
    Finder(notes.find),
)
"""Headings come first: what stands below a question is its answer, whatever it looks like. Notes
come last: they are what no other finder took."""


def find_questions(outline: Outline) -> Findings:
    """The questions in the body of a document; none if it is only an index of other documents.

    A form that others fill in asks, but nobody answers: it is notes.
    """
    findings = Findings(outline)
    if outline.is_index:
        return findings
    for finder in FINDERS[-1:] if outline.is_form else FINDERS:
        if finder.runs(findings):
            sections = findings.sections(finder.looks_in)
            findings.add(finder.find(findings, sections), finder.claims)
    return findings
