"""A map as text."""

from __future__ import annotations

import textwrap

from rich.text import Text

from qasearch.datatypes.reply import Verdict
from qasearch.mapping.corpus_map import CorpusMap
from qasearch.presenting.text.charts import chart_text
from qasearch.presenting.text.printable import one_line
from qasearch.presenting.text.reply import percent

VERDICTS = {
    Verdict.ANSWER: "Answered",
    Verdict.WEAK: "Perhaps answered",
    Verdict.NONE: "No good answer",
}


def map_text(shown: CorpusMap, width: int, *, chart: bool) -> Text:
    """The map, if its chart is wanted, then what became of each question and how to read the
    map.
    """
    parts = [chart_text(shown.chart, width)] if chart else []
    for each in shown.asked:
        lines = [f"{VERDICTS[each.verdict]}: {one_line(each.question)}"]
        for number, confidence in each.hits:
            lines.append(
                f"  {percent(confidence):>5}  {one_line(shown.space.entries[number].question)}"
            )
        parts.append(Text("\n".join(lines)))
    return Text("\n\n").join(
        [*parts, *(Text(textwrap.fill(each, width)) for each in shown.sentences)]
    )
