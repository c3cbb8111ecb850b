"""Replies and entries as text, as JSON and on a terminal, which obeys nothing of a corpus."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from qasearch.datatypes.entry import (
    Entry,
    Passage,
    PassageKind,
    Place,
    Problem,
    Reference,
    ReferenceKind,
    Rule,
)
from qasearch.datatypes.index import BuildReport, IndexState
from qasearch.datatypes.reply import Gap, GapKind, Hit, Mention, Reply, Timing, Verdict
from qasearch.evaluation.limits import Check, Limit
from qasearch.evaluation.metric_table import METRICS
from qasearch.presenting.schemas.ask import ASK
from qasearch.presenting.schemas.entry import ENTRY
from qasearch.presenting.schemas.error import error_fields
from qasearch.presenting.schemas.fields import dumps
from qasearch.presenting.schemas.index import BUILD
from qasearch.presenting.terminal import show_entry, show_hit, show_references, show_reply
from qasearch.presenting.text.build import build_text
from qasearch.presenting.text.evaluation import check_text
from qasearch.presenting.text.lines import line_text
from qasearch.presenting.text.markdown import readable
from qasearch.presenting.text.numbers import percent
from qasearch.presenting.text.printable import one_line, visible
from qasearch.presenting.text.reply import (
    entry_text,
    reference_lines,
    reply_text,
    short_path,
    vimgrep,
)
from qasearch.reading.markdown.lines import outdented

CORPUS = Path("/corpus")
ESCAPE = "\x1b]0;title\x07\x1b[31m"
OBEYED = {"Cc", "Cs", "Zl", "Zp"}
DIRECTIONS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
MARKS = {"\u061c", "\u200e", "\u200f"}

HOSTILE = st.text(
    st.one_of(
        st.sampled_from("\x1b\x07\x08\r\t\n\x7f\x9b\x9d\u2028\u202e\u2066\ud800 ab|`*#<>[]$\\&;-_"),
        st.characters(),
    ),
    max_size=60,
)


def is_obeyed(char: str) -> bool:
    """Whether a terminal obeys a character, by the tables of Unicode.

    These are controls except tab and line feed, surrogates, separators and marks of direction.
    """
    return char not in "\t\n" and (
        unicodedata.category(char) in OBEYED
        or unicodedata.bidirectional(char) in DIRECTIONS
        or char in MARKS
    )


def entry(**changes: Any) -> Entry:
    default = Entry(
        id="drinks#what-is-tea",
        question="What is tea?",
        aliases=("tea",),
        answer="A hot drink.",
        answered=True,
        breadcrumb=("Drinks", "Hot"),
        tags=("drink",),
        references=(),
        path="drinks.md",
        line_start=12,
        line_end=14,
        question_line=11,
        rule=Rule.SECTION,
        column_start=1,
        column_end=12,
        question_line_end=11,
    )
    return replace(default, **changes)


def hit(of: Entry | None = None, *, rank: int = 1, confidence: float = 0.875) -> Hit:
    of = of or entry()
    passage = Passage(PassageKind.ANSWER, "A hot drink.", "What is tea? A hot drink.", 12, 13)
    path = f"{CORPUS}/{of.path}"
    return Hit(
        rank, of, path, 0.12345678, confidence, PassageKind.ANSWER, passage, {"dense": 0.98765432}
    )


INDEX = IndexState(
    "/index", "2025-01-02T03:04:05Z", 1, 2, 3, "a-model", stale=True, changed_files=("new.md",)
)


def reply(verdict: Verdict, *hits: Hit, gap: Gap | None = None) -> Reply:
    timing, notes = Timing(1.5, 0.25, 1.75), ("A remark.",)
    return Reply("what's tea", verdict, INDEX, timing, hits, notes, gap)


def lacking(kind: GapKind, mention: Mention | None = None) -> Gap:
    return Gap(kind, ("mate",), "No entry contains 'mate'.", mention)


COFFEE = hit(
    entry(question="What is coffee?", path="more/coffee.md", line_start=3, breadcrumb=()),
    rank=2,
    confidence=0.25,
)
MENTION = Mention(COFFEE.entry, COFFEE.abs_path, 7, "Mate is no coffee, mates say.", ("Mate",))
UNANSWERED = entry(question="What is mate?", answer="", answered=False, line_start=11, line_end=11)
LINKS = (
    Reference("Tea", "https://tea.example", ReferenceKind.WEB, 13),
    Reference("https://tea.example", "https://tea.example", ReferenceKind.WEB, 13),
    Reference("Pot", "pot.md", ReferenceKind.FILE, 13, exists=True),
    Reference("Cup", "cup.md", ReferenceKind.FILE, 13, exists=False),
    Reference("", "cup.png", ReferenceKind.IMAGE, 14, exists=False),
    Reference("[^1]", "From a book.", ReferenceKind.FOOTNOTE, 14, exists=True),
    Reference("[^2]", "", ReferenceKind.FOOTNOTE, 14, exists=False),
)


# What a terminal would obey


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("bell\x07 back\x08 form\x0c vertical\x0b", "bell␇ back␈ form␌ vertical␋"),
        ("over\rwritten\x7f\x00", "over␍written␡␀"),
        ("\x9b31m \x85 \x80 \x9f", "\ufffd31m \ufffd \ufffd \ufffd"),
        (
            "\u202eevil\u202c \u2066a\u2069 \u200e\u200f\u061c",
            "\ufffdevil\ufffd \ufffda\ufffd \ufffd\ufffd\ufffd",
        ),
        ("a\u2028b\u2029c", "a\ufffdb\ufffdc"),
        ("\ud800 \udfff", "\ufffd \ufffd"),
        ("a\tb\nc", "a\tb\nc"),
        ("é 東 👩‍🔬 ئا \u00a0 ∑ᵢ", "é 東 👩‍🔬 ئا \u00a0 ∑ᵢ"),
    ],
)
def test_visible(text: str, expected: str) -> None:
    assert visible(text) == expected


def test_one_line() -> None:
    assert one_line("  a\n\n b\t\tc\r\n") == "a b c"
    assert one_line("a\u2028b\x0cc\x85d\x1ce") == "a b c d e"
    assert one_line("a\x1b[2J\nb") == "a␛[2J b"


def test_what_visible_replaces_is_what_unicode_says_of_every_character() -> None:
    every = "".join(map(chr, range(0x110000)))
    assert [char for char in every if visible(char) != char] == [
        char for char in every if is_obeyed(char)
    ]


@settings(deadline=None)
@given(HOSTILE)
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    safe = visible(text)
    assert not any(map(is_obeyed, safe))
    assert len(safe) == len(text)
    assert visible(safe) == safe
    line = one_line(text)
    assert not any(map(is_obeyed, line))
    assert line.splitlines() in ([line], [])
    assert "\t" not in line
    assert one_line(line) == line


# JSON


@settings(deadline=None)
@given(
    st.text(
        st.one_of(
            st.sampled_from('\x1b\x9b\u2028\u202e"\\\n\t'), st.characters(exclude_categories=["Cs"])
        )
    )
)
def test_json_round_trip(text: str) -> None:
    for indent in (None, 2):
        written = dumps({"text": text, text: [1.5, None, True]}, indent=indent)
        assert json.loads(written) == {"text": text, text: [1.5, None, True]}
        assert not any(map(is_obeyed, written))
        assert "\t" not in written
        assert indent or "\n" not in written


def test_json_with_half_a_character_is_still_utf_8() -> None:
    assert dumps({"a": "\ud800é\x7f"}).encode() == b'{"a": "\\ud800\xc3\xa9\\u007f"}'


def test_every_field_of_a_reply() -> None:
    reference = Reference("Tea", "https://tea.example", ReferenceKind.WEB, 13)
    made = entry(
        references=(reference,),
        question_line_end=12,
        question_body="    tea()",
        column_start=5,
        also_at=(Place("old.md", 3, "old#what-is-tea"),),
    )
    assert ASK.render(reply(Verdict.ANSWER, hit(made))) == {
        "schema": "qasearch.ask/1",
        "query": "what's tea",
        "verdict": "answer",
        "gap": None,
        "index": {
            "path": "/index",
            "built_at": "2025-01-02T03:04:05Z",
            "documents": 1,
            "entries": 2,
            "passages": 3,
            "model": "a-model",
            "stale": True,
            "changed_files": ["new.md"],
        },
        "timing_ms": {"encode": 1.5, "search": 0.25, "total": 1.75},
        "results": [
            {
                "rank": 1,
                "id": "drinks#what-is-tea",
                "question": "What is tea?",
                "answer": "A hot drink.",
                "answered": True,
                "breadcrumb": ["Drinks", "Hot"],
                "tags": ["drink"],
                "path": "drinks.md",
                "abs_path": "/corpus/drinks.md",
                "line_start": 12,
                "line_end": 14,
                "question_line": 11,
                "question_line_end": 12,
                "question_body": "    tea()",
                "column_start": 5,
                "column_end": 12,
                "also_at": [{"path": "old.md", "line": 3, "id": "old#what-is-tea"}],
                "score": 0.123457,
                "confidence": 0.875,
                "matched_on": "answer",
                "passage": {"text": "A hot drink.", "line_start": 12, "line_end": 13},
                "signals": {"dense": 0.987654},
                "references": [
                    {
                        "text": "Tea",
                        "target": "https://tea.example",
                        "kind": "web",
                        "line": 13,
                        "exists": None,
                    }
                ],
            }
        ],
        "notes": ["A remark."],
    }


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_reply_survives_json(verdict: Verdict) -> None:
    fields = ASK.render(reply(verdict, hit(entry(references=LINKS)), COFFEE))
    assert json.loads(dumps(fields)) == fields
    assert [reference["kind"] for reference in fields["results"][0]["references"]] == [
        "web",
        "web",
        "file",
        "file",
        "image",
        "footnote",
        "footnote",
    ]
    assert ASK.render(reply(Verdict.NONE))["results"] == []


def test_every_field_of_an_entry_an_error_and_a_build() -> None:
    assert ENTRY.render((entry(), "/corpus/drinks.md")) == {
        "schema": "qasearch.entry/1",
        "id": "drinks#what-is-tea",
        "question": "What is tea?",
        "aliases": ["tea"],
        "answer": "A hot drink.",
        "answered": True,
        "breadcrumb": ["Drinks", "Hot"],
        "tags": ["drink"],
        "path": "drinks.md",
        "abs_path": str(Path("/corpus/drinks.md")),
        "line_start": 12,
        "line_end": 14,
        "question_line": 11,
        "question_line_end": 11,
        "question_body": "",
        "column_start": 1,
        "column_end": 12,
        "also_at": [],
        "rule": "section",
        "references": [],
    }
    assert error_fields("IndexMissing", "No index.", "Build it.") == {
        "schema": "qasearch.error/1",
        "error": {"type": "IndexMissing", "message": "No index.", "hint": "Build it."},
    }
    assert BUILD.render(REPORT) == {
        "schema": "qasearch.build/1",
        "corpus": "/corpus",
        "index": "/index",
        "model": "a-model",
        "documents": {"total": 5, "added": 1, "changed": 0, "removed": 2, "unchanged": 4},
        "entries": 20,
        "unanswered": 3,
        "passages": 60,
        "embedded": 7,
        "elapsed_s": 1.235,
        "problems": [{"path": "bad.md", "line": 4, "reason": "not valid"}],
    }


REPORT = BuildReport(
    "/corpus",
    "/index",
    "a-model",
    5,
    1,
    0,
    2,
    4,
    20,
    3,
    60,
    7,
    1.23456,
    (Problem("bad.md", 4, "not valid"),),
)


# Text


def test_an_answer_as_text() -> None:
    first = hit(entry(answer="A hot\n\n- drink\n", references=LINKS[:1]))
    assert reply_text(reply(Verdict.ANSWER, first, COFFEE), CORPUS) == (
        "What is tea?\n"
        "Drinks › Hot  drinks.md:12  87 %\n"
        "\n"
        "A hot\n"
        "\n"
        "- drink\n"
        "\n"
        "References\n"
        "[1] Tea: https://tea.example\n"
        "\n"
        "Also:\n"
        "  2.  25 %  What is coffee?  more/coffee.md:3"
    )


def test_a_weak_answer_as_text() -> None:
    weak = reply(Verdict.WEAK, hit(confidence=0.40625), gap=lacking(GapKind.RELATED))
    assert reply_text(weak, Path("/elsewhere")) == (
        "No sure answer. No entry contains 'mate'. Nearest on the subject:\n"
        "\n"
        "What is tea?\n"
        "Drinks › Hot  /corpus/drinks.md:12  40 %\n"
        "\n"
        "A hot drink."
    )


def test_no_answer_as_text() -> None:
    gap = lacking(GapKind.NOTHING)
    assert reply_text(reply(Verdict.NONE, hit(confidence=0.0625), COFFEE, gap=gap), CORPUS) == (
        "No good answer. No entry contains 'mate'.\n"
        "\n"
        "Nearest:\n"
        "  1.   6 %  What is tea?  drinks.md:12\n"
        "  2.  25 %  What is coffee?  more/coffee.md:3"
    )
    nothing = "No good answer. No entry contains 'mate'."
    assert reply_text(reply(Verdict.NONE, gap=gap), CORPUS) == nothing


def test_a_mention_as_text() -> None:
    gap = lacking(GapKind.MENTION, MENTION)
    assert reply_text(reply(Verdict.WEAK, hit(), gap=gap), CORPUS) == (
        "No sure answer. No entry contains 'mate'.\n"
        "\n"
        "Mentioned in 'What is coffee?'  more/coffee.md:7\n"
        "  **Mate** is no coffee, mates say.\n"
        "\n"
        "Nearest:\n"
        "  1.  87 %  What is tea?  drinks.md:12"
    )
    assert vimgrep(reply(Verdict.WEAK, hit(), gap=gap), CORPUS) == (
        "No sure answer. No entry contains 'mate'.\n"
        "more/coffee.md:7:1:Mate is no coffee, mates say.\n"
        "drinks.md:12:1:What is tea?"
    )


def test_a_question_without_an_answer_as_text() -> None:
    gap = Gap(GapKind.NOTHING, (), "The closest question, 'What is mate?', has no answer yet.")
    assert reply_text(reply(Verdict.NONE, hit(UNANSWERED), COFFEE, gap=gap), CORPUS) == (
        "No good answer. The closest question, 'What is mate?', has no answer yet.\n"
        "\n"
        "Nearest:\n"
        "  1.  87 %  What is mate?  (no answer yet)  drinks.md:11\n"
        "  2.  25 %  What is coffee?  more/coffee.md:3"
    )


def test_a_runner_up_without_an_answer_as_text() -> None:
    runner_up = hit(UNANSWERED, rank=2, confidence=0.5)
    assert reply_text(reply(Verdict.ANSWER, hit(), runner_up), CORPUS).endswith(
        "\n\nAlso:\n  2.  50 %  What is mate?  (no answer yet)  drinks.md:11"
    )


def test_an_entry_as_text() -> None:
    assert entry_text(entry(aliases=("tea", "chai")), "/corpus/drinks.md", CORPUS) == (
        "What is tea?\n"
        "Drinks › Hot  drinks.md:12\n"
        "id: drinks#what-is-tea\n"
        "also asked as: tea; chai\n"
        "tags: drink\n"
        "\nA hot drink."
    )
    assert entry_text(UNANSWERED, "/corpus/drinks.md", CORPUS).endswith(
        "\n\nThis question has no answer in the corpus yet."
    )


def test_references_as_text() -> None:
    assert reference_lines(LINKS) == [
        "[1] Tea: https://tea.example",
        "[2] https://tea.example",
        "[3] Pot: pot.md",
        "[4] Cup: cup.md (missing)",
        "[5] cup.png (missing)",
        "[6] [^1]: From a book.",
        "[7] [^2]",
    ]


def test_a_build_as_text() -> None:
    assert build_text(REPORT) == (
        "problem: bad.md:4: not valid\n"
        "5 files: 1 added, 2 removed; 7 texts embedded in 1.2 s\n"
        "20 entries (3 unanswered), 60 passages in /index"
    )
    nothing = replace(
        REPORT,
        documents=1,
        added=0,
        removed=0,
        unanswered=0,
        embedded=0,
        elapsed_s=0.04,
        problems=(),
    )
    assert build_text(nothing) == (
        "1 file: nothing changed; 0 texts embedded in 0.0 s\n20 entries, 60 passages in /index"
    )


def test_a_line_of_a_file_as_text() -> None:
    assert line_text(7, "question", "tea#what", "heading", "## 東京\x1b") == (
        "    7  question      heading       ## 東京␛" + " " * 64 + "  tea#what"
    )
    long = line_text(12, "answer", "", "", "\t" + "x" * 80)
    assert long == "   12  answer" + " " * 22 + "    " + "x" * 67 + "…"


@pytest.mark.parametrize(
    ("metric", "value", "limit", "expected"),
    [
        ("hit@5", 0.8, 0.9, "hit@5 is 0.80, below the minimum of 0.90."),
        ("hit@1", 2 / 3, 0.9125, "hit@1 is 0.667, below the minimum of 0.9125."),
        ("brier", 0.125, 0.0, "brier is 0.125, above the maximum of 0.00."),
        ("hit@1", 0.89995, 0.9, "hit@1 is 0.89995, below the minimum of 0.90."),
        ("hit@1", 0.0, 1.0, "hit@1 is 0.00, below the minimum of 1.00."),
    ],
)
def test_a_failed_check_as_text(metric: str, value: float, limit: float, expected: str) -> None:
    assert check_text(Check(Limit(METRICS[metric], limit), value)) == expected


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [
        (0.0, "0 %"),
        (0.0078125, "0 %"),
        (0.125, "12 %"),
        (0.5, "50 %"),
        (0.9921875, "99 %"),
        (1.0, "99 %"),
    ],
)
def test_percent_is_cut_off_and_never_100(confidence: float, expected: str) -> None:
    assert percent(confidence) == expected


def test_a_path_is_shortened_only_inside_the_working_folder() -> None:
    assert short_path("/home/ada/corpus/a.md", Path("/home/ada")) == str(Path("corpus/a.md"))
    assert short_path("/home/ada/corpus/a.md", Path("/home/ada/corpus")) == "a.md"
    assert short_path("/home/ada/corpus/a.md", Path("/home/ada/corp")) == "/home/ada/corpus/a.md"
    assert (
        short_path("/home/ada/corpus/a.md", Path("/home/ada/corpus/below"))
        == "/home/ada/corpus/a.md"
    )


VIMGREP = re.compile(r"(?P<path>[^:]+):(?P<line>[1-9]\d*):(?P<column>[1-9]\d*):(?P<text>.*)")


def test_vimgrep() -> None:
    assert vimgrep(reply(Verdict.ANSWER, hit(), COFFEE), CORPUS) == (
        "drinks.md:12:1:What is tea?\nmore/coffee.md:3:1:What is coffee?"
    )
    assert vimgrep(reply(Verdict.NONE), CORPUS) == ""


@settings(deadline=None)
@given(
    question=HOSTILE,
    path=st.text(st.characters(exclude_characters=":/\0")),
    line=st.integers(1, 10**6),
)
def test_a_vimgrep_result_is_one_line_that_parses(question: str, path: str, line: int) -> None:
    written = vimgrep(
        reply(Verdict.ANSWER, hit(entry(question=question, path=f"a{path}", line_start=line))),
        CORPUS,
    )
    assert written.splitlines() == [written]
    match = VIMGREP.fullmatch(written)
    assert match
    assert (int(match["line"]), match["column"], match["text"]) == (line, "1", one_line(question))


@pytest.mark.parametrize("path", ["my  notes.md", "screenshot\u202fpm.md", "no\u00a0break.md"])
def test_a_path_that_needs_no_escape_is_shown_as_it_is(path: str) -> None:
    match = VIMGREP.fullmatch(vimgrep(reply(Verdict.ANSWER, hit(entry(path=path))), CORPUS))
    assert match
    assert match["path"] == path


@settings(deadline=None)
@given(HOSTILE, HOSTILE)
def test_nothing_of_a_corpus_is_obeyed_in_text(label: str, text: str) -> None:
    hostile = hostile_entry(label, text)
    texts = [
        reply_text(reply(Verdict.ANSWER, hit(hostile), hit(hostile, rank=2)), CORPUS),
        reply_text(reply(Verdict.NONE, hit(hostile)), CORPUS),
        entry_text(hostile, f"/corpus/{hostile.path}", CORPUS),
        build_text(replace(REPORT, problems=(Problem(label, 1, text),), index=label)),
    ]
    assert not any(map(is_obeyed, "".join(texts)))


def hostile_entry(label: str, text: str) -> Entry:
    """An entry with foreign text wherever a corpus may bring some."""
    return entry(
        id=label,
        question=label,
        aliases=(label, text),
        answer=text,
        breadcrumb=(label, text),
        tags=(text,),
        references=(Reference(label, text, ReferenceKind.FILE, 1, exists=False),),
        path=label.replace("\0", "").replace("/", "") + "a.md",
    )


# Markdown to be read


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Text.\n  as it is\n", "Text.\n  as it is\n"),
        ("   A list item:\n\n   - one\n     more\n", "A list item:\n\n- one\n  more\n"),
        ("\n  after a blank line\n\n      code\n", "\nafter a blank line\n\n    code\n"),
        ("    deep\n  less\nnone", "deep\nless\nnone"),
        ("   ```py\n   if x:\n       y\n   ```", "```py\nif x:\n    y\n```"),
        ("\ta\n\t\tb", "a\n    b"),
        ("", ""),
        ("  ", "  "),
    ],
)
def test_an_answer_of_a_list_item_is_outdented(answer: str, expected: str) -> None:
    assert outdented(answer) == expected
    assert readable(answer) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("a <b>bold</b>, <EM class='x'>word</EM>", "a bold, word"),
        ('see <a href="https://a.example">here</a>', "see here"),
        ("H<sub>2</sub>O", "H2O"),
        ("one<br>two<br/>three<BR />four", "one  \ntwo  \nthree  \nfour"),
        ('<img src="a.png" alt="A plot"> <img alt=\'B\' src="b.png"/>', "[A plot] [B]"),
        ('left <img src="a.png"> right', "left  right"),
        ("kept <!-- gone\n<b> --> too", "kept  too"),
        ("Wrap it in <StrictMode>, or <App />", "Wrap it in <StrictMode>, or <App />"),
        ("a List<String> of <T>, a < b and c > d", "a List<String> of <T>, a < b and c > d"),
        ("`<b>` and ``a ` <i>``", "`<b>` and ``a ` <i>``"),
        ("```html\n<b>x</b>\n```\n<b>y</b>", "```html\n<b>x</b>\n```\ny"),
        ("~~~\n<br>\n~~~\n", "~~~\n<br>\n~~~\n"),
        ("````\n```\n<b>\n````\n<b>z", "````\n```\n<b>\n````\nz"),
        ("```\n<b>never closed", "```\n<b>never closed"),
        ("<https://a.example> and <me@a.example>", "<https://a.example> and <me@a.example>"),
    ],
)
def test_html_is_taken_off_and_code_is_kept(answer: str, expected: str) -> None:
    assert readable(answer) == expected
    assert readable(answer, escape=True) == expected


@pytest.mark.parametrize(
    ("answer", "paragraphs"),
    [
        ("<details><summary>More</summary>\ninside\n</details>", ["More", "inside"]),
        ("<p align='center'>one</p><p>two</p>", ["one", "two"]),
        ("<ul><li>one</li><li>two</li></ul>", ["one", "two"]),
        ("<h2>Head</h2>text", ["Head", "text"]),
    ],
)
def test_blocks_of_html_become_paragraphs(answer: str, paragraphs: list[str]) -> None:
    assert [part.strip() for part in readable(answer).split("\n\n") if part.strip()] == paragraphs


def test_the_text_of_an_image_may_hold_an_apostrophe() -> None:
    assert readable('<img src="a.png" alt="Bayes\' rule">') == "[Bayes' rule]"


def test_tags_in_indented_code_are_kept() -> None:
    assert readable("Write:\n\n    <b>bold</b>\n") == "Write:\n\n    <b>bold</b>\n"


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(["word", "x", "-", "*", "#", "1.", "`", ">", "\n", "\n\n", "  ", "|", "é"])
    )
)
def test_no_word_is_lost(pieces: list[str]) -> None:
    text = " ".join(pieces)
    assert readable(text).split() == text.split()
    assert readable(text, escape=True).split() == text.split()


@settings(deadline=None)
@given(HOSTILE)
def test_readable_is_safe(text: str) -> None:
    assert not any(map(is_obeyed, readable(text)))
    assert not any(map(is_obeyed, readable(text, escape=True)))


# The terminal


def rendered(renderable: RenderableType, *, colour: bool = False) -> str:
    out = io.StringIO()
    on = {
        "force_terminal": True,
        "color_system": "standard",
        "no_color": False,
        "legacy_windows": False,
    }
    options: Any = on if colour else {}
    console = Console(file=out, width=80, highlight=False, **options)
    console.print(renderable)
    return out.getvalue()


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]


SGR = re.compile(r"\x1b\[[0-9;]*m")

MARKDOWN = """A **hot** drink, <b>brewed</b> from $x_1^2$ leaves:

1. boil
2. pour

- plain

```python
cup = "tea"
```
"""


def test_an_answer_on_a_terminal() -> None:
    output = rendered(
        show_reply(
            reply(Verdict.ANSWER, hit(entry(answer=MARKDOWN, references=LINKS[:2])), COFFEE), CORPUS
        )
    )
    assert lines(output) == [
        "What is tea?",
        "Drinks › Hot  drinks.md:12  87 %",
        "",
        "A hot drink, brewed from x₁² leaves:",
        "",
        " 1 boil",
        " 2 pour",
        "",
        " • plain",
        "",
        '    cup = "tea"',
        "",
        "References",
        "[1] Tea: https://tea.example",
        "[2] https://tea.example",
        "",
        "Also:",
        "  2.  25 %  What is coffee?  more/coffee.md:3",
    ]
    assert "\x1b" not in output
    assert all(len(line) <= 80 for line in output.splitlines())


def test_other_verdicts_on_a_terminal_say_what_the_text_says() -> None:
    for verdict, hits in [
        (Verdict.WEAK, (hit(), COFFEE)),
        (Verdict.NONE, (hit(), COFFEE)),
        (Verdict.NONE, (hit(UNANSWERED), COFFEE)),
        (Verdict.NONE, ()),
    ]:
        output = rendered(show_reply(reply(verdict, *hits), CORPUS))
        text = reply_text(reply(verdict, *hits), CORPUS)
        assert [line for line in lines(output) if line] == [
            line for line in text.splitlines() if line
        ]


def test_an_entry_without_an_answer_on_a_terminal() -> None:
    output = rendered(show_entry(UNANSWERED, "/corpus/drinks.md", CORPUS))
    assert lines(output) == [
        "What is mate?",
        "Drinks › Hot  drinks.md:11",
        "id: drinks#what-is-tea",
        "also asked as: tea",
        "tags: drink",
        "",
        "This question has no answer in the corpus yet.",
    ]


def test_markup_of_rich_in_a_corpus_is_text() -> None:
    links = (Reference("[i]r[/i]", "https://a.example/[b]", ReferenceKind.WEB, 13),)
    marked = entry(
        question="What is [bold]x[/bold]?",
        path="[red]a.md",
        answer="[blink]b[/blink] :smile:",
        references=links,
    )
    output = rendered(
        show_reply(reply(Verdict.ANSWER, hit(marked), hit(marked, rank=2)), CORPUS), colour=True
    )
    plain = lines(SGR.sub("", output))
    assert plain[:4] == [
        "What is [bold]x[/bold]?",
        "Drinks › Hot  [red]a.md:12  87 %",
        "",
        "[blink]b[/blink] :smile:",
    ]
    assert "[1] [i]r[/i]: https://a.example/[b]" in plain
    assert plain[-1] == "  2.  87 %  What is [bold]x[/bold]?  [red]a.md:12"


def test_long_words_are_folded_and_nothing_is_cut() -> None:
    long = "x" * 200
    output = rendered(
        show_hit(hit(entry(question=long, answer=f"`{long}`\n\n```\n{long}\n```\n")), CORPUS)
    )
    assert all(len(line) <= 80 for line in output.splitlines())
    assert output.count("x") == 600


HOSTILE_ENTRY = hostile_entry(
    ESCAPE, f"{ESCAPE}\n\n- {ESCAPE}\n\n```\n{ESCAPE}\n```\n\n[{ESCAPE}](<{ESCAPE}>)"
)


@pytest.mark.parametrize(
    "renderable",
    [
        show_reply(reply(Verdict.ANSWER, hit(HOSTILE_ENTRY), hit(HOSTILE_ENTRY, rank=2)), CORPUS),
        show_reply(reply(Verdict.NONE, hit(HOSTILE_ENTRY)), CORPUS),
        show_entry(HOSTILE_ENTRY, f"/corpus/{HOSTILE_ENTRY.path}", CORPUS),
        show_references(HOSTILE_ENTRY),
    ],
    ids=["answer", "none", "entry", "references"],
)
def test_escape_sequences_of_a_corpus_do_not_reach_the_terminal(renderable: RenderableType) -> None:
    plain, coloured = rendered(renderable), rendered(renderable, colour=True)
    assert "␛]0;title␇␛[31m" in plain
    assert not any(map(is_obeyed, plain))
    assert SGR.sub("", coloured) == plain


@settings(deadline=None)
@given(HOSTILE, HOSTILE)
def test_nothing_of_a_corpus_is_obeyed_on_a_terminal(label: str, text: str) -> None:
    renderable = show_reply(reply(Verdict.ANSWER, hit(hostile_entry(label, text))), CORPUS)
    assert not any(map(is_obeyed, SGR.sub("", rendered(renderable, colour=True))))


@pytest.mark.parametrize("reference", ["&#x202e;", "&rlm;", "&#8232;", "&#x2066;"])
def test_a_character_reference_does_not_reach_the_terminal(reference: str) -> None:
    output = rendered(show_hit(hit(entry(answer=f"an {reference}answer")), CORPUS))
    assert not any(map(is_obeyed, output))
