"""What the id of a passage says: its entry, and its position in the entry.

An id is the row id of the entry times 2^20 plus the position. So the entry of a passage needs no
look-up, and the passages of an entry are a range of ids. Only this module knows that; everywhere
else an id is an opaque number. The functions take numbers and NumPy arrays of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ids = npt.NDArray[np.int64]
    _Id = TypeVar("_Id", int, Ids)

MAX_PASSAGES = 2**20
"""Passages of one entry. An answer with so many would have some hundred megabytes, and 2^43 row ids
are left below the largest number of SQLite."""

QUESTION_POSITION = 0
"""The wording of the question is the first passage of each entry."""


def passage_id(entry: _Id, position: int) -> _Id:
    """The id of the passage at this position of an entry, 0 for the first."""
    return entry * MAX_PASSAGES + position


def entry_of(passage: _Id) -> _Id:
    """The row id of the entry that the passage belongs to."""
    return passage // MAX_PASSAGES


def position_of(passage: _Id) -> _Id:
    """The position of the passage in its entry, 0 for the first."""
    return passage % MAX_PASSAGES


def question_id(entry: _Id) -> _Id:
    """The id of the passage that is the question of an entry."""
    return passage_id(entry, QUESTION_POSITION)


def is_question(passage: int) -> bool:
    """Whether the passage is the wording of a question."""
    return position_of(passage) == QUESTION_POSITION


def are_questions(passages: Ids) -> npt.NDArray[np.bool_]:
    """(n,) bool, which of the passages are the wording of a question."""
    mask: npt.NDArray[np.bool_] = position_of(passages) == QUESTION_POSITION
    return mask


def id_range(entry: _Id) -> tuple[_Id, _Id]:
    """The first id of an entry's passages, and the one after the last."""
    return passage_id(entry, 0), passage_id(entry + 1, 0)
