"""Replies and entries as plain text, for pipes.

`terminal` shows the same in the same order with colours, and takes every sentence from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qasearch.datatypes.entry import Entry, Reference, ReferenceKind
from qasearch.datatypes.reply import Hit, Reply, Verdict, verdict_of
from qasearch.presenting.text.markdown import readable
from qasearch.presenting.text.numbers import percent
from qasearch.presenting.text.printable import one_line, path_text

NOTHING_FOUND = "No good answer."
NO_GOOD_ANSWER = "No good answer. The nearest is:"
WEAK_ANSWER = "Not sure, but this may answer it:"
ASKED_BUT_UNANSWERED = "This question is in the corpus, but has no answer there yet:"
UNANSWERED = "This question has no answer in the corpus yet."
RUNNERS_UP = "Also:"
REFERENCES = "References"


def reply_text(reply: Reply, cwd: Path) -> str:
    """The best answer whole with its place and references, then the other hits in one line each.

    Without a good answer, every hit has one line.
    """
    sentence = verdict_sentence(reply)
    if reply.verdict is Verdict.NONE or not reply.hits:
        return "\n".join([sentence, *(hit_line(hit, cwd) for hit in reply.hits)])
    best, *runners_up = reply.hits
    parts = [sentence] if sentence else []
    parts.append(hit_text(best, cwd))
    if runners_up:
        parts.append("\n".join([RUNNERS_UP, *(hit_line(hit, cwd) for hit in runners_up)]))
    return "\n\n".join(parts)


def verdict_sentence(reply: Reply) -> str:
    """What is said before the hits; "" where the first hit simply answers the question."""
    if not reply.hits:
        return NOTHING_FOUND
    if reply.verdict is Verdict.ANSWER:
        return ""
    if reply.verdict is Verdict.WEAK:
        return WEAK_ANSWER
    best = reply.hits[0]
    if not best.entry.answered and verdict_of(best.confidence) is not Verdict.NONE:
        return ASKED_BUT_UNANSWERED
    return NO_GOOD_ANSWER


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
    """One `path:line:column:question` for each hit, best first, as compilers print messages."""
    return "\n".join(
        f"{place(hit.entry, hit.abs_path, cwd)}:{hit.entry.column_start}:"
        f"{one_line(hit.entry.question)}"
        for hit in reply.hits
    )


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
