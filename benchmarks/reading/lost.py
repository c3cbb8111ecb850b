"""How much of the text of a collection is in no entry, and why."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from qasearch.reading.files import list_files, read_text
from qasearch.reading.line_uses import Use, explain

_WORD = re.compile(r"\w+")
_ADDRESS = re.compile(r"\]\([^)]*\)|<[^>]*>|https?://\S+")

TOLD = frozenset({Use.QUESTION, Use.ANSWER, Use.HEADING, Use.FRONT_MATTER})
"""Lines that belong to entries. Headings and front matter belong to the entries below them."""

NO_TEXT = frozenset(Use) - TOLD - {Use.NOWHERE}
"""Lines that say nothing to answer with: navigation, contents, licences, badges, hidden text."""


def words_by_use(files: Path) -> Counter[Use]:
    """The number of words of the Markdown in a folder, by what became of their lines."""
    words: Counter[Use] = Counter()
    for file in list_files(files).files:
        for line in explain(read_text(file)[0], file.path, file.flavour):
            words[line.use] += len(_WORD.findall(_ADDRESS.sub(" ", line.text)))
    return words


def print_lost(collections: Path) -> None:
    """The words of all collections by the use of their lines, and the share that is nowhere."""
    words: Counter[Use] = Counter()
    for collection in sorted(collections.iterdir()):
        words += words_by_use(collection / "files")
    total = sum(words.values())
    lost = sum(count for use, count in words.items() if use not in TOLD | NO_TEXT)
    left_out = {use.value: words[use] for use in sorted(NO_TEXT) if words[use]}
    print(
        f"text that is nowhere: {lost} of {total} words ({lost / total:.2%}); "
        f"left out because it says nothing: {sum(left_out.values()) / total:.2%} ({left_out})"
    )
