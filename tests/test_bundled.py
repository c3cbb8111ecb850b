"""The bundled corpus with the built-in model, as it is installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import qasearch
from qasearch.encoding import load_encoder, model_files
from tests.conftest import ROOT, Corpus

pytestmark = pytest.mark.slow

NO_NETWORK = """
import socket, sys
def refuse(*arguments, **keywords):
    raise SystemExit('a network call was made')
socket.socket.connect = socket.socket.connect_ex = refuse
socket.getaddrinfo = socket.create_connection = refuse
import qasearch.cli
sys.argv = ['qasearch', *sys.argv[1:]]
qasearch.cli.main()
"""


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is a latent space?", "latent-space"),
        ("principal component analysis", "pca"),
        ("SVD", "svd"),
        ("How does k-means clustering work?", "k-means"),
        ("Pearson versus Spearman", "correlation"),
        ("lasso or ridge", "l1-vs-l2"),
    ],
)
def test_plain_questions_find_their_answer(
    bundled: qasearch.Index, question: str, expected: str
) -> None:
    reply = bundled.ask(question)
    assert (reply.verdict, reply.hits[0].entry.id) == ("answer", expected)


def test_a_misspelt_question_is_asked_both_ways_and_says_so(bundled: qasearch.Index) -> None:
    reply = bundled.ask("insatnce normalisaton")
    assert (reply.query, reply.verdict, reply.hits[0].entry.id) == (
        "insatnce normalisaton",
        "answer",
        "instance-normalization",
    )
    assert "Also asked as: instance normalization" in reply.notes


@pytest.mark.parametrize(
    "question", ["recipe for pancakes", "cheap flights to Oslo", "my car makes a strange noise"]
)
def test_off_topic_questions_get_no_answer(bundled: qasearch.Index, question: str) -> None:
    assert bundled.ask(question).verdict == "none"


@pytest.mark.parametrize("question", ["presicion", "whats presicion"])
def test_the_word_that_answers_best_is_taken_for_a_misspelt_one(
    bundled: qasearch.Index, question: str
) -> None:
    assert bundled.ask(question).hits[0].entry.id == "precision"


def test_a_word_that_the_model_knows_may_still_be_misspelt(bundled: qasearch.Index) -> None:
    reply = bundled.ask("bach norm")
    assert (reply.hits[0].entry.id, reply.notes) == (
        "batch-normalization",
        ("Also asked as: batch norm",),
    )


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("explain LSTM", "No question or heading has 'LSTM'; 3 entries mention it."),
        ("what is a GAN", "No question or heading has 'GAN'; 5 entries mention it."),
        ("what is a p-value", "No entry contains 'p-value'."),
        ("what is CLIP", "No question or heading has 'CLIP'; 10 entries mention it."),
        ("shap values", "No entry contains 'shap'."),
        ("why?", "The question names nothing to look for."),
        (
            "which activation does not saturate for large inputs",
            "The question says 'not', and what was found does not.",
        ),
    ],
)
def test_questions_beside_the_subject_are_not_answered(
    bundled: qasearch.Index, question: str, sentence: str
) -> None:
    reply = bundled.ask(question)
    assert reply.verdict != "answer"
    assert reply.gap
    assert reply.gap.sentence == sentence


def test_gaps_are_seldom_answered(bundled: qasearch.Index) -> None:
    """`python -m benchmarks.confidence` says how seldom; the limit leaves room for other
    processors."""
    lines = (ROOT / "benchmarks/confidence/adjacent.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines[1:]]
    questions = [row[2] for row in rows if row[1] == "gap"]
    verdicts = [reply.verdict for reply in bundled.ask_many(questions)]
    assert len(questions) == 100
    assert verdicts.count("answer") <= 10  # type: ignore[arg-type]


def test_no_network_call_is_made(corpus: Corpus, tmp_path: Path, built_in_model: str) -> None:
    corpus({"tea.md": "# What is tea?\n\nA drink.\n"})
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    flags = ["--corpus", "corpus", "--index", "index"]
    for arguments in (["build"], ["ask", "--json", "What is tea?"]):
        run = subprocess.run(
            [sys.executable, "-c", NO_NETWORK, *arguments, *flags],
            capture_output=True,
            encoding="utf-8",
            cwd=tmp_path,
            env=environment,
            check=False,
        )
        assert (run.returncode, run.stderr) == (0, "")
    assert json.loads(run.stdout)["results"][0]["id"] == "tea#what-is-tea"


def test_the_built_in_model_is_the_published_one_in_every_file(tmp_path: Path) -> None:
    folder = model_files.built_in_folder()
    names = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    assert names - set(model_files._SHA256) == {".gitattributes", "README.md", "data_config.json"}


def test_vectors_are_those_of_sentence_transformers(built_in_model: str) -> None:
    from sentence_transformers import SentenceTransformer

    texts = ["What is tea?", "", "A much longer text about tea. " * 100, "什么是茶"]
    encoder = load_encoder(built_in_model, offline=True)
    reference = SentenceTransformer(
        str(model_files.built_in_folder()), local_files_only=True, device="cpu"
    )
    expected = reference.encode(texts, normalize_embeddings=True)
    np.testing.assert_allclose(encoder.encode_documents(texts), expected, atol=1e-4)
    assert encoder.encode_queries([]).shape == (0, 384)
    assert (encoder.dimension, encoder.max_tokens, encoder.count_tokens(["What is tea?", ""])) == (
        384,
        256,
        [4, 0],
    )


def test_the_wheel_carries_the_corpus_and_every_file_of_the_package(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    subprocess.run(
        [*command, "--outdir", str(tmp_path), str(ROOT)], capture_output=True, check=True
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    corpus = {
        f"qasearch/bundled_corpus/{file.relative_to(ROOT / 'corpus').as_posix()}"
        for file in (ROOT / "corpus").rglob("*.md")
    }
    package = {
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "qasearch").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert {name for name in names if name.startswith("qasearch/")} == corpus | package
    assert {name.split("/")[0] for name in names} == {
        "qasearch",
        f"qasearch-{qasearch.__version__}.dist-info",
    }
