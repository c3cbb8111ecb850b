"""An entry to the passages that get vectors: its question, each alias, and pieces of its answer.

Answers are cut at the ends of blocks, then of lines, then of sentences, so that each piece fits the
model's window; code and tables stay whole where they fit. Tokens are counted by the caller's own
tokenizer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import pairwise

from qasearch.datatypes.entry import Entry, Passage, PassageKind
from qasearch.reading.markdown.blocks import visible_text
from qasearch.reading.markdown.lines import in_fences, outdented

CountTokens = Callable[[Sequence[str]], Sequence[int]]
"""Texts to the number of tokens of each, without the model's special tokens."""

_SPECIAL_TOKENS = 2
_MIN_BUDGET = 32
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]*_]*\s+|(?<=[。！？])")
_FENCE_ALONE = re.compile(r"^[\s>]*(?:`{3,}|~{3,})\s*$")


def make_passages(entry: Entry, count_tokens: CountTokens, max_tokens: int) -> list[Passage]:
    """The passages of an entry: the question, what belongs to it, its aliases, the pieces of its
    answer in order.

    Every answer passage's `text` is a slice of the answer, and no word of the answer is in none of
    them. `embedded` holds at most `max_tokens` tokens with the model's two special ones, except
    where one single word is longer. An entry answered only by the links in its question has no
    answer passages.
    """
    line = entry.question_line
    passages = [Passage(PassageKind.QUESTION, entry.question, entry.question, line, line)]
    budget = max_tokens - _SPECIAL_TOKENS
    context, budget = _context(entry, count_tokens, budget)

    def of(kind: PassageKind, text: str, first_line: int) -> Iterator[Passage]:
        for piece in _fit(text, count_tokens, budget) if text else ():
            first = first_line + text.count("\n", 0, piece.start)
            shown = text[piece.start : piece.end]
            if piece.plain:
                yield Passage(
                    kind,
                    shown,
                    context + piece.plain,
                    first,
                    first + shown.rstrip("\n").count("\n"),
                )

    body_line = entry.question_line_end - entry.question_body.count("\n")
    passages += of(PassageKind.QUESTION, entry.question_body, body_line)
    passages += [Passage(PassageKind.ALIAS, alias, alias, line, line) for alias in entry.aliases]
    if entry.answered and not _is_in_question(entry):
        passages += of(PassageKind.ANSWER, entry.answer, entry.line_start)
    return passages


def sentences(passage: Passage) -> list[tuple[int, str]]:
    """The sentences of a passage as a reader sees them, each with the line on which it begins; code
    by the line.
    """
    found = []
    lines = list(_lines(passage.text, 0, len(passage.text)))
    for number, (start, end, in_fence) in enumerate(lines, start=passage.line_start):
        piece = _Piece(start, end, _Reads.CODE if in_fence else _Reads.BLOCKS)
        cuts = [piece] if in_fence else _at_sentences(passage.text, piece)
        plain = (_plain(passage.text[cut.start : cut.end], cut.reads) for cut in cuts)
        found += [(number, text) for text in plain if text]
    return found


def _context(entry: Entry, count_tokens: CountTokens, budget: int) -> tuple[str, int]:
    """What stands in front of a piece of an answer for the encoder, and the tokens that are left
    for the piece.

    The headings above the question and the question, or only that, or nothing, so that at least 32
    tokens are left.
    """
    above = (
        entry.breadcrumb if not entry.rule.is_note else ()
    )  # the question of notes has them already
    for context in dict.fromkeys(
        (f"{' › '.join((*above, entry.question))}\n", f"{entry.question}\n")
    ):
        left = budget - count_tokens([context.rstrip("\n")])[0]
        if left >= _MIN_BUDGET:
            return context, left
    return "", budget


def _is_in_question(entry: Entry) -> bool:
    """Whether an entry is answered by the links of its question alone."""
    in_question = (
        entry.question_line <= entry.line_start and entry.line_end <= entry.question_line_end
    )
    return (
        in_question
        and entry.column_start == 1
        and not entry.question_body
        and not entry.rule.is_note
    )


class _Reads(Enum):
    """As what a piece of an answer is read."""

    BLOCKS = auto()
    INLINE = auto()
    CODE = auto()


@dataclass(frozen=True, slots=True)
class _Piece:
    """The characters `start` to `end` (half open) of an answer, what a reader sees of them, and its
    tokens.
    """

    start: int
    end: int
    reads: _Reads
    plain: str = ""
    tokens: int = 0
    mended: bool = False


def _fit(answer: str, count_tokens: CountTokens, budget: int) -> list[_Piece]:
    """The answer in pieces of at most `budget` tokens, cut at blank lines, else line ends, sentence
    ends, spaces.
    """
    pieces = _pack(_read(answer, _at_blank_lines(answer), count_tokens), budget)
    for cut in (_at_lines, _at_sentences, _at_spaces, _at_characters):
        if all(piece.tokens <= budget for piece in pieces):
            break
        smaller: list[_Piece] = []
        for piece in pieces:
            smaller += (
                _read(answer, cut(answer, piece), count_tokens)
                if piece.tokens > budget
                else [piece]
            )
        pieces = _pack(smaller, budget)
    return [
        _read_again(answer, piece) if piece.reads is _Reads.INLINE or piece.mended else piece
        for piece in pieces
    ]


def _read_again(answer: str, piece: _Piece) -> _Piece:
    """A piece put together from parts of lines, read as a whole, so that markup cut in two is
    markup again.
    """
    first, line_end, others = answer[piece.start : piece.end].partition("\n")
    if piece.reads is not _Reads.INLINE:
        first, others = first + line_end + others, ""
    plain = f"{_plain(first, piece.reads)} {_plain(others, _Reads.BLOCKS)}".strip()
    return replace(piece, plain=plain) if len(plain.split()) <= len(piece.plain.split()) else piece


def _read(answer: str, pieces: Iterator[_Piece], count_tokens: CountTokens) -> list[_Piece]:
    plain = [
        replace(piece, plain=_plain(answer[piece.start : piece.end], piece.reads))
        for piece in pieces
    ]
    counts = count_tokens([piece.plain for piece in plain]) if plain else ()
    return [replace(piece, tokens=count) for piece, count in zip(plain, counts, strict=True)]


def _plain(text: str, reads: _Reads) -> str:
    if reads is _Reads.CODE:
        return " ".join(
            word
            for line in text.split("\n")
            if not _FENCE_ALONE.match(line)
            for word in line.split()
        )
    return visible_text(outdented(text), inline=reads is _Reads.INLINE)


def _pack(pieces: Sequence[_Piece], budget: int) -> list[_Piece]:
    """Neighbouring pieces joined while they fit together."""
    packed: list[_Piece] = []
    for piece in pieces:
        if packed and packed[-1].tokens + piece.tokens <= budget:
            last = packed[-1]
            plain = f"{last.plain} {piece.plain}".strip()
            mended = last.mended or piece.mended or piece.reads is _Reads.INLINE
            packed[-1] = replace(
                last, end=piece.end, plain=plain, tokens=last.tokens + piece.tokens, mended=mended
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
            yield _Piece(start, first, _Reads.BLOCKS)
            start = None
    if start is not None:
        yield _Piece(start, len(answer), _Reads.BLOCKS)


def _at_lines(answer: str, piece: _Piece) -> Iterator[_Piece]:
    for start, end, in_fence in _lines(answer, piece.start, piece.end):
        if answer[start:end].strip():
            yield _Piece(start, end, _Reads.CODE if in_fence else piece.reads)


def _lines(answer: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Start and end of each line, and whether it is in a code fence or one of its two ends."""
    lines = answer[start:end].splitlines(keepends=True)
    for line, fenced in zip(lines, in_fences(lines), strict=True):
        yield start, start + len(line), fenced
        start += len(line)


def _at_sentences(answer: str, piece: _Piece) -> Iterator[_Piece]:
    return _cut(answer, piece, _SENTENCE_END, _within_line(piece))


def _at_spaces(answer: str, piece: _Piece) -> Iterator[_Piece]:
    return _cut(answer, piece, re.compile(r"\s+"), _within_line(piece))


def _at_characters(_: str, piece: _Piece) -> Iterator[_Piece]:
    step = 64  # a run without a space is Chinese, base64 or the like
    for at in range(piece.start, piece.end, step):
        yield _Piece(at, min(at + step, piece.end), _within_line(piece))


def _within_line(piece: _Piece) -> _Reads:
    return _Reads.CODE if piece.reads is _Reads.CODE else _Reads.INLINE


def _cut(answer: str, piece: _Piece, separator: re.Pattern[str], reads: _Reads) -> Iterator[_Piece]:
    ends = [match.end() for match in separator.finditer(answer, piece.start, piece.end)]
    for start, end in pairwise([piece.start, *ends, piece.end]):
        if answer[start:end].strip():
            yield _Piece(start, end, piece.reads if start == piece.start else reads)
