"""Markdown made ready to be read in a terminal: safe, outdented, without HTML, formulas as text."""

from __future__ import annotations

import re

from qasearch.presenting.text.formulas import with_readable_formulas
from qasearch.presenting.text.printable import visible
from qasearch.presenting.text.prose import map_prose
from qasearch.reading.markdown.lines import outdented

_TAGS = """
a abbr article aside b big blockquote center cite code dd del details div dl dt em figcaption figure
font footer h[1-6] header hr i img ins kbd li main mark nav ol p picture pre q s samp section small
source span strong sub summary sup table tbody td tfoot th thead tr tt u ul var
""".split()
"""HTML elements whose tags are removed. Other tags stay: `<App />`, `List<String>` are text."""

_BLOCK_TAGS = """
<details </details <summary </summary <div </div <p </p <li <tr <h </h </ul </ol
""".split()
"""How the tags begin that end a paragraph."""

_TAG = re.compile(
    rf"<!--.*?--> | <br\s*/?> | </?(?:{'|'.join(_TAGS)})(?:\s[^<>]*)?/?>",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_ALT = re.compile(
    r"""\salt\s*=\s*(?P<quote>["'])(?P<text>.+?)(?P=quote)""", re.IGNORECASE | re.DOTALL
)


def readable(markdown: str, column: int = 1, *, escape: bool = False) -> str:
    """The Markdown with all its words, but without HTML, LaTeX and the indentation of a list item.

    Args:
        markdown: an answer, or another slice of a file.
        column: where it begins in its first line, 1-based.
        escape: whether a Markdown renderer reads the result, so that the text of formulas has to be
            escaped; else a person reads it as it is.
    """
    text = outdented(visible(markdown), column)
    without_tags = map_prose(text, lambda prose: _TAG.sub(_tag_as_text, prose))
    return with_readable_formulas(without_tags, escape=escape)


def _tag_as_text(match: re.Match[str]) -> str:
    """What replaces a tag: a line break, the text of an image, the end of a paragraph, nothing."""
    tag = match[0].lower()
    if tag.startswith("<br"):
        return "  \n"
    if tag.startswith("<img"):
        alt = _ALT.search(match[0])
        return f"[{alt['text']}]" if alt else ""
    return "\n\n" if tag.startswith(tuple(_BLOCK_TAGS)) else ""
