"""The text of one Markdown file to its entries. Pure: the same text at the same path gives the same entries."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from qasearch.datatypes import Document, Entry, Problem, Reference
from qasearch.reading.markdown import Block, BlockKind, anchors, parse
from qasearch.reading.questions import Mark, Outline, Span, find_marks, front_matter, sections, spans
from qasearch.reading.questions.front_matter import FrontMatter
from qasearch.reading.references import find_references
from qasearch.reading.wording import looks_like_question


def read_document(text: str, path: str) -> Document:
    """The entries of a Markdown text in the order of their lines, for a file at `path` of a corpus.

    Never raises: broken front matter is reported in `problems`, and the text below it is read as it is.
    """
    lines, blocks = parse(text)
    problems: list[Problem] = []
    fields = FrontMatter()
    head = blocks[0] if blocks and blocks[0].kind is BlockKind.FRONT_MATTER else None
    if head:
        try:
            fields = front_matter.read(head)
        except ValueError as error:
            line, reason = _line_and_reason(str(error))
            problems.append(Problem(path, line, reason))
    references = find_references(blocks)
    outline = Outline(lines, blocks, fields.title or _title(path))
    if _is_one_question(fields, outline):
        entries = [_whole_file(fields, outline, head, references, path)]
    else:
        found = spans(outline, find_marks(outline))
        entries = [replace(_entry(span, outline, references, path), tags=fields.tags) for span in found]
    entries = _with_ids(entries, path)
    declared = {entries[0].id: fields.id} if fields.id and len(entries) == 1 else {}
    return Document(path, tuple(entries), anchors(blocks), tuple(problems), declared)


def slugify(text: str) -> str:
    """Text as part of an id: letters and digits of any script in lower case, everything else one hyphen."""
    return re.sub(r"[\W_]+", "-", text.lower()).strip("-")


def _line_and_reason(message: str) -> tuple[int, str]:
    line, _, reason = message.removeprefix("line ").partition(": ")
    return int(line), reason


def _title(path: str) -> str:
    return re.sub(r"[-_]+", " ", PurePosixPath(path).stem).strip() or path


def _is_one_question(fields: FrontMatter, outline: Outline) -> bool:
    if fields.question:
        return True
    if not fields.title:
        return False
    if looks_like_question(fields.title):
        return True
    marks = find_marks(outline)
    return len(marks) == 1 and marks[0].rule == sections.SECTION and len(outline.sections) < 3


def _whole_file(
    fields: FrontMatter, outline: Outline, head: Block | None, references: Sequence[Reference], path: str
) -> Entry:
    body_start = head.line_end + 1 if head else 1
    mark = Mark(front_matter.RULE, fields.question or fields.title, fields.question_line, body_start, 0, ())
    span = spans(Outline(outline.lines, [], outline.title), [mark])[0]
    entry = _entry(span, outline, references, path)
    if not entry.answered and fields.references:  # its sources answer it, where they stand
        start, end = fields.reference_lines
        answer = "\n".join(outline.lines[start - 1 : end])
        entry = replace(entry, answered=True, answer=answer, line_start=start, line_end=end)
    return replace(
        entry,
        aliases=tuple(alias for alias in fields.aliases if alias != entry.question),
        tags=fields.tags,
        references=(*fields.references, *entry.references),
    )


def _entry(span: Span, outline: Outline, references: Sequence[Reference], path: str) -> Entry:
    mark, start, end = span.mark, span.line_start, span.line_end
    question_end = max(mark.line, mark.body_start - 1)
    has_body = end >= start
    inside = _between(references, mark.line, end if has_body else question_end)
    answered = has_body or bool(inside)
    if not has_body:  # a question that has only links is answered by them, where they stand
        start, end = mark.line, question_end
    return Entry(
        id="",
        question=mark.question,
        aliases=(),
        answer="\n".join(outline.lines[start - 1 : end]) if answered else "",
        answered=answered,
        breadcrumb=mark.breadcrumb,
        tags=(),
        references=inside,
        path=path,
        line_start=start,
        line_end=end,
        question_line=mark.line,
        rule=mark.rule,
    )


def _between(references: Sequence[Reference], first: int, last: int) -> tuple[Reference, ...]:
    low = bisect_left(references, first, key=lambda reference: reference.line)
    high = bisect_right(references, last, key=lambda reference: reference.line)
    return tuple(references[low:high])


def _with_ids(entries: Sequence[Entry], path: str) -> list[Entry]:
    """Entries with ids that edits elsewhere do not change: `path#question`, or the path for a file with one entry.

    Where a file asks the same question several times, each id also carries a digest of what stands there.
    """
    base = path.removesuffix(".md")
    if len(entries) == 1 and entries[0].rule == front_matter.RULE:
        return [replace(entries[0], id=base)]
    slugs = [slugify(entry.question)[:80].strip("-") or "entry" for entry in entries]
    counts = Counter(slugs)
    used: Counter[str] = Counter()
    result = []
    for entry, slug in zip(entries, slugs, strict=True):
        name = slug
        if counts[slug] > 1:
            content = f"{' '.join(entry.breadcrumb)}\n{entry.answer}".encode("utf-8", "surrogatepass")
            name = f"{slug}.{hashlib.sha256(content).hexdigest()[:6]}"
        used[name] += 1
        if used[name] > 1:  # the very same pair again
            name = f"{name}.{used[name]}"
        result.append(replace(entry, id=f"{base}#{name}"))
    return result
