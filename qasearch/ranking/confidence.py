"""From the scores for a question to the probability that a hit is the answer.

A score alone means nothing: 0.4 is a match in one corpus and noise in another. Two numbers say more
than any other that was tried: the *score*, and the *lead*, how far it is above the mean of the best
nine other entries. A question that the corpus does not answer is about as near to many entries; a
question that it does answer is much nearer to one. A logistic curve through both gives the
probability (Platt 1999).

The scores here always have `DEFAULT_LEXICAL_WEIGHT`, whatever weight ranks the corpus, and rivals
are looked for among all entries, whatever is filtered. So both numbers mean the same everywhere,
and one curve serves for all corpora. docs/confidence.md says what it was fitted to.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from qasearch.datatypes.index import Curve
from qasearch.datatypes.options import Mode
from qasearch.datatypes.reply import Evidence
from qasearch.ranking.candidates import Candidates
from qasearch.ranking.fusion import DEFAULT_LEXICAL_WEIGHT, Ranked, scores, signal_weights

RIVALS = 9
"""The number of other entries whose mean score is subtracted for the lead."""

_TYPICAL_RIVAL = 0.25
"""The score of a rival where the corpus has too few: the usual one in corpora with enough."""

CURVES: Mapping[Mode, Curve] = {
    Mode.HYBRID: Curve(score=3.8, lead=8.8, offset=-3.6),
    Mode.DENSE: Curve(score=4.6, lead=7.6, offset=-4.5),
    Mode.LEXICAL: Curve(score=0.0, lead=6.7, offset=-1.3),
}
"""The shipped curves. `python -m benchmarks.confidence` fits them to public data."""

_PRIOR_DEVIATIONS = (2.0, 3.0, 1.0)
"""How far the coefficients of one corpus usually are from the shipped ones: score, lead, offset."""

DOUBTED = 0.4
"""The largest probability of a hit that the wording speaks against: no trust makes it an answer."""

_RIDGE = 1e-4
"""A small penalty on both slopes, which would be infinite if the numbers separated the kinds."""

EXPECTED_SHARES = {"right": 0.5, "gap": 0.4, "wrong": 0.1, "off-topic": 0.2}
"""The kinds of first hits that a curve is fitted to, and how much each of them weighs: the right
entry; the nearest where the right one does not exist; a wrong one although the right one exists;
the nearest to a question on another subject."""


class Standings:
    """What the scores of all entries say about each hit of one question."""

    def __init__(self, everything: Candidates, mode: Mode) -> None:
        """Compare hits with `everything`, the candidates among all entries."""
        self._weights = signal_weights(mode, DEFAULT_LEXICAL_WEIGHT)
        total = scores(everything, self._weights)
        order = np.argsort(-total, kind="stable")
        self._entries: list[int] = everything.entries[order].tolist()
        self._scores: list[float] = total[order].tolist()

    def of(self, hits: Sequence[Ranked]) -> list[tuple[float, float]]:
        """The score and the lead of each hit, as if the hits above it did not exist.

        Args:
            hits: best first.
        """
        result = []
        not_rivals: set[int] = set()
        start = 0  # the first entry that may be a rival
        for hit in hits:
            not_rivals.add(hit.entry)
            while start < len(self._entries) and self._entries[start] in not_rivals:
                start += 1
            score = sum(weight * hit.signals[name] for name, weight in self._weights.items())
            result.append((score, score - self._mean_of_rivals(start, not_rivals)))
        return result

    def _mean_of_rivals(self, start: int, not_rivals: Collection[int]) -> float:
        rivals = []
        for entry, score in zip(self._entries[start:], self._scores[start:], strict=True):
            if entry not in not_rivals:
                rivals.append(score)
                if len(rivals) == RIVALS:
                    break
        return (sum(rivals) + (RIVALS - len(rivals)) * _TYPICAL_RIVAL) / RIVALS


def weigh(
    standings: Sequence[tuple[float, float]], curve: Curve, doubts: Sequence[str]
) -> list[Evidence]:
    """The evidence for each hit. The sum of their confidences is at most 1.

    Args:
        standings: the score and the lead of each hit, best first.
        curve: from these two to a probability.
        doubts: for each hit why the wording speaks against it; "" if it does not.
    """
    result, left = [], 1.0
    for (score, lead), doubt in zip(standings, doubts, strict=True):
        evidence = Evidence(score, lead, curve, DOUBTED if doubt else 1.0, doubt, left)
        result.append(evidence)
        left -= evidence.confidence
    return result


def fit(
    numbers: npt.NDArray[np.floating],
    are_right: npt.NDArray[np.bool_],
    weights: npt.NDArray[np.floating],
    prior: Curve | None = None,
) -> Curve:
    """The curve that makes the labels most probable: logistic regression by Newton's method.

    Args:
        numbers: (n, 2), the score and the lead of first hits.
        are_right: (n,), whether the first hit answers the question.
        weights: (n,), how many questions each counts for.
        prior: with a prior, coefficients are drawn towards it, and the less there are questions,
            the more (a normal prior: MacKay 1992, "The evidence framework applied to classification
            networks"); without one, only a little towards 0, so that they stay finite.
    """
    design = np.column_stack([numbers, np.ones(len(numbers))]).astype(np.float64)
    if prior is None:
        centre, precision = np.zeros(3), np.diag([_RIDGE, _RIDGE, 0]) * weights.sum()
    else:
        centre = np.array([prior.score, prior.lead, prior.offset])
        precision = np.diag(1 / np.square(_PRIOR_DEVIATIONS))
    beta = _newton(design, are_right, weights, centre, precision)
    while (beta[:2] < 0).any():  # a better score must never mean less confidence
        worst = int(beta[:2].argmin())
        design[:, worst] = centre[worst] = 0
        beta = _newton(design, are_right, weights, centre, precision)
        beta[worst] = 0.0
    return Curve(*(float(value) for value in beta))


def _newton(
    design: npt.NDArray[np.float64],
    are_right: npt.NDArray[np.bool_],
    weights: npt.NDArray[np.floating],
    centre: npt.NDArray[np.float64],
    precision: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """(3,), the coefficients where the penalised likelihood is largest."""
    beta = centre.copy()
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        gradient = design.T @ (weights * (are_right - p)) - precision @ (beta - centre)
        curvature = (design * (weights * p * (1 - p))[:, None]).T @ design + precision
        step = np.linalg.solve(curvature + 1e-9 * np.eye(3), gradient)
        # steps of at most 5, because Newton's method may diverge with longer ones
        largest = float(np.abs(step).max())
        beta = beta + step * min(1.0, 5.0 / max(1e-12, largest))
        if largest < 1e-8:
            break
    return beta


def weights_of_kinds(kinds: npt.NDArray[np.str_], total: float) -> npt.NDArray[np.float64]:
    """(n,), weights that give each kind its part of `EXPECTED_SHARES`; their sum is `total`.

    Args:
        kinds: (n,), keys of `EXPECTED_SHARES`.
        total: how many questions all of them count for.
    """
    present = {kind: share for kind, share in EXPECTED_SHARES.items() if (kinds == kind).any()}
    weights = np.zeros(len(kinds))
    for kind, share in present.items():
        members = kinds == kind
        weights[members] = total * share / sum(present.values()) / members.sum()
    return weights
