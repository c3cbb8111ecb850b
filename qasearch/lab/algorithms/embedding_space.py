"""Ways through an embedding space: along a great circle, and from neighbour to neighbour.

Shoemake (1985), Animating Rotation with Quaternion Curves; Dijkstra (1959), A Note on Two Problems
in Connexion with Graphs. The same algorithm with the larger of two lengths in place of their sum
gives the path whose longest step is shortest (Pollack 1960, The Maximum Capacity through a
Network).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Steps = npt.NDArray[np.float64]


def angle(a: Floats, b: Floats) -> float:
    """The angle between two (d,) vectors of unit norm in radians, 0 to pi.

    The arc tangent keeps its accuracy where the arc cosine loses half the digits: at small angles
    and near pi.
    """
    return float(2 * np.arctan2(np.linalg.norm(a - b), np.linalg.norm(a + b)))


def slerp(a: Floats, b: Floats, t: Floats) -> Floats:
    """(s, d) points of unit norm on the great circle from `a` at t = 0 to `b` at t = 1, at equal
    speed (Shoemake 1985).

    `a` and `b` are (d,) of unit norm, `t` is (s,). Where they coincide, all points are `a`.

    Raises:
        ValueError: they are opposite, so that every great circle through `a` also leads to `b`.
    """
    theta = angle(a, b)
    if np.pi - theta < 1e-3:
        raise ValueError("opposite points are joined by more than one great circle")
    if theta < 1e-6:
        return np.repeat(a[None], len(t), axis=0)
    start, goal = np.sin((1 - t) * theta)[:, None], np.sin(t * theta)[:, None]
    return np.asarray((start * a + goal * b) / np.sin(theta))


def angles_between(vectors: Floats) -> Steps:
    """(n, n) radians between (n, d) rows of unit norm; exactly 0 from each to itself."""
    angles = np.arccos(np.clip(np.asarray(vectors, np.float64) @ vectors.T, -1, 1))
    np.fill_diagonal(angles, 0)
    return angles


def joined_from(angles: Steps) -> Steps:
    """(n, n) the k from which two points are joined, if each is joined to its k nearest others;
    ties in their order.
    """
    others = angles.copy()
    np.fill_diagonal(others, -1)  # a point comes first among its own neighbours, with rank 0
    ranks = np.empty(others.shape)
    np.put_along_axis(
        ranks, np.argsort(others, axis=1, kind="stable"), np.arange(len(others))[None], axis=1
    )
    return np.minimum(ranks, ranks.T)


def shortest_path(
    steps: Steps, start: int, goal: int, join: Callable[..., Any] = np.add
) -> tuple[list[int], float]:
    """The shortest path from `start` to `goal`, both included, and its length (Dijkstra 1959).

    Written as in the paper, without a heap: O(n^2), which no algorithm can undercut that looks at
    each step of a complete graph.

    Args:
        steps: (n, n) length of the step between two points, at least 0; infinite where there is
            none.
        start: number of the first point.
        goal: number of the last one.
        join: length of a path and of one more step to that of the longer path: their sum, or
            `np.maximum`.

    Raises:
        ValueError: no path leads there.
    """
    lengths, before = np.full(len(steps), np.inf), np.full(len(steps), -1)
    lengths[start] = 0
    open_ = np.ones(len(steps), np.bool_)
    while True:
        here = int(
            np.argmin(np.where(open_, lengths, np.inf))
        )  # its length is final: every detour would be longer
        if not open_[here] or np.isinf(lengths[here]):
            raise ValueError(f"no path leads from {start} to {goal}")
        if here == goal:
            break
        open_[here] = False
        through = join(lengths[here], steps[here])
        shorter = open_ & (through < lengths)
        lengths[shorter], before[shorter] = through[shorter], here
    path = [goal]
    while path[-1] != start:
        path.append(int(before[path[-1]]))
    return path[::-1], float(lengths[goal])
