"""Precision, recall, F1, ROC and their relatives, of the decision 'answer or none' that the index
itself takes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qasearch.datatypes.reply import ANSWER_FROM
from qasearch.errors import BadRequest
from qasearch.lab.algorithms.metrics import (
    auc,
    best_threshold,
    confusion,
    precision_at,
    roc_curve,
    stratified_folds,
)
from qasearch.lab.charts import Curves, Demonstration, Table
from qasearch.lab.demonstrations import bias_variance
from qasearch.lab.space import Space

RARE, FOLDS = 0.05, 5
THRESHOLDS = np.linspace(0, 1, 101)


def demonstrate(space: Space, arguments: Sequence[str]) -> Demonstration:
    """The measures at the index's own threshold and at others, where answers are rare, and with it
    cross-validated.
    """
    known = space.ask_what_is_known()
    positive, scores = known.answerable, known.confidences
    yes, no = int(positive.sum()), int((~positive).sum())
    if min(yes, no) < FOLDS:
        raise BadRequest(
            f"The metrics need {FOLDS} questions that the index in {space.place} answers and {FOLDS} that it does not; "
            f"it can be asked {yes} and {no}.",
            "Give entries answers and other wordings (aliases), and build again.",
        )
    at = confusion(positive, scores, ANSWER_FROM)
    fpr, tpr = roc_curve(positive, scores)
    area = auc(fpr, tpr)
    moved = [confusion(positive, scores, threshold) for threshold in THRESHOLDS]
    recalls, alarms = (
        np.array([each.recall for each in moved]),
        np.array([each.false_positive_rate for each in moved]),
    )
    rare = precision_at(RARE, recalls, alarms)
    rare_now = float(
        precision_at(RARE, np.array([at.recall]), np.array([at.false_positive_rate]))[0]
    )
    copies = max(round(yes * (1 / RARE - 1) / no), 1)
    many = np.append(np.repeat(scores[~positive], copies), scores[positive])
    rare_area = auc(*roc_curve(np.arange(len(many)) >= no * copies, many))
    folds = stratified_folds(positive, FOLDS, np.random.default_rng(0))
    chosen = [
        best_threshold(positive[folds != fold], scores[folds != fold]) for fold in range(FOLDS)
    ]
    held_out = [
        confusion(positive[folds == fold], scores[folds == fold], each).f1
        for fold, each in enumerate(chosen)
    ]
    best = best_threshold(positive, scores)
    seen = confusion(positive, scores, best).f1
    right = int(np.sum(known.right & (scores >= ANSWER_FROM)))
    trade = bias_variance.demonstrate(space, arguments)
    body = (
        f"Every question gets a yes or a no: 'answer' if the confidence of the first hit is {ANSWER_FROM} or more. The "
        f"index is asked {yes} questions that it can answer (wordings of its own, held out) and {no} on other "
        "subjects.",
        Table(("", "said: answer", "said: none"), (("it can answer", at.tp, at.fn), ("it cannot", at.fp, at.tn))),
        f"Of the {at.tp + at.fp} answers given, {at.tp} were to questions that have one: precision {at.precision:.3f}. "
        f"Of the {yes} questions that have one, {at.tp} got one: recall {at.recall:.3f}. F1, their harmonic mean, is "
        f"{at.f1:.3f}. None of them asks whether it was the right answer: {right} of the {at.tp} were from the entry "
        "that was meant. The build set the confidence by the same questions, so those of other people will fare worse.",
        Table(("threshold", "precision", "recall", "F1", "false positive rate"),
              tuple((float(level), m.precision, m.recall, m.f1, m.false_positive_rate)
                    for level, m in zip(THRESHOLDS[10:100:10], moved[10:100:10], strict=True))),
        "A higher threshold can only lower recall and the false positive rate; precision mostly rises, not always.",
        Curves("ROC: what each level of recall costs in false alarms", "false positive rate", "true positive rate", fpr,
               {f"this index, AUC {area:.3f}": tpr, "chance, AUC 0.5": fpr}, {"now": at.false_positive_rate}),
        f"The area under the ROC curve, {area:.3f}, is the probability that a question with an answer gets a higher "
        f"confidence than one without. Now let about 1 question of {1 / RARE:.0f} have an answer: each question "
        f"without one is asked {copies} times. The AUC is {rare_area:.3f}: both of its axes are shares within one "
        "class, and no share of one class knows how large the other is. Precision mixes the classes: "
        f"{at.precision:.3f} as asked here, {rare_now:.3f} then"
        + (", most answers given would be wrong." if rare_now < 0.5 else "."),
        Curves("Precision and recall as the threshold moves", "threshold", "share", THRESHOLDS,
               {"recall": recalls, "precision, as asked here": np.array([each.precision for each in moved]),
                f"precision, 1 of {1 / RARE:.0f} has an answer": rare}, {"now": ANSWER_FROM}),
        "A threshold chosen on the same questions that it is measured on tends to look too good. The best, "
        f"{best:.2f}, has an F1 of {seen:.3f}. Chosen {FOLDS} times on {FOLDS - 1} of {FOLDS} folds and measured on "
        f"the other, F1 is {np.mean(held_out):.3f} on average, from {min(held_out):.3f} to {max(held_out):.3f}, with "
        f"thresholds from {min(chosen):.2f} to {max(chosen):.2f}. The spread says how little {len(scores) // FOLDS} "
        "questions settle.",
        *trade.body,
    )  # fmt: skip
    numbers = {
        "threshold": ANSWER_FROM, "tp": at.tp, "fp": at.fp, "fn": at.fn, "tn": at.tn, "right": right,
        "precision": round(at.precision, 4), "recall": round(at.recall, 4), "f1": round(at.f1, 4),
        "auc": round(area, 4), "auc_rare": round(rare_area, 4), "precision_rare": round(rare_now, 4),
        "best_threshold": round(best, 4), "best_f1": round(seen, 4),
        "cross_validated_f1": round(float(np.mean(held_out)), 4), "f1_by_fold": np.round(held_out, 4).tolist(),
        "threshold_by_fold": np.round(chosen, 4).tolist(), "bias_variance": dict(trade.numbers),
    }  # fmt: skip
    return Demonstration("Metrics of 'answer or none'", body, numbers)
