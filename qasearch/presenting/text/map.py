"""A map as text."""

from __future__ import annotations

from rich.text import Text

from qasearch.datatypes.reply import Verdict
from qasearch.mapping.corpus_map import Asked, CorpusMap
from qasearch.presenting.text.charts import chart_text
from qasearch.presenting.text.columns import wrapped
from qasearch.presenting.text.numbers import percent
from qasearch.presenting.text.printable import one_line

VERDICTS = {
    Verdict.ANSWER: "answered",
    Verdict.WEAK: "not sure",
    Verdict.NONE: "no good answer",
}
"""What a map says of its questions, in the terminal and on the page."""


def map_text(corpus_map: CorpusMap, width: int, *, chart: bool) -> Text:
    """The chart if it is wanted, then each question with its hits, then how to read the map."""
    parts = [chart_text(corpus_map.chart, width)] if chart else []
    parts += [_question_text(corpus_map, asked, width) for asked in corpus_map.asked]
    parts += [Text(wrapped(sentence, width)) for sentence in corpus_map.sentences]
    return Text("\n\n").join(parts)


def _question_text(corpus_map: CorpusMap, asked: Asked, width: int) -> Text:
    """A question with its verdict, and its hits below it."""
    lines = [wrapped(one_line(asked.question), width, f"{VERDICTS[asked.verdict].capitalize()}: ")]
    for number, confidence in asked.hits:
        question = one_line(corpus_map.space.entries[number].question)
        lines.append(wrapped(question, width, f"  {percent(confidence):>5}  "))
    return Text("\n".join(lines))
