"""How a misspelt question may have been meant, by the words of the corpus."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice, product

from qasearch.storage.database import Database

CountTokens = Callable[[Sequence[str]], Sequence[int]]
"""From texts to the number of tokens that the model makes of each."""

_MIN_LETTERS = 4
"""A shorter word is one edit away from too many others."""

_SURE_FROM = 5
"""A word of so many letters that no vocabulary has is surely misspelt. A shorter one, such as
`shap`, may be a name that the corpus lacks."""

_TWO_EDITS_FROM = 8
"""Words with so many letters may differ by two edits, shorter ones by one."""

_WORDS_EACH = 3
"""At most so many words of the corpus are tried for a misspelt one."""

_QUESTIONS = 6
"""At most so many corrected questions are tried: each is embedded."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Respelling:
    """A corrected question.

    Attributes:
        text: the question.
        is_sure: whether the words that were replaced must be misspelt. If not, it should be asked
            only if it is answered much better.
    """

    text: str
    is_sure: bool


def respellings(question: str, database: Database, count_tokens: CountTokens) -> list[Respelling]:
    """The question with its misspelt words corrected, the fewest edits first; none if no word
    seems misspelt.

    A word may be misspelt if no entry has it in any form, and it is no name in capitals. It surely
    is if the model's vocabulary has it only in pieces and it is not short. A word that the
    vocabulary has whole, such as `bach`, is replaced only if the new word and a word beside it
    follow each other in the question or another wording of an entry, such as `batch norm`.
    """
    words = [*dict.fromkeys(_WORD.findall(question))]
    unknown = [word for word in words if _may_be_misspelt(word, database)]
    pieces = count_tokens([word.lower() for word in unknown]) if unknown else []
    choices: list[list[_Replacement]] = []
    for word, count in zip(unknown, pieces, strict=True):
        near = _near(word.lower(), database)
        is_sure = count > 1 and len(word) >= _SURE_FROM
        if count == 1:
            near = [new for new in near if _makes_a_phrase(word, new.new, question, database)]
        if near:
            choices.append([_Replacement(word, new.new, new.edits, is_sure) for new in near])
    if not choices:
        return []
    corrected = sorted(
        product(*choices), key=lambda replacements: sum(part.edits for part in replacements)
    )
    return [
        Respelling(_replaced(question, parts), all(part.is_sure for part in parts))
        for parts in islice(corrected, _QUESTIONS)
    ]


@dataclass(frozen=True, slots=True)
class _Replacement:
    """A word of the question, a word of the corpus, and how many edits lie between them."""

    word: str
    new: str
    edits: int
    is_sure: bool = False


def _may_be_misspelt(word: str, database: Database) -> bool:
    is_name = word.isupper() and len(word) > 1
    long_enough = len(word) >= _MIN_LETTERS and word.isalpha()
    return long_enough and not is_name and not database.words.count(word.lower())


def _near(word: str, database: Database) -> list[_Replacement]:
    """The words of the corpus that are nearest to this one, the most frequent of equally near ones
    first.

    An edit adds, removes or replaces a letter, or swaps two neighbours (optimal string alignment).
    The same letters in another order count as one edit. The first letter must be one of the first
    two.
    """
    from rapidfuzz.distance import OSA

    max_edits = 2 if len(word) >= _TWO_EDITS_FROM else 1
    found: dict[str, tuple[int, int]] = {}
    for first in dict.fromkeys(word[:2]):
        for known, entries in database.words.unstemmed(first, chr(ord(first) + 1)).items():
            if abs(len(known) - len(word)) > max_edits or not known.isalpha():
                continue
            edits = OSA.distance(word, known, score_cutoff=max_edits)
            if edits > 1 and Counter(known) == Counter(word):
                edits = 1
            if edits <= max_edits:
                found[known] = edits, -entries
    nearest = sorted(found, key=lambda known: (found[known], known))[:_WORDS_EACH]
    return [_Replacement(word, known, found[known][0]) for known in nearest]


def _makes_a_phrase(word: str, new: str, question: str, database: Database) -> bool:
    """Whether the new word follows a word of the question, or comes before one, in a question."""
    words = _WORD.findall(question)
    places = [place for place, other in enumerate(words) if other == word]
    neighbours = (
        f"{words[place - 1]} {new}" if step < 0 else f"{new} {words[place + 1]}"
        for place in places
        for step in (-1, 1)
        if 0 <= place + step < len(words) and len(words[place + step]) >= _MIN_LETTERS
    )
    return any(database.words.is_wording(phrase) for phrase in neighbours)


def _replaced(question: str, parts: Sequence[_Replacement]) -> str:
    new = {part.word: part.new for part in parts}
    return _WORD.sub(lambda match: new.get(match[0], match[0]), question)
