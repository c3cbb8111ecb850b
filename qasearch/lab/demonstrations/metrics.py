"""Measures of the decision 'answer or none' of the index, and bias and variance of a classifier.

The bootstrap for the training sets: Efron (1979), Bootstrap Methods.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from qasearch.datatypes.options import Trust
from qasearch.datatypes.reply import THRESHOLDS as TRUST_THRESHOLDS
from qasearch.errors import BadRequest
from qasearch.evaluation.abstention import auroc
from qasearch.lab.algorithms.metrics import (
    BiasVariance,
    Confusion,
    best_threshold,
    bias_variance,
    confusion,
    precision_at,
    roc_curve,
    stratified_folds,
    vote_of_neighbours,
)
from qasearch.lab.arrays import Flags, Matrix
from qasearch.lab.charts import Curves, Demonstration, Finding, Part, Table
from qasearch.lab.space import LabelledQuestions, Space

RARE = 0.05
"""Share of questions with an answer in the example where they are rare."""

FOLDS = 5
"""Folds of the cross-validation; also the fewest questions of each class."""

ANSWER_FROM = TRUST_THRESHOLDS[Trust.BALANCED].answer_from
"""The confidence from which on qasearch answers, if nobody asked for another trust."""

THRESHOLDS = np.linspace(0, 1, 101)
"""Thresholds of the curves; every tenth of them is in the table."""

SAMPLE = 600
"""Entries that are classified into sections; of more, a sample."""

SMALLEST_SECTION = 5
"""Fewest entries of a section that takes part: bootstrap samples of less often miss it."""

TRAINING_SETS = 50
"""Bootstrap samples on which the classifier is trained."""

KS = (1, 3, 5, 9, 15, 25, 45, 75)
"""Numbers of neighbours that are tried."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision 'answer or none', judged on questions with a known outcome.

    Attributes:
        counts: at the threshold of the index.
        correct: number of answers that come from the expected entry.
        fpr: false positive rates of the ROC curve.
        tpr: true positive rates of the ROC curve.
        area: under the ROC curve.
        by_threshold: the counts for each of `THRESHOLDS`.
    """

    counts: Confusion
    correct: int
    fpr: Matrix
    tpr: Matrix
    area: float
    by_threshold: Sequence[Confusion]

    @property
    def recalls(self) -> Matrix:
        """(t,) by threshold."""
        return np.array([counts.recall for counts in self.by_threshold])

    @property
    def precisions(self) -> Matrix:
        """(t,) by threshold."""
        return np.array([counts.precision for counts in self.by_threshold])

    @property
    def false_positive_rates(self) -> Matrix:
        """(t,) by threshold."""
        return np.array([counts.false_positive_rate for counts in self.by_threshold])


@dataclass(frozen=True, slots=True)
class RareAnswers:
    """The same decision where few questions have an answer.

    Attributes:
        copies: how often each question without an answer is asked.
        area: under the ROC curve.
        precision: at the threshold of the index.
        precisions: (t,) for each of `THRESHOLDS`.
    """

    copies: int
    area: float
    precision: float
    precisions: Matrix


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """The threshold with the best F1, on all questions and fold by fold.

    Attributes:
        best: the threshold that is best for all questions.
        best_f1: its F1 on the same questions.
        thresholds: by fold, the best one for the other folds.
        f1s: by fold, the F1 of that threshold on the fold itself.
    """

    best: float
    best_f1: float
    thresholds: Sequence[float]
    f1s: Sequence[float]


class SectionClassifier(NamedTuple):
    """Bias and variance of a classifier of sections.

    Attributes:
        sizes: number of entries of each section.
        ks: numbers of neighbours.
        parts: the decomposition of the error for each of `ks`.
    """

    sizes: Sequence[int]
    ks: Sequence[int]
    parts: Sequence[BiasVariance]


def demonstrate(space: Space, _: Sequence[str]) -> Demonstration:
    """The measures at the threshold of the index and at others, cross-validation, bias-variance.

    Raises:
        BadRequest: the index can be asked too few questions with a known outcome.
    """
    labelled = space.ask_labelled_questions()
    positive, scores = labelled.answerable, labelled.confidences
    yes, no = int(positive.sum()), int((~positive).sum())
    if min(yes, no) < FOLDS:
        raise BadRequest(
            f"The metrics need {FOLDS} questions that the index in {space.place} answers and "
            f"{FOLDS} that it does not answer. It has {yes} and {no}.",
            "Give entries an answer and other wordings (aliases), then build again: qasearch build",
        )
    decision, rare = decision_of(labelled), rare_answers(positive, scores)
    folds = cross_validation(positive, scores)
    sections = tell_section_classifier(space)
    body = (
        *tell_decision(decision, yes, no),
        *tell_rare_answers(rare, decision),
        tell_cross_validation(folds, len(scores)),
        *sections.body,
    )
    numbers = decision_numbers(decision, rare, folds) | {"bias_variance": dict(sections.numbers)}
    return Demonstration("Metrics of 'answer or none'", body, numbers)


def decision_of(labelled: LabelledQuestions) -> Decision:
    """The measures of the decision; both classes of questions occur."""
    positive, scores = labelled.answerable, labelled.confidences
    fpr, tpr = roc_curve(positive, scores)
    return Decision(
        counts=confusion(positive, scores, ANSWER_FROM),
        correct=int(np.sum(labelled.correct & (scores >= ANSWER_FROM))),
        fpr=fpr,
        tpr=tpr,
        area=auroc(scores, positive) or 0.0,
        by_threshold=[confusion(positive, scores, threshold) for threshold in THRESHOLDS],
    )


def rare_answers(positive: Flags, scores: Matrix) -> RareAnswers:
    """The measures if about a share `RARE` of the questions had an answer."""
    yes, no = int(positive.sum()), int((~positive).sum())
    copies = max(round(yes * (1 / RARE - 1) / no), 1)
    many = np.append(np.repeat(scores[~positive], copies), scores[positive])
    now = confusion(positive, scores, ANSWER_FROM)
    by_threshold = [confusion(positive, scores, threshold) for threshold in THRESHOLDS]
    rates = [(counts.recall, counts.false_positive_rate) for counts in (now, *by_threshold)]
    tpr, fpr = np.array(rates).T
    precisions = precision_at(RARE, tpr, fpr)
    return RareAnswers(
        copies=copies,
        area=auroc(many, np.arange(len(many)) >= no * copies) or 0.0,
        precision=float(precisions[0]),
        precisions=precisions[1:],
    )


def cross_validation(positive: Flags, scores: Matrix) -> CrossValidation:
    """The best threshold on all questions, and on each choice of all folds but one."""
    folds = stratified_folds(positive, FOLDS, np.random.default_rng(0))
    thresholds = [
        best_threshold(positive[folds != fold], scores[folds != fold]) for fold in range(FOLDS)
    ]
    f1s = [
        confusion(positive[folds == fold], scores[folds == fold], threshold).f1
        for fold, threshold in enumerate(thresholds)
    ]
    best = best_threshold(positive, scores)
    return CrossValidation(best, confusion(positive, scores, best).f1, thresholds, f1s)


def tell_decision(decision: Decision, yes: int, no: int) -> tuple[Part, ...]:
    """The measures at the threshold of the index and at others, and the ROC curve.

    Args:
        decision: the measures.
        yes: number of questions that have an answer.
        no: number of questions that have none.
    """
    counts = decision.counts
    answered = counts.tp + counts.fp
    return (
        "Every question gets 'answer' if the confidence of the first hit is at least "
        f"{ANSWER_FROM}, else 'none'. The index is asked {yes} questions that have an answer "
        f"(wordings of its own entries, held out) and {no} on other subjects, which have none.",
        Table(
            ("", "said: answer", "said: none"),
            (
                ("has an answer", counts.tp, counts.fn),
                ("has none", counts.fp, counts.tn),
            ),
        ),
        f"{counts.tp} of the {answered} questions that got an answer have one: precision "
        f"{counts.precision:.3f}. {counts.tp} of the {yes} questions that have an answer got one: "
        f"recall {counts.recall:.3f}. F1, the harmonic mean of both, is {counts.f1:.3f}. None of "
        f"these says whether it was the right answer: {decision.correct} of the {counts.tp} came "
        "from the expected entry. The build calibrated the confidence on the same questions, so "
        "questions of other people will probably get worse values.",
        Table(
            ("threshold", "precision", "recall", "F1", "false positive rate"),
            tuple(
                (float(threshold), row.precision, row.recall, row.f1, row.false_positive_rate)
                for threshold, row in list(zip(THRESHOLDS, decision.by_threshold, strict=True))[
                    10:100:10
                ]
            ),
        ),
        "A higher threshold never raises recall or the false positive rate. Precision usually "
        "rises, but not always.",
        Curves(
            "ROC: what each recall costs in false positives",
            "false positive rate",
            "true positive rate",
            decision.fpr,
            {f"this index, AUC {decision.area:.3f}": decision.tpr, "chance, AUC 0.5": decision.fpr},
            {"now": counts.false_positive_rate},
        ),
    )


def tell_rare_answers(rare: RareAnswers, decision: Decision) -> tuple[Part, ...]:
    """What changes, and what does not, if few questions have an answer."""
    one_in = f"1 of {1 / RARE:.0f}"
    wrong = " Most answers would be wrong." if rare.precision < 0.5 else ""
    return (
        f"The area under the ROC curve, {decision.area:.3f}, is the probability that a question "
        "with an answer has a higher confidence than one without. Now let about "
        f"{one_in} questions have an answer: each question without one is asked {rare.copies} "
        f"times. The AUC is still {rare.area:.3f}: each axis of the curve is a share of one class "
        "alone, so the sizes of the classes do not matter. Precision mixes the classes: it is "
        f"{decision.counts.precision:.3f} for the questions above and {rare.precision:.3f} if "
        f"answers are rare.{wrong}",
        Curves(
            "Precision and recall as the threshold moves",
            "threshold",
            "share",
            THRESHOLDS,
            {
                "recall": decision.recalls,
                "precision, as asked here": decision.precisions,
                f"precision, {one_in} has an answer": rare.precisions,
            },
            {"now": ANSWER_FROM},
        ),
    )


def tell_cross_validation(folds: CrossValidation, questions: int) -> str:
    """How much better a threshold looks on the questions that chose it."""
    return (
        "A threshold usually looks too good on the questions that it was chosen on. The best one, "
        f"{folds.best:.2f}, has an F1 of {folds.best_f1:.3f}. Cross-validation chooses it "
        f"{FOLDS} times on {FOLDS - 1} of {FOLDS} folds and measures it on the remaining fold. "
        f"The mean F1 is then {np.mean(folds.f1s):.3f}, from {min(folds.f1s):.3f} to "
        f"{max(folds.f1s):.3f}, with thresholds from {min(folds.thresholds):.2f} to "
        f"{max(folds.thresholds):.2f}. The spread shows how little {questions // FOLDS} questions "
        "can decide."
    )


def decision_numbers(
    decision: Decision, rare: RareAnswers, folds: CrossValidation
) -> dict[str, object]:
    """The values for JSON."""
    counts = decision.counts
    return {
        "threshold": ANSWER_FROM,
        "tp": counts.tp,
        "fp": counts.fp,
        "fn": counts.fn,
        "tn": counts.tn,
        "right": decision.correct,
        "precision": round(counts.precision, 4),
        "recall": round(counts.recall, 4),
        "f1": round(counts.f1, 4),
        "auc": round(decision.area, 4),
        "auc_rare": round(rare.area, 4),
        "precision_rare": round(rare.precision, 4),
        "best_threshold": round(folds.best, 4),
        "best_f1": round(folds.best_f1, 4),
        "cross_validated_f1": round(float(np.mean(folds.f1s)), 4),
        "f1_by_fold": np.round(folds.f1s, 4).tolist(),
        "threshold_by_fold": np.round(folds.thresholds, 4).tolist(),
    }


def section_classifier(space: Space) -> SectionClassifier:
    """Bias and variance over bootstrap training sets; no `ks` if there are too few sections.

    Each training set is tested on the entries that it does not contain.
    """
    rng = np.random.default_rng(0)
    sizes = Counter(space.sections)
    usable = [
        number
        for number, section in enumerate(space.sections)
        if sizes[section] >= SMALLEST_SECTION
    ]
    if len({space.sections[number] for number in usable}) < 2:
        return SectionClassifier([len(usable)] if usable else [], [], [])
    chosen = np.sort(rng.choice(usable, min(len(usable), SAMPLE), replace=False))
    _, labels = np.unique([space.sections[number] for number in chosen], return_inverse=True)
    n, x = len(chosen), space.vectors[chosen]
    ks = [k for k in KS if k <= n // 2]
    predictions = np.full((len(ks), TRAINING_SETS, n), -1)
    for run in range(TRAINING_SETS):
        drawn = rng.integers(n, size=n)
        left_out = np.setdiff1d(np.arange(n), drawn)
        predictions[:, run, left_out] = vote_of_neighbours(
            x[left_out] @ x[drawn].T, labels[drawn], ks
        )
    tested = (predictions[0] >= 0).any(axis=0)
    parts = [bias_variance(runs[:, tested], labels[tested]) for runs in predictions]
    return SectionClassifier(np.bincount(labels).tolist(), ks, parts)


def tell_section_classifier(space: Space) -> Finding:
    """How bias and variance of k nearest neighbours change with k."""
    sizes, ks, parts = section_classifier(space)
    if not ks:
        text = (
            "Bias and variance of a classifier of sections need two sections of at least "
            f"{SMALLEST_SECTION} entries. This corpus has {len(sizes)}."
        )
        return Finding((text,), {})
    n = sum(sizes)
    bias = np.array([part.bias for part in parts])
    variance = np.array([part.net_variance for part in parts])
    error = bias + variance
    best = int(np.argmin(error))
    has_trade_off = bias[-1] > bias[0] and variance[-1] < variance[0]
    trade = (
        "This is the usual trade-off: the vote of more neighbours varies less, but it is less "
        "local."
        if has_trade_off
        else "The trade-off of the textbooks, more bias for less variance, does not appear here. "
        f"The smallest section has {min(sizes)} entries, and a vote of more neighbours than that "
        "must reach into other sections."
    )
    body = (
        "Bias and variance need a classifier. This one finds the section of an entry by the vote "
        f"of its k nearest neighbours, for {n} entries in {len(sizes)} sections (of "
        f"{SMALLEST_SECTION} entries or more). It is trained {TRAINING_SETS} times on bootstrap "
        "samples, and each time tested on the entries that the sample left out. Bias is the share "
        "of entries for which most training sets agree on a wrong section. Net variance is the "
        "rest of the error: what deviations from the common prediction cost. It can be negative, "
        "because a deviation from a wrong prediction can be right.",
        Curves(
            "Error, bias and variance of k nearest neighbours",
            "k",
            "share of the entries",
            np.array(ks, float),
            {"error": error, "bias": bias, "net variance": variance},
            {"least error": ks[best]},
        ),
        f"At k = 1 the bias is {bias[0]:.0%} and the net variance {variance[0]:.1%}; at k = "
        f"{ks[-1]} they are {bias[-1]:.0%} and {variance[-1]:.1%}. {trade} The error is smallest "
        f"at k = {ks[best]}: {error[best]:.0%}. To always name the largest section would be wrong "
        f"for {1 - max(sizes) / n:.0%}.",
    )
    return Finding(
        body,
        {
            "entries": n,
            "sections": len(sizes),
            "best_k": ks[best],
            "k": list(ks),
            "error": error.round(4).tolist(),
            "bias": bias.round(4).tolist(),
            "net_variance": variance.round(4).tolist(),
        },
    )
