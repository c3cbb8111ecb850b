"""The question list that the project answers, and two collections of the kinds that it reads, as a
whole."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TypedDict

import pytest

from qasearch.datatypes.entry import Entry
from qasearch.identity import slugify
from qasearch.reading.entries import read_document
from tests.conftest import SHARED

pytestmark = pytest.mark.shared

LINE_OF = {
    "feature-space": 8,
    "latent-space": 10,
    "embedding-space": 12,
    "representation-space": 14,
    "latent-features": 16,
    "feature-embedding": 18,
    "feature-representation": 20,
    "latent-representation": 22,
    "embedding-representation": 24,
    "latent-embedding": 26,
    "vector": 28,
    "domain-distribution": 30,
    "covariance": 34,
    "correlation": 36,
    "covariance-vs-correlation": 38,
    "norms": 40,
    "distances-vs-norms": 42,
    "eigenvalues-eigenvectors": 44,
    "pca": 46,
    "svd": 48,
    "k-means": 50,
    "l1-vs-l2": 52,
    "precision": 58,
    "recall": 60,
    "f1-score": 62,
    "confusion-matrix": 64,
    "bias-variance": 66,
    "bias-variance-performance": 68,
    "roc-curve": 70,
    "bias-variance-vs-precision-recall": 73,
    "test-vs-validation-set": 75,
    "validation-set-needed": 77,
    "k-fold-cross-validation": 79,
    "class-imbalance": 81,
    "normalization": 85,
    "batch-normalization": 87,
    "instance-normalization": 89,
    "optimizer-comparison": 93,
    "losses-and-activations": 99,
    "sigmoid": 101,
    "relu": 102,
    "leaky-relu": 103,
    "tanh": 104,
    "hard-tanh": 105,
    "cross-entropy": 106,
    "binary-cross-entropy": 107,
    "kl-divergence": 108,
    "triplet-loss": 109,
    "hard-triplet-mining": 110,
    "knowledge-distillation": 117,
    "model-pruning": 119,
    "model-memory-consumption": 121,
    "tensors-in-memory": 123,
    "vgg": 128,
    "resnet": 130,
    "inception": 135,
    "xception": 139,
    "mobilenet": 143,
    "capsule-networks": 145,
    "convolution": 150,
    "kernels-filters": 152,
    "stride-padding": 154,
    "depthwise-separable-improvement-factor": 156,
    "deploying-ml-models": 159,
    "data-model-concept-drift": 163,
    "transformers": 169,
    "stable-diffusion": 173,
    "transformers-vs-cnns-robustness": 174,
    "must-read-texts": 178,
}
"""Where the seed asks each question. `must-read-texts` are two items, 177 and 178, of which the
second has the link."""

OTHER_COUNT = {
    # Its second link, in line 165, stands below the question of line 163, which has it here.
    "deploying-ml-models": 1,
    "data-model-concept-drift": 1,
}
"""How many references an entry has where the table counts otherwise."""

REWORDED = {
    "bias-variance-performance",  # a misspelling mended
    "k-means",  # another
    "resnet",  # with what its answer lists
    "inception",
    "xception",
    "transformers-vs-cnns-robustness",  # with the text of the link to its answer
    "deploying-ml-models",  # the links under the heading `Model Deployment and production`
    "must-read-texts",
}
"""The questions whose wording in the table is not the entry's own."""

ANSWERED_BELOW = {
    52: (54, 54),  # TLDR; Use L1 ...
    70: (71, 71),  # Ans: [here]
    95: (97, 97),  # [Nice Blog] under the heading
    99: (101, 112),  # the losses, and their picture
    125: (126, 126),  # [Read here.] under the heading
    130: (132, 133),
    135: (137, 137),
    139: (140, 141),
    159: (161, 161),  # [Beginner's Blog] under the heading
    163: (165, 165),
    178: (179, 179),  # [Download links]
}
"""Where the answers stand that the seed gives, by the line of their question."""

ANSWERED_BY_LINKS = {34, 44, 46, 48, 50, 75, 79, 81, 93, 121, 123, 143, 145, 156, 169, 173, 174}
"""The questions that only the links in their own line answer."""


class Expected(TypedDict):
    path: str
    line: int
    question: str
    answer_start: str


@dataclass(frozen=True)
class Row:
    id: str
    section: str
    wording: str
    references: int


@cache
def seed() -> dict[int, Entry]:
    text = (SHARED / "seed" / "ML_Interview_Answers.md").read_text(encoding="utf-8")
    entries = read_document(text, "ML_Interview_Answers.md").entries
    by_line = {entry.question_line: entry for entry in entries}
    assert len(by_line) == len(entries)
    return by_line


def rows() -> list[Row]:
    with (SHARED / "seed" / "questions.tsv").open(encoding="utf-8", newline="") as file:
        table = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(table)
        return [
            Row(name, section, wording, int(references))
            for name, section, wording, references in table
        ]


def expected(collection: str) -> list[Expected]:
    text = (SHARED / "markdown" / collection / "EXPECTED.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def words(markdown: str) -> str:
    """The words of a question, without the addresses of its links, its markup and its signs."""
    return slugify(re.sub(r"\]\([^)]*\)", "]", markdown))


def test_every_question_that_a_regular_expression_finds_is_an_entry_at_its_line() -> None:
    questions = expected("sarosijbose__ML_Interview_Answers")
    assert len(questions) == 58
    for question in questions:
        entry = seed()[question["line"]]
        assert words(question["question"]).startswith(slugify(entry.question))


def test_every_row_of_the_table_is_an_entry_of_its_section() -> None:
    assert len(rows()) == 69
    assert {row.id for row in rows()} == LINE_OF.keys()
    for row in rows():
        entry = seed()[LINE_OF[row.id]]
        assert row.section in (*entry.breadcrumb, entry.question)
        assert (slugify(row.wording) == slugify(entry.question)) is (row.id not in REWORDED)


def test_there_are_no_other_entries_than_the_table_has() -> None:
    other = {line: entry.question for line, entry in seed().items() if line not in LINE_OF.values()}
    assert other == {
        1: "ML_Interview_Answers",  # what the page says in front
        95: "Activations and Losses",
        125: "Some Standard Architectures",
        177: "Image Processing, Analysis and Machine Vision - Sonka, Boyle",
    }


def test_entries_have_the_references_that_the_table_counts() -> None:
    for row in rows():
        if row.id != "hard-triplet-mining":
            assert len(seed()[LINE_OF[row.id]].references) == OTHER_COUNT.get(
                row.id, row.references
            ), row.id


def test_answers_stand_where_the_seed_gives_them() -> None:
    places = {
        line: (entry.line_start, entry.line_end) for line, entry in seed().items() if entry.answered
    }
    places.pop(LINE_OF["hard-triplet-mining"], None)
    assert places.pop(1) == (2, 4)  # what the page says in front
    assert places == ANSWERED_BELOW | {line: (line, line) for line in ANSWERED_BY_LINKS}


def test_the_picture_below_the_losses_is_not_the_answer_to_the_last_one() -> None:
    entry = seed()[LINE_OF["hard-triplet-mining"]]
    assert (entry.answered, entry.references) == (False, ())


def test_what_the_seed_does_not_answer() -> None:
    unanswered = [
        seed()[LINE_OF[name]].answered
        for name in ("feature-space", "norms", "recall", "sigmoid", "vgg")
    ]
    assert unanswered == [False] * 5
    assert seed()[LINE_OF["l1-vs-l2"]].answer.startswith("TLDR; Use L1 when")
    assert seed()[LINE_OF["svd"]].answer.startswith(
        "8. [SVD](https://towardsdatascience.com/understanding-singular"
    )


@cache
def entries(collection: str) -> dict[str, tuple[Entry, ...]]:
    folder = SHARED / "markdown" / collection / "files"
    names = {question["path"] for question in expected(collection)}
    return {
        name: read_document((folder / name).read_text(encoding="utf-8"), name).entries
        for name in names
    }


def near(candidates: Iterable[Entry], question: Expected) -> list[Entry]:
    line = question["line"]
    return [entry for entry in candidates if abs(entry.question_line - line) <= 1]


@pytest.mark.parametrize(
    ("collection", "count"), [("18F__cv_faq", 248), ("sudheerj__reactjs-interview-questions", 414)]
)
def test_questions_of_a_collection(collection: str, count: int) -> None:
    questions = expected(collection)
    assert len(questions) == count
    at_line = same_words = answered = 0
    for question in questions:
        neighbours = near(entries(collection)[question["path"]], question)
        wording = words(question["question"])
        at_line += bool(neighbours)
        same_words += any(words(entry.question) == wording for entry in neighbours)
        answered += any(entry.answered for entry in neighbours) or not question["answer_start"]
    assert at_line >= 0.99 * count
    assert same_words >= 0.99 * count
    assert answered >= 0.99 * count


def test_no_row_of_a_table_of_contents_is_an_entry() -> None:
    collection = "sudheerj__reactjs-interview-questions"
    text = (SHARED / "markdown" / collection / "files" / "README.md").read_text(encoding="utf-8")
    lines = enumerate(text.split("\n"), start=1)
    contents = {number for number, line in lines if re.match(r"\|\s*\d+\s*\|\s*\[", line)}
    assert len(contents) == 416
    for entry in entries(collection)["README.md"]:
        assert not contents & {entry.question_line, *range(entry.line_start, entry.line_end + 1)}
