"""The cross-encoder: which models are suitable, what they read, and how they order the hits."""

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

NEEDED = r"A cross-encoder that gives a single score \(num_labels = 1\) is needed: name a folder"
TOLERANCE = 1e-4
"""For scores, which are between 0 and 1. torch gives slightly other ones on another processor, with
another number of threads and in another batch. The scores of `NOTES` are at least 0.0007 apart for
each question here, so that their order does not depend on it."""
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
    return [hit.entry.id for hit in hits]


def scores(hits: Sequence[Hit]) -> list[float]:
    return [hit.score for hit in hits]


def close(expected: Any) -> Any:
    """Equal to the expected numbers but for `TOLERANCE`."""
    return pytest.approx(expected, rel=0, abs=TOLERANCE)


def predicted(model: str, question: str, hits: Sequence[Hit]) -> dict[str, float]:
    """The score of each entry by its id, as the library gives it for one pair at a time."""
    from sentence_transformers import CrossEncoder

    texts = {
        hit.entry.id: f"{hit.entry.question}\n"
        + (hit.passage.text if hit.matched_on is PassageKind.ANSWER else hit.entry.answer)
        for hit in hits
    }
    loaded = CrossEncoder(model, local_files_only=True)
    return {name: float(loaded.predict([(question, text)])[0]) for name, text in texts.items()}


def best_first(expected: dict[str, float]) -> list[str]:
    return sorted(expected, key=lambda name: -expected[name])


# Models


def test_scores_are_those_of_the_library(tiny_cross_encoder: str) -> None:
    from sentence_transformers import CrossEncoder

    scorer = load_pair_scorer(tiny_cross_encoder, offline=True)
    texts = ["Water with sugar.", "", "the piano " * 400, "什么是茶"]
    found = scorer.score("What is tea?", texts)
    expected = CrossEncoder(tiny_cross_encoder).predict([("What is tea?", text) for text in texts])
    assert (scorer.name, str(found.dtype)) == (tiny_cross_encoder, "float32")
    assert found == close(expected)
    assert found.std() > 0.01
    assert scorer.score("What is tea?", []).shape == (0,)


@pytest.mark.parametrize(
    ("head", "labels", "fault"),
    [
        ("BertForSequenceClassification", 3, "it gives 3 labels"),
        ("BertModel", 1, "it is BertModel, which has no trained head for pairs"),
        ("BertForMaskedLM", 2, "it is BertForMaskedLM, which has no trained head for pairs"),
    ],
)
def test_models_of_other_kinds_are_refused(
    tmp_path: Path, head: str, labels: int, fault: str
) -> None:
    model = save_bert(tmp_path / "model", head, labels)
    with pytest.raises(
        ModelUnavailable, match=rf"The model '{model}' cannot rank: {fault}\. {NEEDED}"
    ):
        load_pair_scorer(model, offline=True)


def test_an_embedding_model_is_refused(tmp_path: Path, tiny_model: str) -> None:
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
def test_scores_that_are_not_finite_are_an_error(tmp_path: Path, value: float) -> None:
    import torch
    from sentence_transformers import CrossEncoder

    bert = save_bert(tmp_path / "bert", "BertForSequenceClassification", 1, classifier_bias=value)
    CrossEncoder(bert, activation_fn=torch.nn.Identity()).save(str(tmp_path / "model"))
    with pytest.raises(ModelUnavailable, match=rf"gives scores that are not finite\. {NEEDED}"):
        load_pair_scorer(str(tmp_path / "model"), offline=True).score("What is tea?", ["Water."])


def test_a_tokenizer_that_does_not_fit_the_model_is_an_error(tmp_path: Path) -> None:
    model = Path(save_bert(tmp_path / "model", "BertForSequenceClassification", 1))
    text = (
        (model / "tokenizer.json")
        .read_text(encoding="utf-8")
        .replace('"[SEP]": 3', '"[SEP]": 5000')
    )
    (model / "tokenizer.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelUnavailable, match=rf"cannot score: .*{NEEDED}"):
        load_pair_scorer(str(model), offline=True).score("What is tea?", ["Water [SEP]."])


def test_offline_no_model_of_the_hub_is_loaded() -> None:
    with pytest.raises(
        ModelUnavailable, match=rf"Cannot load the model 'no/such-model' offline: .* {NEEDED}"
    ):
        load_pair_scorer("no/such-model", offline=True)


# The order


class Fake:
    """Gives each text the score that the test chose for it, else 0."""

    name = "fake"

    def __init__(self, scores: dict[str, float]) -> None:
        self.scores = scores
        self.questions: list[str] = []

    def score(self, question: str, texts: Sequence[str]) -> Scores:
        self.questions.append(question)
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


def test_equal_scores_keep_their_order_and_ranks_their_confidence() -> None:
    scorer = Fake({"3?\nA hot drink.": 2.5, "2?\nA hot drink.": -1.0})
    hits = rerank("tea", ranked(4), scorer)
    assert scorer.questions == ["tea"]
    assert [hit.rank for hit in hits] == [1, 2, 3, 4]
    assert ids(hits) == ["3", "1", "4", "2"]
    assert scores(hits) == [2.5, 0.0, 0.0, -1.0]
    assert [hit.confidence for hit in hits] == [0.99, 0.98, 0.97, 0.96]
    assert hits[0].signals == {"dense": 0.98765432, "rerank": 2.5}


def test_hits_below_the_first_fifty_keep_their_order_and_distances() -> None:
    scorer = Fake({"50?\nA hot drink.": 7.0, "1?\nA hot drink.": -3.0, "51?\nA hot drink.": 9.0})
    hits = rerank("tea", ranked(53), scorer)
    assert ids(hits) == ["50", *map(str, range(2, 50)), "1", "51", "52", "53"]
    assert [hit.rank for hit in hits] == list(range(1, 54))
    assert scores(hits[-4:]) == pytest.approx([-3.0, -3.01, -3.02, -3.03])
    assert ["rerank" in hit.signals for hit in hits] == [True] * RERANKED + [False] * 3


def test_without_hits_the_scorer_is_not_called() -> None:
    scorer = Fake({})
    assert (rerank("tea", [], scorer), scorer.questions) == ([], [])


def test_the_text_that_the_scorer_reads_of_a_hit() -> None:
    answered = hit(entry(question="Q?", question_body="```\ncode\n```", answer="One.\n\nTwo."))
    passage = replace(answered.passage, text="Two.")
    assert text_of(replace(answered, passage=passage)) == "Q?\nTwo."
    for kind in (PassageKind.QUESTION, PassageKind.ALIAS):
        text = text_of(replace(answered, passage=passage, matched_on=kind))
        assert text == "Q?\n```\ncode\n```\nOne.\n\nTwo."
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
    assert ids(reply.hits) == best_first(expected)
    assert ids(reply.hits) != ids(plain.hits)
    assert scores(reply.hits) == close(sorted(expected.values(), reverse=True))
    before = {hit.entry.id: hit for hit in plain.hits}
    for found, at_its_rank in zip(reply.hits, plain.hits, strict=True):
        assert found.confidence == close(at_its_rank.confidence)
        assert found.signals == close({**before[found.entry.id].signals, "rerank": found.score})
    assert [hit.rank for hit in reply.hits] == [1, 2, 3, 4, 5]
    assert plain.verdict is Verdict.ANSWER
    assert reply.verdict is Verdict.ANSWER
    assert reply.notes == ()


def test_the_best_hit_may_come_from_below_the_top_k(
    opened: package.Index, tiny_cross_encoder: str
) -> None:
    (best, *_) = opened.ask("What is tea?", AskOptions(top_k=5, rerank=tiny_cross_encoder)).hits
    (only,) = opened.ask("What is tea?", AskOptions(top_k=1, rerank=tiny_cross_encoder)).hits
    assert (only.entry, only.passage, only.rank) == (best.entry, best.passage, 1)
    assert only.score == close(best.score)
    assert only.entry.id != opened.ask("What is tea?", AskOptions(top_k=1)).hits[0].entry.id


def test_the_mode_decides_which_entries_are_read(
    opened: package.Index, tiny_cross_encoder: str
) -> None:
    reply = opened.ask("salt or sugar", AskOptions(mode=Mode.LEXICAL, rerank=tiny_cross_encoder))
    assert set(ids(reply.hits)) == {"tea#what-is-tea", "soup#what-is-soup"}
    nothing = opened.ask("orchestra", AskOptions(mode=Mode.LEXICAL, rerank=tiny_cross_encoder))
    assert (nothing.hits, nothing.verdict) == ((), Verdict.NONE)


@pytest.mark.slow
def test_the_cross_encoder_reads_the_corrected_question(
    corpus: Corpus, tmp_path: Path, tiny_cross_encoder: str
) -> None:
    package.build(corpus({"tea.md": NOTES["tea.md"]}), tmp_path / "index", offline=True)
    with package.open(tmp_path / "corpus", tmp_path / "index", offline=True) as opened:
        meant = opened.ask("water, sugar", AskOptions(rerank=tiny_cross_encoder))
        typed = opened.ask("water, suggar", AskOptions(rerank=tiny_cross_encoder))
    assert typed.notes[-1] == "Also asked as: water, sugar"
    assert typed.hits[0].score == close(meant.hits[0].score)


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
    read, rest = hits[:RERANKED], hits[RERANKED:]
    assert len(hits) == 60
    assert sorted(ids(read)) == sorted(expected)
    assert scores(read) == close(sorted(expected.values(), reverse=True))
    assert scores(read) == close([expected[name] for name in ids(read)])
    assert ids(rest) == ids(plain[RERANKED:])
    assert scores(hits) == sorted(scores(hits), reverse=True)


def test_a_cross_encoder_is_loaded_once(opened: package.Index, tiny_cross_encoder: str) -> None:
    opened.ask("tea", AskOptions(rerank=tiny_cross_encoder))
    loaded = opened._scorer
    opened.ask("tea")
    opened.ask("tea", AskOptions(rerank=tiny_cross_encoder))
    assert opened._scorer is loaded


def test_an_empty_name_is_refused(opened: package.Index) -> None:
    with pytest.raises(BadRequest, match="The option 'rerank' is empty"):
        opened.ask("tea", AskOptions(rerank=""))


# The commands


def parsed(text: str) -> Any:
    return json.loads(text)


@pytest.mark.slow
def test_ask_rerank(
    qasearch: Command, flags: list[str], opened: package.Index, tiny_cross_encoder: str
) -> None:
    expected = opened.ask("What is tea?", AskOptions(top_k=2, rerank=tiny_cross_encoder))
    rerank_flags = ["--rerank", tiny_cross_encoder, "-k", "2", *flags]
    run = qasearch("ask", "What is tea?", "--json", *rerank_flags)
    assert (run.code, run.err) == (0, "")
    results = parsed(run.out)["results"]
    assert [result["id"] for result in results] == ids(expected.hits)
    assert [result["score"] for result in results] == close(scores(expected.hits))
    assert list(results[0]["signals"]) == ["dense", "support", "centroid", "lexical", "rerank"]
    batch = qasearch("ask", "--batch", "-", *rerank_flags, stdin="What is tea?\n")
    batch_results = parsed(batch.out)["results"]
    assert [result["id"] for result in batch_results] == ids(expected.hits)
    for result, batch_result in zip(results, batch_results, strict=True):
        assert batch_result["signals"] == close(result["signals"])


@pytest.mark.slow
@pytest.mark.parametrize("offline", [True, False])
def test_a_hub_that_cannot_be_reached_is_an_error(
    qasearch: Command, flags: list[str], offline: bool
) -> None:
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
    assert (report["mode"], report["rerank"]) == ("hybrid", tiny_cross_encoder)
    assert report["comparisons"][0]["mode"] == "hybrid"
    for query in report["queries"]:
        found = ids(opened.ask(query["text"], AskOptions(top_k=5, rerank=tiny_cross_encoder)).hits)
        assert query["rank"] == found.index(questions[query["text"]]) + 1
    assert report["comparisons"][0]["metrics"]["hit@1"]["value"] == 1
    assert report["metrics"]["hit@1"]["value"] < 1
    text = qasearch(*arguments)
    assert (text.code, text.err) == (0, "")
    assert f"mode     hybrid\nrerank   {tiny_cross_encoder}\n" in text.out
    assert (
        "\nhybrid - rerank    rerank   hybrid  difference  95 % interval          p\n" in text.out
    )
