"""Drift: whether questions come from the distribution of the corpus's own questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from qasearch.datatypes.entry import PassageKind
from qasearch.errors import BadRequest
from qasearch.lab.algorithms import drift as two
from qasearch.lab.algorithms.drift import Flags, Floats, permutation_test, z_scores
from qasearch.lab.charts import Chart, Curves, Demonstration, Table
from qasearch.lab.demonstrations.questions import read_questions
from qasearch.lab.space import Space

SAMPLE, FEWEST, LEVEL = 500, 8, 0.01


def compare(
    x: Floats, y: Floats, names: tuple[str, str]
) -> tuple[list[str | Table | Chart], dict[str, float]]:
    """What tells (m, d) points `y` from (n, d) points `x`: words, a table and a chart, and
    numbers.
    """
    both, first = np.concatenate([x, y]), np.arange(len(x) + len(y)) < len(x)
    kernel, z = two.rbf_kernel(both), z_scores(y, x)

    def wasserstein(mask: Flags) -> float:
        return float(
            two.wasserstein_1(
                z_scores(both[mask], both[mask]), z_scores(both[~mask], both[mask])
            ).mean()
        )

    mmd = permutation_test(lambda mask: two.mmd_squared(kernel, mask), first)
    accuracy = permutation_test(
        lambda mask: two.balanced_accuracy(two.held_out_scores(both, mask), mask), first
    )
    kl = permutation_test(
        lambda mask: float(two.gaussian_kl(z_scores(both[~mask], both[mask])).mean()), first, 19
    )
    distance = permutation_test(wasserstein, first, 19)
    at = int(np.argmax(two.wasserstein_1(z_scores(x, x), z)))
    scores = two.held_out_scores(both, first)
    edges, sides = (
        np.linspace(scores.min() - 1e-6, scores.max() + 1e-6, 21),
        {names[0]: first, names[1]: ~first},
    )
    shares = {
        name: np.histogram(scores[side], edges)[0] / side.sum() for name, side in sides.items()
    }
    return [
        f"{len(y)} questions, {names[1]}, against {len(x)}, {names[0]}. In z-scores of the latter, dimension {at} "
        f"differs most: its mean is {z[:, at].mean():+.2f} and its standard deviation {z[:, at].std():.2f}, instead of "
        f"0 and 1. Of {x.shape[1]} dimensions some are far off by chance, so the test looks at all:",
        Table(("measure", "value", "by chance", "p"), (
            ("maximum mean discrepancy, squared", mmd[0], mmd[1], mmd[2]),
            ("accuracy of a classifier, held out", accuracy[0], accuracy[1], accuracy[2]),
            ("KL divergence, nats a dimension", kl[0], kl[1], ""),
            ("Wasserstein-1, standard deviations a dimension", distance[0], distance[1], ""),
        )),
        f"Sides dealt at random from all {len(both)} have as large a discrepancy with p = {mmd[2]:.3f}: "
        f"{'these two come from different distributions' if mmd[2] < LEVEL else 'nothing says that these two differ'}. "
        "The classifier, the nearer of two centroids from the other half of the questions, is right for "
        f"{accuracy[0]:.0%}; guessing is for 50%.",
        Curves("How the two sides separate, each question scored by centroids of others",
               f"nearer to those {names[0]} (left) or {names[1]} (right)", "share of the side",
               (edges[1:] + edges[:-1]) / 2, shares, {"undecided": 0.0}),
    ], {"questions": len(y), "mmd_squared": round(mmd[0], 5), "mmd_by_chance": round(mmd[1], 5), "p": round(mmd[2], 4),
        "accuracy": round(accuracy[0], 4), "accuracy_p": round(accuracy[2], 4), "kl": round(kl[0], 4),
        "kl_by_chance": round(kl[1], 4), "wasserstein": round(distance[0], 4),
        "wasserstein_by_chance": round(distance[1], 4), "dimension": at}  # fmt: skip


def demonstrate(space: Space, arguments: Sequence[str]) -> Demonstration:
    """Two halves of the corpus, and then the questions that are given, or its largest section
    against the rest.
    """
    if len(arguments) > 1:
        raise BadRequest(
            f"Drift is shown for one file or folder, not for {len(arguments)}.",
            "qasearch lab drift FILE",
        )
    space.need(2 * FEWEST, "Drift")
    given = read_questions(Path(arguments[0]), FEWEST) if arguments else []
    rng = np.random.default_rng(0)
    wordings = [
        at for at, passage in enumerate(space.passages) if passage.kind is not PassageKind.ANSWER
    ]
    chosen = rng.permutation(wordings)[:SAMPLE]
    x = space.encode([space.passages[at].text for at in chosen]).astype(np.float64)
    if x.std(axis=0).max() < 1e-6:
        raise BadRequest(
            f"All questions of the index in {space.place} lie at one point.",
            "Give it different ones.",
        )
    parts, halves = compare(
        x[: len(x) // 2], x[len(x) // 2 :], ("one half of the corpus", "the other half")
    )
    if halves["p"] < LEVEL:
        parts.append(
            f"Random halves cannot drift: a false alarm, as {LEVEL:.0%} of all tests at this level give."
        )
    body: list[str | Table | Chart] = [
        "Data drift is a change of P(X): here, of where questions and their other wordings lie. Two samples, encoded "
        "alike, are compared by the maximum mean discrepancy of an RBF kernel (its width the median distance); by how "
        "well a classifier tells them apart; and, dimension by dimension, in z-scores (one side's mean and standard "
        "deviation become 0 and 1), by the KL divergence of Gaussians and the Wasserstein-1 distance. 'By chance' is "
        f"what chance deals; drift is what it gives in less than {LEVEL:.0%} of the deals. First, where there is none:",
        *(part for part in parts if not isinstance(part, Curves)),
    ]
    numbers: dict[str, object] = {"halves": halves}
    sections = np.array([space.sections[at] for at in space.owners[chosen]])
    section, size = Counter(sections.tolist()).most_common(1)[0]
    if given:
        y = space.encode([given[at] for at in rng.permutation(len(given))[:SAMPLE]]).astype(
            np.float64
        )
        parts, numbers["given"] = compare(x, y, ("of the corpus", f"of {arguments[0]}"))
    elif FEWEST <= size <= len(x) - FEWEST:
        names = ("of other sections", f"of the section {section}")
        parts, numbers["section"] = compare(x[sections != section], x[sections == section], names)
    else:
        parts = [
            f"No section has {FEWEST} questions and as many outside it. Give questions: qasearch lab drift FILE"
        ]
    body += [
        *parts,
        "Drift of the questions does not say that answers are worse: measure that with labels (qasearch eval "
        "--queries). And a change of what is the right answer, concept drift, no question shows.",
    ]
    return Demonstration(
        "Drift: do questions come from where the corpus's do?", tuple(body), numbers
    )
