"""Why entries were found, as text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from qasearch.datatypes.reply import Explanation, Hit
from qasearch.presenting.text.numbers import percent
from qasearch.presenting.text.printable import one_line

_SIGNALS = {
    "dense": "best passage",
    "support": "three best passages",
    "centroid": "mean of all passages",
    "lexical": "shared words",
}
"""What the text calls the signals."""

_WIDTH = 80
_SENTENCE_WIDTH = 100
"""Columns of the quoted sentence; a longer one is cut."""

_INDENT = "     "


def explanations_text(hits: Sequence[Hit]) -> str:
    """The explanations of the hits of one reply, a paragraph each; "" if no hit has one."""
    return "\n\n".join(_paragraph(hit, hit.explanation) for hit in hits if hit.explanation)


def _paragraph(hit: Hit, why: Explanation) -> str:
    # here, because it loads rich, which a question without explanations does not need
    from qasearch.presenting.text.columns import truncated, wrapped

    lines = [
        _score_line(hit, why),
        *_confidence_lines(hit, why),
        f"nearest passage: {hit.passage.kind.value}, line {hit.passage.line_start}",
        f"nearest sentence (line {why.sentence_line}, cosine {why.sentence_cosine:.2f}): "
        + truncated(one_line(why.sentence), _SENTENCE_WIDTH),
        f"shared words: {_words(why.word_scores, '.2f')}",
    ]
    lines += [f"cosine by word: {_words(why.word_cosines, '+.2f')}"] if why.word_cosines else []
    head = f"  {hit.rank}. {one_line(hit.entry.question)}"
    return "\n".join([head, *(wrapped(line, _WIDTH, _INDENT) for line in lines)])


def _score_line(hit: Hit, why: Explanation) -> str:
    """The score as the weighted sum of its signals; with a cross-encoder, also its score."""
    terms = [
        f"{weight:.2f} × {hit.signals[name]:.2f} {_SIGNALS[name]}"
        for name, weight in why.weights.items()
        if weight
    ]
    reranked = f" (cross-encoder: {hit.signals['rerank']:.3f})" if "rerank" in hit.signals else ""
    return f"score {_score(hit, why):.3f} = {' + '.join(terms)}{reranked}"


def _confidence_lines(hit: Hit, why: Explanation) -> list[str]:
    """How the confidence comes about, and what an answer would have needed."""
    evidence = why.evidence
    curve, score, lead = evidence.curve, evidence.score, evidence.lead
    offset = f"{'+' if curve.offset >= 0 else '-'} {abs(curve.offset):.1f}"
    probability = curve.confidence(score, lead)
    lines = [
        f"lead over the next nine: {lead:.3f}, with a score of {score:.3f} at the lexical weight "
        "of the confidence",
        f"{curve.score:.1f} × {score:.3f} + {curve.lead:.1f} × {lead:.3f} {offset} = log odds of "
        f"{curve.logit(score, lead):.2f}: {percent(probability)}",
    ]
    if evidence.doubt:
        lines.append(f"at most {percent(evidence.limit)}: {one_line(evidence.doubt)}")
    if hit.rank > 1:
        lines.append(f"times {percent(evidence.left)} that nothing above it is the answer")
    elif probability < why.answer_from and curve.lead > 0:
        log_odds = math.log(why.answer_from / (1 - why.answer_from))
        needed = (log_odds - curve.score * score - curve.offset) / curve.lead
        lines.append(
            f"an answer needs {percent(why.answer_from)}: with this score, a lead of {needed:.3f}"
        )
    return lines


def _score(hit: Hit, why: Explanation) -> float:
    """The weighted sum of the signals, which is not the score of a hit that was reranked."""
    return sum(weight * hit.signals[name] for name, weight in why.weights.items())


def _words(gains: Mapping[str, float], form: str) -> str:
    """The words with what each adds, the most first; "0" for what rounds to nothing."""
    zeros = {format(0.0, form), format(-0.0, form)}
    texts = []
    for word, gain in sorted(gains.items(), key=lambda item: -item[1]):
        text = format(gain, form)
        texts.append(f"{one_line(word)} {'0' if text in zeros else text}")
    return ", ".join(texts)
