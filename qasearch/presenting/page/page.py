"""The map of a corpus as one HTML file that needs no network: plotly.js, the page's own script and
the data are in it.

`map_page.html`, `.css` and `.js` beside this file are put together here. Whatever the corpus says
is data and never markup: it stands as JSON in a script element, and the page shows it by
`textContent` only. A Content-Security-Policy lets the two scripts run that are in the page, by
their hashes, and nothing be fetched.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from collections import Counter
from html import escape
from importlib.resources import files
from itertools import accumulate
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from qasearch.datatypes.entry import Entry, Reference, ReferenceKind
from qasearch.datatypes.index import IndexState
from qasearch.lab.algorithms.duplicates import nearest
from qasearch.mapping.corpus_map import METHODS, CorpusMap
from qasearch.presenting.text.markdown import readable
from qasearch.presenting.text.printable import one_line
from qasearch.presenting.text.reply import percent

CHARACTERS = 6_000_000
"""So many characters of answers are in a page, divided among its entries: an answer that is longer
is cut, and of other wordings and references only as many are kept."""

WEBGL = 3_000
"""More entries than this are drawn by WebGL, whose commands plotly.js compiles: the policy has to
allow `eval`."""

_LEAST, _NEAR, _SENTENCE = 240, 6, 220
_WEB = ("http://", "https://")
_UNSAFE = re.compile("[<>&\u2028\u2029]")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s|(?<=[。？！])")
_MARKUP = re.compile(r"[*`]|^#+ |\[(?=[^\]]*\]\()|(?<=\S)\]\([^)]*\)")
_LAST_WORD = re.compile(r"\s\S{0,24}\Z")
_PROSE = re.compile(r"[^\W\d_]|[*`$(\[\"'“]")


def page(shown: CorpusMap, corpus: Path, state: IndexState, file: Path) -> bytes:
    """The page that shows a map, to be written to `file`, from which its links to the corpus
    lead.
    """
    from plotly.offline import get_plotlyjs

    heading = f"Map of {one_line(corpus.name) or 'the corpus'}"
    facts = (
        f"{state.entries:,} entries", f"{len(set(shown.space.sections))} sections", state.model,
        METHODS[shown.method], f"built {state.built_at[:10]}",
    )  # fmt: skip
    plotly, script = get_plotlyjs(), _part("map_page.js")
    hashes = " ".join(f"'sha256-{_sha256(each)}'" for each in (plotly, script))
    compiles = " 'unsafe-eval'" if len(shown.space.entries) > WEBGL else ""
    parts = {
        "POLICY": f"default-src 'none'; script-src {hashes}{compiles}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'",
        "HEADING": escape(heading),
        "FACTS": escape(" · ".join(facts)),
        "SENTENCES": "\n".join(f"<p>{escape(each)}</p>" for each in shown.sentences),
        "STYLE": _part("map_page.css"),
        "PLOTLY": plotly,
        "SCRIPT": script,
        "DATA": _embedded(_data(shown, corpus, file)),
    }
    # in one pass, so that nothing is looked for in what was put in
    return re.sub(
        r"\{\{([A-Z]+)\}\}", lambda match: parts[match[1]], _part("map_page.html")
    ).encode()


def _data(shown: CorpusMap, corpus: Path, file: Path) -> dict[str, Any]:
    space = shown.space
    counts = Counter(space.sections)
    names = sorted(counts, key=lambda name: (-counts[name], name))
    limit = max(_LEAST, CHARACTERS // len(space.entries))
    near, cosines = nearest(space.vectors, min(_NEAR, len(space.entries) - 1))
    pairs = np.stack([near, cosines.round(2)], axis=2).tolist()
    places = {name: number for number, name in enumerate(names)}
    return {
        "webgl": len(space.entries) > WEBGL,
        "sections": [one_line(name) for name in names],
        "entries": [
            [*xy, places[section], others, *_entry(entry, limit)]
            for xy, section, others, entry in zip(
                shown.xy.round(4).tolist(), space.sections, pairs, space.entries, strict=True
            )
        ],
        "base": _link(corpus, file.resolve().parent),
        "asked": [
            {
                "question": each.question, "verdict": each.verdict.value, "confidence": _percent(each.confidence),
                "xy": each.xy, "hits": [[number, _percent(confidence)] for number, confidence in each.hits],
            }
            for each in shown.asked
        ],
    }  # fmt: skip


def _percent(confidence: float) -> str:
    return percent(confidence).replace(" ", "\u00a0")


def _entry(entry: Entry, limit: int) -> list[Any]:
    """What the page knows of an entry, in the order in which its script reads it."""
    cut = len(entry.answer) > limit
    kept = _LAST_WORD.sub("", entry.answer[:limit]) if cut else entry.answer
    answer = readable(kept, entry.column_start).strip("\n")
    return [
        one_line(entry.id), one_line(entry.question), _within(limit, [one_line(alias) for alias in entry.aliases]),
        first_sentence(answer), answer + (" …" if cut else ""), int(cut), " › ".join(map(one_line, entry.breadcrumb)),
        entry.path, entry.question_line, _within(limit, [_reference(each) for each in entry.references]),
    ]  # fmt: skip


def _within(limit: int, texts: list[Any]) -> list[Any]:
    """The first of these texts, or pairs of texts, that have no more characters than the limit."""
    lengths = accumulate(
        len(text) if isinstance(text, str) else sum(map(len, text)) for text in texts
    )
    return texts[: sum(length <= limit for length in lengths)]


def _reference(reference: Reference) -> list[str]:
    """Its text, and its address if that may be opened from the page."""
    web = reference.kind is ReferenceKind.WEB and reference.target.lower().startswith(_WEB)
    text = one_line(reference.text) or one_line(reference.target)
    return [text, reference.target if web else ""]


def first_sentence(answer: str) -> str:
    """The first sentence of the first line that is prose, without markup, cut to what a tooltip
    holds.
    """
    fenced = False
    for line in answer.splitlines():
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        if (
            not fenced
            and len(line) > 20
            and not line.startswith(("#", "|", "```", "~~~"))
            and _PROSE.match(line)
        ):
            sentence = _SENTENCE_END.split(_MARKUP.sub("", one_line(line)), maxsplit=1)[0]
            return sentence if len(sentence) <= _SENTENCE else f"{sentence[: _SENTENCE - 1]}…"
    return one_line(answer)[:_SENTENCE]


def _link(corpus: Path, folder: Path) -> str:
    """The corpus as seen from a folder, as the beginning of links; it never begins with what could
    be a scheme.
    """
    try:
        way = os.path.relpath(corpus, folder)
    except ValueError:  # on another drive of Windows
        return f"{corpus.as_uri()}/"
    return f"./{quote(Path(way).as_posix())}/"


def _part(name: str) -> str:
    return files("qasearch.presenting.page").joinpath(name).read_text(encoding="utf-8")


def _sha256(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _embedded(data: dict[str, Any]) -> str:
    """JSON that no HTML parser takes for markup."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    text = text.encode(errors="replace").decode()  # half a surrogate pair is no text
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
