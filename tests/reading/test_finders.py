"""The registry of finders: which sections a finder leaves alone, and when it runs."""

from __future__ import annotations

import pkgutil
from collections import Counter
from types import ModuleType

from qasearch.datatypes.entry import Rule
from qasearch.reading import finders
from qasearch.reading.document.outline import Outline
from qasearch.reading.entries import read_document
from qasearch.reading.finders import (
    bold,
    headings,
    labels,
    list_items,
    pointers,
    registry,
    tables,
    topics,
)
from qasearch.reading.finders.findings import Claims, Findings, LooksIn
from qasearch.reading.finders.registry import FINDERS, Finder
from qasearch.reading.markdown.parsing import parse


def rules(text: str) -> list[str]:
    return [entry.rule for entry in read_document(text, "questions.md").entries]


def record(module: ModuleType) -> Finder:
    """The line of the registry for a module."""
    (finder,) = (finder for finder in FINDERS if finder.find.__module__ == module.__name__)
    return finder


def test_every_module_of_the_room_stands_in_the_registry() -> None:
    modules = {module.name for module in pkgutil.iter_modules(finders.__path__)}
    registered = Counter(finder.find.__module__.rpartition(".")[2] for finder in FINDERS)
    assert set(registered) == modules - {"registry", "findings"}
    assert {name for name, count in registered.items() if count > 1} == {"headings"}


LABELS = "Q: What is tea?\nA: A drink.\n\nQ: What is milk?\nA: White.\n\n"
ITEMS = "1. What is rice?\n2. What is salt?\n"
TABLE = "| Question | Answer |\n|---|---|\n| What is soup? | Food. |\n\n"


def test_a_finder_that_claims_sections_keeps_later_finders_out_of_them() -> None:
    assert record(labels).claims is Claims.SECTIONS
    assert record(list_items).looks_in is LooksIn.UNCLAIMED_NEW
    assert rules(LABELS + ITEMS) == [Rule.LABEL, Rule.LABEL]
    assert rules(f"{LABELS}## Food\n\n{ITEMS}") == [Rule.LABEL] * 2 + [Rule.LIST_ITEM] * 2


def test_a_section_can_hold_questions_of_finders_that_claim_nothing() -> None:
    assert record(tables).claims is Claims.NOTHING
    assert rules(TABLE + ITEMS) == [Rule.TABLE, Rule.LIST_ITEM, Rule.LIST_ITEM]


def test_sections_below_a_question_belong_to_it() -> None:
    assert rules(f"## What is food?\n\n### Kinds\n\n{ITEMS}") == [Rule.HEADING]


def test_some_finders_run_only_after_list_items() -> None:
    assert record(pointers).only_after is record(topics).only_after is Rule.LIST_ITEM
    paragraph = "## Optimizers\n\nComparison of optimizers - [blog](https://a.example)\n"
    assert Rule.POINTER not in rules(paragraph)
    assert Rule.POINTER in rules(f"## Food\n\n{ITEMS}\n{paragraph}")


QUESTIONS = "## What is tea?\n\nA drink.\n\n## What is milk?\n\nWhite.\n"
OVERVIEW = "## Overview\n\n* [What is tea?](x)\n* [What is milk?](y)\n\n"


def test_later_finders_do_not_look_in_sections_that_repeat_questions() -> None:
    findings = Findings(Outline(parse(OVERVIEW + QUESTIONS), "notes"))
    sections = findings.sections(LooksIn.ALL)
    findings.add(headings.find(findings, sections), Claims.SECTIONS_AND_BELOW)
    assert [section.title for section in sections] == [
        "",
        "Overview",
        "What is tea?",
        "What is milk?",
    ]
    assert findings.claimed == {2, 3}
    assert [section.number for section in findings.sections(LooksIn.UNCLAIMED)] == [0, 1]
    assert [section.number for section in findings.sections(LooksIn.UNCLAIMED_NEW)] == [0]
    assert findings.repeats == {1}
    assert [section.number for section in findings.sections(LooksIn.UNCLAIMED)] == [0]
    assert rules(OVERVIEW + QUESTIONS) == [Rule.HEADING, Rule.HEADING]


def test_an_index_of_other_documents_asks_nothing() -> None:
    parsed = parse("* [Tea](tea.md)\n* [Milk](milk.md)\n* [Rice](rice.md)\n")
    assert registry.find_questions(Outline(parsed, "notes")).marks == []


def test_bold_lines_claim_their_sections() -> None:
    assert record(bold).claims is Claims.SECTIONS
    text = f"**What is tea?**\n\nA drink.\n\n**What is milk?**\n\n{ITEMS}"
    assert rules(text) == [Rule.BOLD, Rule.BOLD]
