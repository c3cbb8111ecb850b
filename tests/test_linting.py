"""The faults that `qasearch lint` finds in a corpus, and what it does not report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from qasearch.encoding import load_encoder
from qasearch.linting import MAX_WORDS, Finding, FindingKind, lint
from qasearch.reading.corpus import read_corpus
from tests.conftest import ROOT, Command, Corpus


def findings(folder: Path, model: str | None = None) -> list[str]:
    entries, problems = read_corpus(folder)
    encoder = load_encoder(model, offline=True) if model else None
    return [
        f"{finding.path}:{finding.line} {finding.kind}: {finding.message}"
        for finding in lint(entries, problems, encoder)
    ]


def test_a_sound_corpus_has_no_findings(corpus: Corpus, tiny_model: str) -> None:
    links = "[milk](milk.md#what-is-milk) and [it](https://example.org/x)"
    folder = corpus(
        {
            "tea.md": f"# What is tea?\n\nA drink, see {links}.\n",
            "milk.md": "# What is milk?\n\nIt is white.[^1]\n\n[^1]: Mostly.\n",
        }
    )
    assert findings(folder, tiny_model) == []


def test_unanswered_questions_and_unreadable_files(corpus: Corpus) -> None:
    folder = corpus({"a.md": "# What is tea?\n\n# What is milk?\n\nWhite.\n", "b.md": b"\xe9"})
    assert findings(folder)[0] == "a.md:1 unanswered: 'What is tea?' has no answer"
    assert findings(folder)[1].startswith("b.md:0 unreadable: cannot read: not UTF-8")
    assert len(findings(folder)) == 2


def test_dead_targets(corpus: Corpus) -> None:
    text = (
        "# What is tea?\n\n[a](gone.md)\n[b](#nowhere)\n[c](a.md#what-is-tea)\n"
        "![d](gone.png)\n[e](a.md#gone)\n"
    )
    assert findings(corpus({"a.md": text})) == [
        "a.md:3 dead-link: there is no file 'gone.md'",
        "a.md:4 dead-anchor: there is no heading or anchor '#nowhere'",
        "a.md:6 missing-image: there is no image 'gone.png'",
        "a.md:7 dead-anchor: there is no heading or anchor 'a.md#gone'",
    ]


def test_a_question_that_is_asked_twice_is_a_duplicate(corpus: Corpus) -> None:
    folder = corpus(
        {
            "a.md": "# What is tea?\n\nA.\n\n# what is  TEA\n\nB.\n",
            "b.md": "# Drinks\n\n## What is it?\n\nWater.\n\n# Food\n\n## What is it?\n\nBread.\n",
            "c.md": "# What is tea?\n\nC.\n",
        }
    )
    assert findings(folder) == [
        "a.md:5 duplicate-question: 'what is TEA' is also asked in a.md:1",
        "c.md:1 duplicate-question: 'What is tea?' is also asked in a.md:1",
    ]


def test_a_copy_is_a_duplicate_and_the_same_words_about_other_code_are_not(corpus: Corpus) -> None:
    quiz = "## What is it?\n\n```\n{}\n```\n\n**Answer:** one\n\n"
    folder = corpus(
        {
            "a.md": "# What is tea?\n\nA.\n",
            "b.md": "# What is tea?\n\nA.\n",
            "c.md": quiz.format(1) + quiz.format(2),
        }
    )
    assert findings(folder) == [
        "b.md:1 duplicate-question: 'What is tea?' has the same answer in a.md:1"
    ]


def test_an_alias_that_another_entry_has_is_a_collision(corpus: Corpus) -> None:
    def entry(question: str, alias: str) -> str:
        return f"---\nquestion: {question}\naliases:\n- {alias}\n---\n\nYes.\n"

    folder = corpus(
        {
            "a.md": entry("What is tea?", "hot drink"),
            "b.md": entry("What is milk?", "Hot drink!"),
            "c.md": entry("A drink?", "What is tea"),
        }
    )
    assert findings(folder) == [
        "b.md:2 alias-collision: 'Hot drink!' is also a question or an alias in a.md:2",
        "c.md:2 alias-collision: 'What is tea' is also a question or an alias in a.md:2",
    ]


def test_near_duplicates_are_found_by_embedding(corpus: Corpus, tiny_model: str) -> None:
    folder = corpus(
        {
            "a.md": "# How do I restart the vpn server?\n\nSo.\n",
            "b.md": "# The vpn server, how do I restart?\n\nSo.\n",
            "c.md": "# How do I tune a piano?\n\nSo.\n",
            "d.md": "# What is rule 7?\n\nSo.\n\n# What is rule 8?\n\nSo.\n",
        }
    )
    assert findings(folder, tiny_model) == [
        "b.md:1 near-duplicate-question: 'The vpn server, how do I restart?' asks nearly the same "
        "as 'How do I restart the vpn server?' in a.md:1"
    ]


def test_an_answer_that_is_too_long(corpus: Corpus) -> None:
    folder = corpus(
        {
            "a.md": f"# What is tea?\n\n{'word ' * MAX_WORDS}\n",
            "b.md": f"# What is milk?\n\n{'word ' * (MAX_WORDS + 1)}\n",
        }
    )
    assert findings(folder) == [
        "b.md:1 too-long: the answer to 'What is milk?' has 1,501 words, more than 1,500: split it"
    ]


def test_a_corpus_without_entries_has_no_findings(corpus: Corpus, tiny_model: str) -> None:
    assert findings(corpus({"a.md": ""}), tiny_model) == []


def test_the_command(qasearch: Command, corpus: Corpus, tiny_model: str) -> None:
    corpus({"a.md": "# What is tea?\n\n# What is milk?\n\nWhite, [see](gone.md).\n"})
    run = qasearch("lint", "--corpus", "corpus", QASEARCH_MODEL=tiny_model)
    assert (run.code, run.err) == (1, "")
    assert run.out.splitlines() == [
        "a.md:1: unanswered: 'What is tea?' has no answer",
        "a.md:5: dead-link: there is no file 'gone.md'",
        "2 entries: 1 dead-link, 1 unanswered",
    ]
    report = json.loads(
        qasearch("lint", "--corpus", "corpus", "--json", QASEARCH_MODEL=tiny_model).out
    )
    assert (report["schema"], report["entries"]) == ("qasearch.lint/1", 2)
    assert report["findings"][1] == {
        "path": "a.md",
        "line": 5,
        "kind": "dead-link",
        "message": "there is no file 'gone.md'",
    }


@pytest.mark.slow
def test_the_bundled_corpus_has_no_faults() -> None:
    entries, problems = read_corpus(ROOT / "corpus")
    encoder = load_encoder("all-MiniLM-L6-v2", offline=True)
    assert lint(entries, problems, encoder) == list[Finding]()


def test_a_question_that_attracts_the_wordings_of_many_others(corpus: Corpus) -> None:
    """`hub` lies between the two wordings of each of the others, nearer to both than they are."""

    class Star:
        def encode_documents(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
            points = np.zeros((len(texts), 7))
            points[:, 6] = 1
            for row, text in enumerate(texts):
                if text != "hub":
                    points[row, int(text[1])] = 0.3 if text[0] == "q" else -0.3
            return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True), np.float32)

    front = "---\nquestion: {}\naliases: [{}]\n---\n\nAn answer.\n"
    files = {f"{number}.md": front.format(f"q{number}", f"a{number}") for number in range(6)}
    files["hub.md"] = "---\nquestion: hub\n---\n\nAn answer.\n"
    entries, problems = read_corpus(corpus(files))
    found = [
        finding
        for finding in lint(entries, problems, Star())  # type: ignore[arg-type]
        if finding.kind is FindingKind.ATTRACTS_OTHERS
    ]
    assert [(finding.path, finding.line) for finding in found] == [("hub.md", 2)]
    assert found[0].message == (
        "'hub' is nearest to wordings of 6 other questions, such as 'q0' in 0.md:2: say what it is "
        "about"
    )
    few = [entry for entry in entries if entry.path in ("hub.md", "0.md", "1.md", "2.md")]
    kinds = {finding.kind for finding in lint(few, [], Star())}  # type: ignore[arg-type]
    assert FindingKind.ATTRACTS_OTHERS not in kinds
