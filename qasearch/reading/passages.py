"""An entry to the passages that get vectors: its question, its aliases, and pieces of its answer.

Answers are cut at the ends of blocks, then of lines, then of sentences, so that each piece fits the
window of the model. Code and tables stay whole if they fit. The caller's tokenizer counts tokens.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import pairwise

from qasearch.datatypes.entry import Entry, Passage, PassageKind, has_a_word
from qasearch.reading.document.marks import HEADING_PATH
from qasearch.reading.markdown.inline import visible_text
from qasearch.reading.markdown.lines import in_fences, outdented

CountTokens = Callable[[Sequence[str]], Sequence[int]]
"""Texts to the number of tokens of each, without the special tokens of the model."""

_SPECIAL_TOKENS = 2
"""What the model puts around a text: one token in front and one behind."""

_MIN_BUDGET = 32
"""Tokens that the context must leave for a piece of an answer; a longer context is shortened."""

_STEP = 64
"""Characters of a piece of text without spaces, such as Chinese or base64, that is cut anywhere."""

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]*_]*\s+|(?<=[。！？])")
_SPACES = re.compile(r"\s+")
_FENCE_ALONE = re.compile(r"^[\s>]*(?:`{3,}|~{3,})\s*$")


def make_passages(entry: Entry, count_tokens: CountTokens, max_tokens: int) -> list[Passage]:
    """The passages of an entry: its question, what belongs to it, its aliases, its answer.

    The pieces of the answer come in order. The `text` of each is a slice of the answer, and every
    word of the answer is in one of them. `embedded` has at most `max_tokens` tokens, with the two
    special tokens of the model, unless a single word is longer. An entry that only the links in its
    question answer has no passages of its answer. Where a file name such as `000123` stands for
    the question, the beginning of the answer is embedded in its place.
    """
    line = entry.question_line
    passages = [Passage(PassageKind.QUESTION, entry.question, entry.question, line, line)]
    context, budget = "", max_tokens - _SPECIAL_TOKENS
    is_named = not entry.rule.is_note or has_a_word(entry.question)
    if is_named:
        context, budget = _context(entry, count_tokens, budget)

    def pieces(kind: PassageKind, text: str, first_line: int) -> Iterator[Passage]:
        for piece in _fit(text, count_tokens, budget) if text else ():
            if piece.plain:
                first = first_line + text.count("\n", 0, piece.start)
                piece_text = text[piece.start : piece.end]
                last = first + piece_text.rstrip("\n").count("\n")
                yield Passage(kind, piece_text, context + piece.plain, first, last)

    body_line = entry.question_line_end - entry.question_body.count("\n")
    passages += pieces(PassageKind.QUESTION, entry.question_body, body_line)
    passages += [Passage(PassageKind.ALIAS, alias, alias, line, line) for alias in entry.aliases]
    if entry.answered and not _is_in_question(entry):
        answer = [*pieces(PassageKind.ANSWER, entry.answer, entry.line_start)]
        if answer and not is_named:
            passages[0] = replace(passages[0], embedded=answer[0].embedded)
        passages += answer
    return passages


def sentences(passage: Passage) -> list[tuple[int, str]]:
    """The visible sentences of a passage, each with its first line; of code, the lines."""
    result = []
    lines = list(_lines(passage.text, 0, len(passage.text)))
    for number, (start, end, in_fence) in enumerate(lines, start=passage.line_start):
        piece = _Piece(start, end, _ReadAs.CODE if in_fence else _ReadAs.BLOCKS)
        cuts = [piece] if in_fence else _at_sentences(passage.text, piece)
        plain = (_plain(passage.text[cut.start : cut.end], cut.read_as) for cut in cuts)
        result += [(number, text) for text in plain if text]
    return result


def _context(entry: Entry, count_tokens: CountTokens, budget: int) -> tuple[str, int]:
    """What the encoder reads in front of a piece of an answer, and the tokens left for the piece.

    These are the headings and the question; only the question, or nothing, if too few tokens would
    be left.
    """
    # The question of a note is its headings already.
    above = () if entry.rule.is_note else entry.breadcrumb
    contexts = (f"{HEADING_PATH.join((*above, entry.question))}\n", f"{entry.question}\n")
    for context in dict.fromkeys(contexts):
        left = budget - count_tokens([context.rstrip("\n")])[0]
        if left >= _MIN_BUDGET:
            return context, left
    return "", budget


def _is_in_question(entry: Entry) -> bool:
    """Whether only the links in its question answer an entry."""
    is_inside = (
        entry.question_line <= entry.line_start and entry.line_end <= entry.question_line_end
    )
    is_whole_lines = entry.column_start == 1 and not entry.question_body
    return is_inside and is_whole_lines and not entry.rule.is_note


class _ReadAs(Enum):
    """How a piece of an answer is read to find its visible words."""

    BLOCKS = auto()
    INLINE = auto()
    CODE = auto()


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of an answer.

    Attributes:
        start: its first character.
        end: the character behind its last one.
        read_as: how it is read.
        plain: its visible words.
        tokens: how many tokens these are.
        is_joined: whether it was joined from parts of lines, so that its markup was cut in two.
    """

    start: int
    end: int
    read_as: _ReadAs
    plain: str = ""
    tokens: int = 0
    is_joined: bool = False


def _fit(answer: str, count_tokens: CountTokens, budget: int) -> list[_Piece]:
    """The answer in pieces of at most `budget` tokens.

    Cut at blank lines, else at ends of lines, of sentences, at spaces, and at last anywhere.
    """
    pieces = _pack(_read(answer, _at_blank_lines(answer), count_tokens), budget)
    for cut in (_at_lines, _at_sentences, _at_spaces, _at_characters):
        if all(piece.tokens <= budget for piece in pieces):
            break
        smaller: list[_Piece] = []
        for piece in pieces:
            is_long = piece.tokens > budget
            smaller += _read(answer, cut(answer, piece), count_tokens) if is_long else [piece]
        pieces = _pack(smaller, budget)
    return [
        _read_again(answer, piece) if piece.read_as is _ReadAs.INLINE or piece.is_joined else piece
        for piece in pieces
    ]


def _read_again(answer: str, piece: _Piece) -> _Piece:
    """A piece that was joined from parts of lines, read as a whole.

    So markup that was cut in two is markup again.
    """
    first, line_end, rest = answer[piece.start : piece.end].partition("\n")
    if piece.read_as is not _ReadAs.INLINE:
        first, rest = first + line_end + rest, ""
    plain = f"{_plain(first, piece.read_as)} {_plain(rest, _ReadAs.BLOCKS)}".strip()
    return replace(piece, plain=plain) if len(plain.split()) <= len(piece.plain.split()) else piece


def _read(answer: str, pieces: Iterator[_Piece], count_tokens: CountTokens) -> list[_Piece]:
    plain = [
        replace(piece, plain=_plain(answer[piece.start : piece.end], piece.read_as))
        for piece in pieces
    ]
    counts = count_tokens([piece.plain for piece in plain]) if plain else ()
    return [replace(piece, tokens=count) for piece, count in zip(plain, counts, strict=True)]


def _plain(text: str, read_as: _ReadAs) -> str:
    if read_as is _ReadAs.CODE:
        return " ".join(
            word
            for line in text.split("\n")
            if not _FENCE_ALONE.match(line)
            for word in line.split()
        )
    return visible_text(outdented(text), inline=read_as is _ReadAs.INLINE)


def _pack(pieces: Sequence[_Piece], budget: int) -> list[_Piece]:
    """Neighbouring pieces joined while they fit together."""
    packed: list[_Piece] = []
    for piece in pieces:
        if packed and packed[-1].tokens + piece.tokens <= budget:
            last = packed[-1]
            plain = f"{last.plain} {piece.plain}".strip()
            is_joined = last.is_joined or piece.is_joined or piece.read_as is _ReadAs.INLINE
            packed[-1] = replace(
                last,
                end=piece.end,
                plain=plain,
                tokens=last.tokens + piece.tokens,
                is_joined=is_joined,
            )
        else:
            packed.append(piece)
    return packed


def _at_blank_lines(answer: str) -> Iterator[_Piece]:
    start: int | None = None
    for first, end, in_fence in _lines(answer, 0, len(answer)):
        if in_fence or answer[first:end].strip():
            start = first if start is None else start
        elif start is not None:
            yield _Piece(start, first, _ReadAs.BLOCKS)
            start = None
    if start is not None:
        yield _Piece(start, len(answer), _ReadAs.BLOCKS)


def _at_lines(answer: str, piece: _Piece) -> Iterator[_Piece]:
    for start, end, in_fence in _lines(answer, piece.start, piece.end):
        if answer[start:end].strip():
            yield _Piece(start, end, _ReadAs.CODE if in_fence else piece.read_as)


def _lines(answer: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Start and end of each line, and whether it is a part of a code fence."""
    lines = answer[start:end].splitlines(keepends=True)
    for line, in_fence in zip(lines, in_fences(lines), strict=True):
        yield start, start + len(line), in_fence
        start += len(line)


def _at_sentences(answer: str, piece: _Piece) -> Iterator[_Piece]:
    return _cut(answer, piece, _SENTENCE_END)


def _at_spaces(answer: str, piece: _Piece) -> Iterator[_Piece]:
    return _cut(answer, piece, _SPACES)


def _at_characters(_: str, piece: _Piece) -> Iterator[_Piece]:
    for start in range(piece.start, piece.end, _STEP):
        yield _Piece(start, min(start + _STEP, piece.end), _within_line(piece))


def _cut(answer: str, piece: _Piece, separator: re.Pattern[str]) -> Iterator[_Piece]:
    """The piece cut behind each separator; only the first part can begin a block."""
    ends = [match.end() for match in separator.finditer(answer, piece.start, piece.end)]
    for start, end in pairwise([piece.start, *ends, piece.end]):
        if answer[start:end].strip():
            read_as = piece.read_as if start == piece.start else _within_line(piece)
            yield _Piece(start, end, read_as)


def _within_line(piece: _Piece) -> _ReadAs:
    return _ReadAs.CODE if piece.read_as is _ReadAs.CODE else _ReadAs.INLINE
