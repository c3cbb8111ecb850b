"""Drift: whether questions come from the same distribution as the questions of the corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qasearch.datatypes.entry import Entry, PassageKind
from qasearch.errors import BadRequest, CorpusUnreadable
from qasearch.lab.algorithms.drift import (
    TestResult,
    balanced_accuracy,
    gaussian_kl,
    held_out_scores,
    mmd_squared,
    permutation_test,
    rbf_kernel,
    wasserstein_1,
    z_scores,
)
from qasearch.lab.algorithms.norms import SAME_POINT
from qasearch.lab.arrays import Flags, Ids, Matrix
from qasearch.lab.charts import Curves, Demonstration, Finding, Part, Table
from qasearch.lab.space import Space
from qasearch.phrases import counted
from qasearch.reading.corpus import read_corpus
from qasearch.reading.entries import read_document
from qasearch.reading.files import SUFFIXES, SourceFile, read_text

SAMPLE = 500
"""Questions of a side at most: a test compares all pairs many times."""

FEWEST = 8
"""Fewest questions of a side: half of them make the centroids that classify the other half."""

LEVEL = 0.01
"""p-value below which two sides are said to differ."""

ROUNDS_OF_DISTANCES = 19
"""Random assignments for KL and Wasserstein, which need a mean by chance but no p-value."""

BINS = 20
"""Bins of the histogram of scores."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What distinguishes two samples of questions.

    Attributes:
        sizes: the numbers of questions of the two samples.
        dimensions: d.
        dimension: the one with the largest Wasserstein-1 distance.
        mean: of the second sample in this dimension, in z-scores of the first.
        spread: its standard deviation, likewise.
        mmd: maximum mean discrepancy, squared.
        accuracy: of a classifier, held out.
        kl: mean KL divergence of a dimension, in nats.
        wasserstein: mean Wasserstein-1 distance of a dimension, in standard deviations.
        scores: of each question; above 0 it is nearer to the second sample.
        first: True for the questions of the first sample.
    """

    sizes: tuple[int, int]
    dimensions: int
    dimension: int
    mean: float
    spread: float
    mmd: TestResult
    accuracy: TestResult
    kl: TestResult
    wasserstein: TestResult
    scores: Matrix
    first: Flags

    @property
    def differs(self) -> bool:
        """Whether the two samples come from different distributions, by the test of the MMD."""
        return self.mmd.p < LEVEL


def demonstrate(space: Space, arguments: Sequence[str]) -> Demonstration:
    """Two random halves of the corpus; then the given questions, or the largest section.

    Raises:
        BadRequest: there are too few entries, all lie at one point, or the questions that the
            argument names cannot be read or are too few.
    """
    if len(arguments) > 1:
        raise BadRequest(
            f"Drift compares one file or folder, and {len(arguments)} were given.",
            "Give one: qasearch lab drift FILE",
        )
    space.need(2 * FEWEST, "Drift")
    questions = read_questions(Path(arguments[0]), FEWEST) if arguments else []
    rng = np.random.default_rng(0)
    wordings = [
        number
        for number, passage in enumerate(space.passages)
        if passage.kind is not PassageKind.ANSWER
    ]
    chosen = rng.permutation(wordings)[:SAMPLE]
    x = space.encode([space.passages[number].text for number in chosen]).astype(np.float64)
    if x.std(axis=0).max() < SAME_POINT:
        raise BadRequest(
            f"All questions of the index in {space.place} lie at one point.",
            "Add different questions to the corpus, then build again: qasearch build",
        )
    half = len(x) // 2
    halves = tell_halves(comparison(x[:half], x[half:]))
    if questions:
        sample = [questions[place] for place in rng.permutation(len(questions))[:SAMPLE]]
        y = space.encode(sample).astype(np.float64)
        side = tell_comparison(comparison(x, y), ("of the corpus", f"of {arguments[0]}"), "given")
    else:
        side = tell_largest_section(x, space, chosen)
    limits = (
        "Drift of the questions does not mean that answers are worse. To see that, measure with "
        "labelled questions: qasearch eval --queries FILE. Concept drift, a change of what the "
        "right answer is, does not show in the questions at all."
    )
    return Demonstration.of(
        "Drift: are new questions like those of the corpus?",
        [halves, side, Finding((limits,), {})],
        opening=OPENING,
    )


OPENING = (
    "Data drift is a change of P(X), here of where questions and their other wordings lie. Two "
    "samples of questions are compared by four measures. The maximum mean discrepancy uses an RBF "
    "kernel as wide as the median distance. A classifier tries to tell the two samples apart. Two "
    "measures look at one dimension at a time, in z-scores (the first sample has mean 0 and "
    "standard deviation 1): the KL divergence of Gaussians, and the Wasserstein-1 distance. 'By "
    "chance' is the mean of a measure when the questions are assigned to the samples at random. "
    f"Drift is a discrepancy that random assignments reach in less than {LEVEL:.0%} of the cases. "
    "First, a comparison without drift:"
)


def read_questions(path: Path, fewest: int) -> list[str]:
    """The questions and aliases of a folder or a file of Markdown, or the lines of another file.

    Args:
        path: the folder or the file.
        fewest: the smallest number of questions that is enough.

    Raises:
        BadRequest: the path does not exist, cannot be read, or has too few questions.
    """
    try:
        if path.is_dir():
            questions = _wordings(read_corpus(path)[0])
        elif path.is_file():
            text = read_text(SourceFile(path.name, path, path.stat().st_size, 0))[0]
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            markdown = path.suffix.lower() in SUFFIXES
            questions = _wordings(read_document(text, path.name).entries) if markdown else lines
        else:
            raise BadRequest(
                f"There is no file or folder {path}.",
                "Give a folder of Markdown, or a file with one question a line.",
            )
    except (ValueError, OSError, CorpusUnreadable) as error:
        raise BadRequest(
            f"The questions of {path} cannot be read: {getattr(error, 'message', error)}"
        ) from error
    if len(questions) < fewest:
        raise BadRequest(
            f"{path} has {counted(len(questions), 'question')}, and drift needs at least {fewest}.",
            "Add questions, one a line.",
        )
    return questions


def _wordings(entries: Sequence[Entry]) -> list[str]:
    return [wording for entry in entries for wording in (entry.question, *entry.aliases)]


def comparison(x: Matrix, y: Matrix) -> Comparison:
    """The measures of (n, d) questions `x` and (m, d) questions `y`."""
    both, first = np.concatenate([x, y]), np.arange(len(x) + len(y)) < len(x)
    kernel, z = rbf_kernel(both), z_scores(y, x)

    def discrepancy(mask: Flags) -> float:
        return mmd_squared(kernel, mask)

    def accuracy(mask: Flags) -> float:
        return balanced_accuracy(held_out_scores(both, mask), mask)

    def divergence(mask: Flags) -> float:
        return float(gaussian_kl(z_scores(both[~mask], both[mask])).mean())

    def distance(mask: Flags) -> float:
        one, other = (z_scores(both[side], both[mask]) for side in (mask, ~mask))
        return float(wasserstein_1(one, other).mean())

    dimension = int(np.argmax(wasserstein_1(z_scores(x, x), z)))
    return Comparison(
        sizes=(len(x), len(y)),
        dimensions=x.shape[1],
        dimension=dimension,
        mean=float(z[:, dimension].mean()),
        spread=float(z[:, dimension].std()),
        mmd=permutation_test(discrepancy, first),
        accuracy=permutation_test(accuracy, first),
        kl=permutation_test(divergence, first, ROUNDS_OF_DISTANCES),
        wasserstein=permutation_test(distance, first, ROUNDS_OF_DISTANCES),
        scores=held_out_scores(both, first),
        first=first,
    )


def tell_comparison(measured: Comparison, names: tuple[str, str], key: str) -> Finding:
    """Whether two samples differ.

    Args:
        measured: the comparison.
        names: which questions each sample has, as "of the corpus".
        key: the name of the numbers.
    """
    (n, m), mmd, accuracy = measured.sizes, measured.mmd, measured.accuracy
    verdict = (
        "so the two samples come from different distributions"
        if measured.differs
        else "so nothing shows that the two samples differ"
    )
    body: tuple[Part, ...] = (
        f"{m} questions {names[1]} are compared with {n} questions {names[0]}. Dimension "
        f"{measured.dimension} differs most. In z-scores of the questions {names[0]}, those "
        f"{names[1]} have the mean {measured.mean:+.2f} and the standard deviation "
        f"{measured.spread:.2f}, instead of 0 and 1. Some of {measured.dimensions} dimensions are "
        "always far off by chance, so the tests look at all of them:",
        Table(
            ("measure", "value", "by chance", "p"),
            (
                ("maximum mean discrepancy, squared", *mmd),
                ("accuracy of a classifier, held out", *accuracy),
                ("KL divergence, nats a dimension", *measured.kl[:2], ""),
                (
                    "Wasserstein-1, standard deviations a dimension",
                    *measured.wasserstein[:2],
                    "",
                ),
            ),
        ),
        f"The share of random assignments with at least this discrepancy is p = {mmd.p:.3f}, "
        f"{verdict}. The classifier chooses the nearer of two centroids, which come from the other "
        f"half of the questions. It is right for {accuracy.value:.0%}; guessing is right for 50%.",
        scores_chart(measured, names),
    )
    return Finding(body, {key: comparison_numbers(measured)})


def comparison_numbers(measured: Comparison) -> dict[str, float]:
    """The values for JSON."""
    return {
        "questions": measured.sizes[1],
        "mmd_squared": round(measured.mmd.value, 5),
        "mmd_by_chance": round(measured.mmd.by_chance, 5),
        "p": round(measured.mmd.p, 4),
        "accuracy": round(measured.accuracy.value, 4),
        "accuracy_p": round(measured.accuracy.p, 4),
        "kl": round(measured.kl.value, 4),
        "kl_by_chance": round(measured.kl.by_chance, 4),
        "wasserstein": round(measured.wasserstein.value, 4),
        "wasserstein_by_chance": round(measured.wasserstein.by_chance, 4),
        "dimension": measured.dimension,
    }


def scores_chart(measured: Comparison, names: tuple[str, str]) -> Curves:
    """The histogram of the scores of both samples."""
    scores = measured.scores
    edges = np.linspace(scores.min() - 1e-6, scores.max() + 1e-6, BINS + 1)
    sides = {names[0]: measured.first, names[1]: ~measured.first}
    return Curves(
        "How the two samples separate; each question is scored by centroids of others",
        f"nearer to those {names[0]} (left) or {names[1]} (right)",
        "share of the sample",
        (edges[1:] + edges[:-1]) / 2,
        {name: np.histogram(scores[side], edges)[0] / side.sum() for name, side in sides.items()},
        {"undecided": 0.0},
    )


def tell_halves(measured: Comparison) -> Finding:
    """The comparison of two random halves, without a chart."""
    told = tell_comparison(measured, ("of one half of the corpus", "of the other half"), "halves")
    body = [part for part in told.body if not isinstance(part, Curves)]
    if measured.differs:
        body.append(
            "Random halves cannot drift, so this is a false alarm. At this level, "
            f"{LEVEL:.0%} of all tests give one."
        )
    return Finding(tuple(body), told.numbers)


def tell_largest_section(x: Matrix, space: Space, passages: Ids) -> Finding:
    """The largest section, compared with the others; a hint if no section is large enough.

    Args:
        x: (n, d) the questions.
        space: the space.
        passages: (n,) the numbers of the questions among its passages.
    """
    sections = np.array([space.sections[entry] for entry in space.owners[passages]])
    section, size = Counter(sections.tolist()).most_common(1)[0]
    if not FEWEST <= size <= len(x) - FEWEST:
        hint = (
            f"No section has {FEWEST} questions with {FEWEST} others outside of it. Give questions "
            "to compare: qasearch lab drift FILE"
        )
        return Finding((hint,), {})
    names = ("of other sections", f"of the section {section}")
    measured = comparison(x[sections != section], x[sections == section])
    return tell_comparison(measured, names, "section")
