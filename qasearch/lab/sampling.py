"""Random samples that are the same every time."""

from __future__ import annotations

import numpy as np

from qasearch.lab.arrays import Ids


def fixed_sample(count: int, most: int) -> Ids:
    """Numbers from 0 to count - 1 in rising order: all, or a random choice if there are too many.

    Args:
        count: how many things there are.
        most: how many numbers are returned at most.
    """
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(0).choice(count, most, replace=False))
