"""The fragments of headings, as GitHub makes them."""

from __future__ import annotations

import re


def slug(heading: str) -> str:
    """The fragment of a heading: lower case, no punctuation, hyphens instead of spaces."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
