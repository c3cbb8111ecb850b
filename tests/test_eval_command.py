"""`qasearch eval`, run as a user runs it: what it prints, where, and its exit code."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import qasearch as package
from qasearch.evaluation.metric_table import CONFIDENCE_METRICS, RANKING_METRICS
from tests.conftest import ROOT, Command, Corpus

RANKING_NAMES = [metric.name for metric in RANKING_METRICS]
CONFIDENCE_NAMES = [metric.name for metric in CONFIDENCE_METRICS if metric.name != "gaps-answered"]
"""Those that are defined without a query of the kind `gap`."""

NOTES = {
    "vpn.md": "# How do I restart the vpn?\n\nRun the backup.\n",
    "printer.md": "# Why is the printer red?\n\nIt has no water.\n",
    "tea.md": "# What is tea\x1b[31m?\n\nMilk and sugar.\n",
}
VPN, PRINTER, TEA = (
    "vpn#how-do-i-restart-the-vpn",
    "printer#why-is-the-printer-red",
    "tea#what-is-tea-31m",
)
QUERIES = f"""\
question\texpected
How do I restart the vpn?\t{VPN}
Why is the printer red?\t{PRINTER}
the printer\x9b is red, red and red, is it not, why\t{TEA}
orchestra melody\tNONE
"""


@pytest.fixture
def flags(corpus: Corpus, tmp_path: Path, tiny_model: str) -> list[str]:
    """The flags for an index of `NOTES` and the queries above."""
    folder = corpus(NOTES)
    package.build(folder, tmp_path / "index", tiny_model)
    (tmp_path / "queries.tsv").write_text(QUERIES, encoding="utf-8")
    return ["--corpus", str(folder), "--index", str(tmp_path / "index"), "--queries", "queries.tsv"]


def fields(text: str) -> Any:
    return json.loads(text)


def test_the_report_is_aligned_columns(qasearch: Command, flags: list[str]) -> None:
    run = qasearch("eval", *flags, "--compare", "lexical")
    assert (run.code, run.err) == (0, "")
    blocks = [block.splitlines() for block in run.out.split("\n\n")]
    assert blocks[0][0] == "queries  3 with an answer, 1 without"
    assert re.fullmatch(r"index    3 entries, .*, built \d{4}-.*", blocks[0][1])
    assert blocks[0][2:] == ["mode     hybrid"]
    assert blocks[1] == [
        "ranking           value  95 % interval     queries",
        "hit@1             0.667  0.000 to 1.000          3",
        "hit@5             1.000  1.000 to 1.000          3",
        blocks[1][3],
        blocks[1][4],
        "recall@100        1.000  1.000 to 1.000          3",
    ]
    assert blocks[2][0] == "confidence        value  95 % interval     queries"
    assert [line.split()[0] for line in blocks[2][1:]] == CONFIDENCE_NAMES
    assert blocks[2][4] == "false-answers     0.000  0.000 to 0.000          1  lower is better"
    assert blocks[3][0] == "kind             answer    weak    none  queries"
    assert [line[:12].strip() for line in blocks[3][1:]] == [
        "right entry",
        "wrong entry",
        "no answer",
    ]
    assert blocks[4][0] == "coverage  risk  minimum confidence"
    assert [line[:6].strip() for line in blocks[4][1:]] == ["25", "50", "75", "100"]
    assert (
        blocks[5][0] == "lexical - hybrid   hybrid  lexical  difference  95 % interval          p"
    )
    assert [line.split()[0] for line in blocks[5][1:]] == RANKING_NAMES
    assert blocks[6][0] == "The worst misses"
    assert blocks[6][1] == "the printer� is red, red and red, is it not, why"
    assert re.fullmatch(rf"  expected {re.escape(TEA)}: What is tea␛\[31m\? +rank \d", blocks[6][2])
    assert re.fullmatch(
        rf"  found    {re.escape(PRINTER)}: Why is the printer red\? +\d+ %", blocks[6][3]
    )
    assert len(blocks) == 7
    assert all(len(line) <= 80 for block in blocks[1:] for line in block)
    assert not set(run.out) & set("\x1b\x9b")


def test_json_says_the_same_field_for_field(qasearch: Command, flags: list[str]) -> None:
    run = qasearch(
        "eval",
        *flags,
        "--json",
        "--compare",
        "dense",
        "--mode",
        "lexical",
        "--max",
        "false-answers=0",
    )
    report = fields(run.out)
    assert (run.code, run.err) == (0, "")
    assert list(report) == [
        "schema",
        "index",
        "mode",
        "rerank",
        "answerable",
        "unanswerable",
        "metrics",
        "risk_coverage",
        "calibration",
        "kinds",
        "comparisons",
        "checks",
        "misses",
        "false_answers",
        "queries",
        "notes",
    ]
    assert (report["schema"], report["mode"], report["rerank"]) == (
        "qasearch.eval/1",
        "lexical",
        None,
    )
    assert (report["answerable"], report["unanswerable"]) == (3, 1)
    assert list(report["metrics"]) == [*RANKING_NAMES, *CONFIDENCE_NAMES]
    assert report["metrics"]["hit@1"]["value"] == 2 / 3
    assert report["metrics"]["auroc"]["low"] is None
    assert report["checks"] == [
        {"metric": "false-answers", "option": "--max", "limit": 0, "value": 0, "passed": True},
    ]
    (comparison,) = report["comparisons"]
    assert (comparison["mode"], list(comparison["metrics"])) == ("dense", RANKING_NAMES)
    assert (report["misses"], report["false_answers"], report["notes"]) == (
        ["queries.tsv:4"],
        [],
        [],
    )
    first, *_, none = report["queries"]
    assert first["first_hit"].pop("confidence") > 0
    assert first == {
        "id": "queries.tsv:2",
        "text": "How do I restart the vpn?",
        "kind": "",
        "place": "queries.tsv:2",
        "answerable": True,
        "expected": [
            {"id": VPN, "relevance": 1, "question": "How do I restart the vpn?", "rank": 1}
        ],
        "rank": 1,
        "first_hit": {"id": VPN, "question": "How do I restart the vpn?"},
        "verdict": first["verdict"],
        "metrics": dict.fromkeys(RANKING_NAMES, 1),
    }
    assert (none["answerable"], none["expected"], none["rank"], none["first_hit"]) == (
        False,
        [],
        None,
        None,
    )
    described = (
        (ROOT / "docs" / "json.md")
        .read_text(encoding="utf-8")
        .split("## `qasearch.eval/1`")[1]
        .split("\n## ")[0]
    )
    parts = [
        report,
        report["metrics"],
        *report["metrics"].values(),
        *report["risk_coverage"],
        *report["calibration"],
    ]
    parts += [
        comparison,
        *comparison["metrics"].values(),
        *report["checks"],
        first,
        first["first_hit"],
        *first["expected"],
    ]
    names = {name for part in parts for name in part}
    assert {name for name in names if not re.search(rf"[`.]{re.escape(name)}`", described)} == set()


def test_public_sets_have_their_judgements_beside_them(
    qasearch: Command, flags: list[str], tmp_path: Path
) -> None:
    rows = [
        ("q1", "restart the vpn"),
        ("q2", "the red printer"),
        ("q3", "who knows"),
        ("q4", "what is not judged"),
    ]
    (tmp_path / "queries.jsonl").write_text(
        "".join(json.dumps({"_id": n, "text": t}) + "\n" for n, t in rows)
    )
    judgements = [("q1", VPN, 2), ("q1", TEA, 1), ("q2", PRINTER, 1), ("q2", "gone", 1)]
    (tmp_path / "qrels.tsv").write_text(
        "query-id\tcorpus-id\tscore\n"
        + "".join(f"{query}\t{entry}\t{n}\n" for query, entry, n in [*judgements, ("q3", TEA, 0)])
    )
    (tmp_path / "none.tsv").write_text("n1\torchestra\n")
    files = ["--queries", "queries.jsonl", "--qrels", "qrels.tsv", "--no-answer", "none.tsv"]
    report = fields(qasearch("eval", *flags[:4], *files, "--json").out)
    assert [query["id"] for query in report["queries"]] == ["q1", "q2", "n1"]
    assert [each["relevance"] for each in report["queries"][0]["expected"]] == [2, 1]
    assert report["notes"][:2] == [
        "left out: 1 query without a judgement",
        "left out: 1 query without a relevant entry; list unanswerable queries in the file of "
        "--no-answer",
    ]
    assert report["notes"][2].startswith(
        "1 of 4 relevant entries are not in the index and count as not found: 'gone'"
    )
    text = qasearch("eval", *flags[:4], *files).out
    assert (
        "note     left out: 1 query without a relevant entry; list unanswerable queries\n         "
        "in the file of --no-answer" in text
    )
    assert f"expected {PRINTER}" not in text  # it is a hit; the other entry is not in the index


def test_a_failed_limit_is_exit_code_1(qasearch: Command, flags: list[str]) -> None:
    passed = qasearch("eval", *flags, "--min", "hit@1=0.6", "--min", "HIT@5=1", "--max", "aurc=1")
    assert (passed.code, passed.err) == (0, "")
    run = qasearch(
        "eval",
        *flags,
        "--misses",
        "0",
        "--min",
        "hit@1=0.9",
        "--min",
        "hit@5=1",
        "--max",
        "brier=0",
    )
    assert run.code == 1
    first, second = run.err.splitlines()
    assert first == "hit@1 is 0.667, below the minimum of 0.90."
    assert re.fullmatch(r"brier is 0\.\d+, above the maximum of 0\.0+\.", second)
    assert "misses" not in run.out
    as_json = qasearch("eval", *flags, "--json", "--min", "hit@1=0.9")
    assert (as_json.code, fields(as_json.out)["checks"][0]["passed"]) == (1, False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--queries", "nowhere"], "Cannot read nowhere: No such file"),
        (["--min", "hits=1"], "There is no metric 'hits'"),
        (
            ["--compare", "hybrid"],
            "--compare hybrid is the mode of --mode; name another mode.",
        ),
        (["--mode", "random"], "'random' is not one of 'hybrid', 'dense', 'lexical'"),
        (
            ["--qrels", "queries.tsv"],
            "Both queries.tsv and --qrels queries.tsv name the expected entries.",
        ),
        (
            ["--no-answer", "queries.tsv"],
            f"unanswerable, but the entry '{VPN}' is judged as relevant for it.",
        ),
    ],
)
def test_errors_are_exit_code_2(
    qasearch: Command, flags: list[str], arguments: list[str], message: str
) -> None:
    run = qasearch("eval", *flags, *arguments)
    assert (run.code, run.out) == (2, "")
    assert message in run.err
    as_json = qasearch("eval", *flags, *arguments, "--json")
    assert (as_json.code, fields(as_json.out)["schema"]) == (2, "qasearch.error/1")


def test_ids_of_another_corpus_are_an_error_that_names_the_nearest(
    qasearch: Command, flags: list[str], tmp_path: Path
) -> None:
    (tmp_path / "queries.tsv").write_text("the vpn\tvpn#how-do-i-restart-a-vpn\n")
    run = qasearch("eval", *flags)
    assert run.code == 2
    assert f"queries.tsv expects: 'vpn#how-do-i-restart-a-vpn' (nearest: '{VPN}')." in run.err


def test_a_changed_corpus_is_read_before_its_ids_are_compared(
    qasearch: Command, flags: list[str], tmp_path: Path
) -> None:
    (tmp_path / "corpus" / "soup.md").write_text("# What is soup?\n\nWater and salt.\n")
    (tmp_path / "queries.tsv").write_text("What is soup?\tsoup#what-is-soup\n")
    run = qasearch("eval", *flags, "--min", "hit@1=1")
    assert (run.code, run.err) == (0, "")
    assert "index    4 entries" in run.out


# Without labels


def test_the_corpus_is_asked_its_own_questions(
    qasearch: Command, tmp_path: Path, tiny_model: str
) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for n, word in enumerate(["tea", "milk", "salt", "pepper"]):
        (folder / f"{word}.md").write_text(
            f"---\nquestion: What is {word}?\n"
            f"aliases: [{word} and water, white {word}]\n---\n\nThe {word} number {n}.\n"
        )
    flags = ["--corpus", str(folder), "--index", str(tmp_path / "own")]
    assert qasearch("build", "--model", tiny_model, *flags).code == 0
    run = qasearch("eval", "--self", "--json", "--compare", "lexical", *flags)
    assert run.code == 0, run.err
    fields = json.loads(run.out)
    own = [query for query in fields["queries"] if query["id"].startswith("own:")]
    # The questions are asked too, because there are few other wordings.
    forms = ("{} and water", "white {}", "What is {}?")
    words = ("tea", "milk", "salt", "pepper")
    assert sorted(query["text"] for query in own) == sorted(
        form.format(word) for form in forms for word in words
    )
    assert fields["metrics"]["hit@1"]["value"] == 1
    assert any(query["id"].startswith("off-topic:") for query in fields["queries"])
    assert [comparison["mode"] for comparison in fields["comparisons"]] == ["lexical"]
    assert qasearch("eval", "--self", "--min", "hit@1=1", *flags).code == 0


def test_a_corpus_with_nothing_but_questions_cannot_be_asked_them(
    qasearch: Command, tmp_path: Path, tiny_model: str
) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.md").write_text("# What is tea?\n\n# What is milk?\n")
    flags = ["--corpus", str(tmp_path / "corpus"), "--index", str(tmp_path / "own")]
    qasearch("build", "--model", tiny_model, *flags)
    run = qasearch("eval", "--self", *flags)
    assert run.code == 2
    assert "no entry has an answer or another wording" in run.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Give one of --queries FILE, --calibrate FILE and --self."),
        (
            ["--self", "--queries", "x.tsv"],
            "Give one of --queries FILE, --calibrate FILE and --self.",
        ),
        (
            ["--self", "--qrels", "x.tsv"],
            "--qrels, --no-answer and --rerank need --queries, not --self.",
        ),
        (["--qrels", "x.tsv"], "Give one of --queries FILE, --calibrate FILE and --self."),
    ],
)
def test_either_queries_or_the_corpus_itself(
    qasearch: Command, arguments: list[str], message: str
) -> None:
    run = qasearch("eval", *arguments)
    assert run.code == 2
    assert message in run.err
