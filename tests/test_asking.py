"""Which entries a question finds, what the reply says, and how an open index follows its corpus."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

import qasearch
from qasearch import Mode, PassageKind, Verdict
from qasearch.api import QUICK_BYTES, QUICK_TEXTS
from qasearch.datatypes.options import AskOptions, Trust
from qasearch.datatypes.reply import Gap, GapKind, verdict_of
from qasearch.errors import BadRequest, IndexIncompatible, IndexMissing
from tests.conftest import Corpus

FILES = {
    "kitchen/drinks.md": (
        "# Drinks\n\n## What is tea?\n\n"
        "Water with leaf. See [milk](../farm/milk.md#what-is-milk) and [this](gone.md).\n\n"
        "## What is coffee?\n\nBlack water.\n\n## What is soup?\n"
    ),
    "farm/milk.md": (
        "---\nquestion: What is milk?\naliases: [white water]\ntags: [Farm, cow]\n---\n\n"
        "It is white.\n"
    ),
    "music.md": (
        "# How do I tune a piano?\n\nListen to the piano.\n\n"
        "# How do I tune a guitar?\n\nListen to the guitar.\n"
    ),
}
DRINKS = {
    "kitchen/drinks#what-is-tea",
    "kitchen/drinks#what-is-coffee",
    "kitchen/drinks#what-is-soup",
}


@pytest.fixture
def folder(corpus: Corpus) -> Path:
    return corpus(FILES)


@pytest.fixture
def opened(folder: Path, tmp_path: Path, tiny_model: str) -> qasearch.Index:
    qasearch.build(folder, tmp_path / "index", tiny_model)
    return qasearch.open(folder, tmp_path / "index")


def ids(reply: qasearch.Reply) -> list[str]:
    return [hit.entry.id for hit in reply.hits]


def test_the_question_finds_its_entry_with_everything_that_the_reply_says(
    opened: qasearch.Index, folder: Path
) -> None:
    reply = opened.ask("What is\ttea?\n", AskOptions(top_k=2))
    first = reply.hits[0]
    assert reply.query == "What is tea?"
    assert (reply.verdict is Verdict.NONE, reply.notes) == (False, ())
    assert [hit.rank for hit in reply.hits] == [1, 2]
    assert first.entry.id == "kitchen/drinks#what-is-tea"
    assert first.entry.breadcrumb == ("Drinks",)
    assert (
        first.entry.answer
        == "Water with leaf. See [milk](../farm/milk.md#what-is-milk) and [this](gone.md)."
    )
    assert (first.entry.line_start, first.entry.line_end, first.entry.question_line) == (5, 5, 3)
    assert first.abs_path == str(folder / "kitchen" / "drinks.md")
    assert (first.matched_on, first.passage.text) == (PassageKind.QUESTION, "What is tea?")
    assert first.signals["dense"] == pytest.approx(1.0, abs=1e-4)
    dense, support, centroid, lexical = first.signals.values()
    assert dense > support > 0
    hybrid = 0.7 * (dense + support + centroid) / 3 + 0.3 * lexical
    assert first.score == pytest.approx(hybrid, abs=1e-4)
    assert 1 >= first.confidence > reply.hits[1].confidence >= 0
    assert (reply.index.documents, reply.index.entries, reply.index.stale) == (3, 6, False)
    assert reply.timing_ms.total == pytest.approx(
        reply.timing_ms.encode + reply.timing_ms.search, abs=0.01
    )


def test_an_alias_and_an_answer_can_match(opened: qasearch.Index) -> None:
    alias = opened.ask("white water").hits[0]
    assert (alias.entry.question, alias.matched_on, alias.passage.text) == (
        "What is milk?",
        "alias",
        "white water",
    )
    answer = opened.ask("Listen to the guitar").hits[0]
    assert answer.entry.question == "How do I tune a guitar?"


def test_a_mode_ranks_by_one_signal_alone(opened: qasearch.Index) -> None:
    dense = opened.ask("tune the piano", AskOptions(top_k=6, mode=Mode.DENSE)).hits
    means = [
        sum(hit.signals[name] for name in ("dense", "support", "centroid")) / 3 for hit in dense
    ]
    assert [hit.score for hit in dense] == pytest.approx(sorted(means, reverse=True), abs=1e-4)
    assert len(dense) == 6
    lexical = opened.ask("piano leaf", AskOptions(top_k=6, mode=Mode.LEXICAL)).hits
    assert [hit.score for hit in lexical] == [hit.signals["lexical"] for hit in lexical]
    assert {hit.entry.id for hit in lexical} == {
        "music#how-do-i-tune-a-piano",
        "kitchen/drinks#what-is-tea",
    }
    nothing = opened.ask("orchestra", AskOptions(mode=Mode.LEXICAL))
    assert (nothing.hits, nothing.verdict) == ((), Verdict.NONE)
    assert nothing.gap == Gap(
        GapKind.NOTHING, ("orchestra",), "No entry has a word of the question."
    )


def test_references_say_whether_their_target_exists(opened: qasearch.Index, folder: Path) -> None:
    def existing() -> list[bool | None]:
        return [
            reference.exists for reference in opened.ask("What is tea?").hits[0].entry.references
        ]

    assert existing() == [False, False]  # milk.md has no heading of that name
    (folder / "kitchen" / "gone.md").write_text("# Here\n")
    assert existing() == [False, True]


def test_an_unanswered_question_says_so(opened: qasearch.Index) -> None:
    reply = opened.ask("What is soup?")
    assert reply.hits[0].entry.question == "What is soup?"
    assert not reply.hits[0].entry.answered
    assert reply.verdict is Verdict.NONE
    assert reply.gap == Gap(
        GapKind.NOTHING,
        (),
        "The closest question, 'What is soup?', has no answer in the corpus yet.",
    )


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (AskOptions(section="drinks"), DRINKS),
        (AskOptions(section="Kitchen"), DRINKS),
        (AskOptions(path="farm/*"), {"farm/milk"}),
        (AskOptions(path="*.md", tag="farm"), {"farm/milk"}),
        (AskOptions(path="m*"), {"music#how-do-i-tune-a-piano", "music#how-do-i-tune-a-guitar"}),
    ],
)
def test_filters_apply_before_the_top_k(
    opened: qasearch.Index, filters: AskOptions, expected: set[str]
) -> None:
    questions = ["How do I tune a piano?", "What is tea?"]
    replies = opened.ask_many(questions, replace(filters, top_k=10))
    assert [set(ids(reply)) for reply in replies] == [expected, expected]
    assert len(opened.ask("How do I tune a piano?", replace(filters, top_k=1)).hits) == 1


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        (
            AskOptions(section="garden"),
            r"No entry passes --section 'garden'\. There are: Drinks, farm, kitchen, music\.",
        ),
        (
            AskOptions(tag="Cow", path="music*"),
            r"passes --tag 'Cow' together with the other filters",
        ),
        (
            AskOptions(path="nothing/*"),
            r"--path 'nothing/\*'\. There are: farm/milk\.md, kitchen/drinks\.md, music\.md",
        ),
    ],
)
def test_a_filter_that_nothing_passes_names_what_would(
    opened: qasearch.Index, filters: AskOptions, message: str
) -> None:
    with pytest.raises(BadRequest, match=message):
        opened.ask("tea", filters)


@pytest.mark.parametrize("question", ["", "  \n\t ", "\x00\x01\x1b", "\u2028"])
def test_an_empty_question(opened: qasearch.Index, question: str) -> None:
    with pytest.raises(BadRequest, match="The question is empty"):
        opened.ask(question)


def test_odd_questions_get_a_reply(opened: qasearch.Index) -> None:
    for question in (
        "什么是茶",
        "tea\x1b[2J OR NEAR( * ^",
        '"',
        "a" * 10_000,
        "tea " * 2_500,
        "🎹",
    ):
        assert len(opened.ask(question).hits) == 5
    assert opened.ask("\x1b]0;x\x07 tea").query == "]0;x tea"


def test_a_question_that_is_a_document_is_refused(opened: qasearch.Index) -> None:
    with pytest.raises(BadRequest, match="has 100,001 characters; the limit is 100,000"):
        opened.ask("x" * 100_001)


def test_a_question_longer_than_the_window_says_what_is_read(opened: qasearch.Index) -> None:
    assert opened.ask("tea " * 600).notes == (
        "The question has 600 tokens; the model reads the first 510.",
    )


def test_a_small_change_is_read_before_the_answer(opened: qasearch.Index, folder: Path) -> None:
    (folder / "new.md").write_text("# What is pepper?\n\nBlack and not salt.\n")
    (folder / "music.md").unlink()
    reply = opened.ask("What is pepper?")
    assert reply.hits[0].entry.id == "new#what-is-pepper"
    assert (reply.index.stale, reply.index.documents) == (False, 3)
    assert "music#how-do-i-tune-a-piano" not in ids(opened.ask("How do I tune a piano?"))


@pytest.mark.parametrize(
    "size", ["x" * QUICK_BYTES, "".join(f"\n# What is {n}?\n" for n in range(QUICK_TEXTS))]
)
def test_a_large_change_is_named_instead(opened: qasearch.Index, folder: Path, size: str) -> None:
    (folder / "large.md").write_text("# What is pepper?\n\n" + size)
    (folder / "farm" / "milk.md").write_text("# What is milk?\n\nStill milk.\n")
    reply = opened.ask("What is pepper?")
    assert reply.index.stale
    assert reply.index.changed_files == ("farm/milk.md", "large.md")
    assert (
        reply.notes[-1] == "2 files are newer than the index. Bring it up to date: qasearch build"
    )


def test_what_is_left_out_since_is_not_answered_even_if_the_index_cannot_follow(
    opened: qasearch.Index, folder: Path
) -> None:
    assert opened.ask("How do I tune a piano?").hits[0].entry.path == "music.md"
    (folder / "large.md").write_text("# What is pepper?\n\n" + "x" * QUICK_BYTES)
    (folder / ".qasearchignore").write_text("music.md\n")
    reply = opened.ask("How do I tune a piano?")
    assert reply.index.stale
    assert "music.md" not in {hit.entry.path for hit in reply.hits}


def test_a_corpus_that_is_gone_still_answers_from_the_index(
    opened: qasearch.Index, folder: Path
) -> None:
    folder.rename(folder.parent / "moved")
    reply = opened.ask("What is tea?")
    assert reply.hits[0].entry.id == "kitchen/drinks#what-is-tea"
    assert reply.index.stale
    assert "does not exist" in reply.notes[0]


def test_an_open_index_follows_a_build_by_another_process(
    opened: qasearch.Index, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert opened.ask("tea").index.documents == 3
    # No file is read before an answer, so a new entry can come from the index alone.
    monkeypatch.setattr("qasearch.api.QUICK_BYTES", 0)
    (folder / "large.md").write_text("# What is pepper?\n\nBlack.\n")
    assert opened.ask("What is pepper?").index.changed_files == ("large.md",)
    qasearch.build(folder, tmp_path / "index")
    assert opened.ask("What is pepper?").hits[0].entry.id == "large#what-is-pepper"


def test_asking_with_another_corpus_or_model_names_both(
    opened: qasearch.Index, folder: Path, tmp_path: Path, tiny_model: str
) -> None:
    with pytest.raises(IndexIncompatible, match=f"is of the corpus {folder}, not of {tmp_path}"):
        qasearch.open(tmp_path, tmp_path / "index")
    with pytest.raises(
        IndexIncompatible, match=f"built with the model '{tiny_model}', not with 'other/model'"
    ):
        qasearch.open(folder, tmp_path / "index", "other/model")


def test_weights_that_changed_since_the_build(
    folder: Path, tmp_path: Path, tiny_model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exported weights of the build answer; without them the index cannot be asked."""
    import shutil

    model = shutil.copytree(tiny_model, tmp_path / "model")
    qasearch.build(folder, tmp_path / "index", str(model))
    weights = next(model.rglob("*.safetensors"))
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    with qasearch.open(folder, tmp_path / "index") as opened:
        assert opened.ask("tea").hits[0].entry.question == "What is tea?"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with (
        qasearch.open(folder, tmp_path / "index") as opened,
        pytest.raises(IndexIncompatible, match="whose files have changed"),
    ):
        opened.ask("tea")


def test_no_index(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match=r"There is no index in .*nowhere"):
        qasearch.open(folder, tmp_path / "nowhere")


def test_an_index_finds_its_own_corpus(
    opened: qasearch.Index, folder: Path, tmp_path: Path
) -> None:
    with qasearch.open(index=tmp_path / "index") as again:
        assert again.corpus == folder
        assert again.state().stale is False
        os.utime(folder / "music.md", (time.time() + 5, time.time() + 5))
        assert again.state().stale is False
        (folder / "music.md").write_text("# What is a drum?\n\nA drum.\n")
        assert again.state().changed_files == ("music.md",)


def test_an_entry_by_its_id(opened: qasearch.Index) -> None:
    entry = opened.entry("farm/milk")
    assert entry
    assert (entry.question, entry.tags, entry.aliases) == (
        "What is milk?",
        ("Farm", "cow"),
        ("white water",),
    )
    assert opened.entry("farm/cheese") is None


def test_the_number_of_results(opened: qasearch.Index) -> None:
    assert len(opened.ask("tea", AskOptions(top_k=100)).hits) == 6
    with pytest.raises(BadRequest, match="must be from 1 to 1,000, not 0"):
        opened.ask("tea", AskOptions(top_k=0))


def test_the_same_pair_in_two_files_is_found_once_until_one_of_them_changes(
    tmp_path: Path, tiny_model: str
) -> None:
    folder, place = tmp_path / "notes", tmp_path / "notes-index"
    folder.mkdir()
    pair = "# What is tea?\n\nTea is water and sun.\n"
    (folder / "a.md").write_text(pair)
    (folder / "b.md").write_text(pair + "\n# What is milk?\n\nMilk is white.\n")
    assert qasearch.build(folder, place, tiny_model).entries == 2
    with qasearch.open(folder, place) as index:
        hits = index.ask("What is tea?").hits
        assert [(hit.entry.path, hit.entry.question) for hit in hits] == [
            ("a.md", "What is tea?"),
            ("b.md", "What is milk?"),
        ]
        assert [place.path for place in hits[0].entry.also_at] == ["b.md"]
        only_b = index.ask("What is tea?", AskOptions(path="b.md")).hits
        assert [hit.entry.question for hit in only_b] == ["What is tea?", "What is milk?"]
        assert [
            hit.entry.question for hit in index.ask("What is tea?", AskOptions(path="a.md")).hits
        ] == ["What is tea?"]
        (folder / "a.md").write_text("# What is salt?\n\nSalt is salt.\n")
        hits = index.ask("What is tea?").hits
        assert (hits[0].entry.path, hits[0].entry.also_at) == ("b.md", ())
        (folder / "b.md").unlink()
        assert [hit.entry.question for hit in index.ask("What is tea?").hits] == ["What is salt?"]


def test_questions_with_the_same_words_are_told_apart_by_their_code(
    tmp_path: Path, tiny_model: str
) -> None:
    folder, place = tmp_path / "notes", tmp_path / "notes-index"
    folder.mkdir()
    quiz = (
        "## What is it?\n\n```\n{}\n```\n\n"
        "<details><summary>Answer</summary>\n\n{}\n\n</details>\n\n"
    )
    (folder / "a.md").write_text(
        quiz.format("tea and water", "A drink.") + quiz.format("milk and sun", "A drink.")
    )
    qasearch.build(folder, place, tiny_model)
    with qasearch.open(folder, place) as index:
        first = index.ask("What is milk and sun").hits[0]
        assert first.entry.question_body == "```\nmilk and sun\n```"
        assert (first.matched_on, first.passage.line_start, first.passage.line_end) == (
            PassageKind.QUESTION,
            15,
            17,
        )
        assert first.entry.answer == "A drink."


def test_the_trust_of_a_question_is_its_own_or_the_setting(
    opened: qasearch.Index, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the trust, the hits and their confidences are the same."""
    question = "Which drink is hot?"
    replies = {trust: opened.ask(question, AskOptions(trust=trust)) for trust in Trust}
    assert all(reply.hits == replies[Trust.OPEN].hits for reply in replies.values())
    for trust, reply in replies.items():
        confidence = reply.hits[0].confidence
        assert reply.verdict is verdict_of(confidence, trust)
        assert (reply.gap is None) == (reply.verdict is Verdict.ANSWER)
    monkeypatch.setenv("QASEARCH_TRUST", "open")
    with qasearch.open(folder, opened.settings.index) as index:
        assert index.ask(question).verdict is replies[Trust.OPEN].verdict
    with pytest.raises(BadRequest, match="must be one of strict, balanced, open"):
        AskOptions(trust="0.9")  # type: ignore[arg-type]


def test_a_filter_does_not_change_what_the_best_hit_is_compared_with(
    opened: qasearch.Index,
) -> None:
    """The first hit has the same confidence with and without a filter that lets it pass."""
    free = opened.ask("What is tea?").hits[0]
    filtered = opened.ask("What is tea?", AskOptions(path="kitchen/*")).hits[0]
    assert filtered.entry.id == free.entry.id
    assert filtered.score == pytest.approx(free.score, abs=1e-4)
    assert filtered.confidence == pytest.approx(free.confidence, abs=1e-4)
