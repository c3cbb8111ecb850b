"""Replies and entries as plain text, for pipes.

`terminal` shows the same in the same order with colours, and takes every sentence from here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from qasearch.datatypes.entry import Entry, Reference, ReferenceKind
from qasearch.datatypes.reply import Gap, GapKind, Hit, Mention, Reply, Verdict
from qasearch.presenting.text.markdown import readable
from qasearch.presenting.text.numbers import percent
from qasearch.presenting.text.printable import one_line, path_text

NO_GOOD_ANSWER = "No good answer."
NO_SURE_ANSWER = "No sure answer."
NEAREST = "Nearest:"
UNANSWERED = "This question has no answer in the corpus yet."
RUNNERS_UP = "Also:"
REFERENCES = "References"


def reply_text(reply: Reply, cwd: Path) -> str:
    """The best answer whole with its place and references, then the other hits in one line each.

    Without one that is shown whole, every hit has one line; a mention stands above them.
    """
    sentence = verdict_sentence(reply)
    parts = [sentence] if sentence else []
    if reply.gap and reply.gap.mention:
        mention = reply.gap.mention
        shown = marked(mention_sentence(mention), mention.words)
        parts.append(f"{mention_head(mention, cwd)}\n{shown}")
    title, listed = NEAREST, list(reply.hits)
    if shows_best_whole(reply):
        best, *listed = reply.hits
        title = RUNNERS_UP
        parts.append(hit_text(best, cwd))
    if listed:
        parts.append("\n".join([title, *(hit_line(hit, cwd) for hit in listed)]))
    return "\n\n".join(parts)


def shows_best_whole(reply: Reply) -> bool:
    """Whether the best hit is shown whole: it is an answer, or on the subject."""
    is_related = reply.gap is None or reply.gap.kind is GapKind.RELATED
    return is_related and bool(reply.hits)


def verdict_sentence(reply: Reply) -> str:
    """What is said before the hits: what is missing; "" where the first hit answers the
    question.
    """
    if reply.gap is None:
        return ""
    nearest = " Nearest on the subject:" if shows_best_whole(reply) else ""
    return f"{_what_is_missing(reply.verdict, reply.gap)}{nearest}"


def _what_is_missing(verdict: Verdict, gap: Gap) -> str:
    opening = NO_GOOD_ANSWER if verdict is Verdict.NONE else NO_SURE_ANSWER
    return f"{opening} {one_line(gap.sentence)}"


def mention_head(mention: Mention, cwd: Path) -> str:
    """Where something is mentioned."""
    return f"Mentioned in '{one_line(mention.entry.question)}'  {_place_of_mention(mention, cwd)}"


def mention_sentence(mention: Mention) -> str:
    """The sentence of a mention, its words not marked yet."""
    return f"  {one_line(mention.text)}"


def _place_of_mention(mention: Mention, cwd: Path) -> str:
    return f"{path_text(short_path(mention.abs_path, cwd))}:{mention.line}"


def marked(text: str, words: Sequence[str]) -> str:
    """The text with these words between pairs of asterisks, as in Markdown."""
    return word_pattern(words).sub(lambda match: f"**{match[0]}**", text)


def word_pattern(words: Sequence[str]) -> re.Pattern[str]:
    """Matches each of the words where it stands alone."""
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")


def hit_text(hit: Hit, cwd: Path) -> str:
    """One hit whole."""
    place = f"{place_line(hit.entry, hit.abs_path, cwd)}  {percent(hit.confidence)}"
    return "\n\n".join([f"{one_line(hit.entry.question)}\n{place}", *_body(hit.entry)])


def hit_line(hit: Hit, cwd: Path) -> str:
    """One hit in one line."""
    where = place(hit.entry, hit.abs_path, cwd)
    return f"  {hit.rank}. {percent(hit.confidence):>5}  {question_line(hit.entry)}  {where}"


def entry_text(entry: Entry, abs_path: str, cwd: Path) -> str:
    """One entry whole, as `qasearch show` prints it."""
    return "\n\n".join(["\n".join(entry_head(entry, abs_path, cwd)), *_body(entry)])


def entry_head(entry: Entry, abs_path: str, cwd: Path) -> list[str]:
    """The lines above the answer of an entry: question, place, id, and what else there is."""
    head = [
        one_line(entry.question),
        place_line(entry, abs_path, cwd),
        f"id: {one_line(entry.id)}",
    ]
    if entry.aliases:
        head.append(f"also asked as: {'; '.join(map(one_line, entry.aliases))}")
    if entry.tags:
        head.append(f"tags: {', '.join(map(one_line, entry.tags))}")
    if entry.also_at:
        places = (f"{path_text(copy.path)}:{copy.line}" for copy in entry.also_at)
        head.append(f"also in: {', '.join(places)}")
    return head


def question_line(entry: Entry) -> str:
    """The question on one line, with a remark if it has no answer."""
    return one_line(entry.question) + ("" if entry.answered else "  (no answer yet)")


def place_line(entry: Entry, abs_path: str, cwd: Path) -> str:
    """Where an entry is: its headings, then `path:line`."""
    headings = " › ".join(map(one_line, entry.breadcrumb))
    where = place(entry, abs_path, cwd)
    return f"{headings}  {where}" if headings else where


def place(entry: Entry, abs_path: str, cwd: Path) -> str:
    """`path:line` of the answer, the path relative to `cwd` where it is inside."""
    return f"{path_text(short_path(abs_path, cwd))}:{entry.line_start}"


def short_path(abs_path: str, cwd: Path) -> str:
    """The path relative to `cwd` where it is inside: an editor started there can open it."""
    path = Path(abs_path)
    return str(path.relative_to(cwd)) if path.is_relative_to(cwd) else abs_path


def reference_lines(references: Sequence[Reference]) -> list[str]:
    """The references, numbered, each with a remark if its local target does not exist."""
    return [
        f"[{number}] {_reference_text(reference)}"
        for number, reference in enumerate(references, start=1)
    ]


def vimgrep(reply: Reply, cwd: Path) -> str:
    """One `path:line:column:question` for each hit, best first, as compilers print messages.

    Without an answer, a line without a place says so first; editors show it as text. A mention has
    the next line.
    """
    lines = [_what_is_missing(reply.verdict, reply.gap)] if reply.gap else []
    if reply.gap and (mention := reply.gap.mention):
        lines.append(f"{_place_of_mention(mention, cwd)}:1:{one_line(mention.text)}")
    lines += [
        f"{place(hit.entry, hit.abs_path, cwd)}:{hit.entry.column_start}:"
        f"{one_line(hit.entry.question)}"
        for hit in reply.hits
    ]
    return "\n".join(lines)


def _reference_text(reference: Reference) -> str:
    """The text of a reference and, where it says something else, the target."""
    text, target = one_line(reference.text), one_line(reference.target)
    is_missing = reference.exists is False and reference.kind is not ReferenceKind.FOOTNOTE
    parts = dict.fromkeys(part for part in (text, target) if part)
    return ": ".join(parts) + (" (missing)" if is_missing else "")


def _body(entry: Entry) -> list[str]:
    """What is shown below the head of an entry, a paragraph each."""
    question = readable(entry.question_body).strip("\n")
    answer = readable(entry.answer, entry.column_start).strip("\n")
    body = [part for part in (question, answer if entry.answered else UNANSWERED) if part]
    if entry.references:
        body.append("\n".join([REFERENCES, *reference_lines(entry.references)]))
    return body
