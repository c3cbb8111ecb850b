"""Why entries were found, as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qasearch.datatypes.reply import Explanation, Hit
from qasearch.presenting.text.printable import one_line

_NAMES = {
    "dense": "best passage",
    "support": "three best",
    "centroid": "mean of all",
    "lexical": "words",
}
_WIDTH = 100
_INDENT = "     "


def explanations_text(hits: Sequence[Hit]) -> str:
    """The explanations of the hits of one reply, a paragraph each."""
    return "\n\n".join(_paragraph(hit, hit.explanation) for hit in hits if hit.explanation)


def _paragraph(hit: Hit, why: Explanation) -> str:
    sum_of = " + ".join(
        f"{weight:.2f} × {hit.signals[name]:.2f} {_NAMES[name]}"
        for name, weight in why.weights.items()
        if weight
    )
    score = sum(weight * hit.signals[name] for name, weight in why.weights.items())
    reranked = (
        f" ({hit.signals['rerank']:.3f} by the cross-encoder)" if "rerank" in hit.signals else ""
    )
    place = f"{hit.passage.kind.value}, line {hit.passage.line_start}"
    lines = [
        f"score {score:.3f} = {sum_of}{reranked}",
        f"less {why.off_topic_penalty:.3f} for other subjects: {score - why.off_topic_penalty:.3f}; half sure at {why.half_confidence_score:.3f}",
        f"nearest passage ({place}), line {why.sentence_line}, {why.sentence_cosine:.2f}: {_cut(why.sentence)}",
        f"words: {_words(why.word_scores, '{:.2f}')}",
    ]
    lines += [f"nearer by: {_words(why.word_cosines, '{:+.2f}')}"] if why.word_cosines else []
    return "\n".join(
        [f"  {hit.rank}. {one_line(hit.entry.question)}", *(_INDENT + line for line in lines)]
    )


def _words(gains: Mapping[str, float], form: str) -> str:
    """The words with what each gave, the most first, then those that gave nothing."""
    shown = {
        word: form.format(gain) for word, gain in sorted(gains.items(), key=lambda each: -each[1])
    }
    zeros = (form.format(0.0), form.format(-0.0))
    given = [f"{one_line(word)} {gain}" for word, gain in shown.items() if gain not in zeros]
    without = [one_line(word) for word, gain in shown.items() if gain in zeros]
    return "; ".join(
        part
        for part in (", ".join(given), f"nothing by {', '.join(without)}" if without else "")
        if part
    )


def _cut(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"
