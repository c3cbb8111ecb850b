"""The fragments of headings."""

from __future__ import annotations

import re


def slug(heading: str) -> str:
    """The fragment that GitHub gives a heading: lower case, punctuation off, spaces to hyphens."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
