"""The approximate search of a large corpus against NumPy, and where it gives way to the exact
one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from qasearch.datatypes.index import ApproximateSearch
from qasearch.datatypes.options import AskOptions
from qasearch.errors import IndexDamaged
from qasearch.searching.searcher import Searcher
from qasearch.storage import approximate
from qasearch.storage.approximate import Approximate
from qasearch.storage.generations import OpenIndex
from qasearch.storage.passage_ids import entry_of, question_id
from qasearch.storage.segments import Floats, Ids, Segment
from qasearch.storage.vectors import VectorIndex
from tests.conftest import Command
from tests.test_rebuilding import HashEncoder, bring_up_to_date
from tests.test_storage import unit

ROWS, DIMENSION, TOP = 2000, 32, 200


@pytest.fixture
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand passages are many."""
    monkeypatch.setattr(approximate, "FROM_PASSAGES", ROWS // 2)


@pytest.fixture
def base() -> Segment:
    """2,000 vectors, each near to one of 100 directions; every entry has one."""
    near = np.repeat(unit(100, DIMENSION), ROWS // 100, axis=0) + 0.5 * unit(
        ROWS, DIMENSION, seed=1
    )
    vectors = near / np.linalg.norm(near, axis=1, keepdims=True)
    return Segment(question_id(np.arange(ROWS)), vectors.astype(np.float32))


def own_questions(base: Segment) -> tuple[Floats, Ids]:
    """Questions that are passages themselves, and which."""
    own = np.arange(0, ROWS, 40)
    return base.vectors[own], base.ids[own]


@pytest.fixture
def built(tmp_path: Path, base: Segment, small_is_large: None) -> ApproximateSearch:
    search = approximate.build(tmp_path, 7, base, *own_questions(base), top_k=TOP)
    assert search is not None
    return search


def test_the_recorded_recall_is_that_of_its_search(
    tmp_path: Path, base: Segment, built: ApproximateSearch
) -> None:
    questions, own = own_questions(base)
    passages, _ = VectorIndex(base, approximate=Approximate.open(tmp_path, 7, built)).search(
        questions, TOP
    )
    cosines = questions @ base.vectors.T
    cosines[np.arange(len(own)), entry_of(own)] = -1
    expected = base.ids[np.argsort(-cosines, axis=1)[:, :10]]
    recall = np.mean(
        [np.isin(best, ids).mean() for best, ids in zip(expected, passages, strict=True)]
    )
    assert recall == pytest.approx(built.recall)
    assert recall >= 0.99
    assert (built.name, built.questions) == ("IVF32,PQ8x4fs", 50)
    assert 1 < built.lists_read <= 32


def test_scores_are_estimated_and_best_first(
    tmp_path: Path, base: Segment, built: ApproximateSearch
) -> None:
    questions = unit(5, DIMENSION, seed=2)
    passages, scores = VectorIndex(base, approximate=Approximate.open(tmp_path, 7, built)).search(
        questions, TOP
    )
    rows = entry_of(passages)
    error = scores - np.einsum("qkd,qd->qk", base.vectors[rows], questions)
    assert np.sqrt((error**2).mean()) < 0.15
    assert (np.diff(scores, axis=1) <= 0).all()


def test_more_are_compared_where_the_lists_alone_are_not_enough(
    tmp_path: Path, base: Segment, small_is_large: None
) -> None:
    """Twice or four times as many passages are compared by their whole vectors."""
    top_k = 12
    search = approximate.build(tmp_path, 7, base, *own_questions(base), top_k=top_k)
    assert search is not None
    assert search.compared in (2 * top_k, 4 * top_k)
    questions = unit(5, DIMENSION, seed=2)
    passages, scores = VectorIndex(base, approximate=Approximate.open(tmp_path, 7, search)).search(
        questions, top_k
    )
    rows = entry_of(passages)
    np.testing.assert_allclose(
        scores, np.einsum("qkd,qd->qk", base.vectors[rows], questions), atol=1e-5
    )
    assert passages.shape == (5, top_k)
    assert (np.diff(scores, axis=1) <= 0).all()


class Refuses(Approximate):
    """Fails a test that searches approximately after all."""

    def __init__(self) -> None:
        super().__init__(None, 1, 1)


@pytest.fixture
def exact_only(base: Segment, small_is_large: None) -> VectorIndex:
    return VectorIndex(base, approximate=Refuses())


@pytest.mark.parametrize("case", ["requested", "narrow filter", "many results"])
def test_where_the_search_is_exact(base: Segment, exact_only: VectorIndex, case: str) -> None:
    questions = unit(2, DIMENSION, seed=3)
    only = base.ids[::3] if case == "narrow filter" else None
    top_k = 1500 if case == "many results" else 5
    passages, scores = exact_only.search(questions, top_k, only, exact=case == "requested")
    cosines = questions @ base.vectors[:: 3 if only is not None else 1].T
    np.testing.assert_allclose(scores, -np.sort(-cosines, axis=1)[:, :top_k], atol=1e-5)
    assert only is None or set(passages.ravel()) <= set(only)
    with pytest.raises(AttributeError, match="search"):
        exact_only.search(questions, 5)


def test_what_is_gone_or_not_allowed_is_not_found(
    tmp_path: Path, base: Segment, built: ApproximateSearch
) -> None:
    questions, own = own_questions(base)
    gone = entry_of(own)
    index = VectorIndex(base, gone=gone, approximate=Approximate.open(tmp_path, 7, built))
    passages, _ = index.search(questions, TOP)
    assert not np.isin(passages, own).any()
    wide = base.ids[: ROWS // 2 + 100]
    passages, _ = index.search(questions, TOP, wide)
    assert np.isin(passages, wide).all()


def test_a_search_that_finds_too_little_is_not_kept(tmp_path: Path, base: Segment) -> None:
    assert approximate.build(tmp_path, 7, base, *own_questions(base), top_k=5) is None
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("damage", ["missing", "truncated", "altered"])
def test_damage_is_told(tmp_path: Path, built: ApproximateSearch, damage: str) -> None:
    file = tmp_path / "lists-7.faiss"
    data = file.read_bytes()
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(data[:-1] if damage == "truncated" else data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(IndexDamaged, match=r"lists-7\.faiss"):
        Approximate.open(tmp_path, 7, built)


def test_a_build_chooses_it_and_status_says_so(
    tmp_path: Path, qasearch: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approximate, "FROM_PASSAGES", 400)
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    (corpus / "a.md").write_text(
        "".join(f"# What is {n}?\n\nThe number {n}.\n\n" for n in range(300))
    )
    bring_up_to_date(corpus, index)
    opened = OpenIndex(index)
    question = opened.vectors.passages_of(np.array([1]))[1][:1]
    assert question_id(1) in opened.vectors.search(question, TOP)[0]
    searcher = Searcher(opened, HashEncoder())
    exact = searcher.ask(["What is 7?"], AskOptions(exact=True))[0].hits
    assert searcher.ask(["What is 7?"])[0].hits[0].entry == exact[0].entry
    monkeypatch.delattr(Approximate, "nearest")
    assert searcher.ask(["What is 7?"], AskOptions(exact=True))[0].hits == exact
    with pytest.raises(AttributeError, match="nearest"):
        searcher.ask(["What is 7?"])
    monkeypatch.undo()
    monkeypatch.setattr(approximate, "FROM_PASSAGES", 400)
    opened.close()
    status = qasearch("status", "--corpus", str(corpus), "--index", str(index)).out
    assert "IVF32,PQ2x4fs" in status
    assert {file.name for file in index.glob("*-*")} == {"lists-1.faiss", "vectors-1.f32"}
    (corpus / "b.md").write_text("".join(f"# Who is {n}?\n\nNumber {n}.\n\n" for n in range(300)))
    bring_up_to_date(corpus, index)
    assert {file.name for file in index.glob("*-*")} == {"lists-2.faiss", "vectors-2.f32"}
