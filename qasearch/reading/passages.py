"""An entry to the passages that get vectors: its question, each alias, and pieces of its answer.

Answers are cut at the ends of blocks, then of lines, then of sentences, so that each piece fits the model's
window; code and tables stay whole where they fit. Tokens are counted by the caller's own tokenizer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qasearch.datatypes import Entry, Passage, PassageKind

CountTokens = Callable[[Sequence[str]], Sequence[int]]
"""Texts to the number of tokens of each, without the model's special tokens."""

_SPECIAL_TOKENS = 2
_MIN_BUDGET = 32
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]*_]*\s+|(?<=[。！？])")
_FENCE = re.compile(r"^\s*(?:>\s*)*(`{3,}|~{3,})")


def make_passages(entry: Entry, count_tokens: CountTokens, max_tokens: int) -> list[Passage]:
    """The passages of an entry: the question, its aliases, the pieces of its answer in order.

    Every answer passage's `text` is a slice of the answer, and no word of the answer is in none of them.
    `embedded` holds at most `max_tokens` tokens with the model's two special ones, except where one single
    word is longer. An entry answered only by the links in its question has no answer passages.
    """
    line = entry.question_line
    passages = [Passage(PassageKind.QUESTION, entry.question, entry.question, line, line)]
    passages += [Passage(PassageKind.ALIAS, alias, alias, line, line) for alias in entry.aliases]
    if entry.answered and entry.line_start != entry.question_line and entry.answer:
        context_tokens = count_tokens([entry.question])[0]
        budget = max_tokens - _SPECIAL_TOKENS - context_tokens
        context = entry.question + "\n" if budget >= _MIN_BUDGET else ""
        budget = budget if context else max_tokens - _SPECIAL_TOKENS
        for piece in _pack(_fit(entry.answer, _blocks(entry.answer), count_tokens, budget), budget):
            first = entry.line_start + entry.answer.count("\n", 0, piece.start)
            text = entry.answer[piece.start : piece.end]
            last = first + text.rstrip("\n").count("\n")
            if plain := plain_text(text):
                passages.append(Passage(PassageKind.ANSWER, text, context + plain, first, last))
    return passages


_IMAGE_OR_LINK = re.compile(r"!?\[((?:[^\[\]\\]|\\.)*)\](?:\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)|\[[^\]]*\])")
_HTML = re.compile(r"</?[a-z][^<>]*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_LINE_MARKUP = re.compile(
    r"^\s*(?:>\s?)*(?:#{1,6}\s+|[-*+]\s+(?:\[[ xX]\]\s+)?|(?:`{3,}|~{3,}).*$|[|:\s-]+$)?", re.MULTILINE
)
_EMPHASIS = re.compile(r"(?<!\w)(?:\*{1,3}|_{1,3})(?=\S)|(?<=\S)(?:\*{1,3}|_{1,3})(?!\w)|`+")


def plain_text(markdown: str) -> str:
    """Markdown as the words that a reader sees, on one line: for the encoder, not for showing."""
    text = _HTML.sub(" ", _IMAGE_OR_LINK.sub(r"\1", markdown))
    text = _EMPHASIS.sub("", _LINE_MARKUP.sub("", text)).replace("|", " ")
    return " ".join(text.split())


@dataclass(frozen=True, slots=True)
class _Piece:
    """The characters `start` to `end` (half open) of an answer, and the tokens of their plain text."""

    start: int
    end: int
    tokens: int = 0


def _blocks(answer: str) -> list[_Piece]:
    """The answer cut at blank lines outside code fences, without the blank lines."""
    pieces: list[_Piece] = []
    start: int | None = None
    position = 0
    fence = ""
    for line in answer.splitlines(keepends=True):
        match = _FENCE.match(line)
        if match and (not fence or line.strip().startswith(fence)):
            fence = "" if fence else match[1]
        if line.strip() or fence:
            start = position if start is None else start
        elif start is not None:
            pieces.append(_Piece(start, position))
            start = None
        position += len(line)
    if start is not None:
        pieces.append(_Piece(start, len(answer)))
    return pieces


def _fit(answer: str, pieces: Sequence[_Piece], count_tokens: CountTokens, budget: int) -> list[_Piece]:
    """Pieces of at most `budget` tokens: too long ones cut at line ends, then sentence ends, then spaces."""
    for cut in (None, _at_lines, _at_sentences, _at_spaces, _at_characters):
        if cut:
            pieces = [part for piece in pieces for part in (cut(answer, piece) if piece.tokens > budget else [piece])]
        unknown = [piece for piece in pieces if not piece.tokens]
        counts = iter(
            count_tokens([plain_text(answer[piece.start : piece.end]) for piece in unknown]) if unknown else ()
        )
        pieces = [piece if piece.tokens else _Piece(piece.start, piece.end, max(1, next(counts))) for piece in pieces]
        if cut:
            pieces = _pack(pieces, budget)
        if all(piece.tokens <= budget for piece in pieces):
            break
    return list(pieces)


def _pack(pieces: Sequence[_Piece], budget: int) -> list[_Piece]:
    """Neighbouring pieces joined while they fit together."""
    packed: list[_Piece] = []
    for piece in pieces:
        if packed and packed[-1].tokens + piece.tokens <= budget:
            packed[-1] = _Piece(packed[-1].start, piece.end, packed[-1].tokens + piece.tokens)
        else:
            packed.append(piece)
    return packed


def _at_lines(answer: str, piece: _Piece) -> list[_Piece]:
    return _cut(answer, piece, re.compile(r"\n"))


def _at_sentences(answer: str, piece: _Piece) -> list[_Piece]:
    return _cut(answer, piece, _SENTENCE_END)


def _at_spaces(answer: str, piece: _Piece) -> list[_Piece]:
    return _cut(answer, piece, re.compile(r"\s+"))


def _at_characters(_: str, piece: _Piece) -> list[_Piece]:
    step = 64  # a run without a space is Chinese, base64 or the like
    return [_Piece(at, min(at + step, piece.end)) for at in range(piece.start, piece.end, step)]


def _cut(answer: str, piece: _Piece, separator: re.Pattern[str]) -> list[_Piece]:
    ends = [match.end() for match in separator.finditer(answer, piece.start, piece.end)]
    bounds = [piece.start, *ends, piece.end]
    return [_Piece(start, end) for start, end in pairwise(bounds) if answer[start:end].strip()]
