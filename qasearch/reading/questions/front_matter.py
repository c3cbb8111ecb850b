"""One file a question: YAML front matter with `question:`, or a `title:` that the whole file answers.

Also the other fields by their usual names: other wordings, tags, references, an id of one's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from qasearch.datatypes import Reference, ReferenceKind
from qasearch.reading.markdown import Block
from qasearch.reading.references import kind_of

RULE = "front_matter"
_ALIASES = ("aliases", "alias", "alt_titles", "alternatives", "also_asked")
_TAGS = ("tags", "tag", "keywords", "categories")
_REFERENCES = ("references", "sources", "links", "see_also", "further_reading")
_TARGET, _LABEL = ("url", "href", "link", "uri", "path", "file"), ("title", "name", "text", "label", "agency")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What the front matter of a file says. "" and () where it says nothing; lines are those of the file."""

    id: str = ""
    question: str = ""
    title: str = ""
    question_line: int = 0
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    reference_lines: tuple[int, int] = (0, 0)
    answer_lines: tuple[int, int] = (0, 0)


def read(block: Block) -> FrontMatter:
    """The fields of a front-matter block.

    Raises:
        ValueError: it is no YAML mapping; the message is a reason for the user, with the line.
    """
    first = block.line_start + 1
    try:
        root = yaml.compose(_printable(block.content), Loader=_loader(block.content))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
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
    asked = fields.get("question") or fields.get("title")
    return FrontMatter(
        id=_scalar(fields.get("id")),
        question=_scalar(fields.get("question")),
        title=_scalar(fields.get("title")),
        question_line=first + asked.start_mark.line if asked else 0,
        aliases=tuple(_strings(fields, _ALIASES)),
        tags=tuple(_strings(fields, _TAGS)),
        references=tuple(_references(fields, first)),
        reference_lines=_lines_of(fields, _REFERENCES, first),
        answer_lines=_lines_of_answer(fields.get("answer"), first),
    )


_FAST: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_OPENERS = 500
_OPENERS = re.compile(r"[\[{]|[-?:]\s")


def _loader(text: str) -> type[yaml.SafeLoader]:
    """The loader written in C, or where text could nest deeply enough to overflow its stack the one in Python."""
    return _FAST if len(_OPENERS.findall(text)) <= _MAX_OPENERS else yaml.SafeLoader


_Fields = dict[str, yaml.Node]


def _printable(text: str) -> str:
    return "".join(char if char in "\n\t" or char.isprintable() else " " for char in text)


def _scalar(node: yaml.Node | None) -> str:
    if not isinstance(node, yaml.ScalarNode):
        return ""
    return " ".join(str(node.value).split()).encode("utf-8", "replace").decode()  # an escape may name half a character


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


def _lines_of_answer(node: yaml.Node | None, first_line: int) -> tuple[int, int]:
    """The lines of an answer that the front matter holds, without the `|` of a block."""
    if not isinstance(node, yaml.ScalarNode) or not str(node.value).strip():
        return 0, 0
    start, end = _lines_of({"answer": node}, ("answer",), first_line)
    return (start + 1 if node.style in ("|", ">") else start), end


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
