"""The fragments of headings, as the programs make them that turn Markdown into pages.

A rule makes a slug of the visible text of a heading. When a page repeats a slug, programs add a
number. `SLUG_RULES` lists the rules that fit a flavour; programs have settings, so several can.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from qasearch.datatypes.flavour import Flavour

_SPACES = re.compile(r"[-\s]+")
_HYPHENS = re.compile(r"-{2,}")
_NOT_WORD = re.compile(r"[^\w\s-]")
_VITEPRESS_SIGNS = re.compile(r"[\s~`!@#$%^&*()\-_+=\[\]{}|\\;:\"'“”‘’<>,.?/]+")
_COMBINING = re.compile(r"[\u0300-\u036f]")
_NOT_KRAMDOWN = re.compile(r"[^a-zA-Z0-9 -]")
_NOT_ASCII_ALNUM = re.compile(r"[^a-z0-9]+")
_EMOJI_STYLE = "\ufe0f"
"""The sign that asks for a coloured emoji: GitHub leaves it in the fragment, people do not."""


def slug(heading: str) -> str:
    """The fragment of a heading: lower case, no punctuation, hyphens instead of spaces."""
    lower = heading.strip().lower()
    if lower.isascii():
        return re.sub(r"[^\w\- ]", "", lower).replace(" ", "-")
    return "".join(
        char for char in lower if char in "- _" or char.isalnum() or _joins_words(char)
    ).replace(" ", "-")


def _joins_words(char: str) -> bool:
    """Whether a sign that is no letter is part of a word, as vowel signs of Hindi are."""
    return char != _EMOJI_STYLE and unicodedata.category(char) in ("Mn", "Mc", "Me", "Pc")


def _github_with_emoji_style(heading: str) -> str:
    """GitHub's slug where it differs: `⚙️ Tools` has an invisible sign in front of `-tools`."""
    if _EMOJI_STYLE not in heading:
        return slug(heading)
    return _EMOJI_STYLE.join(
        slug(f"_{part}_")[1:-1] for part in heading.strip().split(_EMOJI_STYLE)
    )


def _gitlab(heading: str) -> str:
    name = _HYPHENS.sub("-", slug(heading))
    return f"anchor-{name}" if name.isdigit() else name


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _python_markdown(heading: str) -> str:
    return _python_markdown_unicode(_ascii(heading))


def _python_markdown_unicode(heading: str) -> str:
    return _SPACES.sub("-", _NOT_WORD.sub("", heading).strip().lower())


def _vitepress(heading: str) -> str:
    text = _COMBINING.sub("", unicodedata.normalize("NFKD", heading))
    text = "".join(char for char in text if char >= " ")
    text = _HYPHENS.sub("-", _VITEPRESS_SIGNS.sub("-", text)).strip("-").lower()
    return f"_{text}" if text[:1].isascii() and text[:1].isdigit() else text


def _hugo_ascii(heading: str) -> str:
    return slug(_ascii(heading))


def _blackfriday(heading: str) -> str:
    words = "".join(char if char.isalnum() else " " for char in heading.lower()).split()
    return "-".join(words)


def _kramdown(heading: str) -> str:
    start = next((n for n, char in enumerate(heading) if char.isascii() and char.isalpha()), None)
    text = "" if start is None else heading[start:]
    return _NOT_KRAMDOWN.sub("", text).replace(" ", "-").lower() or "section"


def _docutils(heading: str) -> str:
    return _NOT_ASCII_ALNUM.sub("-", _ascii(heading).lower()).strip("-").lstrip("0123456789-")


def _pandoc(heading: str) -> str:
    letters = (
        char for char in heading.lower() if char.isalnum() or char in "_-. " or _joins_words(char)
    )
    text = "-".join("".join(letters).split())
    start = next((n for n, char in enumerate(text) if char.isalpha()), len(text))
    return text[start:] or "section"


@dataclass(frozen=True, slots=True)
class SlugRule:
    """How a program makes the fragment of a heading.

    Attributes:
        name: the slug of the text of a heading.
        separator: what stands between a slug and the number of its repetition.
        empty: the slug of a heading without a letter.
    """

    name: Callable[[str], str]
    separator: str = "-"
    empty: str = ""


_GITHUB = (SlugRule(slug), SlugRule(_github_with_emoji_style))
_GITLAB = SlugRule(_gitlab)
_PANDOC = SlugRule(_pandoc)

SLUG_RULES: dict[Flavour, tuple[SlugRule, ...]] = dict.fromkeys(Flavour, _GITHUB) | {
    Flavour.GITLAB: (_GITLAB, *_GITHUB),
    Flavour.MKDOCS: (
        SlugRule(_python_markdown, "_", "_"),
        SlugRule(_python_markdown_unicode, "_", "_"),
        SlugRule(slug, "_", "_"),
    ),
    Flavour.VITEPRESS: (SlugRule(_vitepress), *_GITHUB),
    Flavour.HUGO: (
        SlugRule(slug, empty="heading"),
        SlugRule(_github_with_emoji_style, empty="heading"),
        SlugRule(_hugo_ascii, empty="heading"),
        SlugRule(_blackfriday),
    ),
    Flavour.JEKYLL: (SlugRule(_kramdown), *_GITHUB),
    Flavour.MYST: (SlugRule(_docutils), *_GITHUB),
    Flavour.QUARTO: (_PANDOC, *_GITHUB),
}
"""The rules that fit each flavour. All programs but these follow GitHub, or can be told to.

Sources: the documentation of GitLab ("Heading IDs and links"), of Python-Markdown's `toc`, of
Pandoc's `auto_identifiers`, of kramdown ("Automatic generation of header IDs"), of docutils'
`make_id`, of Hugo's `autoHeadingIDType`, and what VitePress makes (`@mdit-vue/shared`).
"""


class SlugCounter:
    """The fragments of the headings of one document by one rule."""

    def __init__(self, rule: SlugRule) -> None:
        self.rule = rule
        self._counts: dict[str, int] = {}

    def next(self, heading: str) -> str:
        """The fragment of the next heading: a repeated slug gets a number."""
        rule = self.rule
        name = rule.name(heading) or rule.empty
        count = self._counts.get(name, 0)
        self._counts[name] = count + 1
        if name == "_":  # Python-Markdown numbers these from the first on: `_1`, `_2`
            return f"_{count + 1}"
        return f"{name}{rule.separator}{count}" if count else name
