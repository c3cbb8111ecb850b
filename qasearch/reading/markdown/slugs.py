"""Text as part of an address: the fragments of headings, and ids."""

from __future__ import annotations

import re


def slug(heading: str) -> str:
    """The fragment that GitHub gives a heading: lower case, punctuation off, spaces to hyphens."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def slugify(text: str) -> str:
    """Text as part of an id: letters and digits of any script in lower case, everything else one
    hyphen.
    """
    return re.sub(r"[\W_]+", "-", text.lower()).strip("-")
