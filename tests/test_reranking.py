"""The cross-encoder: which models can be one, what they read, and the order that they give."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qasearch as package
from qasearch import Hit, Mode, PassageKind, Verdict
from qasearch.datatypes.options import AskOptions
from qasearch.encoding import Scores, load_pair_scorer
from qasearch.errors import BadRequest, ModelUnavailable
from qasearch.searching.reranking import RERANKED, rerank, text_of
from tests.conftest import Built, Command, Corpus, save_bert
from tests.test_presenting import entry, hit

NEEDED = r"A cross-encoder for ranking is needed, one that gives a single score \(num_labels = 1\): name a folder"
NOTES = {
    "tea.md": "# What is tea?\n\nWater with sugar.\n",
    "milk.md": "# What is milk?\n\nIt is white.\n",
    "piano.md": "# How do I tune a piano?\n\nListen to the piano.\n",
    "vpn.md": "# How do I restart the vpn?\n\nRestore the backup.\n",
    "soup.md": "# What is soup?\n\nWater with salt and pepper.\n",
}


@pytest.fixture
def flags(built: Built) -> list[str]:
    """The flags for an index of `NOTES`."""
    return built(NOTES)


@pytest.fixture
def opened(flags: list[str], tmp_path: Path) -> package.Index:
    return package.open(tmp_path / "corpus", tmp_path / "index")


def ids(hits: Sequence[Hit]) -> list[str]:
    return [each.entry.id for each in hits]


def predicted(model: str, question: str, hits: Sequence[Hit]) -> dict[str, float]:
    """The score of each entry by its id, as the library itself gives it, one pair at a time."""
    from sentence_transformers import CrossEncoder

    read = {
        each.entry.id: f"{each.entry.question}\n"
        + (each.passage.text if each.matched_on is PassageKind.ANSWER else each.entry.answer)
        for each in hits
    }
    loaded = CrossEncoder(model, local_files_only=True)
    return {name: float(loaded.predict([(question, text)])[0]) for name, text in read.items()}


# Models


def test_scores_are_those_of_the_library(tiny_cross_encoder: str) -> None:
    from sentence_transformers import CrossEncoder

    scorer = load_pair_scorer(tiny_cross_encoder, offline=True)
    texts = ["Water with sugar.", "", "the piano " * 400, "什么是茶"]
    scores = scorer.score("What is tea?", texts)
    expected = CrossEncoder(tiny_cross_encoder).predict([("What is tea?", text) for text in texts])
    assert (scorer.name, str(scores.dtype)) == (tiny_cross_encoder, "float32")
    assert scores == pytest.approx(expected)
    assert scores.std() > 0.01
    assert scorer.score("What is tea?", []).shape == (0,)


@pytest.mark.parametrize(
    ("head", "labels", "fault"),
    [
        ("BertForSequenceClassification", 3, "it gives 3 labels"),
        ("BertModel", 1, "it is BertModel, which has no trained head for pairs"),
        ("BertForMaskedLM", 2, "it is BertForMaskedLM, which has no trained head for pairs"),
    ],
)
def test_models_of_other_kinds(tmp_path: Path, head: str, labels: int, fault: str) -> None:
    model = save_bert(tmp_path / "model", head, labels)
    with pytest.raises(
        ModelUnavailable, match=rf"The model '{model}' cannot rank: {fault}\. {NEEDED}"
    ):
        load_pair_scorer(model, offline=True)


def test_an_embedding_model(tmp_path: Path, tiny_model: str) -> None:
    from sentence_transformers import SentenceTransformer

    with pytest.raises(
        ModelUnavailable, match=rf"Cannot load the model '{tiny_model}': .* {NEEDED}"
    ):
        load_pair_scorer(tiny_model, offline=True)
    SentenceTransformer(save_bert(tmp_path / "bert", "BertModel", 1)).save(
        str(tmp_path / "embedding")
    )
    with pytest.raises(ModelUnavailable, match="it is BertModel, which has no trained head"):
        load_pair_scorer(str(tmp_path / "embedding"), offline=True)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_scores_that_are_not_finite(tmp_path: Path, value: float) -> None:
    import torch
    from sentence_transformers import CrossEncoder

    bert = save_bert(tmp_path / "bert", "BertForSequenceClassification", 1, classifier_bias=value)
    CrossEncoder(bert, activation_fn=torch.nn.Identity()).save(str(tmp_path / "model"))
    with pytest.raises(ModelUnavailable, match=rf"gives scores that are not finite\. {NEEDED}"):
        load_pair_scorer(str(tmp_path / "model"), offline=True).score("What is tea?", ["Water."])


def test_a_tokenizer_that_does_not_fit(tmp_path: Path) -> None:
    model = Path(save_bert(tmp_path / "model", "BertForSequenceClassification", 1))
    text = (
        (model / "tokenizer.json")
        .read_text(encoding="utf-8")
        .replace('"[SEP]": 3', '"[SEP]": 5000')
    )
    (model / "tokenizer.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelUnavailable, match=rf"cannot score: .*{NEEDED}"):
        load_pair_scorer(str(model), offline=True).score("What is tea?", ["Water [SEP]."])


def test_a_name_of_the_hub_offline() -> None:
    with pytest.raises(
        ModelUnavailable, match=rf"Cannot load the model 'no/such-model' offline: .* {NEEDED}"
    ):
        load_pair_scorer("no/such-model", offline=True)


# The order


class Fake:
    """Scores texts by what the test says of them."""

    name = "fake"

    def __init__(self, scores: dict[str, float]) -> None:
        self.scores = scores
        self.asked: list[str] = []

    def score(self, question: str, texts: Sequence[str]) -> Scores:
        self.asked.append(question)
        return np.array([self.scores.get(text, 0.0) for text in texts], np.float32)


def ranked(count: int) -> list[Hit]:
    """Hits on entries 1, 2, ... with scores 0.99, 0.98, ..."""
    return [
        replace(
            hit(entry(id=str(n), question=f"{n}?"), rank=n, confidence=1 - n / 100),
            score=1 - n / 100,
        )
        for n in range(1, count + 1)
    ]


def test_equal_ones_stay_in_their_order_and_confidences_with_their_entries() -> None:
    scorer = Fake({"3?\nA hot drink.": 2.5, "2?\nA hot drink.": -1.0})
    hits = rerank("tea", ranked(4), scorer)
    assert scorer.asked == ["tea"]
    assert [(each.rank, each.entry.id, each.score) for each in hits] == [
        (1, "3", 2.5), (2, "1", 0.0), (3, "4", 0.0), (4, "2", -1.0),
    ]  # fmt: skip
    assert [each.confidence for each in hits] == [0.97, 0.99, 0.96, 0.98]
    assert hits[0].signals == {"dense": 0.98765432, "rerank": 2.5}


def test_those_below_the_first_fifty_keep_their_order_and_distances() -> None:
    scorer = Fake({"50?\nA hot drink.": 7.0, "1?\nA hot drink.": -3.0, "51?\nA hot drink.": 9.0})
    hits = rerank("tea", ranked(53), scorer)
    assert ids(hits) == ["50", *map(str, range(2, 50)), "1", "51", "52", "53"]
    assert [each.rank for each in hits] == list(range(1, 54))
    assert [each.score for each in hits[-4:]] == pytest.approx([-3.0, -3.01, -3.02, -3.03])
    assert ["rerank" in each.signals for each in hits] == [True] * RERANKED + [False] * 3


def test_no_hits_are_not_read() -> None:
    scorer = Fake({})
    assert (rerank("tea", [], scorer), scorer.asked) == ([], [])


def test_what_is_read_of_a_hit() -> None:
    found = hit(entry(question="Q?", question_body="```\ncode\n```", answer="One.\n\nTwo."))
    passage = replace(found.passage, text="Two.")
    assert text_of(replace(found, passage=passage)) == "Q?\nTwo."
    for kind in (PassageKind.QUESTION, PassageKind.ALIAS):
        assert (
            text_of(replace(found, passage=passage, matched_on=kind))
            == "Q?\n```\ncode\n```\nOne.\n\nTwo."
        )
    unanswered = hit(entry(question="Q?", answer="", answered=False))
    assert text_of(replace(unanswered, matched_on=PassageKind.QUESTION)) == "Q?"


# The reply


def test_a_reply_in_the_order_of_the_cross_encoder(
    opened: package.Index, tiny_cross_encoder: str
) -> None:
    question = "What is tea?"
    plain = opened.ask(question, AskOptions(top_k=5))
    reply = opened.ask(question, AskOptions(top_k=5, rerank=tiny_cross_encoder))
    expected = predicted(tiny_cross_encoder, question, plain.hits)
    assert ids(reply.hits) == sorted(expected, key=lambda name: -expected[name])
    assert ids(reply.hits) != ids(plain.hits)
    assert [each.score for each in reply.hits] == pytest.approx(
        sorted(expected.values(), reverse=True)
    )
    assert [each.signals["rerank"] for each in reply.hits] == [each.score for each in reply.hits]
    before = {each.entry.id: each for each in plain.hits}
    for each in reply.hits:
        assert each.confidence == before[each.entry.id].confidence
        assert each.signals == {**before[each.entry.id].signals, "rerank": each.score}
    assert [each.rank for each in reply.hits] == [1, 2, 3, 4, 5]
    assert (plain.verdict, reply.verdict) == (
        Verdict.ANSWER,
        Verdict.NONE,
    )  # that of another first hit
    assert reply.notes == ()


def test_the_best_may_come_from_below_the_top_k(
    opened: package.Index, tiny_cross_encoder: str
) -> None:
    every = opened.ask("What is tea?", AskOptions(top_k=5, rerank=tiny_cross_encoder))
    (one,) = opened.ask("What is tea?", AskOptions(top_k=1, rerank=tiny_cross_encoder)).hits
    assert one == every.hits[0]
    assert one.entry.id != opened.ask("What is tea?", AskOptions(top_k=1)).hits[0].entry.id


def test_a_mode_says_what_is_read(opened: package.Index, tiny_cross_encoder: str) -> None:
    reply = opened.ask("salt or sugar", AskOptions(mode=Mode.LEXICAL, rerank=tiny_cross_encoder))
    assert set(ids(reply.hits)) == {"tea#what-is-tea", "soup#what-is-soup"}
    nothing = opened.ask("orchestra", AskOptions(mode=Mode.LEXICAL, rerank=tiny_cross_encoder))
    assert (nothing.hits, nothing.notes) == ((), ("No entry has a word of the question.",))


@pytest.mark.slow
def test_a_misspelt_question_is_read_as_it_was_meant(
    corpus: Corpus, tmp_path: Path, tiny_cross_encoder: str
) -> None:
    package.build(corpus({"tea.md": NOTES["tea.md"]}), tmp_path / "index", offline=True)
    with package.open(tmp_path / "corpus", tmp_path / "index", offline=True) as opened:
        meant = opened.ask("water, sugar", AskOptions(rerank=tiny_cross_encoder))
        typed = opened.ask("water, suggar", AskOptions(rerank=tiny_cross_encoder))
    assert typed.notes[-1] == "Also asked as: water, sugar"
    assert typed.hits[0].score == pytest.approx(meant.hits[0].score)


def test_more_than_fifty_entries(
    tmp_path: Path, corpus: Corpus, tiny_model: str, tiny_cross_encoder: str
) -> None:
    words = "apple pear plum bread butter cheese milk water tea coffee".split()
    sections = [f"# What is {one} {other}?\n\nA {other}.\n" for one in words for other in words[:6]]
    package.build(corpus({"a.md": "\n".join(sections)}), tmp_path / "index", tiny_model)
    with package.open(tmp_path / "corpus", tmp_path / "index") as opened:
        plain = opened.ask("What is apple butter?", AskOptions(top_k=60)).hits
        hits = opened.ask(
            "What is apple butter?", AskOptions(top_k=60, rerank=tiny_cross_encoder)
        ).hits
    expected = predicted(tiny_cross_encoder, "What is apple butter?", plain[:RERANKED])
    assert len(hits) == 60
    assert [each.score for each in hits[:RERANKED]] == pytest.approx(
        sorted(expected.values(), reverse=True), abs=1e-6
    )
    assert [each.score for each in hits[:RERANKED]] == pytest.approx(
        [expected[name] for name in ids(hits[:RERANKED])]
    )
    assert ids(hits[RERANKED:]) == ids(plain[RERANKED:])
    scores = [each.score for each in hits]
    assert scores == sorted(scores, reverse=True)


def test_a_cross_encoder_is_loaded_once(opened: package.Index, tiny_cross_encoder: str) -> None:
    opened.ask("tea", AskOptions(rerank=tiny_cross_encoder))
    loaded = opened._scorer
    opened.ask("tea")
    opened.ask("tea", AskOptions(rerank=tiny_cross_encoder))
    assert opened._scorer is loaded


def test_an_empty_name(opened: package.Index) -> None:
    with pytest.raises(BadRequest, match="The name of the cross-encoder is empty"):
        opened.ask("tea", AskOptions(rerank=""))


# The commands


def parsed(text: str) -> Any:
    return json.loads(text)


@pytest.mark.slow
def test_ask_rerank(
    qasearch: Command, flags: list[str], opened: package.Index, tiny_cross_encoder: str
) -> None:
    expected = opened.ask("What is tea?", AskOptions(top_k=2, rerank=tiny_cross_encoder))
    run = qasearch(
        "ask", "What is tea?", "--json", "-k", "2", "--rerank", tiny_cross_encoder, *flags
    )
    assert (run.code, run.err) == (1, "")
    results = parsed(run.out)["results"]
    assert [each["id"] for each in results] == ids(expected.hits)
    assert [each["score"] for each in results] == pytest.approx(
        [each.score for each in expected.hits], abs=1e-6
    )
    assert list(results[0]["signals"]) == ["dense", "support", "centroid", "lexical", "rerank"]
    batch = qasearch(
        "ask",
        "--batch",
        "-",
        "--rerank",
        tiny_cross_encoder,
        "-k",
        "2",
        *flags,
        stdin="What is tea?\n",
    )
    assert parsed(batch.out)["results"] == results


@pytest.mark.slow
@pytest.mark.parametrize("offline", [True, False])
def test_a_hub_that_cannot_be_reached(qasearch: Command, flags: list[str], offline: bool) -> None:
    arguments = ["ask", "tea", "--rerank", "no/such", *flags, *(["--offline"] if offline else [])]
    run = qasearch(*arguments, HF_ENDPOINT="http://127.0.0.1:9")
    assert (run.code, run.out) == (2, "")
    assert f"Cannot load the model 'no/such'{' offline' if offline else ''}: " in run.err
    assert "name a folder that holds one, or one of the hub that can be reached." in run.err


@pytest.mark.slow
def test_eval_rerank(
    qasearch: Command, flags: list[str], opened: package.Index, tiny_cross_encoder: str
) -> None:
    questions = {
        "What is tea?": "tea#what-is-tea",
        "How do I restart the vpn?": "vpn#how-do-i-restart-the-vpn",
    }
    rows = "".join(f"{question}\t{name}\n" for question, name in questions.items())
    (opened.settings.index.parent / "queries.tsv").write_text(
        f"question\texpected\n{rows}", encoding="utf-8"
    )
    arguments = [
        "eval",
        "--queries",
        "queries.tsv",
        "--rerank",
        tiny_cross_encoder,
        "--compare",
        "hybrid",
        *flags,
    ]
    report = parsed(qasearch(*arguments, "--json").out)
    assert (report["mode"], report["rerank"], report["comparisons"][0]["mode"]) == (
        "hybrid", tiny_cross_encoder, "hybrid",
    )  # fmt: skip
    for query in report["queries"]:
        found = ids(opened.ask(query["text"], AskOptions(top_k=5, rerank=tiny_cross_encoder)).hits)
        assert query["rank"] == found.index(questions[query["text"]]) + 1
    assert (
        report["comparisons"][0]["metrics"]["hit@1"]["value"]
        == 1
        > report["metrics"]["hit@1"]["value"]
    )
    text = qasearch(*arguments)
    assert (text.code, text.err) == (0, "")
    assert f"mode     hybrid\nrerank   {tiny_cross_encoder}\n" in text.out
    assert (
        "\nhybrid - rerank    rerank   hybrid  difference  95 % interval          p\n" in text.out
    )
