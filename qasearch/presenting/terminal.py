"""Replies and entries for a terminal, with rich: the answer rendered, the rest around it in the
same order as `text`.

Imported only when something is shown on a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.markdown import CodeBlock, Markdown
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from qasearch.datatypes.entry import Entry
from qasearch.datatypes.reply import Hit, Reply, Verdict
from qasearch.presenting.text import reply as text
from qasearch.presenting.text.markdown import readable
from qasearch.presenting.text.printable import one_line, visible

MAX_WIDTH = 100
_COLOUR = {Verdict.ANSWER: "green", Verdict.WEAK: "yellow", Verdict.NONE: "red"}


class _CodeBlock(CodeBlock):
    """Code as rich shows it, indented and without a frame of blank lines."""

    def __rich_console__(self, _console: Console, _options: ConsoleOptions) -> RenderResult:
        code = str(self.text).rstrip()
        yield Padding(Syntax(code, self.lexer_name, theme=self.theme, word_wrap=True), (0, 0, 0, 4))


class _Markdown(Markdown):
    """Markdown as rich shows it, after the characters that the parser made of references are
    checked as well.
    """

    elements = {**Markdown.elements, "fence": _CodeBlock, "code_block": _CodeBlock}  # noqa: RUF012 - as in rich

    def __init__(self, markup: str) -> None:
        super().__init__(markup, hyperlinks=False, code_theme="ansi_dark")
        for token in self.parsed:
            for part in (token, *(token.children or ())):
                part.content = visible(part.content)
                part.attrs = {
                    name: visible(v) if isinstance(v, str) else v for name, v in part.attrs.items()
                }


def console(*, stderr: bool = False) -> Console:
    """A console of readable width for standard output or standard error."""
    made = Console(stderr=stderr, highlight=False, soft_wrap=False)
    made.width = min(made.width, MAX_WIDTH)
    return made


def show_reply(reply: Reply, cwd: Path) -> RenderableType:
    """A reply as `text.reply_text` orders it."""
    return Group(*_reply(reply, cwd))


def show_hit(hit: Hit, cwd: Path, colour: str = "green") -> RenderableType:
    """One result whole."""
    place = Text.assemble(
        (text.place_line(hit.entry, hit.abs_path, cwd), "dim"),
        "  ",
        (text.percent(hit.confidence), colour),
    )
    return Group(Text(one_line(hit.entry.question), "bold"), place, *_body(hit.entry))


def show_entry(entry: Entry, abs_path: str, cwd: Path) -> RenderableType:
    """One entry whole."""
    head = text.entry_text(entry, abs_path, cwd).split("\n\n", 1)[0].split("\n")
    return Group(Text(head[0], "bold"), *(Text(line, "dim") for line in head[1:]), *_body(entry))


def show_references(entry: Entry) -> RenderableType:
    """The references of an entry, numbered."""
    return Group(*(Text(line) for line in text.reference_lines(entry.references)))


def _reply(reply: Reply, cwd: Path) -> Iterator[RenderableType]:
    colour = _COLOUR[reply.verdict]
    lead = text.lead_of(reply) if reply.hits else "No good answer."
    if lead:
        yield Text(lead, colour)
    if not reply.hits:
        return
    best, *others = reply.hits
    if reply.verdict is Verdict.NONE:
        others = list(reply.hits)
    else:
        yield show_hit(best, cwd, colour)
        if others:
            yield Text("\nAlso", "bold")
    for hit in others:
        question = one_line(hit.entry.question) + ("" if hit.entry.answered else " (no answer yet)")
        yield Text.assemble(
            f"  {hit.rank}. ", (f"{text.percent(hit.confidence):>5}", "cyan"), f"  {question}  ",
            (text.place(hit.entry, hit.abs_path, cwd), "dim"), overflow="fold",
        )  # fmt: skip


def _body(entry: Entry) -> Iterator[RenderableType]:
    if entry.question_body:
        yield Padding(_Markdown(readable(entry.question_body, escape=True)), (1, 0, 0, 0))
    if entry.answered:
        yield Padding(
            _Markdown(readable(entry.answer, entry.column_start, escape=True)), (1, 0, 0, 0)
        )
    else:
        yield Padding(Text(text.UNANSWERED, "yellow"), (1, 0, 0, 0))
    if entry.references:
        yield Padding(Group(Text("References", "bold"), show_references(entry)), (1, 0, 0, 0))
