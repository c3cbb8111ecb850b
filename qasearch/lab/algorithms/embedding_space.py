"""Ways through an embedding space, and its extreme pairs.

Shoemake (1985), Animating Rotation with Quaternion Curves; Dijkstra (1959), A Note on Two Problems
in Connexion with Graphs. With the larger of two lengths instead of their sum, Dijkstra's algorithm
finds the path whose longest step is shortest (Pollack 1960, The Maximum Capacity through a
Network).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from qasearch.lab.arrays import Floats, Ids, Matrix

BLOCK = 1024
"""Rows compared with all others at a time: the cosines take 80 MB for 20,000 entries."""


def angle(a: Floats, b: Floats) -> float:
    """The angle between two (d,) vectors of unit norm in radians, from 0 to pi.

    The arc tangent is used because the arc cosine loses half of the digits near 0 and near pi.
    """
    return float(2 * np.arctan2(np.linalg.norm(a - b), np.linalg.norm(a + b)))


def slerp(a: Floats, b: Floats, t: Floats) -> Floats:
    """(s, d) points of unit norm on the great circle from `a` at t = 0 to `b` at t = 1.

    The points move at equal speed (Shoemake 1985). `a` and `b` are (d,) of unit norm, `t` is (s,).
    If `a` and `b` are one point, all points are `a`.

    Raises:
        ValueError: `a` and `b` are opposite: every great circle through `a` also leads to `b`.
    """
    theta = angle(a, b)
    if np.pi - theta < 1e-3:
        raise ValueError("opposite points are joined by more than one great circle")
    if theta < 1e-6:
        return np.repeat(a[None], len(t), axis=0)
    start, goal = np.sin((1 - t) * theta)[:, None], np.sin(t * theta)[:, None]
    return np.asarray((start * a + goal * b) / np.sin(theta))


def angles_between(vectors: Floats) -> Matrix:
    """(n, n) angles in radians between (n, d) rows of unit norm; exactly 0 on the diagonal."""
    angles = np.arccos(np.clip(np.asarray(vectors, np.float64) @ vectors.T, -1, 1))
    np.fill_diagonal(angles, 0)
    return angles


def joining_ks(angles: Matrix) -> Matrix:
    """(n, n) the smallest k for which a k-nearest-neighbour graph joins two points.

    The graph joins every point to its k nearest others; ties count in the order of the points.
    """
    keys = angles.copy()
    np.fill_diagonal(keys, -1)  # rank 0: a point comes first among its own neighbours
    order = np.argsort(keys, axis=1, kind="stable")
    ranks = np.empty(keys.shape)
    np.put_along_axis(ranks, order, np.arange(len(keys))[None], axis=1)
    return np.minimum(ranks, ranks.T)


def shortest_path(
    steps: Matrix, start: int, goal: int, join: Callable[..., Any] = np.add
) -> tuple[list[int], float]:
    """The shortest path from `start` to `goal`, both included, and its length (Dijkstra 1959).

    Written as in the paper, without a heap: O(n^2). The graph is complete, so every algorithm
    must look at n^2 steps.

    Args:
        steps: (n, n) length of the step between two points, at least 0; infinite for no step.
        start: number of the first point.
        goal: number of the last point.
        join: the length of a path and one more step, from both lengths: `np.add`, or `np.maximum`
            for the path whose longest step is shortest.

    Raises:
        ValueError: no path leads from `start` to `goal`.
    """
    lengths, before = np.full(len(steps), np.inf), np.full(len(steps), -1)
    lengths[start] = 0
    unvisited = np.ones(len(steps), np.bool_)
    while True:
        # The nearest unvisited point is final: every detour to it would be longer.
        here = int(np.argmin(np.where(unvisited, lengths, np.inf)))
        if not unvisited[here] or np.isinf(lengths[here]):
            raise ValueError(f"no path leads from {start} to {goal}")
        if here == goal:
            break
        unvisited[here] = False
        through = join(lengths[here], steps[here])
        shorter = unvisited & (through < lengths)
        lengths[shorter], before[shorter] = through[shorter], here
    path = [goal]
    while path[-1] != start:
        path.append(int(before[path[-1]]))
    return path[::-1], float(lengths[goal])


def farthest_pair(vectors: Floats) -> tuple[int, int, float]:
    """The numbers of the two of (n, d) unit rows with the lowest cosine, and that cosine."""
    lowest = (np.inf, 0, 1)
    for start in range(0, len(vectors), BLOCK):
        cosines = vectors[start : start + BLOCK] @ vectors.T
        own = np.arange(len(cosines)), start + np.arange(len(cosines))
        cosines[own] = np.inf
        i, j = np.unravel_index(np.argmin(cosines), cosines.shape)
        lowest = min(lowest, (float(cosines[i, j]), start + int(i), int(j)))
    cosine, a, b = lowest
    return a, b, cosine


def pairs_without_common_words(
    vectors: Floats, words: Sequence[frozenset[str]], owners: Ids
) -> list[tuple[float, int, int]]:
    """The nearest pairs of passages of two entries with no word in common, nearest first.

    Each passage is paired with the nearest passage that is allowed. Of several pairs of the same
    two entries the nearest is taken. A pair is (cosine, i, j) with i < j.

    Args:
        vectors: (m, d), rows of unit norm.
        words: (m,) the words of each passage. A passage with fewer than two words, such as a
            formula, is in no pair.
        owners: (m,) the entry of each passage.
    """
    cosines = vectors @ vectors.T
    nearest: dict[frozenset[int], tuple[float, int, int]] = {}
    for i, row in enumerate(cosines):
        if len(words[i]) < 2:
            continue
        for j in np.argsort(-row, kind="stable").tolist():
            if owners[i] != owners[j] and len(words[j]) > 1 and words[i].isdisjoint(words[j]):
                pair = (float(row[j]), min(i, j), max(i, j))
                entries = frozenset({int(owners[i]), int(owners[j])})
                nearest[entries] = max(nearest.get(entries, pair), pair)
                break
    return sorted(nearest.values(), key=lambda pair: (-pair[0], pair[1:]))
