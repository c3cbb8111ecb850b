"""What `qasearch eval` counts: by hand, and against the tools that the field uses."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytrec_eval
import scipy.stats
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from qasearch.datatypes.entry import Entry, Place
from qasearch.datatypes.options import AskOptions, Mode
from qasearch.datatypes.reply import Reply, Verdict
from qasearch.errors import BadRequest
from qasearch.evaluation import abstention, resampling
from qasearch.evaluation.evaluate import evaluate
from qasearch.evaluation.judgements import Judgements, load_judgements
from qasearch.evaluation.limits import check, parse_limits
from qasearch.evaluation.metric_table import METRICS, measure_ranking
from qasearch.evaluation.metric_values import MetricValue
from qasearch.evaluation.qrels import read_qrels
from qasearch.evaluation.queries import Query, read_queries
from qasearch.evaluation.ranking_metrics import DEPTH, dcg, ndcg
from qasearch.evaluation.report import ExpectedEntry, RiskCoveragePoint
from tests.test_presenting import INDEX, entry, hit, reply

# -- the ranking


def test_the_metrics_of_a_ranking_by_hand() -> None:
    # d is not in the ranking, a is judged and not relevant, x is not judged
    relevance = {"b": 2, "c": 1, "d": 1, "a": 0}
    assert measure_ranking(["a", "b", "x", "c"], relevance) == pytest.approx(
        {
            "hit@1": 0.0,
            "hit@5": 1.0,
            "MRR@10": 1 / 2,
            "nDCG@10": (2 / math.log2(3) + 1 / math.log2(5))
            / (2 + 1 / math.log2(3) + 1 / math.log2(4)),
            "recall@100": 2 / 3,
        },
        abs=1e-15,
    )
    late = measure_ranking([*map(str, range(10)), "b"], {"b": 1})
    assert list(late.values()) == [0, 0, 0, 0, 1]
    assert set(measure_ranking([], {"b": 1}).values()) == {0.0}
    assert measure_ranking([*map(str, range(DEPTH)), "b"], {"b": 1})["recall@100"] == 0
    with pytest.raises(ValueError, match="without a relevant entry"):
        measure_ranking(["a"], {"a": 0})


IDS = [f"e{number}" for number in range(150)]
JUDGED = st.dictionaries(st.sampled_from(IDS[:120]), st.integers(-1, 4), min_size=1).filter(
    lambda judged: max(judged.values()) > 0
)
RANKING = st.permutations(IDS).flatmap(
    lambda ids: st.integers(0, 150).map(lambda count: ids[:count])
)


def trec_eval(ranking: Sequence[str], relevance: Mapping[str, int]) -> dict[str, float]:
    """The same metrics by trec_eval, which takes scores: here, the higher the better the rank."""

    def measured(names: Sequence[str], *measures: str) -> dict[str, float]:
        run = {name: float(len(names) - rank) for rank, name in enumerate(names)}
        evaluator = pytrec_eval.RelevanceEvaluator({"q": dict(relevance)}, set(measures))
        values: dict[str, float] = evaluator.evaluate({"q": run})["q"]
        return values

    values = measured(ranking, "success.1,5", "ndcg_cut.10", "recall.100")
    return {
        "hit@1": values["success_1"],
        "hit@5": values["success_5"],
        "MRR@10": measured(ranking[:10], "recip_rank")["recip_rank"],
        "nDCG@10": values["ndcg_cut_10"],
        "recall@100": values["recall_100"],
    }


@given(RANKING, JUDGED)
@settings(max_examples=300, deadline=None)
def test_the_metrics_are_those_of_trec_eval_to_the_last_digit(
    ranking: list[str], relevance: dict[str, int]
) -> None:
    assert measure_ranking(ranking, relevance) == pytest.approx(
        trec_eval(ranking, relevance), abs=1e-12
    )


@given(RANKING, JUDGED)
@settings(max_examples=200, deadline=None)
def test_laws_of_the_metrics(ranking: list[str], relevance: dict[str, int]) -> None:
    values = measure_ranking(ranking, relevance)
    assert all(0 <= value <= 1 + 1e-12 for value in values.values())
    assert values["hit@1"] <= values["hit@5"]
    assert values["hit@1"] <= values["MRR@10"]
    assert measure_ranking(ranking, dict(reversed(relevance.items()))) == values
    assert measure_ranking(ranking, relevance | {"elsewhere": 0}) == values
    ideal = sorted(relevance, key=lambda name: -relevance[name])
    best = measure_ranking(ideal, relevance)
    assert best["nDCG@10"] == pytest.approx(1)
    assert all(values[name] <= best[name] + 1e-12 for name in values)


@given(st.lists(st.integers(0, 4), min_size=2, max_size=10), st.data())
def test_a_better_order_never_has_a_lower_ndcg(gains: list[int], data: st.DataObject) -> None:
    first, second = sorted(
        data.draw(st.lists(st.integers(0, len(gains) - 1), min_size=2, max_size=2, unique=True))
    )
    swapped = [*gains]
    swapped[first], swapped[second] = sorted((gains[first], gains[second]), reverse=True)
    assert dcg(swapped, 10) >= dcg(gains, 10) - 1e-12
    if judged := [gain for gain in gains if gain]:
        assert ndcg(swapped, judged, 10) <= 1 + 1e-12


# -- intervals and tests


def test_a_bootstrap_interval_is_that_of_scipy_but_for_chance() -> None:
    rng = np.random.default_rng(1)
    values = np.stack([rng.random(60), (rng.random(60) < 0.7).astype(float)], axis=1)
    for column, ends in zip(values.T, resampling.mean_intervals(values), strict=True):
        theirs = scipy.stats.bootstrap(
            (column,),
            np.mean,
            n_resamples=20_000,
            method="percentile",
            rng=np.random.default_rng(2),
        )
        assert ends == pytest.approx([*theirs.confidence_interval], abs=0.01)


def test_a_bootstrap_interval_of_two_values_by_hand() -> None:
    # means of two draws of 0 and 1: 0 and 1 with one quarter each, so that both ends of 95 % lie
    # there
    assert resampling.mean_intervals(np.array([[0.0], [1.0]])).tolist() == [[0, 1]]
    assert resampling.mean_intervals(np.array([[0.25, 1.0]] * 7)) == pytest.approx(
        np.array([[0.25, 0.25], [1, 1]])
    )
    with pytest.raises(ValueError, match="mean of no values is not defined"):
        resampling.mean_intervals(np.empty((0, 2)))


VALUES = st.lists(st.floats(-1, 1).map(lambda value: round(value, 3)), min_size=1, max_size=12)


@given(VALUES, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_resampling_depends_on_the_values_and_not_on_their_order(
    values: list[float], random: Any
) -> None:
    shuffled = random.sample(values, len(values))
    both = np.array([[first, second] for first, second in zip(values, shuffled, strict=True)])
    intervals = resampling.mean_intervals(both)
    assert intervals[0].tolist() == intervals[1].tolist()
    low, high = intervals[0]
    assert min(values) - 1e-12 <= low <= high <= max(values) + 1e-12
    p = resampling.sign_flip_p_values(np.hstack([both, -both]))
    assert 0 < p[0] <= 1
    assert p.tolist() == [p[0]] * 4


def test_the_randomisation_test_by_enumeration() -> None:
    differences = np.array([0.5, 0.5, 0.25, -0.125, 1.0, 0.0, 0.25])
    signs = np.array(list(itertools.product([1, -1], repeat=len(differences))))
    exact = np.mean(np.abs(signs @ differences) >= abs(differences.sum()))
    assert resampling.sign_flip_p_values(differences[:, None]) == pytest.approx(exact, abs=0.01)
    theirs = scipy.stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=np.inf
    )
    assert theirs.pvalue == pytest.approx(exact)
    columns = np.array([[0.0, 1.0, 0.1], [0.0, 0.0, 0.1]])  # nothing differs; one query; two alike
    assert resampling.sign_flip_p_values(columns) == pytest.approx([1, 1, 0.5], abs=0.02)
    assert resampling.sign_flip_p_values(np.ones((40, 1))) == pytest.approx(1 / 10_001)
    assert resampling.sign_flip_p_values(np.empty((0, 1))) == [1]


# -- the confidence

CONFIDENCES = st.lists(
    st.tuples(st.sampled_from([0, 0.1, 0.3, 0.5, 0.75, 1.0]), st.booleans()),
    min_size=1,
    max_size=40,
)


def columns(rows: Sequence[tuple[float, bool]]) -> tuple[abstention.Floats, abstention.Flags]:
    return np.array([score for score, _ in rows], np.float64), np.array(
        [flag for _, flag in rows], np.bool_
    )


@given(CONFIDENCES)
@settings(deadline=None)
def test_auroc_and_brier_score_are_those_of_scikit_learn(rows: list[tuple[float, bool]]) -> None:
    scores, flags = columns(rows)
    area = abstention.auroc(scores, flags)
    if flags.all() or not flags.any():
        assert area is None
    else:
        assert area is not None
        assert area == pytest.approx(sklearn.metrics.roc_auc_score(flags, scores), abs=1e-12)
        assert abstention.auroc(-scores, flags) == pytest.approx(1 - area)
    brier = sklearn.metrics.brier_score_loss(flags, scores, labels=[False, True], pos_label=True)
    assert abstention.squared_errors(scores, flags).mean() == pytest.approx(brier, abs=1e-12)


def test_risk_and_coverage_by_hand() -> None:
    scores, right = columns([(0.9, True), (0.2, False), (0.5, True), (0.5, False)])
    assert abstention.risk_coverage(scores, right) == [
        RiskCoveragePoint(0.9, 0.25, 0.0),
        RiskCoveragePoint(0.5, 0.75, 1 / 3),
        RiskCoveragePoint(0.2, 1.0, 0.5),
    ]
    # of the two at 0.5 either comes first: risks 0, 0 or 1/2, 1/3, 1/2
    assert abstention.aurc(scores, right) == pytest.approx((0 + 1 / 4 + 1 / 3 + 1 / 2) / 4)
    assert abstention.risk_coverage(*columns([])) == []


@given(CONFIDENCES.filter(lambda rows: len(rows) <= 5), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_aurc_is_the_mean_over_every_order_of_equal_confidences(
    rows: list[tuple[float, bool]], random: Any
) -> None:
    def area(order: Sequence[tuple[float, bool]]) -> float:
        wrong = [not right for _, right in order]
        return sum(sum(wrong[:covered]) / covered for covered in range(1, len(wrong) + 1)) / len(
            wrong
        )

    orders = [
        order
        for order in itertools.permutations(rows)
        if [*order] == sorted(order, key=lambda row: -row[0])
    ]
    expected = sum(map(area, orders)) / len(orders)
    assert abstention.aurc(*columns(rows)) == pytest.approx(expected)
    random.shuffle(rows)
    assert abstention.aurc(*columns(rows)) == pytest.approx(expected)


def test_the_interval_of_a_statistic_that_is_no_mean() -> None:
    scores = np.random.default_rng(0).normal(size=200)
    labels = np.arange(200) < 100
    scores[:100] += 1
    value = abstention.auroc(scores, labels)
    interval = resampling.statistic_interval(
        lambda rows: abstention.auroc(scores[rows], labels[rows]), 200
    )
    assert value is not None
    assert interval is not None
    low, high = interval
    assert low < value < high
    # Hanley and McNeil (1982): about 1.96 standard errors of some 0.034 on each side
    assert high - low == pytest.approx(2 * 1.96 * 0.034, abs=0.03)
    assert interval == resampling.statistic_interval(
        lambda rows: abstention.auroc(scores[rows], labels[rows]), 200
    )
    assert resampling.statistic_interval(lambda _: None, 3) is None


def test_the_calibration_error_by_hand() -> None:
    rows = [(0.0, False), (0.1, True), (0.15, False), (0.95, True), (1.0, True), (0.999, False)]
    bins = abstention.calibration_bins(*columns(rows))
    assert [one_bin.queries for one_bin in bins] == [1, 2, 0, 0, 0, 0, 0, 0, 0, 3]
    assert astuple(bins[1]) == pytest.approx((0.1, 0.2, 2, 0.125, 0.5))
    assert astuple(bins[9]) == pytest.approx((0.9, 1.0, 3, 2.949 / 3, 2 / 3))
    error = abstention.expected_calibration_error(bins)
    assert error == pytest.approx((0 + 2 * (0.5 - 0.125) + 3 * (2.949 - 2) / 3) / 6)
    assert abstention.expected_calibration_error(abstention.calibration_bins(*columns([]))) == 0


# -- files


def write(folder: Path, name: str, content: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


TWO = [("a", "What is tea?"), ("b", "Why\u2028not?")]


@pytest.mark.parametrize(
    "content",
    [
        '{"_id": "a", "text": "What is tea?", "metadata": {}}\n'
        '{"_id": "b", "text": "Why\\u2028not?"}\n',
        '\n{"id": "a", "text": "What is tea?"}\r\n\r\n{"id": "b", "text": "Why\u2028not?"}',
        "a\tWhat is tea?\nb\tWhy\u2028not?\n",
        "\ufeffa\tWhat is tea?\r\n\r\nb\t Why\u2028not? \r\n",
        "qid\ttext\na\tWhat is tea?\nb\tWhy\u2028not?\n",
        "\ufeffQuestion\tkind\tQuery_ID\nWhat is tea?\tx\ta\nWhy\u2028not?\ty\tb",
    ],
)
def test_forms_of_queries(tmp_path: Path, content: str) -> None:
    queries = read_queries(write(tmp_path, "queries", content), labelled=False)
    assert [(query.id, query.text) for query in queries] == TWO
    assert {query.expected_ids for query in queries} == {None}


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        (
            "What is tea?\tx, y ,x\nWhy?\tNONE\nHow?\t-\nWho?\t\n",
            ["q.tsv:1", "q.tsv:2", "q.tsv:3", "q.tsv:4"],
        ),
        (
            "question\texpected\nWhat is tea?\tx,y\nWhy?\tnone\nHow?\t\nWho?\t-",
            ["q.tsv:2", "q.tsv:3", "q.tsv:4", "q.tsv:5"],
        ),
        (
            "qid\tkind\ttext\tids\n"
            "1\tk\tWhat is tea?\tx,y\n2\tk\tWhy?\tNONE\n3\t\tHow?\tNONE\n4\t\tWho?\tNONE",
            ["1", "2", "3", "4"],
        ),
        (
            "entry ids\tnotes\tText\tid\n"
            "x,y\t?\tWhat is tea?\t1\nNONE\t\tWhy?\t2\n\t\tHow?\t3\n-\t\tWho?\t4",
            ["1", "2", "3", "4"],
        ),
    ],
)
def test_forms_of_queries_with_their_expected_entries(
    tmp_path: Path, content: str, ids: list[str]
) -> None:
    queries = read_queries(write(tmp_path, "q.tsv", content), labelled=True)
    assert [query.id for query in queries] == ids
    assert [query.expected_ids for query in queries] == [("x", "y"), (), (), ()]
    assert queries[0].kind == ("k" if "kind" in content else "")


@pytest.mark.parametrize(
    ("labelled", "content", "message"),
    [
        (
            False,
            "a\tTea?\nb\n",
            r"q:2: 1 column: 'b'\. Expected id<TAB>question, or a header line\.",
        ),
        (
            False,
            "a\tTea?\nb\tWhy?\t1\n",
            r"q:2: 3 columns: 'b\\tWhy\?\\t1'\. Expected id<TAB>question",
        ),
        (
            True,
            "Tea?\tx\nWhy?\n",
            r"q:2: 1 column: 'Why\?'\. Expected question<TAB>entry ids, or a header line\.",
        ),
        (
            True,
            "qid\ttext\tids\n1\tTea?\n",
            r"q:2: 2 columns: '1\\tTea\?'\. Expected 3 columns, as in the header\.",
        ),
        (True, "qid\ttext\n1\tTea?\n", r"q:1: no column of expected entries.*--qrels FILE"),
        (
            True,
            '{"id": 1, "text": "x"}',
            r"q does not name the expected entries\. Give the judgements: --qrels FILE",
        ),
        (False, "a\tTea?\n\tWhy?\n", r"q:2: the id is empty"),
        (False, "a\tTea?\nb\t \x00 \n", r"q:2: the query is empty"),
        (
            False,
            "a\tTea?\nb\tWhy?\na\tTea?\n",
            r"q:3: the query in .*q:1 has the same id, 'a'\. Give each query its own id\.",
        ),
        (
            False,
            '{"id": "a", "text": "x"}\n{"id": ',
            r'q:2: invalid JSON \(Expecting value\).*Expected an object with "_id"',
        ),
        (False, '{"id": "a", "text": "x"}\n[1]', r"q:2: not a JSON object: '\[1\]'"),
        (False, '{"id": true, "text": "x"}', r"q:1: the id or the text is missing"),
        (False, '{"text": "x"}', r"q:1: the id or the text is missing"),
        (False, '{"id": 1, "text": ["x"]}', r"q:1: the id or the text is missing"),
        (False, "\ufeff\n \n", r"q is empty\. Give a file with at least one line"),
        (False, "qid\ttext\n", r"q has a header, but no queries"),
        (False, b"a\tTea?\nb\tcaf\xe9\n", r"q:2: not UTF-8: .* Save the file as UTF-8\."),
        (False, "a\t" + "x" * 99 + "\tb", r"q:1: 3 columns: 'a\\tx{57}…'"),
    ],
)
def test_malformed_queries(
    tmp_path: Path, labelled: bool, content: str | bytes, message: str
) -> None:
    with pytest.raises(BadRequest, match=message):
        read_queries(write(tmp_path, "q", content), labelled=labelled)


@pytest.mark.parametrize(
    "content",
    [
        "a 0 x 2\na 0 y\t0\n b  Q0  z -1 \n",
        "a\t0\tx\t2\na\t0\ty\t0\r\nb\t0\tz\t-1",
        "\ufeffquery-id\tcorpus-id\tscore\na\tx\t2\na\ty\t0\n\nb\tz\t-1\na\tx\t2\n",
        "query-id\tcorpus-id\trelevance\na\tx\t+2\na\ty\t0\nb\tz\t-1\n",
        "a\tx\t2\na\ty\t0\nb\tz\t-1\n",
    ],
)
def test_forms_of_qrels(tmp_path: Path, content: str) -> None:
    assert read_qrels(write(tmp_path, "qrels", content)) == {"a": {"x": 2, "y": 0}, "b": {"z": -1}}


def test_an_entry_id_may_have_spaces_between_tabs(tmp_path: Path) -> None:
    content = "a\tmy notes#what is\t1\nb\t0\tmy notes#x y\t2\n"
    assert read_qrels(write(tmp_path, "qrels", content)) == {
        "a": {"my notes#what is": 1},
        "b": {"my notes#x y": 2},
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "a 0 x 1\na 0 y\n",
            r"qrels:2: not a judgement: 'a 0 y'\. Expected 'query 0 entry relevance', or query",
        ),
        ("a\tx\t1\nb\ty\t0.5\n", r"qrels:2: not a judgement"),
        ("a\tx\t1\nb\t\t1\n", r"qrels:2: not a judgement"),
        ("a 0 x 1 extra\n", r"qrels:1: not a judgement"),
        ("query-id\tcorpus-id\tscore\n", r"qrels has a header, but no judgements"),
        ("a 0 x 1\na 0 x 2\n", r"qrels:2: an earlier line gives the relevance 1"),
        ("", r"qrels is empty"),
        (b"a 0 x 1\n\xff 0 y 1", r"qrels:2: not UTF-8"),
    ],
)
def test_malformed_qrels(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        read_qrels(write(tmp_path, "qrels", content))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=r"Cannot read .*nowhere: No such file or directory"):
        read_qrels(tmp_path / "nowhere")
    with pytest.raises(BadRequest, match=r"Cannot read .*: Is a directory"):
        read_queries(tmp_path, labelled=True)


# -- judgements


def rows(judgements: Judgements) -> list[tuple[str, dict[str, int], bool]]:
    return [
        (judged.query.id, dict(judged.relevance), judged.answerable)
        for judged in judgements.queries
    ]


def test_queries_and_qrels_put_together(tmp_path: Path) -> None:
    queries = write(tmp_path, "queries", "a\tTea?\nb\tMilk?\nc\tWhy?\nd\tHow?\n")
    qrels = write(tmp_path, "qrels", "a 0 x 2\na 0 y 0\nb 0 x 0\nc 0 x 0\ne 0 x 1\nf 0 x 1\n")
    no_answer = write(tmp_path, "none", "c\tWhy?\ng\tWho?\n")
    judgements = load_judgements(queries, qrels, no_answer)
    assert rows(judgements) == [
        ("a", {"x": 2, "y": 0}, True),
        ("c", {"x": 0}, False),
        ("g", {}, False),
    ]
    assert judgements.source == qrels
    assert judgements.notes == (
        "left out: 1 query without a judgement",
        "left out: 1 query without a relevant entry; list unanswerable queries in the file of "
        "--no-answer",
        "left out: judgements for 2 query ids that only qrels has",
    )


def test_queries_that_name_their_entries(tmp_path: Path) -> None:
    queries = write(tmp_path, "q.tsv", "Tea?\tx,y\nWhy?\tNONE\n")
    judgements = load_judgements(
        queries, None, write(tmp_path, "none", "id\ttext\tids\n1\tWho?\tNONE\n")
    )
    assert rows(judgements) == [
        ("q.tsv:1", {"x": 1, "y": 1}, True),
        ("q.tsv:2", {}, False),
        ("1", {}, False),
    ]
    assert judgements.notes == ()
    judgements = load_judgements(queries, None, write(tmp_path, "none", "Who?\tNONE\nWhom?\t-\n"))
    assert [judged.query.text for judged in judgements.queries] == ["Tea?", "Why?", "Who?", "Whom?"]
    assert not judgements.queries[2].answerable


@pytest.mark.parametrize(
    ("queries", "qrels", "no_answer", "message"),
    [
        (
            "a\tTea?\n",
            "a 0 x 1\n",
            "a\tTea?\n",
            r"none:1: the query 'a' is listed as unanswerable, but the entry 'x' is judged as",
        ),
        (
            "a\tTea?\n",
            "a 0 x 1\n",
            "a\tMilk?\n",
            r"none:1: another query, in .*queries:1, has the same id, 'a'",
        ),
        (
            "a\tTea?\n",
            "a 0 x 1\n",
            "id\ttext\tids\nb\tMilk?\tx\n",
            r"none:2: the query 'b' is listed as unanswerable",
        ),
        (
            "a\tTea?\n",
            "b 0 x 1\n",
            None,
            r"No query of .*queries has a relevant .*query ids: 'a' in the first file, 'b' in the",
        ),
        (
            "a\tTea?\n",
            "a 0 x 0\n",
            None,
            r"No query of .*queries has a relevant entry in .*qrels\.",
        ),
        (
            "Tea?\tNONE\n",
            None,
            None,
            r"No query of .*queries has .* Name the expected entries of at least one query\.",
        ),
        (
            "qid\ttext\tids\na\tTea?\tx\n",
            "a 0 x 1\n",
            None,
            r"Both .*queries and --qrels .*qrels name the expected entries",
        ),
    ],
)
def test_judgements_that_contradict_each_other(
    tmp_path: Path, queries: str, qrels: str | None, no_answer: str | None, message: str
) -> None:
    files = {"queries": queries, "qrels": qrels, "none": no_answer}
    paths = {
        name: write(tmp_path, name, content)
        for name, content in files.items()
        if content is not None
    }
    with pytest.raises(BadRequest, match=message):
        load_judgements(paths["queries"], paths.get("qrels"), paths.get("none"))


# -- the report


def named(name: str, **changes: Any) -> Entry:
    return entry(id=name, question=f"What is {name}?", **changes)


class Fake:
    """An index that answers each query with the entries that the query names, in that order."""

    def __init__(self, entries: Sequence[Entry], *, stale: bool = False) -> None:
        self._entries = {entry.id: entry for entry in entries}
        self.asked: list[tuple[Sequence[str], int, Mode]] = []
        self._stale = stale

    def entries(self) -> list[Entry]:
        return list(self._entries.values())

    def ask_many(
        self,
        questions: Sequence[str],
        options: AskOptions = AskOptions(),
    ) -> list[Reply]:
        self.asked.append((questions, options.top_k, options.mode))
        backwards = options.rerank == "backwards"
        return [
            self._reply(question.split(), options.mode, backwards=backwards)
            for question in questions
        ]

    def _reply(self, words: Sequence[str], mode: Mode, *, backwards: bool) -> Reply:
        verdict, confidence, *names = words
        names = names[::-1] if mode is Mode.DENSE or backwards else names
        hits = [
            hit(self._entries[name], rank=n, confidence=float(confidence))
            for n, name in enumerate(names, 1)
        ]
        return replace(reply(Verdict(verdict), *hits), index=replace(INDEX, stale=self._stale))


def judgements_of(tmp_path: Path, *rows: str) -> Judgements:
    return load_judgements(write(tmp_path, "q.tsv", "\n".join(rows)))


ENTRIES = [named("x"), named("y", also_at=(Place("copy.md", 3, "y-copy"),)), named("z")]


def test_what_became_of_each_query(tmp_path: Path) -> None:
    judgements = judgements_of(
        tmp_path,
        "answer 0.875 x y z\tx",
        "weak 0.375 x y z\ty-copy,z",
        "none 0.125 x z\ty",
        "none 0.0\tx",
        "answer 0.625 z\tNONE",
        "none 0.25 z\tNONE",
    )
    report = evaluate(Fake(ENTRIES), judgements)
    assert [
        (each.rank, each.first_hit.id if each.first_hit else None) for each in report.outcomes
    ] == [
        (1, "x"),
        (2, "x"),
        (None, "x"),
        (None, None),
        (None, "z"),
        (None, "z"),
    ]
    assert report.outcomes[1].expected == (
        ExpectedEntry("y", 1, "What is y?", 2),
        ExpectedEntry("z", 1, "What is z?", 3),
    )
    assert report.outcomes[0].metrics == dict.fromkeys(
        ("hit@1", "hit@5", "MRR@10", "nDCG@10", "recall@100"), 1.0
    )
    assert (report.outcomes[4].metrics, report.unanswerable) == ({}, 2)
    values = {name: measured.value for name, measured in report.metrics.items()}
    assert values == pytest.approx(
        {
            "hit@1": 1 / 4,
            "hit@5": 2 / 4,
            "MRR@10": 1.5 / 4,
            "nDCG@10": (1 + (1 / math.log2(3) + 1 / 2) / (1 + 1 / math.log2(3))) / 4,
            "recall@100": 2 / 4,
            "auroc": (2 + 1 + 0 + 0) / 8,  # 0.875, 0.375, 0.125 and 0 against 0.625 and 0.25
            "auroc-hit": 1.0,
            "aurc": (0 + 1 / 2 + 2 / 3 + 3 / 4 + 4 / 5 + 5 / 6) / 6,
            "false-answers": 1 / 2,
            "right-answered": 1.0,
            "right-refused": 0.0,
            "false-refusals": 2 / 4,
            "ece": (0.125 + 0.375 + 0.125 + 0 + 0.625 + 0.25) / 6,
            "brier": (0.125**2 + 0.375**2 + 0.125**2 + 0.625**2 + 0.25**2) / 6,
        }
    )
    assert [
        report.metrics[name].queries for name in ("hit@1", "auroc", "false-answers", "ece")
    ] == [4, 6, 2, 6]
    assert [outcome.query.id for outcome in report.misses()] == ["q.tsv:3", "q.tsv:4", "q.tsv:2"]
    assert [outcome.query.id for outcome in report.false_answers()] == ["q.tsv:5"]
    assert report.notes == ()


def test_perfect_answers_have_the_best_value_of_each_metric(tmp_path: Path) -> None:
    queries = judgements_of(tmp_path, "answer 1.0 x y\tx", "none 0.0\tNONE")
    values = {
        name: measured.value for name, measured in evaluate(Fake(ENTRIES), queries).metrics.items()
    }
    # With the unanswerable query, one of two answers is wrong: no confidence can prevent that.
    assert values.pop("aurc") == (0 + 1 / 2) / 2
    best = {name: 0.0 if metric.lower_is_better else 1.0 for name, metric in METRICS.items()}
    del best["aurc"], best["gaps-answered"]
    assert list(values.items()) == list(best.items())


def test_how_the_queries_of_each_kind_fared(tmp_path: Path) -> None:
    header = "text\texpected\tkind\n"
    rows = [
        "answer 0.9 x\tx\t",
        "weak 0.5 y\tx\t",
        "none 0.1 x\tNONE\tgap",
        "answer 0.8 x y\tNONE\tgap",
        "none 0.2 y\tNONE\t",
    ]
    (tmp_path / "q.tsv").write_text(header + "\n".join(rows), encoding="utf-8")
    report = evaluate(Fake(ENTRIES), load_judgements(tmp_path / "q.tsv"))
    shares = {kind.name: [share.value for share in kind.verdicts.values()] for kind in report.kinds}
    assert shares == {
        "right entry": [1, 0, 0],
        "wrong entry": [0, 1, 0],
        "gap": [0.5, 0, 0.5],
        "no answer": [0, 0, 1],
    }
    assert report.kinds[2].verdicts[Verdict.ANSWER].queries == 2
    assert report.metrics["gaps-answered"].value == 0.5
    assert report.metrics["right-answered"].value == 1


def test_what_is_not_defined_is_left_out(tmp_path: Path) -> None:
    report = evaluate(Fake(ENTRIES), judgements_of(tmp_path, "answer 0.5 x\tx"))
    assert not report.metrics.keys() & {"auroc", "auroc-hit", "false-answers"}
    assert (report.metrics["aurc"], report.metrics["false-refusals"]) == (
        MetricValue(0, 1, 0, 0),
        MetricValue(0, 1, 0, 0),
    )
    assert report.metrics["brier"] == MetricValue(0.25, 1, 0.25, 0.25)


def test_modes_are_compared_query_by_query(tmp_path: Path) -> None:
    index = Fake(ENTRIES)
    judgements = judgements_of(tmp_path, *["answer 0.5 x y\tx"] * 30, *["answer 0.5 x y\ty"] * 10)
    report = evaluate(index, judgements, compare=[Mode.DENSE, Mode.LEXICAL])
    assert [(len(texts), top_k, mode.value) for texts, top_k, mode in index.asked] == [
        (1, 1, "hybrid"),
        (32, DEPTH, "hybrid"),
        (8, DEPTH, "hybrid"),
        (32, DEPTH, "dense"),
        (8, DEPTH, "dense"),
        (32, DEPTH, "lexical"),
        (8, DEPTH, "lexical"),
    ]
    dense, lexical = report.comparisons
    first = dense.metrics["hit@1"]
    assert (report.metrics["hit@1"].value, first.value, first.difference) == (0.75, 0.25, -0.5)
    assert -1 < first.low < -0.5 < first.high < 0
    assert first.p < 0.01  # 20 of 40 in one direction
    assert dense.metrics["hit@5"].p == 1
    assert {difference.difference for difference in lexical.metrics.values()} == {0}


def test_a_cross_encoder_is_compared_with_the_ranking_without_it(tmp_path: Path) -> None:
    judgements = judgements_of(tmp_path, *["answer 0.5 x y\tx"] * 30, *["answer 0.5 x y\ty"] * 10)
    report = evaluate(Fake(ENTRIES), judgements, AskOptions(rerank="backwards"), [Mode.HYBRID])
    (hybrid,) = report.comparisons
    first = hybrid.metrics["hit@1"]
    assert (report.rerank, report.mode, hybrid.mode) == ("backwards", Mode.HYBRID, Mode.HYBRID)
    assert (report.metrics["hit@1"].value, first.value, first.difference) == (0.25, 0.75, 0.5)


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    judgements = judgements_of(tmp_path, *["answer 0.5 x\tx"] * 40)
    evaluate(Fake(ENTRIES), judgements, progress=lambda *step: told.append(step))
    assert told == [("Asking (hybrid)", 32, 40), ("Asking (hybrid)", 40, 40)]


def test_copies_of_an_entry_are_judged_together(tmp_path: Path) -> None:
    queries = write(tmp_path, "queries", "a\tanswer 0.5 y\n")
    judgements = load_judgements(queries, write(tmp_path, "qrels", "a 0 y 0\na 0 y-copy 3\n"))
    outcome = evaluate(Fake(ENTRIES), judgements).outcomes[0]
    assert outcome.expected == (ExpectedEntry("y", 3, "What is y?", 1),)
    assert outcome.metrics["recall@100"] == 1


def test_entries_that_the_index_does_not_have(tmp_path: Path) -> None:
    entries = [named("bread-and-butter"), named("milk", answered=False)]
    rows = (
        "answer 0.5 milk\tmilk",
        "answer 0.5 milk\tbread-and-buter",
        *(f"answer 0.5 milk\t{n * 9}" for n in "1234"),
    )
    report = evaluate(Fake(entries, stale=True), judgements_of(tmp_path, *rows))
    assert report.notes == (
        "5 of 6 relevant entries are not in the index and count as not found: '111111111'; "
        "'222222222'; '333333333'; and 2 more",
        "1 of 6 relevant entries have no answer in the corpus; where the first hit is one of them, "
        "the verdict is 'none'",
        "the index is older than the corpus (1 changed file); bring it up to date: qasearch build",
    )
    assert report.metrics["hit@1"].value == pytest.approx(1 / 6)
    assert report.outcomes[1].expected == (ExpectedEntry("bread-and-buter", 1, None, None),)
    message = (
        r"none of the entries that .*q.tsv expects: "
        r"'bread-and-buter' \(nearest: 'bread-and-butter'\)\. To list all ids: qasearch list"
    )
    with pytest.raises(BadRequest, match=message):
        evaluate(Fake(entries), judgements_of(tmp_path, rows[1]))


# -- limits


def test_passed_and_failed_limits() -> None:
    metrics = {
        "hit@1": MetricValue(0.9, 10),
        "MRR@10": MetricValue(0.5, 10),
        "false-answers": MetricValue(0.25, 4),
    }
    limits = parse_limits(["hit@1=0.9", "mrr@10=0.51"], ["False_Answers=0.25", "false-answers=0.2"])
    checks = check(limits, metrics)
    assert [(each.limit.metric.name, each.value, each.passed) for each in checks] == [
        ("hit@1", 0.9, True),
        ("MRR@10", 0.5, False),
        ("false-answers", 0.25, True),
        ("false-answers", 0.25, False),
    ]
    with pytest.raises(
        BadRequest,
        match=r"auroc is not defined for these queries \(--min auroc=0.5\)\..*--no-answer",
    ):
        check(parse_limits(["auroc=0.5"], []), metrics)


@pytest.mark.parametrize(
    ("minimums", "maximums", "message"),
    [
        (
            ["hit@2=1"],
            [],
            r"no metric 'hit@2' \(--min hit@2=1\)\. Did you mean hit@5 or hit@1\?",
        ),
        (["ndcg=1"], [], r"no metric 'ndcg' \(--min ndcg=1\)\. Did you mean nDCG@10\?"),
        ([""], [], r"There is no metric '' .*\. The metrics are: hit@1, hit@5, .*brier\."),
        (
            ["hit@1"],
            [],
            r"The value in --min hit@1 is not a number from 0 to 1\. For example: --min hit@1=0\.9",
        ),
        (["hit@1=90"], [], r"--min hit@1=90 is not a number from 0 to 1"),
        (["hit@1=nan"], [], r"--min hit@1=nan is not a number"),
        (
            ["brier=0.1"],
            [],
            r"brier is better if it is lower, so --min brier=0\.1 is .*\. Write --max brier=0\.1",
        ),
        (
            [],
            ["auroc=0.9"],
            r"auroc is better if it is higher, so --max auroc=0\.9 is .*\. Write --min auroc=0\.9",
        ),
    ],
)
def test_malformed_limits(minimums: list[str], maximums: list[str], message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        parse_limits(minimums, maximums)


def test_a_query_knows_where_it_comes_from(tmp_path: Path) -> None:
    file = write(tmp_path, "q.tsv", "\n\nTea?\tx\n")
    assert read_queries(file, labelled=True) == [Query("q.tsv:3", "Tea?", f"{file}:3", "", ("x",))]
