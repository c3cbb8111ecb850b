"""What an embedding space is like: a vector, its neighbours, extremes, and ways through it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from qasearch.datatypes.entry import PassageKind
from qasearch.errors import BadRequest
from qasearch.lab.algorithms.embedding_space import (
    angle,
    angles_between,
    farthest_pair,
    joining_ks,
    pairs_without_common_words,
    shortest_path,
    slerp,
)
from qasearch.lab.algorithms.norms import mean_cosine
from qasearch.lab.algorithms.pca import principal_plane
from qasearch.lab.arrays import Floats, Ids, Matrix, Vectors
from qasearch.lab.charts import Bars, Curves, Demonstration, Finding, Points, Table
from qasearch.lab.demonstrations.wording import one_line, quoted
from qasearch.lab.sampling import fixed_sample
from qasearch.lab.space import Space

LARGEST_NUMBERS = 12
"""Numbers of a vector that are drawn."""

NEIGHBOURS = 6
"""Nearest entries in the table."""

MAX_PARAPHRASED_PASSAGES = 4_000
"""Passages compared with each other in search of other words for the same; of more, a sample."""

PARAPHRASES = 3
"""Pairs of passages in the table."""

POINTS_ON_CIRCLE = 21
"""Points of the great circle that are looked at, both ends included: steps of 0.05."""

ROW_EVERY = 5
"""One point in so many is a row of the table."""

ONE_CIRCLE = 1e-3
"""Angle in radians to 0 or pi below which two entries have no single great circle."""

MAX_PATH_ENTRIES = 3_000
"""Entries among which a path is searched; of more, a sample with both ends in it."""

STOP_WORDS = frozenset(
    "a about after all also an and any are as at be been but by can could did do does each for "
    "from get had has have how if in into is it its just like may me more most must my no not of "
    "on one only or other our out over should so some such than that the their them then there "
    "these they this those to too use used using vs was way we were what when where which while "
    "who why will with without would you your".split()
)
_WORD = re.compile(r"[^\W\d_]{3,}")


def demonstrate(space: Space, arguments: Sequence[str]) -> Demonstration:
    """The space seen from a question or from its central entry, or a way between two entries.

    Raises:
        BadRequest: there are fewer than three entries, or `between` or `path` come without two
            different entries.
    """
    space.need(3, "A look at the embedding space")
    if arguments and arguments[0] == "between":
        ends = _two_entries(space, arguments)
        return Demonstration.of("Between two entries", [tell_circle(space, *ends)])
    if arguments and arguments[0] == "path":
        ends = _two_entries(space, arguments)
        return Demonstration.of(
            "From neighbour to neighbour", [tell_path(space, path_between(space, *ends))]
        )
    question = " ".join(arguments).strip()
    if question:
        own, vector, name = None, space.encode([question])[0], quoted(question)
    else:
        own = space.central_entry
        vector = space.passage_vectors[np.flatnonzero(space.owners == own)[0]]
        name = f"The most central entry, {quoted(space.entries[own].question)},"
    return Demonstration.of(
        "The embedding space",
        [
            tell_vector(vector, name),
            tell_neighbours(space, vector, own),
            tell_paraphrases(space),
            tell_extremes(space),
        ],
    )


def _two_entries(space: Space, arguments: Sequence[str]) -> tuple[int, int]:
    usage = (
        "Give two ids (list them: qasearch list), or two questions in quotation marks: "
        f"qasearch lab embedding-space {arguments[0]} A B"
    )
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


def tell_vector(vector: Vectors, name: str) -> Finding:
    """What a (d,) vector of unit norm looks like; `name` begins the sentence."""
    d = len(vector)
    largest = np.argsort(-np.abs(vector), kind="stable")[:LARGEST_NUMBERS]
    share, even = float((vector[largest] ** 2).sum()), len(largest) / d
    beginning = ", ".join(f"{number:.3f}" for number in vector[:4])
    body = (
        f"{name} is a vector of {d} numbers for the encoder. It begins with {beginning}. The mean "
        f"of the numbers is {vector.mean():.3f}, their standard deviation {vector.std():.3f}. In a "
        f"vector of length 1, numbers with mean 0 have a standard deviation of 1/sqrt({d}) = "
        f"{d**-0.5:.3f}. The {len(largest)} largest numbers have {share:.0%} of the squared "
        f"length; if all numbers were equal, {len(largest)} of them would have {even:.0%}. A "
        "single number means nothing: if the whole space is turned, every number changes, but no "
        "cosine does.",
        Bars(
            "The largest numbers of one vector",
            tuple(f"dimension {number}" for number in largest),
            tuple(vector[largest].tolist()),
        ),
    )
    return Finding(
        body,
        {
            "dimensions": d,
            "mean": round(float(vector.mean()), 5),
            "standard_deviation": round(float(vector.std()), 5),
            "largest_dimensions": largest.tolist(),
            "largest_share": round(share, 4),
        },
    )


def tell_neighbours(space: Space, vector: Vectors, own: int | None) -> Finding:
    """The entries nearest to a (d,) vector of unit norm, without the entry `own`."""
    near = space.nearness(vector)
    others = np.array([number for number in range(len(near)) if number != own])
    nearest = others[np.argsort(-near[others], kind="stable")][:NEIGHBOURS]
    first, mean = float(near[nearest[0]]), float(near[others].mean())
    spread = float(near[others].std())
    above = (
        f", so the first is {(first - mean) / spread:.1f} standard deviations above the mean"
        if spread > 1e-6
        else ""
    )
    body = (
        "What means something is which entries are near. The cosine with an entry is the cosine "
        f"with its nearest passage. It is {first:.2f} for the first entry below. The mean over all "
        f"entries is {mean:.2f}{above}.",
        Table(
            ("nearest entries", "cosine"),
            tuple((space.entries[number].question, float(near[number])) for number in nearest),
        ),
    )
    neighbours = [[space.entries[number].id, round(float(near[number]), 4)] for number in nearest]
    return Finding(body, {"neighbours": neighbours, "mean_nearness": round(mean, 4)})


def content_words(text: str) -> frozenset[str]:
    """The words of a text without stop words, each cut to its first four letters.

    This is a crude stem: it makes some different words equal, so that words count as common
    rather too often than too seldom.
    """
    return frozenset(word[:4] for word in _WORD.findall(text.lower()) if word not in STOP_WORDS)


def paraphrases(space: Space) -> list[tuple[float, int, int]]:
    """The nearest passages of two entries without a common word: cosine and both numbers.

    The words of a piece of an answer include those of its question.
    """
    chosen = fixed_sample(len(space.passages), MAX_PARAPHRASED_PASSAGES)
    words = []
    for number in chosen.tolist():
        passage, entry = space.passages[number], space.entries[space.owners[number]]
        question = entry.question if passage.kind is PassageKind.ANSWER else ""
        words.append(content_words(f"{question} {passage.text}"))
    pairs = pairs_without_common_words(space.passage_vectors[chosen], words, space.owners[chosen])
    return [(cosine, int(chosen[i]), int(chosen[j])) for cosine, i, j in pairs]


def tell_paraphrases(space: Space) -> Finding:
    """Passages that say nearly the same in other words."""
    rows = [
        (
            one_line(space.passages[i].text, 90),
            one_line(space.passages[j].text, 90),
            round(cosine, 4),
        )
        for cosine, i, j in paraphrases(space)[:PARAPHRASES]
    ]
    if not rows:
        text = "Every two passages of different entries have a word in common, or too few words."
        return Finding((text,), {"in_other_words": []})
    sample = (
        f" of a sample of {MAX_PARAPHRASED_PASSAGES:,} passages"
        if len(space.passages) > MAX_PARAPHRASED_PASSAGES
        else ""
    )
    body = (
        "A search for words cannot connect the two passages of a row below. They belong to "
        "different entries and have no word in common, apart from stop words. The embedding puts "
        f"them near each other by their meaning, rightly or wrongly. These are the nearest such "
        f"pairs{sample}.",
        Table(("passage", "another passage", "cosine"), tuple(rows)),
    )
    return Finding(body, {"in_other_words": [list(row) for row in rows]})


def tell_extremes(space: Space) -> Finding:
    """The two entries farthest from each other, the mean of all pairs, and the way between."""
    a, b, lowest = farthest_pair(space.vectors)
    mean, by_chance = mean_cosine(space.vectors), space.vectors.shape[1] ** -0.5
    shape = (
        f"So the entries fill a cone, not the whole sphere. Compare a cosine with {mean:.2f}, not "
        "with 0."
        if mean > 2 * by_chance
        else "So the entries are spread over the sphere about as evenly as random directions."
    )
    circle = tell_circle(space, a, b)
    text = (
        f"The two entries farthest from each other have a cosine of {lowest:.2f}. The mean cosine "
        f"of two entries is {mean:.2f}; random directions would have 0, plus or minus "
        f"{by_chance:.2f}. {shape}"
    )
    return Finding(
        (text, *circle.body),
        {
            "mean_cosine": round(mean, 4),
            "lowest_cosine": round(lowest, 4),
            "farthest": dict(circle.numbers),
        },
    )


@dataclass(frozen=True, slots=True)
class Circle:
    """The great circle between two entries, at several points.

    Attributes:
        t: (s,) from 0 at the first entry to 1 at the second.
        to_ends: (s, 2) cosines with both entries.
        to_other: (s,) cosine with the nearest other entry.
        other: (s,) its number.
    """

    t: Matrix
    to_ends: Floats
    to_other: Floats
    other: Ids

    @property
    def inside(self) -> Ids:
        """The points at which another entry is nearer than both ends."""
        return np.flatnonzero(self.to_other > self.to_ends.max(axis=1))

    @property
    def passed(self) -> list[int]:
        """The entries that are nearer there, in the order of the way."""
        return list(dict.fromkeys(self.other[self.inside].tolist()))


def circle_between(space: Space, a: int, b: int) -> Circle:
    """The great circle between the entries `a` and `b`."""
    t = np.linspace(0, 1, POINTS_ON_CIRCLE)
    cosines = slerp(space.vectors[a], space.vectors[b], t) @ space.vectors.T
    to_ends = cosines[:, [a, b]].copy()
    cosines[:, [a, b]] = -np.inf
    return Circle(t, to_ends, cosines.max(axis=1), cosines.argmax(axis=1))


def tell_circle(space: Space, a: int, b: int) -> Finding:
    """What lies between the entries `a` and `b`, on the great circle through both.

    If they are at one point or at opposite points, there is no single circle, and the text says so.
    """
    first, second = (quoted(space.entries[number].question) for number in (a, b))
    between = angle(space.vectors[a], space.vectors[b])
    numbers: dict[str, object] = {
        "from": space.entries[a].id,
        "to": space.entries[b].id,
        "angle_degrees": round(float(np.degrees(between)), 2),
    }
    if not ONE_CIRCLE < between < np.pi - ONE_CIRCLE:
        where = (
            "at the same point"
            if between < 1
            else "at opposite points, which many great circles join"
        )
        text = f"{first} and {second} lie {where}. There is no single way to follow."
        return Finding((text,), numbers)
    circle, half = circle_between(space, a, b), POINTS_ON_CIRCLE // 2
    numbers |= {
        "half_way_cosine": round(float(circle.to_ends[half, 0]), 4),
        "half_way_entry": space.entries[circle.other[half]].id,
        "half_way_entry_cosine": round(float(circle.to_other[half]), 4),
        "passed": [space.entries[number].id for number in circle.passed],
    }
    start, goal = (one_line(space.entries[number].question, 40) for number in (a, b))
    body = (
        f"The angle between {first} and {second} is {np.degrees(between):.0f} degrees. Spherical "
        "interpolation (slerp, Shoemake 1985) follows the great circle between them at equal "
        "speed, always at length 1. A straight line would lead through the inside of the sphere, "
        "where the encoder puts no text: half-way its length is "
        f"{np.cos(between / 2):.2f}.",
        _circle_table(space, circle),
        Curves(
            "Along the great circle between two entries",
            "t",
            "cosine",
            circle.t,
            {
                f"to the start, {start}": circle.to_ends[:, 0],
                f"to the end, {goal}": circle.to_ends[:, 1],
                "to the nearest other entry": circle.to_other,
            },
        ),
        _entries_between(space, circle),
    )
    return Finding(body, numbers)


def _circle_table(space: Space, circle: Circle) -> Table:
    """Some points of the great circle."""
    rows = tuple(
        (
            float(circle.t[place]),
            float(circle.to_ends[place, 0]),
            float(circle.to_ends[place, 1]),
            space.entries[circle.other[place]].question,
            float(circle.to_other[place]),
        )
        for place in range(0, POINTS_ON_CIRCLE, ROW_EVERY)
    )
    heads = ("t", "cosine to the start", "to the end", "nearest other entry", "its cosine")
    return Table(heads, rows)


def _entries_between(space: Space, circle: Circle) -> str:
    """Which entries the great circle passes, or that it passes none."""
    inside, half = circle.inside, POINTS_ON_CIRCLE // 2
    if circle.passed:
        names = ", then ".join(quoted(space.entries[number].question) for number in circle.passed)
        return (
            f"Between t = {circle.t[inside[0]]:.2f} and t = {circle.t[inside[-1]]:.2f} the way "
            f"passes {names}: nearer there than both ends."
        )
    return (
        "No other entry is ever nearer than both ends. Half-way, the nearest one is "
        f"{quoted(space.entries[circle.other[half]].question)} with a cosine of "
        f"{circle.to_other[half]:.2f}; both ends have {circle.to_ends[half, 0]:.2f}. With "
        f"{len(space.entries):,} entries in {space.vectors.shape[1]} dimensions, the space between "
        "two of them is mostly empty."
    )


@dataclass(frozen=True, slots=True)
class Path:
    """The shortest path between two entries over a graph of nearest neighbours.

    Attributes:
        sample: (n,) numbers of the entries of the graph.
        k: each entry is joined to its k nearest; the smallest k that connects both ends.
        places: the path, as places in `sample`, both ends included.
        steps: angle of each step in degrees.
        direct: angle between both ends in degrees.
    """

    sample: Ids
    k: int
    places: Sequence[int]
    steps: Matrix
    direct: float


def path_between(space: Space, a: int, b: int) -> Path:
    """The path from the entry `a` to another entry `b`.

    A step costs the square of its angle, so that two small steps are cheaper than a large one.
    """
    sample = np.union1d(fixed_sample(len(space.entries), MAX_PATH_ENTRIES), [a, b])
    start, goal = (int(np.searchsorted(sample, end)) for end in (a, b))
    angles = angles_between(space.vectors[sample])
    ks = joining_ks(angles)
    k = int(shortest_path(ks, start, goal, np.maximum)[1])
    places, _ = shortest_path(np.where(ks <= k, angles**2, np.inf), start, goal)
    return Path(
        sample=sample,
        k=k,
        places=places,
        steps=np.degrees([angles[pair] for pair in pairwise(places)]),
        direct=float(np.degrees(angles[start, goal])),
    )


def tell_path(space: Space, path: Path) -> Finding:
    """The path from neighbour to neighbour."""
    entries = [space.entries[number] for number in path.sample[path.places]]
    plane = principal_plane(space.vectors[path.sample])
    total = f"{len(space.entries):,} entries"
    graph = (
        f"the {total}"
        if len(path.sample) == len(space.entries)
        else f"a sample of {len(path.sample):,} of the {total}"
    )
    distances = zip(entries, [0, *path.steps], np.cumsum([0, *path.steps]), strict=True)
    rows = tuple(
        (number, entry.question, float(step), float(total_degrees))
        for number, (entry, step, total_degrees) in enumerate(distances)
    )
    body = (
        f"Join each of {graph} to its k nearest neighbours, and look for the shortest path from "
        f"{quoted(entries[0].question)} to {quoted(entries[-1].question)} (Dijkstra 1959). A step "
        "costs the square of its angle, so two small steps are cheaper than one large step. The "
        f"smallest k that connects the two entries is {path.k}.",
        Table(("step", "entry", "degrees from the one before", "degrees in all"), rows),
        _verdict_on(path),
        Points(
            "The path, in the plane of two principal components "
            f"({plane.share:.0%} of the variance)",
            plane.place(space.vectors[path.sample]),
            tuple(space.sections[number] for number in path.sample),
            {
                place: one_line(entry.question, 40)
                for place, entry in zip(path.places, entries, strict=True)
            },
            tuple(pairwise(path.places)),
        ),
    )
    return Finding(
        body,
        {
            "path": [entry.id for entry in entries],
            "k": path.k,
            "steps_degrees": path.steps.round(2).tolist(),
            "direct_degrees": round(path.direct, 2),
            "entries": len(path.sample),
            "variance_in_plane": round(plane.share, 4),
        },
    )


def _verdict_on(path: Path) -> str:
    relation = f"among the {path.k} nearest entries" if path.k > 1 else "the nearest entry"
    if len(path.places) == 2:
        return (
            f"They are neighbours, {path.direct:.0f} degrees apart: one of them is {relation} of "
            "the other. So the path is one step."
        )
    steps = path.steps
    return (
        f"The path has {len(steps)} steps of {steps.min():.0f} to {steps.max():.0f} degrees, "
        f"{steps.sum():.0f} in all. The direct way has {path.direct:.0f} degrees and leads through "
        "empty space. The path goes from entry to entry: of two successive entries, one is always "
        f"{relation} of the other."
    )
