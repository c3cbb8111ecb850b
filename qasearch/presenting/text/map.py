"""A map as text."""

from __future__ import annotations

from rich.text import Text

from qasearch.datatypes.reply import Verdict
from qasearch.mapping.corpus_map import CorpusMap, MapQuestion
from qasearch.presenting.text.charts import chart_text
from qasearch.presenting.text.columns import wrapped
from qasearch.presenting.text.numbers import percent
from qasearch.presenting.text.printable import one_line

VERDICTS = {
    Verdict.ANSWER: "answered",
    Verdict.WEAK: "no sure answer",
    Verdict.NONE: "no good answer",
}
"""What a map says of its questions, in the terminal and on the page."""


def map_text(corpus_map: CorpusMap, width: int, *, chart: bool) -> Text:
    """The chart if it is wanted, then each question with its hits, then how to read the map."""
    parts = [chart_text(corpus_map.chart, width)] if chart else []
    parts += [_question_text(corpus_map, question, width) for question in corpus_map.questions]
    parts += [Text(wrapped(sentence, width)) for sentence in corpus_map.sentences]
    return Text("\n\n").join(parts)


def _question_text(corpus_map: CorpusMap, question: MapQuestion, width: int) -> Text:
    """A question with its verdict, and its hits below it."""
    verdict = VERDICTS[question.verdict].capitalize()
    lines = [wrapped(one_line(question.question), width, f"{verdict}: ")]
    lines += [wrapped(one_line(question.missing), width, "  ")] if question.missing else []
    for number, confidence in question.hits:
        entry = one_line(corpus_map.space.entries[number].question)
        lines.append(wrapped(entry, width, f"  {percent(confidence):>5}  "))
    return Text("\n".join(lines))
