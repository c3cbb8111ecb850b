"""Replies and entries for a terminal: the order and the words of `text.reply`, drawn by rich.

Imported only when something is shown on a terminal, because rich takes long to load.
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
from qasearch.presenting.text.numbers import percent
from qasearch.presenting.text.printable import one_line, visible

MAX_WIDTH = 100
"""Columns; longer lines are hard to read."""

_BLANK_ABOVE = (1, 0, 0, 0)
_INDENTED = (0, 0, 0, 4)
_COLOURS = {Verdict.ANSWER: "green", Verdict.WEAK: "yellow", Verdict.NONE: "red"}


class _CodeBlock(CodeBlock):
    """A block of code that is indented; rich would put a frame of blank lines around it."""

    def __rich_console__(self, _console: Console, _options: ConsoleOptions) -> RenderResult:
        code = str(self.text).rstrip()
        syntax = Syntax(code, self.lexer_name, theme=self.theme, word_wrap=True)
        yield Padding(syntax, _INDENTED)


class _Markdown(Markdown):
    """Markdown that is made safe to print after it was parsed.

    The parser makes characters of references such as `&#x202e;`, so checking its input is not
    enough.
    """

    elements = {  # noqa: RUF012 - as in rich
        **Markdown.elements,
        "fence": _CodeBlock,
        "code_block": _CodeBlock,
    }

    def __init__(self, markup: str) -> None:
        super().__init__(markup, hyperlinks=False, code_theme="ansi_dark")
        for block in self.parsed:
            for token in (block, *(block.children or ())):
                token.content = visible(token.content)
                token.attrs = {
                    name: visible(value) if isinstance(value, str) else value
                    for name, value in token.attrs.items()
                }


def console(*, stderr: bool = False) -> Console:
    """A console of at most `MAX_WIDTH` columns for standard output, or for standard error."""
    result = Console(stderr=stderr, highlight=False, soft_wrap=False)
    result.width = min(result.width, MAX_WIDTH)
    return result


def show_reply(reply: Reply, cwd: Path) -> RenderableType:
    """A reply as `text.reply.reply_text` orders it."""
    return Group(*_reply(reply, cwd))


def show_hit(hit: Hit, cwd: Path, colour: str = "green") -> RenderableType:
    """One hit whole; its confidence has this colour."""
    place = Text.assemble(
        (text.place_line(hit.entry, hit.abs_path, cwd), "dim"),
        "  ",
        (percent(hit.confidence), colour),
    )
    return Group(Text(one_line(hit.entry.question), "bold"), place, *_body(hit.entry))


def show_entry(entry: Entry, abs_path: str, cwd: Path) -> RenderableType:
    """One entry whole."""
    question, *details = text.entry_head(entry, abs_path, cwd)
    return Group(Text(question, "bold"), *(Text(line, "dim") for line in details), *_body(entry))


def show_references(entry: Entry) -> RenderableType:
    """The references of an entry, numbered."""
    return Group(*(Text(line) for line in text.reference_lines(entry.references)))


def _reply(reply: Reply, cwd: Path) -> Iterator[RenderableType]:
    colour = _COLOURS[reply.verdict]
    sentence = text.verdict_sentence(reply)
    if sentence:
        yield Text(sentence, colour)
    if reply.gap and (mention := reply.gap.mention):
        shown = Text(text.mention_sentence(mention))
        shown.highlight_regex(text.word_pattern(mention.words), "bold yellow")
        head = Text(text.mention_head(mention, cwd), "dim")
        yield Padding(Group(head, shown), _BLANK_ABOVE)
    title, listed = text.NEAREST, list(reply.hits)
    if text.shows_best_whole(reply):
        best, *listed = reply.hits
        title = text.RUNNERS_UP
        yield show_hit(best, cwd, colour)
    if listed:
        yield Padding(Text(title, "bold"), _BLANK_ABOVE)
        yield from (_hit_line(hit, cwd) for hit in listed)


def _hit_line(hit: Hit, cwd: Path) -> Text:
    """One hit in one line, as `text.reply.hit_line` writes it."""
    return Text.assemble(
        f"  {hit.rank}. ",
        (f"{percent(hit.confidence):>5}", "cyan"),
        f"  {text.question_line(hit.entry)}  ",
        (text.place(hit.entry, hit.abs_path, cwd), "dim"),
        overflow="fold",
    )


def _body(entry: Entry) -> Iterator[RenderableType]:
    """What is shown below the head of an entry, with a blank line above each part."""
    if entry.question_body:
        yield Padding(_Markdown(readable(entry.question_body, escape=True)), _BLANK_ABOVE)
    if entry.answered:
        answer = readable(entry.answer, entry.column_start, escape=True)
        yield Padding(_Markdown(answer), _BLANK_ABOVE)
    else:
        yield Padding(Text(text.UNANSWERED, "yellow"), _BLANK_ABOVE)
    if entry.references:
        references = Group(Text(text.REFERENCES, "bold"), show_references(entry))
        yield Padding(references, _BLANK_ABOVE)
