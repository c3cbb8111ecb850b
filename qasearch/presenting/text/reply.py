"""Replies and entries as plain text, for pipes; `terminal` adds what only a terminal can show."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qasearch.datatypes.entry import Entry, Reference, ReferenceKind
from qasearch.datatypes.reply import Hit, Reply, Verdict, verdict_of
from qasearch.presenting.text.markdown import readable
from qasearch.presenting.text.printable import one_line, path_text, visible

NO_ANSWER = "No good answer. The nearest is:"
WEAK = "Not sure, but this may answer it:"
NOT_YET = "This question is in the corpus, but has no answer there yet:"
UNANSWERED = "This question has no answer in the corpus yet."


def reply_text(reply: Reply, cwd: Path) -> str:
    """A reply: the best answer whole with its place and references, then the others in one line
    each.
    """
    if not reply.hits:
        return "No good answer."
    lead = lead_of(reply)
    if reply.verdict is Verdict.NONE:
        return "\n".join([lead, *(runner_up(hit, cwd) for hit in reply.hits)])
    best, *others = reply.hits
    parts = [lead] if lead else []
    parts += [hit_text(best, cwd)]
    if others:
        parts += ["\n".join(["Also:", *(runner_up(hit, cwd) for hit in others)])]
    return "\n\n".join(parts)


def lead_of(reply: Reply) -> str:
    """What is said before the results; "" where the first of them simply answers."""
    if reply.verdict is Verdict.NONE and reply.hits and not reply.hits[0].entry.answered:
        return NOT_YET if verdict_of(reply.hits[0].confidence) is not Verdict.NONE else NO_ANSWER
    return {Verdict.NONE: NO_ANSWER, Verdict.WEAK: WEAK, Verdict.ANSWER: ""}[reply.verdict]


def hit_text(hit: Hit, cwd: Path) -> str:
    """One result whole."""
    head = f"{one_line(hit.entry.question)}\n{place_line(hit.entry, hit.abs_path, cwd)}  {percent(hit.confidence)}"
    return "\n\n".join([head, *_body(hit.entry)])


def entry_text(entry: Entry, abs_path: str, cwd: Path) -> str:
    """One entry whole, as `show` prints it."""
    head = [one_line(entry.question), place_line(entry, abs_path, cwd)]
    head += [f"id: {one_line(entry.id)}"]
    head += [f"also asked as: {'; '.join(map(one_line, entry.aliases))}"] if entry.aliases else []
    head += [f"tags: {', '.join(map(one_line, entry.tags))}"] if entry.tags else []
    head += (
        [f"also in: {', '.join(f'{path_text(each.path)}:{each.line}' for each in entry.also_at)}"]
        if entry.also_at
        else []
    )
    return "\n\n".join(["\n".join(head), *_body(entry)])


def line_text(number: int, use: str, entry_id: str, rule: str, text: str) -> str:
    """A line of a file with what became of it: `number use rule text id`, in columns."""
    shown = visible(text).expandtabs(4)
    shown = shown if len(shown) <= _WIDTH else shown[: _WIDTH - 1] + "…"
    return f"{number:5}  {use:12}  {rule:12}  {shown:{_WIDTH}}  {one_line(entry_id)}".rstrip()


_WIDTH = 72


def place_line(entry: Entry, abs_path: str, cwd: Path) -> str:
    """Where an entry stands: its headings, then `path:line`."""
    return "  ".join(
        [
            *([" › ".join(map(one_line, entry.breadcrumb))] if entry.breadcrumb else []),
            place(entry, abs_path, cwd),
        ]
    )


def place(entry: Entry, abs_path: str, cwd: Path) -> str:
    """`path:line` of an entry, the path relative to `cwd` where it is inside."""
    return f"{path_text(shown_path(abs_path, cwd))}:{entry.line_start}"


def shown_path(abs_path: str, cwd: Path) -> str:
    """A path as short as an editor started in `cwd` still understands."""
    path = Path(abs_path)
    return str(path.relative_to(cwd)) if path.is_relative_to(cwd) else abs_path


def reference_lines(references: Sequence[Reference]) -> list[str]:
    """The references, numbered, with a word where a local target does not exist."""
    return [
        f"[{number}] {reference_line(reference)}"
        for number, reference in enumerate(references, start=1)
    ]


def reference_line(reference: Reference) -> str:
    """One reference: its text and, where that says something else, its target."""
    text, target = one_line(reference.text), one_line(reference.target)
    missing = (
        " (missing)"
        if reference.exists is False and reference.kind is not ReferenceKind.FOOTNOTE
        else ""
    )
    return (
        f"{text}{missing}"
        if text == target or not target
        else f"{text}: {target}{missing}"
        if text
        else f"{target}{missing}"
    )


def runner_up(hit: Hit, cwd: Path) -> str:
    """One result in one line."""
    unanswered = "" if hit.entry.answered else "  (no answer yet)"
    question = one_line(hit.entry.question)
    return f"  {hit.rank}. {percent(hit.confidence):>5}  {question}{unanswered}  {place(hit.entry, hit.abs_path, cwd)}"


def percent(confidence: float) -> str:
    """A confidence as a percentage; never 100 %, for nothing is that sure."""
    return f"{min(99, int(confidence * 100))} %"


def vimgrep(reply: Reply, cwd: Path) -> str:
    """One `path:line:column:question` a result, best first, as editors read compiler messages."""
    return "\n".join(
        f"{place(hit.entry, hit.abs_path, cwd)}:{hit.entry.column_start}:{one_line(hit.entry.question)}"
        for hit in reply.hits
    )


def _body(entry: Entry) -> list[str]:
    answer = (
        readable(entry.answer, entry.column_start).strip("\n") if entry.answered else UNANSWERED
    )
    body = [part for part in (readable(entry.question_body).strip("\n"), answer) if part]
    if entry.references:
        body.append("\n".join(["References", *reference_lines(entry.references)]))
    return body
