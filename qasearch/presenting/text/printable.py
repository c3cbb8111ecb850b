"""Text that is safe to print: what a terminal would obey is shown instead."""

from __future__ import annotations

import re

_OBEYED = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_CONTROL_PICTURES = 0x2400


def visible(text: str) -> str:
    """The text with control characters and direction overrides replaced, line feeds and tabs kept.

    C0 controls become their pictures (escape is U+241B), everything else U+FFFD.
    """
    return _OBEYED.sub(_picture, text)


def one_line(text: str) -> str:
    """The same on one line, with runs of white space as single spaces."""
    return visible(" ".join(text.split()))


def path_text(path: str) -> str:
    """A path on one line, every space of it as it is, so that an editor can open what is
    printed.
    """
    return visible(path).replace("\n", "\u240a").replace("\t", "\u2409")


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(_CONTROL_PICTURES + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"
