"""Text that is safe to print: characters that a terminal would obey become visible ones."""

from __future__ import annotations

import re

OBEYED_FROM_DELETE = r"\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
"""The characters from U+007F on that a terminal would obey, as part of a pattern: controls, line
separators, marks of direction, half surrogates."""

_OBEYED = re.compile(rf"[\x00-\x08\x0b-\x1f{OBEYED_FROM_DELETE}]")
"""The same and all earlier controls except tab and line feed."""

_CONTROL_PICTURES = 0x2400  # the Unicode block that has a picture of each control below 0x20
_REPLACEMENT = "\ufffd"


def visible(text: str) -> str:
    """The text with each character that a terminal would obey replaced by one that it shows.

    C0 controls become their pictures (escape becomes U+241B), all others U+FFFD. Tabs and line
    feeds stay. The length stays the same.
    """
    return _OBEYED.sub(_picture, text)


def one_line(text: str) -> str:
    """The text safe to print and on one line: each run of white space becomes one space."""
    return visible(" ".join(text.split()))


def path_text(path: str) -> str:
    """The path safe to print and on one line, with all its spaces: an editor can open it."""
    return visible(path).replace("\n", "\u240a").replace("\t", "\u2409")


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(_CONTROL_PICTURES + code)
    return "\u2421" if code == 0x7F else _REPLACEMENT
