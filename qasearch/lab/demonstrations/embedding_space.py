"""What an embedding space is like: one vector looked at, its neighbours, the ends of the space, and
ways through it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qasearch.errors import BadRequest
from qasearch.lab.charts import Demonstration, Table
from qasearch.lab.demonstrations.interpolation import along_the_circle
from qasearch.lab.demonstrations.neighbour_path import over_neighbours
from qasearch.lab.demonstrations.neighbourhood import Parts, neighbours, one_vector
from qasearch.lab.demonstrations.paraphrases import MOST_PASSAGES, paraphrases
from qasearch.lab.demonstrations.wording import one_line, quoted
from qasearch.lab.space import Floats, Space


def demonstrate(space: Space, arguments: Sequence[str]) -> Demonstration:
    """The space, looked at from a question or from its most central entry; with `between` or
    `path`, a way through it.

    Raises:
        BadRequest: there are fewer than three entries, or no two different ones for `between` or
            `path`.
    """
    space.need(3, "A look at the embedding space")
    if arguments and arguments[0] in {"between", "path"}:
        a, b = _two_entries(space, arguments)
        if arguments[0] == "between":
            body, numbers = along_the_circle(space, a, b)
            return Demonstration("Between two entries", tuple(body), numbers)
        body, numbers = over_neighbours(space, a, b)
        return Demonstration("From neighbour to neighbour", tuple(body), numbers)

    question = " ".join(arguments).strip()
    own = -1 if question else int(np.argmax(space.vectors @ space.vectors.sum(axis=0)))
    vector = (
        space.encode([question])[0]
        if question
        else space.passage_vectors[np.flatnonzero(space.owners == own)[0]]
    )
    what = (
        quoted(question)
        if question
        else f"The entry in the middle of them all, {quoted(space.entries[own].question)},"
    )
    parts = [
        one_vector(vector, what),
        neighbours(space, vector, own),
        _in_other_words(space),
        _ends(space),
    ]
    numbers = {name: value for _, about in parts for name, value in about.items()}
    return Demonstration(
        "The embedding space", tuple(part for body, _ in parts for part in body), numbers
    )


def _two_entries(space: Space, arguments: Sequence[str]) -> tuple[int, int]:
    usage = f"Give two ids (qasearch list), or two questions in quotation marks: {arguments[0]} A B"
    if len(arguments) != 3:
        raise BadRequest(
            f"'{arguments[0]}' needs two entries, and {len(arguments) - 1} were given.", usage
        )
    a, b = space.find(arguments[1]), space.find(arguments[2])
    if a == b:
        raise BadRequest(
            f"'{arguments[1]}' and '{arguments[2]}' are the same entry, {space.entries[a].id}.",
            usage,
        )
    return a, b


def _in_other_words(space: Space) -> Parts:
    pairs = paraphrases(space)[:3]
    rows = [
        (
            one_line(space.passages[i].text, 90),
            one_line(space.passages[j].text, 90),
            round(cosine, 4),
        )
        for cosine, i, j in pairs
    ]
    if not rows:
        return ["No two passages of different entries are without a common word."], {
            "in_other_words": []
        }
    among = (
        f" of a sample of {MOST_PASSAGES:,} passages" if len(space.passages) > MOST_PASSAGES else ""
    )
    return [
        "A search for words finds nothing in common between the two passages of a row below, which belong to different "
        "entries: stop words aside, no stem is in both. The embedding puts them together by what they mean, rightly or "
        f"wrongly; these are the nearest such pairs{among}.",
        Table(("passage", "another", "cosine"), tuple(rows)),
    ], {"in_other_words": [list(row) for row in rows]}


def least_alike(vectors: Floats) -> tuple[int, int, float, float]:
    """The two of (n, d) rows with the lowest cosine, that cosine, and the mean cosine of two
    different rows.
    """
    lowest, total = (np.inf, 0, 1), 0.0
    for at in range(0, len(vectors), 1024):
        cosines = vectors[at : at + 1024] @ vectors.T
        own = np.arange(len(cosines)), at + np.arange(len(cosines))
        total += float(cosines.sum(dtype=np.float64) - cosines[own].sum(dtype=np.float64))
        cosines[own] = np.inf
        i, j = np.unravel_index(np.argmin(cosines), cosines.shape)
        lowest = min(lowest, (float(cosines[i, j]), at + int(i), int(j)))
    return lowest[1], lowest[2], lowest[0], total / (len(vectors) * (len(vectors) - 1))


def _ends(space: Space) -> Parts:
    a, b, lowest, mean = least_alike(space.vectors)
    chance = space.vectors.shape[1] ** -0.5
    narrow = (
        f"So the entries fill a cone, not the sphere, and a cosine is to be read against {mean:.2f}, not against 0."
        if mean > 2 * chance
        else "So the entries are spread over the sphere about as random directions are."
    )
    body, numbers = along_the_circle(space, a, b)
    return [
        f"The two entries farthest from each other have a cosine of {lowest:.2f}. Two entries have {mean:.2f} in the "
        f"mean; random directions would have 0, give or take {chance:.2f}. {narrow}",
        *body,
    ], {"mean_cosine": round(mean, 4), "lowest_cosine": round(lowest, 4), "farthest": numbers}
