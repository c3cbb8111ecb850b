"""An answer's Markdown made ready to be read in a terminal: outdented, HTML tags off, formulas as
text, safe.
"""

from __future__ import annotations

import re

from qasearch.presenting.text.formulas import with_readable_formulas
from qasearch.presenting.text.printable import visible
from qasearch.presenting.text.prose import map_prose
from qasearch.reading.markdown.lines import outdented

_TAG = re.compile(
    r"""<!--.*?-->
      | <br\s*/?>
      | </?(?:a|abbr|article|aside|b|big|blockquote|center|cite|code|dd|del|details|div|dl|dt|em|figcaption|figure|font
        |footer|h[1-6]|header|hr|i|img|ins|kbd|li|main|mark|nav|ol|p|picture|pre|q|s|samp|section|small|source|span|strong
        |sub|summary|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|var)(?:\s[^<>]*)?/?>""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_ALT = re.compile(
    r"""\salt\s*=\s*(?P<quote>["'])(?P<text>.+?)(?P=quote)""", re.IGNORECASE | re.DOTALL
)
_BLOCKS = (
    "<details",
    "</details",
    "<summary",
    "</summary",
    "<div",
    "</div",
    "<p",
    "</p",
    "<li",
    "<tr",
    "<h",
    "</h",
    "</ul",
    "</ol",
)


def readable(answer: str, column: int = 1, *, escape: bool = False) -> str:
    """An answer as Markdown that shows all its words: no indentation of its list item, no HTML, no
    LaTeX.

    `column` is where it begins in its line. With `escape`, for a Markdown renderer; without, to be
    read as it is.
    """
    text = map_prose(
        outdented(visible(answer), column), lambda prose: _TAG.sub(_without_tag, prose)
    )
    return with_readable_formulas(text, escape=escape)


def _without_tag(match: re.Match[str]) -> str:
    tag = match[0].lower()
    if tag.startswith("<br"):
        return "  \n"
    if tag.startswith("<img"):
        alt = _ALT.search(match[0])
        return f"[{alt['text']}]" if alt else ""
    return "\n\n" if tag.startswith(_BLOCKS) else ""
