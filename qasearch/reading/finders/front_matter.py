"""One file a question: front matter with `question:`, or a `title:` that the whole file answers.

Also the other fields by their usual names: other wordings, tags, references, an id of one's own,
the answer itself, and lists of questions with their answers. In YAML; of TOML, the fields that are
text.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import yaml

from qasearch.datatypes.entry import Reference, ReferenceKind
from qasearch.reading.document.wording import ends_in_question_mark, looks_like_question
from qasearch.reading.markdown.blocks import TOML, Block, Position
from qasearch.reading.markdown.targets import kind_of

_ALIASES = ("aliases", "alias", "alt_titles", "alternatives", "also_asked")
_TAGS = ("tags", "tag", "keywords", "categories")
_REFERENCES = ("references", "sources", "links", "see_also", "further_reading")
_TARGET, _LABEL = (
    ("url", "href", "link", "uri", "path", "file"),
    ("title", "name", "text", "label", "agency"),
)


Extent = tuple[Position, Position]
"""The first and the last character of a value, in the lines of the file."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A question with its answer in a list of the front matter."""

    question: str
    line: int
    answer: Extent | None


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What the front matter of a file says. "" and () where it says nothing; lines are those of the
    file.
    """

    id: str = ""
    question: str = ""
    title: str = ""
    question_line: int = 0
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    reference_lines: tuple[int, int] = (0, 0)
    answer: Extent | None = None
    pairs: tuple[Pair, ...] = ()


def read(block: Block) -> FrontMatter:
    """The fields of a front-matter block.

    Raises:
        ValueError: it is no YAML mapping; the message is a reason for the user, with the line.
    """
    first = block.line_start + 1
    if block.label == TOML:
        return _read_toml(block.content, first)
    try:
        root = yaml.compose(_printable(block.content), Loader=_loader(block.content))
    except yaml.YAMLError as error:
        in_quotes = "quoted" in (getattr(error, "context", None) or "")  # what is open began there
        mark = getattr(error, "context_mark" if in_quotes else "problem_mark", None)
        line = first + mark.line if mark else block.line_start
        reason = getattr(error, "problem", None) or str(error)
        raise ValueError(f"line {line}: the front matter is not valid YAML: {reason}") from error
    except RecursionError as error:
        raise ValueError(f"line {first}: the front matter is nested too deeply") from error
    if root is None:
        return FrontMatter()
    if not isinstance(root, yaml.MappingNode):
        reason = f"line {first}: the front matter is not a list of `key: value` lines"
        raise ValueError(reason)  # noqa: TRY004 - it is the text that has the wrong form
    fields = {_scalar(key).lower().replace("-", "_"): value for key, value in root.value}
    question, title, name = (fields.get(key) for key in ("question", "title", "name"))
    if name and not title and ends_in_question_mark(_scalar(name)):
        title = name
    if (
        title
        and ends_in_question_mark(_scalar(title))
        and not looks_like_question(_scalar(question))
    ):
        question = title  # `question: B7` is a number
    asked = question or title
    return FrontMatter(
        id=_scalar(fields.get("id")),
        question=_scalar(question),
        title=_scalar(title),
        question_line=first + asked.start_mark.line if asked else 0,
        aliases=tuple(_strings(fields, _ALIASES)),
        tags=tuple(_strings(fields, _TAGS)),
        references=tuple(_references(fields, first)),
        reference_lines=_lines_of(fields, _REFERENCES, first),
        answer=_extent(fields.get("answer"), first),
        pairs=tuple(_pairs(fields.values(), first)),
    )


_FAST: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_OPENERS = 500
_OPENERS = re.compile(r"[\[{]|[-?:]\s")


def _loader(text: str) -> type[yaml.SafeLoader]:
    """The loader written in C, or where text could nest deeply enough to overflow its stack the one
    in Python.
    """
    return _FAST if len(_OPENERS.findall(text)) <= _MAX_OPENERS else yaml.SafeLoader


_Fields = dict[str, yaml.Node]


def _printable(text: str) -> str:
    if text.replace("\n", "").isprintable():
        return text
    return "".join(char if char in "\n\t" or char.isprintable() else " " for char in text)


def _scalar(node: yaml.Node | None) -> str:
    if not isinstance(node, yaml.ScalarNode):
        return ""
    return (
        " ".join(str(node.value).split()).encode("utf-8", "replace").decode()
    )  # an escape may name half a character


def _nodes(fields: _Fields, names: tuple[str, ...]) -> Iterator[yaml.Node]:
    for name in names:
        node = fields.get(name)
        if isinstance(node, yaml.SequenceNode):
            yield from node.value
        elif node is not None:
            yield node


def _lines_of(fields: _Fields, names: tuple[str, ...], first_line: int) -> tuple[int, int]:
    """The first and the last line of the values of these fields."""
    nodes = [fields[name] for name in names if name in fields]
    if not nodes:
        return 0, 0
    ends = [node.end_mark.line - (node.end_mark.column == 0) for node in nodes]
    return first_line + min(node.start_mark.line for node in nodes), first_line + max(ends)


def _extent(node: yaml.Node | None, first_line: int) -> Extent | None:
    """Where the words of a text stand, without quotes and without the `|` of a block."""
    if not isinstance(node, yaml.ScalarNode) or not str(node.value).strip():
        return None
    start, end = node.start_mark, node.end_mark
    if node.style in ("|", ">"):
        last = first_line + end.line - (end.column == 0)
        return Position(first_line + start.line + 1, 1), Position(last, 1 << 30)
    quote = int(node.style in ("'", '"'))
    begin = Position(first_line + start.line, start.column + 1 + quote)
    return begin, Position(first_line + end.line, end.column - quote)


def _pairs(values: Iterable[yaml.Node], first_line: int) -> Iterator[Pair]:
    """The questions of lists such as `faqs:`, whose items have a question and an answer."""
    for item in (
        item for value in values if isinstance(value, yaml.SequenceNode) for item in value.value
    ):
        if isinstance(item, yaml.MappingNode):
            fields = {_scalar(key).lower(): value for key, value in item.value}
            asked = next((fields[name] for name in ("question", "q") if name in fields), None)
            answer = next((fields[name] for name in ("answer", "a") if name in fields), None)
            if asked is not None and answer is not None and _scalar(asked):
                yield Pair(
                    _scalar(asked), first_line + asked.start_mark.line, _extent(answer, first_line)
                )


def _read_toml(content: str, first_line: int) -> FrontMatter:
    try:
        fields = {key.lower(): value for key, value in tomllib.loads(content).items()}
    except tomllib.TOMLDecodeError as error:
        match = re.search(r"line (\d+)", str(error))
        line = first_line + (int(match[1]) - 1 if match else 0)
        reason = f"line {line}: the front matter is not valid TOML: {error}"
        raise ValueError(reason) from error
    texts = {
        key: " ".join(value.split()) if isinstance(value, str) else ""
        for key, value in fields.items()
    }
    key = "question" if texts.get("question") else "title"
    found = re.search(rf"^\s*{key}\s*=", content, re.IGNORECASE | re.MULTILINE)
    lists = {key: value if isinstance(value, list) else [value] for key, value in fields.items()}
    aliases, tags = (
        tuple(
            dict.fromkeys(
                each for name in names for each in lists.get(name, ()) if isinstance(each, str)
            )
        )
        for names in (_ALIASES, _TAGS)
    )
    return FrontMatter(
        id=texts.get("id", ""),
        question=texts.get("question", ""),
        title=texts.get("title", ""),
        question_line=first_line + content.count("\n", 0, found.end()) if found else first_line,
        aliases=aliases,
        tags=tags,
    )


def _strings(fields: _Fields, names: tuple[str, ...]) -> Iterator[str]:
    seen: set[str] = set()
    for text in map(_scalar, _nodes(fields, names)):
        if text and text not in seen:
            seen.add(text)
            yield text


def _references(fields: _Fields, first_line: int) -> Iterator[Reference]:
    for node in _nodes(fields, _REFERENCES):
        line = first_line + node.start_mark.line
        if isinstance(node, yaml.MappingNode):
            values = {_scalar(key).lower(): _scalar(value) for key, value in node.value}
            target = next((values[name] for name in _TARGET if values.get(name)), "")
            text = next((values[name] for name in _LABEL if values.get(name)), "")
            if not target and len(values) == 1:  # `- Title of the page: https://…`
                text, target = next((_scalar(key), _scalar(value)) for key, value in node.value)
        else:
            target = text = _scalar(node)
        if target and (kind := kind_of(target)) is not ReferenceKind.FOOTNOTE:
            yield Reference(text or target, target, kind, line)
