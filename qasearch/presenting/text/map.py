"""A map as text, and as JSON (`qasearch.map/1`) for other tools that draw."""

from __future__ import annotations

import textwrap

from rich.text import Text

from qasearch.datatypes.index import IndexState
from qasearch.datatypes.reply import Verdict
from qasearch.mapping.corpus_map import CorpusMap
from qasearch.presenting.json_reply import Fields, index_fields
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


def map_fields(shown: CorpusMap, state: IndexState) -> Fields:
    """A map as `qasearch.map/1`."""
    space, kept = shown.space, shown.preserved
    return {
        "schema": "qasearch.map/1",
        "index": index_fields(state),
        "method": shown.method,
        "variance": None if shown.share is None else round(shown.share, 6),
        "preservation": {
            "neighbours": kept.k,
            "share": round(kept.share, 6),
            "by_chance": round(kept.by_chance, 6),
            "trustworthiness": round(kept.trustworthiness, 6),
            "sampled": kept.sampled,
        },
        "text": list(shown.sentences),
        "points": [
            {"id": entry.id, "question": entry.question, "section": section, "x": x, "y": y}
            for entry, section, (x, y) in zip(
                space.entries, space.sections, shown.xy.round(6).tolist(), strict=True
            )
        ],
        "questions": [
            {
                "question": each.question,
                "verdict": each.verdict.value,
                "confidence": round(each.confidence, 6),
                "x": round(each.xy[0], 6),
                "y": round(each.xy[1], 6),
                "hits": [
                    {"id": space.entries[number].id, "confidence": round(confidence, 6)}
                    for number, confidence in each.hits
                ],
            }
            for each in shown.asked
        ],
    }
