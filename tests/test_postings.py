"""Words as arrays give what FTS5 gives."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qasearch.ranking.lexical import lexical_scores
from qasearch.storage import writing
from qasearch.storage.database import Database
from tests.test_rebuilding import TEA, bring_up_to_date, edits, write

QUESTION = "Is the water of suns, or BLACK?"

Edit = Mapping[str, str | None]


def build_both(place: Path, history: list[Edit]) -> tuple[Path, Path]:
    """An index with arrays that grew edit by edit, and one without them that was built at once."""
    corpus = place / "corpus"
    write(place, {"corpus/always.md": TEA + "# What is coffee?\n\nBlack.\n"})
    for edit in history:
        write(corpus, edit)
        with patch.object(writing, "FROM_ENTRIES", 0):
            bring_up_to_date(corpus, place / "arrays")
    bring_up_to_date(corpus, place / "fts5")
    return place / "arrays", place / "fts5"


def facts_about_words(index: Path) -> dict[str, Any]:
    """Counts and scores of words in an index, with entries by their places."""
    with Database.open_for_reading(index) as database:
        places = {
            rowid: (entry.path, entry.question_line) for rowid, entry in database.entries().items()
        }
        return {
            "arrays": database.words.mean_words() is not None,
            "counts": database.words.counts(["tea", "suns", "of", "unheard", "black", "_"]),
            "matches": {
                places[entry]: score
                for entry, score in database.words.match(["teas", "sun"], 50).items()
            },
            "some": {places[entry] for entry in database.words.match(["tea"], 50, [1, 2, 10**9])},
            "shares": {
                places[entry]: share
                for entry, share in lexical_scores(database, QUESTION, 50).items()
            },
        }


def test_scores_are_those_of_fts5(tmp_path: Path) -> None:
    sayings = {
        f"{n}.md": f"# What is {'tea' if n % 3 else 'water'}?\n\n{'sun ' * n} and rain.\n"
        for n in range(1, 9)
    }
    arrays, fts5 = map(facts_about_words, build_both(tmp_path, [sayings]))
    assert (arrays["arrays"], fts5["arrays"]) == (True, False)
    assert arrays["counts"] == fts5["counts"]
    assert len(arrays["matches"]) == 9
    assert arrays["matches"] == pytest.approx(fts5["matches"], rel=1e-3)
    assert arrays["some"] == fts5["some"]
    assert len(arrays["shares"]) > 3
    assert arrays["shares"] == pytest.approx(fts5["shares"], rel=1e-3)


@example(
    [{"a.md": TEA, "b.md": TEA}, {"a.md": None}, {"a.md": TEA}]
)  # a copy becomes the original, and a copy again
@given(st.lists(edits, min_size=2, max_size=6))
@settings(max_examples=20, deadline=None)
def test_arrays_follow_the_edits(
    tmp_path_factory: pytest.TempPathFactory, history: list[Edit]
) -> None:
    arrays, fts5 = map(facts_about_words, build_both(tmp_path_factory.mktemp("postings"), history))
    assert all(arrays["counts"][word] >= count for word, count in fts5["counts"].items())
    assert arrays["matches"].keys() == fts5["matches"].keys()


def test_the_best_come_first_up_to_the_limit(tmp_path: Path) -> None:
    sayings = {f"{n}.md": f"# What is tea {n}?\n\n{'sun ' * n}\n" for n in range(40)}
    folder, _ = build_both(tmp_path, [sayings])
    with Database.open_for_reading(folder) as database:
        every = list(database.words.match(["tea", "sun", "what"], 100).items())
        assert every == sorted(every, key=lambda pair: (-pair[1], pair[0]))
        assert len(every) == 42
        assert list(database.words.match(["tea", "sun", "what"], 7).items()) == every[:7]
