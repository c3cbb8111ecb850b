"""What a question asks for, as far as its words say it.

Knows English and no index. In other languages every word counts as content.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_FUNCTION_WORDS = frozenset(
    """
    a about above after again against all also am an and another any anybody anyone anything are
    around as at away back be because been before being below between both but by came can cannot
    come could did do does doing done down during each either else ever every few for from further
    gave get gets getting give given gives go goes going gone got had has have having he her here
    hers herself him himself his how however i if in into is it its itself just let lets like made
    make makes making many may me might mine more most much must my myself need needs neither never
    no nobody none nor not nothing now of off often on once one only onto or other others our ours
    ourselves out over own per perhaps please rather really same say says shall she should since so
    some somebody someone something soon still such take taken takes than that the their theirs
    them themselves then there these they thing things this those though through thus to too toward
    towards under until up upon us use used uses using very via want wants was way ways we well went
    were what whatever when whenever where wherever whether which while who whoever whom whose why
    will with within without would yes yet you your yours yourself

    ain aren couldn didn doesn don hadn hasn haven isn ll mustn re shouldn ve wasn weren wouldn
    """.split()
)
"""Words that every question may have, whatever it asks for."""

_ASKING_WORDS = frozenset(
    """
    answer answers anybody ask asked basic basically bad best better briefly clear compare compared
    comparison correct define defined definition describe described description detail details
    difference differences different example examples explain explained explaining explanation fine
    first general good guide happen happened happens hello help hey hi idea important kind kinds
    know known list mean meaning means okay ok overview possible question questions quick reason
    reasons right short show simple simply sort sorts summary tell term terms thank thanks think
    tips true type types understand versus vs work working works wrong
    """.split()
)
"""Words that say how something is asked, not what."""

_TOKEN = re.compile(r"`[^`]+`|[\"“][^\"“”]{2,60}[\"”]|[^\s,;!?()\[\]{}\"“”`]+")
_EDGES = ".:'’‘*_~<>=|&"
_WORD = re.compile(r"\w+")
_POSSESSIVE = re.compile(r"['’]s?$")
_CONTRACTION = re.compile(r"^(\w+)['’](?:t|s|d|m|ll|re|ve)$", re.IGNORECASE)

_IDENTIFIER = re.compile(r"^[A-Za-z]{1,12}[-_.#/]?\d[\w.\-]*$")
_DATE = re.compile(r"^(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2\d{4}|(?:19|20)\d\d)$")
_LETTERS_AND_DIGITS = re.compile(r"[^\W\d_]+|\d+")
_NO_SPACES = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af]")
"""Scripts that are written without spaces: a run of them is no single word."""

_DEFINITION = re.compile(
    r"^(?:please\s+)?(?:what(?:['’]s|\s+is|\s+are)|whats|define|explain|describe|what\s+does)\s+"
    r"(?:an?\s+|the\s+)?(\S+?)(?:\s+(?:mean|refer\s+to|stand\s+for))?\s*[?.!]*$",
    re.IGNORECASE,
)

_NEGATION = re.compile(
    r"\b(?:not|never|without|cannot|neither|nor|except)\b|n['’]t\b", re.IGNORECASE
)
_SELECTION = re.compile(r"\b(?:which|what|who|that|name|list|find|any)\b", re.IGNORECASE)
_FIRST_PERSON = re.compile(r"\b(?:i|me|my|mine|we|us|our)\b", re.IGNORECASE)
_NEGATIVE = re.compile(
    r"\b(?:not?|none|never|nothing|nobody|neither|nor|without|cannot|except|instead|unable|unless"
    r"|fail\w*|declin\w*|miss\w*|lost|lack\w*|wrong\w*|problem\w*|errors?|issues?|trouble\w*"
    r"|avoid\w*|block\w*|reject\w*|refus\w*|den(?:y|ied|ies)|stop\w*|prevent\w*|zero|un\w{4,})\b|n['’]t\b",
    re.IGNORECASE,
)
"""Words with which a text can say the same as a negation."""

_SPELLINGS = (("is", "iz"), ("our", "or"), ("ys", "yz"), ("lling", "ling"), ("lled", "led"))
"""British and American spellings: what differs in them."""

_ONE_LETTER = re.compile(r"[\s?!.\"'*]*[^\W\d_\u2e80-\uffff][\s?!.\"'*]*")

_MAX_TERMS = 64
"""Terms of a question that are looked up: a pasted text must not make a question slow."""

_ACRONYM_LETTERS = range(2, 7)


@dataclass(frozen=True, slots=True)
class Term:
    """Something that a question asks for.

    Attributes:
        text: as it was typed, without what stands around it.
        spellings: the ways in which a text may write it, each one or more words.
        is_code: whether it is an id, a version or a date, which nothing else can stand for.
    """

    text: str
    spellings: tuple[str, ...]
    is_code: bool


def terms_of(question: str) -> list[Term]:
    """What a question asks for, each once, in its order, at most 64; [] for a question without
    content, such as a single letter.
    """
    terms: dict[str, Term] = {}
    if _ONE_LETTER.fullmatch(question):
        return []
    for text, _ in _content(question):
        terms.setdefault(text.lower(), _term(text))
        if len(terms) == _MAX_TERMS:
            break
    return [*terms.values()]


def phrases_of(question: str) -> list[Term]:
    """Two or more terms of a question that follow each other, as one term each."""
    phrases, last, parts = [], -1, list[str]()
    for text, start in [*_content(question), ("", len(question) + 2)]:
        if start - last > 1 or not text:
            if len(parts) > 1:
                phrases.append(_term(" ".join(parts)))
            parts = []
        parts.append(text)
        last = start + len(text)
    return phrases


def defined_term(question: str) -> Term | None:
    """The one word that a question wants defined, as in `what is X?`; None if it is no such
    question.
    """
    match = _DEFINITION.match(question)
    terms = terms_of(match[1]) if match else []
    return terms[0] if len(terms) == 1 else None


def asks_only_for(term: Term, wording: str) -> bool:
    """Whether a wording, or a part of it between commas, asks for this term and nothing else."""
    return any(
        _content_words(part) == _WORD.findall(spelling)
        for part in re.split(r"[,;/]", wording)
        for spelling in term.spellings
    )


def is_negated(question: str) -> bool:
    """Whether a question looks for what does not have a property, as in `which X does not Y?`.

    What did not work for the person who asks (`I cannot log in`) is no such property.
    """
    match = _NEGATION.search(question)
    return bool(match and _SELECTION.search(question[: match.start()])) and not (
        _FIRST_PERSON.search(question)
    )


def says_no(text: str) -> bool:
    """Whether a text has any word with which it could agree with a negated question."""
    return _NEGATIVE.search(text) is not None


def same_words(first: str, second: str) -> bool:
    """Whether two texts have the same words in the same order, letter case aside."""
    return _WORD.findall(first.lower()) == _WORD.findall(second.lower())


def has_initials(acronym: str, text: str) -> bool:
    """Whether words of the text that follow each other begin with the letters of the acronym."""
    letters = acronym.lower()
    if not (letters.isalpha() and len(letters) in _ACRONYM_LETTERS):
        return False
    initials = "".join(word[0] for word in _WORD.findall(text.lower()))
    return letters in initials


def named(terms: Sequence[str], joined_by: str = "and") -> str:
    """The terms in quotes, as a sentence names them."""
    quoted = [f"'{term}'" for term in terms]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} {joined_by} {quoted[-1]}"


def _content_words(text: str) -> list[str]:
    """The words of a text in lower case, without those that say nothing of what is asked for."""
    words = _WORD.findall(text.lower())
    return [word for word in words if word not in _FUNCTION_WORDS | _ASKING_WORDS]


def _content(question: str) -> Iterator[tuple[str, int]]:
    """The content of a question, piece by piece, each with the place where it begins."""
    is_shouted = question.isupper()
    for match in _TOKEN.finditer(question):
        token = match[0]
        if token[0] in '`"“':
            if _WORD.search(token):
                yield token[1:-1].strip(), match.start() + 1
            continue
        token = _POSSESSIVE.sub("", token.strip(_EDGES))
        if contraction := _CONTRACTION.match(token):
            token = contraction[1]
        parts = token.split("/") if token.count("/") == 1 and len(token) > 3 else [token]
        for part in (part.strip(_EDGES) for part in parts):
            if _is_content(part, is_shouted=is_shouted):
                yield part, match.start() + match[0].find(part)


def _is_content(token: str, *, is_shouted: bool) -> bool:
    words = _WORD.findall(token)
    if not words:
        return False
    if len(words) > 1:  # such as `p-value`, `foo.bar` or `1/N`
        return not all(word.lower() in _FUNCTION_WORDS for word in words)
    if token.isupper() and not is_shouted:  # `IT` and `US` are names then, `I` and `A` are not
        return token not in ("A", "I")
    if len(token) == 1 and token.isascii():
        return False
    return token.lower() not in _FUNCTION_WORDS and token.lower() not in _ASKING_WORDS


def _term(text: str) -> Term:
    words = _WORD.findall(text)
    lowered = " ".join(words).lower()
    spellings = dict.fromkeys([lowered])
    if len(words) > 1:
        spellings["".join(words).lower()] = None
    if any(char.isdigit() for char in text):
        spellings[" ".join(_LETTERS_AND_DIGITS.findall(text)).lower()] = None
    for one, other in (pair for pair in _SPELLINGS for pair in (pair, pair[::-1])):
        if one in lowered[2:]:
            spellings[lowered[:2] + lowered[2:].replace(one, other)] = None
    is_code = bool(_IDENTIFIER.match(text) or _DATE.match(text))
    return Term(text, tuple(spellings), is_code)


def is_countable(term: Term) -> bool:
    """Whether it can be said that a text does not contain the term: its script has spaces."""
    return _NO_SPACES.search(term.text) is None
