"""What the page of a map holds, as data for its script: the entries, sections and questions.

Knows nothing of HTML. All text is as it will be read; the script shows it as text only.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import numpy as np

from qasearch.datatypes.entry import Entry, Reference, ReferenceKind
from qasearch.lab.algorithms.neighbours import nearest_neighbours
from qasearch.mapping.corpus_map import CorpusMap, MapQuestion
from qasearch.presenting.text.columns import truncated
from qasearch.presenting.text.map import VERDICTS
from qasearch.presenting.text.markdown import readable
from qasearch.presenting.text.numbers import percent
from qasearch.presenting.text.printable import one_line
from qasearch.reading.markdown.lines import in_fences

MAX_CHARACTERS = 6_000_000
"""The characters of all answers of a page together: they bound the size of its file.

They are divided equally among the entries. A longer answer is cut, and an entry keeps only as many
aliases and as many references as have so many characters."""

WEBGL_ENTRIES = 3_000
"""More entries than this are drawn by WebGL, fewer as SVG."""

_MIN_ANSWER = 240
"""Characters that an answer keeps however many entries there are."""
_NEAREST = 6
"""How many nearest entries the page lists for each entry."""
_SENTENCE_WIDTH = 220
"""Columns of text that a tooltip holds."""
_MIN_PROSE = 20
"""A line of prose has more characters than this."""

_Item = TypeVar("_Item", str, tuple[str, str])

_WEB = ("http://", "https://")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s|(?<=[。？！])")
_MARKUP = re.compile(r"[*`]|^#+ |\[(?=[^\]]*\]\()|(?<=\S)\]\([^)]*\)")
_LAST_WORD = re.compile(r"\s\S{0,24}\Z")
_PROSE = re.compile(r"[^\W\d_]|[*`$(\[\"'“]")  # how a line of prose begins


def page_content(corpus_map: CorpusMap, corpus: Path, file: Path) -> dict[str, Any]:
    """The data of a page that is to be written to `file`.

    An entry is a row of values, to keep a large page small; `fields` names them.
    """
    space = corpus_map.space
    counts = Counter(space.sections)
    sections = sorted(counts, key=lambda name: (-counts[name], name))
    section_numbers = {name: number for number, name in enumerate(sections)}
    limit = max(_MIN_ANSWER, MAX_CHARACTERS // len(space.entries))
    entries = [
        {
            "x": x,
            "y": y,
            "section": section_numbers[section],
            "nearest": pairs,
            **entry_content(entry, limit),
        }
        for (x, y), section, pairs, entry in zip(
            corpus_map.xy.round(4).tolist(),
            space.sections,
            _nearest_pairs(corpus_map),
            space.entries,
            strict=True,
        )
    ]
    return {
        "webgl": uses_webgl(corpus_map),
        "sections": [one_line(name) for name in sections],
        "fields": list(entries[0]),
        "entries": [list(entry.values()) for entry in entries],
        "base": _link(corpus, file.resolve().parent),
        "asked": [_question_content(question) for question in corpus_map.questions],
    }


def uses_webgl(corpus_map: CorpusMap) -> bool:
    """Whether the page draws its points by WebGL."""
    return len(corpus_map.space.entries) > WEBGL_ENTRIES


def entry_content(entry: Entry, limit: int) -> dict[str, Any]:
    """What the page says of an entry, with at most `limit` characters of its answer."""
    is_cut = len(entry.answer) > limit
    markdown = _LAST_WORD.sub("", entry.answer[:limit]) if is_cut else entry.answer
    answer = readable(markdown, entry.column_start).strip("\n")
    return {
        "id": one_line(entry.id),
        "question": one_line(entry.question),
        "aliases": _within(limit, [one_line(alias) for alias in entry.aliases]),
        "sentence": first_sentence(answer),
        "answer": answer + (" …" if is_cut else ""),
        "cut": is_cut,
        "breadcrumb": " › ".join(map(one_line, entry.breadcrumb)),
        "path": entry.path,
        "line": entry.question_line,
        "references": _within(limit, [_reference_content(link) for link in entry.references]),
    }


def first_sentence(answer: str) -> str:
    """The first sentence of the first line of prose, without markup, cut to what a tooltip holds.

    An answer without a line of prose gives its beginning.
    """
    lines = answer.splitlines()
    for line, is_fenced in zip(lines, in_fences(lines), strict=True):
        if not is_fenced and len(line) > _MIN_PROSE and _PROSE.match(line):
            sentence = _SENTENCE_END.split(_MARKUP.sub("", one_line(line)), maxsplit=1)[0]
            return truncated(sentence, _SENTENCE_WIDTH)
    return truncated(one_line(answer), _SENTENCE_WIDTH)


def _nearest_pairs(corpus_map: CorpusMap) -> list[list[tuple[float, float]]]:
    """For each entry its nearest entries, as pairs of number and cosine, nearest first."""
    vectors = corpus_map.space.vectors
    numbers, cosines = nearest_neighbours(vectors, min(_NEAREST, len(vectors) - 1))
    pairs: list[list[tuple[float, float]]] = np.stack([numbers, cosines.round(2)], axis=2).tolist()
    return pairs


def _question_content(question: MapQuestion) -> dict[str, Any]:
    return {
        "question": question.question,
        "verdict": question.verdict.value,
        "outcome": VERDICTS[question.verdict],
        "missing": one_line(question.missing),
        "confidence": _percent(question.confidence),
        "xy": question.xy,
        "hits": [[number, _percent(confidence)] for number, confidence in question.hits],
    }


def _percent(confidence: float) -> str:
    """A percentage that a browser does not break in two."""
    return percent(confidence).replace(" ", "\u00a0")


def _reference_content(reference: Reference) -> tuple[str, str]:
    """The text of a reference, and its address or "" if the page must not open it."""
    is_web = reference.kind is ReferenceKind.WEB and reference.target.lower().startswith(_WEB)
    text = one_line(reference.text) or one_line(reference.target)
    return text, reference.target if is_web else ""


def _within(limit: int, items: Sequence[_Item]) -> list[_Item]:
    """The first items, texts or pairs of texts, that together have at most `limit` characters."""
    lengths = accumulate(
        len(item) if isinstance(item, str) else sum(map(len, item)) for item in items
    )
    return list(items[: sum(length <= limit for length in lengths)])


def _link(corpus: Path, folder: Path) -> str:
    """The corpus as seen from a folder, as the beginning of a link.

    It begins with `./`, so that no name of a folder is taken for a scheme.
    """
    try:
        path = os.path.relpath(corpus, folder)
    except ValueError:  # on Windows, the corpus is on another drive
        return f"{corpus.as_uri()}/"
    return f"./{quote(Path(path).as_posix())}/"
