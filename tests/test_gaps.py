"""What a question asks for, what no entry contains, and where the corpus mentions it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import qasearch as package
from qasearch.datatypes.entry import PassageKind
from qasearch.datatypes.options import AskOptions, Trust
from qasearch.datatypes.reply import THRESHOLDS, GapKind, Hit, Verdict, verdict_of
from qasearch.ranking.confidence import DOUBTED
from qasearch.searching.gaps import Asked, find_gap
from qasearch.searching.mentions import find_mention
from qasearch.searching.wording import (
    asks_only_for,
    defined_term,
    has_initials,
    is_negated,
    phrases_of,
    says_no,
    terms_of,
)
from qasearch.storage.generations import OpenIndex
from tests.conftest import Corpus

NOTES = {
    "tea.md": (
        "---\nquestion: What is tea?\naliases:\n- hot drink\n- Why is green tea bitter?\n---\n\n"
        "Leaf in hot water. A samovar keeps the water hot.\n\nError E42 means that it is cold.\n"
    ),
    "milk.md": "# What is milk?\n\nA white drink. The samovar has none of it.\n",
    "organisation.md": "# How do I organise a tasting?\n\nWith the colour chart of QS-17.\n",
    "pots.md": (
        "# Pots for a tasting\n\n- [Clay](https://a.example) of clay\n- [Glass](https://b.example)\n"
        "- [Steel](https://c.example)\n"
    ),
    "rest.md": "# What does United Sugar Boards do?\n\nIt sells sugar in Glasgow since 1999.\n",
}


@pytest.fixture
def opened(corpus: Corpus, tmp_path: Path, tiny_model: str) -> Iterator[OpenIndex]:
    package.build(corpus(NOTES), tmp_path / "index", tiny_model)
    index = OpenIndex(tmp_path / "index")
    with index.snapshot():
        yield index
    index.close()


@pytest.fixture
def hits(opened: OpenIndex, corpus: Corpus, tmp_path: Path) -> dict[str, Hit]:
    """A hit for each entry, by the first word of its id."""
    with package.open(tmp_path / "corpus", tmp_path / "index") as index:
        found = index.ask("What is tea?", AskOptions(top_k=9)).hits
    return {hit.entry.path.removesuffix(".md"): hit for hit in found}


def rowid(opened: OpenIndex, hit: Hit) -> int:
    found = opened.database.rowid_of(hit.entry.id)
    assert found is not None
    return found


# Wording


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("What is tea?", ["tea"]),
        ("why?", []),
        ("help", []),
        ("a", []),
        ("What's the difference between milk and tea?", ["milk", "tea"]),
        ("how does it work", []),
        ("error E42 on 2024-05-01", ["error", "E42", "2024-05-01"]),
        ("what does `pour(tea)` do", ["pour(tea)"]),
        ('say "green tea" please', ["green tea"]),
        ("Bayes' theorem, don't they?", ["Bayes", "theorem"]),
        ("IT or US?", ["IT", "US"]),
        ("WHAT IS TEA", ["TEA"]),
        ("1/N + 1/k^2", ["1/N", "k^2"]),
        ("tea/milk", ["tea", "milk"]),
        ("C or R", ["C", "R"]),
        ("茶 是什么", ["茶", "是什么"]),
        ("tea TEA Tea", ["tea"]),
        ("`()` of tea", ["tea"]),
        (" ".join(f"word{number}x" for number in range(99)), [f"word{n}x" for n in range(64)]),
    ],
)
def test_what_a_question_asks_for(question: str, terms: list[str]) -> None:
    assert [term.text for term in terms_of(question)] == terms


@pytest.mark.parametrize("code", ["E42", "QS-4711", "v2.3", "2024-05-01", "1.5.2024", "2031"])
def test_ids_and_dates_are_codes(code: str) -> None:
    (term,) = terms_of(f"what is {code}")
    assert term.is_code


@pytest.mark.parametrize("word", ["tea", "p-value", "5pm", "100", "k-means", "LSTM"])
def test_words_and_amounts_are_no_codes(word: str) -> None:
    assert not any(term.is_code for term in terms_of(f"what about {word} here"))


def test_terms_that_follow_each_other_are_phrases() -> None:
    assert [term.text for term in phrases_of("how is green tea made in a tea house")] == [
        "green tea",
        "tea house",
    ]
    assert phrases_of("tea and milk") == []


@pytest.mark.parametrize(
    ("question", "is_it"),
    [
        ("which drink does not contain milk", True),
        ("what is a drink without sugar", True),
        ("something that isn't hot", True),
        ("I cannot log in, what now", False),
        ("why does tea not boil", False),
        ("which drink is hot", False),
    ],
)
def test_a_property_that_something_lacks(question: str, is_it: bool) -> None:
    assert is_negated(question) == is_it


def test_texts_that_can_agree_with_a_negation() -> None:
    texts = ["It has no sugar.", "unable to boil", "It isn't hot", "It has sugar."]
    assert [says_no(text) for text in texts] == [True, True, True, False]


@pytest.mark.parametrize(
    ("question", "term"),
    [
        ("what is a samovar", "samovar"),
        ("explain LSTM", "LSTM"),
        ("What does GAN stand for?", "GAN"),
        ("what is green tea", None),
        ("what is it", None),
        ("is tea hot", None),
    ],
)
def test_the_word_that_is_to_be_defined(question: str, term: str | None) -> None:
    found = defined_term(question)
    assert (found.text if found else None) == term


def test_a_wording_that_asks_for_one_thing() -> None:
    term = defined_term("what is recall")
    assert term
    assert asks_only_for(term, "What is recall?")
    assert asks_only_for(term, "recall, sensitivity, true positive rate")
    assert not asks_only_for(term, "recall of a car")


def test_what_an_acronym_stands_for() -> None:
    assert has_initials("USB", "What does United Sugar Boards do?")
    assert not has_initials("USB", "What is a universal bus?")
    assert not has_initials("U2", "Under two")


# Limits


@pytest.mark.parametrize(
    ("question", "entry", "reason"),
    [
        ("why?", "tea", "the question names nothing to look for"),
        ("x", "tea", "the question names nothing to look for"),
        ("tea and error E43", "tea", "no entry contains 'E43'"),
        ("tea on 2031-01-01", "tea", "no entry contains '2031-01-01'"),
        ("xylophone lessons", "tea", "no entry contains a word that the question asks for"),
        ("what is a samovar", "tea", "its question is about something else"),
        (
            "which drink does not contain sugar",
            "milk",
            "the question says 'not', and what was found does not",
        ),
        (
            "which pots are of clay",
            "pots",
            "it is a list of links that does not name all that the question asks for",
        ),
        ("what is of clay", "pots", ""),
        ("error E42", "tea", ""),
        ("error QS17", "organisation", ""),
        ("what is a hot drink", "tea", ""),
        ("what is tea", "tea", ""),
        ("USB", "rest", ""),
        ("tea organization", "tea", ""),
    ],
)
def test_what_speaks_against_a_hit(
    opened: OpenIndex, hits: dict[str, Hit], question: str, entry: str, reason: str
) -> None:
    hit = hits[entry]
    asked = Asked.of(question, opened.database.words)
    assert asked.doubt(hit, rowid(opened, hit)) == reason


def test_the_same_words_as_a_wording_are_never_doubted(
    corpus: Corpus, tmp_path: Path, tiny_model: str
) -> None:
    folder = corpus({"a.md": "# Why?\n\nBecause.\n", "b.md": "# What is tea?\n\nA drink.\n"})
    package.build(folder, tmp_path / "index", tiny_model)
    with package.open(folder, tmp_path / "index") as index:
        reply = index.ask("why", AskOptions(explain=True))
    first = reply.hits[0]
    assert first.entry.question == "Why?"
    assert first.explanation
    assert first.explanation.evidence.limit == 1


@pytest.mark.parametrize("trust", Trust)
def test_no_trust_answers_what_the_wording_speaks_against(trust: Trust) -> None:
    assert verdict_of(DOUBTED, trust) is not Verdict.ANSWER


def test_more_trust_answers_more() -> None:
    strict, balanced, open_ = (THRESHOLDS[trust] for trust in Trust)
    assert strict > balanced > open_
    assert strict.weak_from > balanced.weak_from > open_.weak_from
    assert all(threshold.weak_from < threshold.answer_from for threshold in THRESHOLDS.values())


# What is missing


@pytest.mark.parametrize(
    ("question", "missing", "sentence"),
    [
        ("what is a kettle", ("kettle",), "No entry contains 'kettle'."),
        ("kettle or percolator", ("kettle", "percolator"), "No entry contains 'kettle' or 'perco"),
        ("one kettle, percolator, grinder, mill and sieve", None, "or 2 other words."),
        ("why?", (), "The question names nothing to look for."),
        ("Glasgow samovar", (), "No entry contains 'Glasgow' and 'samovar' together."),
        ("samovar", (), "No question or heading has 'samovar'; 2 entries mention it."),
        ("Glasgow", (), "No question or heading has 'Glasgow'; 1 entry mentions it."),
        ("organization", (), "Its words are here, but no entry is near enough to be sure."),
    ],
)
def test_what_is_said_of_a_gap(
    opened: OpenIndex,
    hits: dict[str, Hit],
    question: str,
    missing: tuple[str, ...] | None,
    sentence: str,
) -> None:
    asked = Asked.of(question, opened.database.words)
    gap = find_gap(asked, Verdict.WEAK, [hits["tea"]], "", opened)
    assert sentence in gap.sentence
    assert missing is None or gap.missing == missing


def test_the_kind_of_a_gap(opened: OpenIndex, hits: dict[str, Hit]) -> None:
    def kind(question: str, verdict: Verdict, first: str = "tea") -> GapKind:
        asked = Asked.of(question, opened.database.words)
        return find_gap(asked, verdict, [hits[first]], "", opened).kind

    assert kind("samovar", Verdict.WEAK) is GapKind.MENTION
    assert kind("samovar", Verdict.NONE) is GapKind.NOTHING
    assert kind("what is tea", Verdict.WEAK) is GapKind.RELATED
    assert kind("kettle", Verdict.WEAK) is GapKind.RELATED


def test_a_mention_is_the_sentence_with_the_words(
    opened: OpenIndex, hits: dict[str, Hit], tmp_path: Path
) -> None:
    first = [hits["milk"], hits["tea"]]
    mention = find_mention(terms_of("samovars keep water"), first, opened, whole=False)
    assert mention
    assert mention.entry.id == hits["tea"].entry.id
    assert (mention.line, mention.text) == (8, "A samovar keeps the water hot.")
    assert mention.words == ("samovar", "keeps", "water")
    assert mention.abs_path == str(tmp_path / "corpus" / "tea.md")


def test_a_long_sentence_is_cut_around_the_words(
    corpus: Corpus, tmp_path: Path, tiny_model: str
) -> None:
    long = "a b c " * 200
    files = {"a.md": f"# What is it?\n\n{long}samovar {long}\n", "b.md": "# What is tea?\n\nTea.\n"}
    package.build(corpus(files), tmp_path / "index", tiny_model)
    with package.open(tmp_path / "corpus", tmp_path / "index") as index:
        first = [hit for hit in index.ask("tea").hits if hit.entry.path == "b.md"]
    opened = OpenIndex(tmp_path / "index")
    with opened.snapshot():
        mention = find_mention(terms_of("samovar"), first, opened, whole=False)
    opened.close()
    assert mention
    assert len(mention.text) < 420
    assert "samovar" in mention.text
    assert "…" in mention.text


def test_a_mention_may_be_another_wording(opened: OpenIndex, hits: dict[str, Hit]) -> None:
    mention = find_mention(terms_of("bitter"), [hits["milk"]], opened, whole=False)
    assert mention
    assert mention.text == "Why is green tea bitter?"


def test_what_the_first_hit_is_about_is_no_mention(opened: OpenIndex, hits: dict[str, Hit]) -> None:
    asked = Asked.of("samovar milk", opened.database.words)
    assert asked.rarest[0].text == "milk"
    assert find_gap(asked, Verdict.WEAK, [hits["milk"]], "", opened).mention is None
    assert find_gap(asked, Verdict.WEAK, [hits["tea"]], "", opened).mention


def test_for_nothing_a_mention_has_all_terms(opened: OpenIndex, hits: dict[str, Hit]) -> None:
    terms = terms_of("samovar leaf")
    assert find_mention(terms, [hits["rest"]], opened, whole=False)
    assert find_mention(terms, [hits["rest"]], opened, whole=True) is None


def test_a_reply_says_what_is_missing(opened: OpenIndex, tmp_path: Path) -> None:
    with package.open(tmp_path / "corpus", tmp_path / "index") as index:
        answered = index.ask("What is tea?")
        missing = index.ask("zeppelin flights")
    assert (answered.verdict, answered.gap) == (Verdict.ANSWER, None)
    assert missing.gap
    assert missing.gap.missing == ("zeppelin", "flights")
    assert missing.verdict is not Verdict.ANSWER
    assert missing.hits[0].matched_on in PassageKind
