"""The front matter of a file: a question or a title, other wordings, tags, references, an id.

Fields are known by their usual names. In YAML; in TOML, only texts and lists of texts are read.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import yaml

from qasearch.datatypes.entry import Reference
from qasearch.datatypes.flavour import Flavour
from qasearch.reading.document.asking import ends_in_question_mark, looks_like_question
from qasearch.reading.document.tags import clean_tag
from qasearch.reading.markdown.blocks import END_OF_LINE, TOML, Block, Position
from qasearch.reading.markdown.targets import kind_of

_ALIASES = ("aliases", "alias", "alt_titles", "alternatives", "also_asked")
_TAGS = ("tags", "tag", "keywords", "categories")
_REFERENCES = ("references", "sources", "links", "see_also", "further_reading")
_DESCRIPTIONS = ("description", "summary", "excerpt", "abstract", "subtitle")
_YES, _NO = ("true", "yes", "on"), ("false", "no", "off")
_TARGETS = ("url", "href", "link", "uri", "path", "file")
_LABELS = ("title", "name", "text", "label", "agency")

_FAST_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_OPENERS = re.compile(r"[\[{]|[-?:]\s")
_MAX_OPENERS = 500
"""Text with more signs that open a level can nest deeply enough to overflow the stack of the loader
written in C. Then the loader in Python reads it, which raises an exception instead."""

_TOML_LINE = re.compile(r"line (\d+)")

_YAML_NULL = "tag:yaml.org,2002:null"
_OLD_ADDRESS = re.compile(r"(?:https?://|\.{0,2}/)\S*$|[^\s/]+(?:/[^\s/]+)*/$|\S+/\S+\.html?$")
"""Other addresses of the page, which `aliases` means in Hugo and elsewhere."""

_PARTS_TAGS_AT_SPACES = frozenset({Flavour.JEKYLL, Flavour.OBSIDIAN, Flavour.LOGSEQ})

_Fields = dict[str, yaml.Node]


class InvalidFrontMatter(Exception):
    """Front matter that cannot be read.

    `line` is a line of the file, `reason` says to the user what is wrong there.
    """

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of a field: whether it is an item of a list, and whether it stands in quotes."""

    text: str
    field: str
    in_list: bool
    quoted: bool


@dataclass(frozen=True, slots=True)
class Extent:
    """The first and the last character of a value, in the lines of the file."""

    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class Pair:
    """A question with its answer in a list of the front matter; None for an empty answer."""

    question: str
    line: int
    answer: Extent | None


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What the front matter of a file says; "", () and None where it says nothing.

    Attributes:
        id: the id that the file declares.
        question: the question that the file answers.
        title: the title of the file.
        question_line: the line of the question, else of the title.
        aliases: other wordings of the question.
        tags: the tags of the file.
        references: the sources of the answer.
        sources: the lines of these references.
        answer: the answer itself.
        pairs: the questions with answers that it lists.
        description: what the page is about, in a few words.
        is_draft: whether the author has not published the page.
    """

    id: str = ""
    question: str = ""
    title: str = ""
    question_line: int = 0
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    sources: Extent | None = None
    answer: Extent | None = None
    pairs: tuple[Pair, ...] = ()
    description: Extent | None = None
    is_draft: bool = False


def read_front_matter(block: Block, flavour: Flavour = Flavour.PLAIN) -> FrontMatter:
    """The fields of a block of front matter.

    Raises:
        InvalidFrontMatter: it is not valid YAML or TOML, or no mapping.
    """
    first = block.line_start + 1
    if block.label == TOML:
        return _read_toml(block.content, first, flavour)
    root = _compose(block)
    if root is None:
        return FrontMatter()
    if not isinstance(root, yaml.MappingNode):
        raise InvalidFrontMatter(first, "the front matter is not a list of `key: value` lines")
    fields = {_scalar(key).lower().replace("-", "_"): value for key, value in root.value}
    question, title = _question_and_title(fields)
    subject = question or title
    references = tuple(_references(fields, first))
    return FrontMatter(
        id=_scalar(fields.get("id")),
        question=_scalar(question),
        title=_scalar(title),
        question_line=first + subject.start_mark.line if subject else 0,
        aliases=_aliases(_texts(fields, _ALIASES), flavour),
        tags=_tags(_texts(fields, _TAGS), flavour),
        references=references,
        sources=_lines_of(fields, _REFERENCES, first) if references else None,
        answer=_extent(fields.get("answer"), first),
        pairs=tuple(_pairs(fields.values(), first)),
        description=_description(fields, first),
        is_draft=_is_draft({key: _scalar(value) for key, value in fields.items()}),
    )


def _description(fields: _Fields, first_line: int) -> Extent | None:
    """Where the first of the texts stands that say what the page is about."""
    nodes = (fields.get(name) for name in _DESCRIPTIONS)
    return _extent(next((node for node in nodes if _scalar(node)), None), first_line)


def _is_draft(texts: Mapping[str, str]) -> bool:
    """Whether `draft: true` (Hugo, Docusaurus) or `published: false` (Jekyll) hides the page."""
    return texts.get("draft", "").lower() in _YES or texts.get("published", "").lower() in _NO


def _compose(block: Block) -> yaml.Node | None:
    first = block.line_start + 1
    is_flat = len(_OPENERS.findall(block.content)) <= _MAX_OPENERS
    loader = _FAST_LOADER if is_flat else yaml.SafeLoader
    try:
        root: yaml.Node | None = yaml.compose(_printable(block.content), Loader=loader)
    except yaml.YAMLError as error:
        # Quotes that are not closed are to blame where they open, anything else where it is found.
        in_quotes = "quoted" in (getattr(error, "context", None) or "")
        mark = getattr(error, "context_mark" if in_quotes else "problem_mark", None)
        line = first + mark.line if mark else block.line_start
        reason = getattr(error, "problem", None) or str(error)
        raise InvalidFrontMatter(line, f"the front matter is not valid YAML: {reason}") from error
    except RecursionError as error:
        raise InvalidFrontMatter(first, "the front matter is nested too deeply") from error
    return root


def _printable(text: str) -> str:
    """Text with spaces for the characters that YAML forbids."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(char if char in "\n\t" or char.isprintable() else " " for char in text)


def _question_and_title(fields: _Fields) -> tuple[yaml.Node | None, yaml.Node | None]:
    """The question and the title; a title that asks is the question, unless `question` asks."""
    question, title, name = (fields.get(key) for key in ("question", "title", "name"))
    if name and not title and ends_in_question_mark(_scalar(name)):
        title = name
    title_asks = title is not None and ends_in_question_mark(_scalar(title))
    if title_asks and not looks_like_question(_scalar(question)):
        question = title  # `question: B7` is a number
    return question, title


def _scalar(node: yaml.Node | None) -> str:
    """The text of a value on one line; "" if it is a list, a mapping or missing."""
    if not isinstance(node, yaml.ScalarNode):
        return ""
    # An escape such as "\ud800" names half a character, which UTF-8 does not have.
    return " ".join(str(node.value).split()).encode("utf-8", "replace").decode()


def _nodes(fields: _Fields, names: tuple[str, ...]) -> Iterator[yaml.Node]:
    """The values of the fields with these names, one by one."""
    for name in names:
        node = fields.get(name)
        if isinstance(node, yaml.SequenceNode):
            yield from node.value
        elif node is not None:
            yield node


def _texts(fields: _Fields, names: tuple[str, ...]) -> Iterator[_Text]:
    """The texts in the fields with these names; `tags: null` is none."""
    for name in names:
        value = fields.get(name)
        in_list = isinstance(value, yaml.SequenceNode)
        for node in _nodes(fields, (name,)):
            text = _scalar(node)
            if text and node.tag != _YAML_NULL:
                quoted = isinstance(node, yaml.ScalarNode) and node.style in ("'", '"')
                yield _Text(text, name, in_list, quoted)


def _tags(texts: Iterable[_Text], flavour: Flavour) -> tuple[str, ...]:
    """The tags, each once. A text that is no item of a list can be a list with commas.

    Jekyll, Obsidian and Logseq also part `tags` at spaces.
    """
    tags: list[str] = []
    for text in texts:
        parts = [text.text] if text.in_list else text.text.split(",")
        by_spaces = flavour in _PARTS_TAGS_AT_SPACES and text.field in ("tags", "categories")
        is_hashtags = all(word.startswith("#") for word in text.text.split())
        if not text.in_list and len(parts) == 1 and (by_spaces or is_hashtags):
            parts = text.text.split()
        tags += map(clean_tag, parts)
    return tuple(dict.fromkeys(filter(None, tags)))


def _aliases(texts: Iterable[_Text], flavour: Flavour) -> tuple[str, ...]:
    """The other wordings, each once; old addresses are none."""
    wordings: list[str] = []
    for text in texts:
        if flavour is Flavour.HUGO and text.field in ("aliases", "alias"):
            continue
        is_one = ends_in_question_mark(text.text) and "?," not in text.text
        is_list = not (text.in_list or text.quoted or is_one)
        parts = text.text.split(",") if is_list else [text.text]
        wordings += (part.strip() for part in parts if not _OLD_ADDRESS.match(part.strip()))
    return tuple(dict.fromkeys(filter(None, wordings)))


def _lines_of(fields: _Fields, names: tuple[str, ...], first_line: int) -> Extent | None:
    """The whole lines from the first to the last value of the fields with these names."""
    nodes = [fields[name] for name in names if name in fields]
    if not nodes:
        return None
    start = first_line + min(node.start_mark.line for node in nodes)
    end = first_line + max(map(_last_line, nodes))
    return Extent(Position(start, 1), Position(end, END_OF_LINE))


def _last_line(node: yaml.Node) -> int:
    """The last line of a value, from 0. A value that ends in column 0 ends on the line before."""
    return int(node.end_mark.line - (node.end_mark.column == 0))


def _extent(node: yaml.Node | None, first_line: int) -> Extent | None:
    """Where the words of a text stand, without quotes and without the `|` of a block."""
    if not isinstance(node, yaml.ScalarNode) or not str(node.value).strip():
        return None
    start, end = node.start_mark, node.end_mark
    if node.style in ("|", ">"):
        last = Position(first_line + _last_line(node), END_OF_LINE)
        return Extent(Position(first_line + start.line + 1, 1), last)
    quote = int(node.style in ("'", '"'))
    return Extent(
        Position(first_line + start.line, start.column + 1 + quote),
        Position(first_line + end.line, end.column - quote),
    )


def _pairs(values: Iterable[yaml.Node], first_line: int) -> Iterator[Pair]:
    """The questions of lists such as `faqs:`, whose items have a question and an answer."""
    lists = (value for value in values if isinstance(value, yaml.SequenceNode))
    for item in (item for value in lists for item in value.value):
        if not isinstance(item, yaml.MappingNode):
            continue
        fields = {_scalar(key).lower(): value for key, value in item.value}
        question = fields.get("question", fields.get("q"))
        answer = fields.get("answer", fields.get("a"))
        if question is not None and answer is not None and _scalar(question):
            line = first_line + question.start_mark.line
            yield Pair(_scalar(question), line, _extent(answer, first_line))


def _references(fields: _Fields, first_line: int) -> Iterator[Reference]:
    for node in _nodes(fields, _REFERENCES):
        if isinstance(node, yaml.MappingNode):
            values = {_scalar(key).lower(): _scalar(value) for key, value in node.value}
            target = next((values[name] for name in _TARGETS if values.get(name)), "")
            text = next((values[name] for name in _LABELS if values.get(name)), "")
            if not target and len(values) == 1:  # `- Title of the page: https://…`
                text, target = next((_scalar(key), _scalar(value)) for key, value in node.value)
        else:
            target = text = _scalar(node)
        if target:
            line = first_line + node.start_mark.line
            yield Reference(text or target, target, kind_of(target), line)


def _read_toml(content: str, first_line: int, flavour: Flavour) -> FrontMatter:
    try:
        fields = {key.lower(): value for key, value in tomllib.loads(content).items()}
    except tomllib.TOMLDecodeError as error:
        # Up to Python 3.13, the library names the line only in its message.
        match = _TOML_LINE.search(str(error))
        line = first_line + (int(match[1]) - 1 if match else 0)
        raise InvalidFrontMatter(line, f"the front matter is not valid TOML: {error}") from error
    texts = {
        key: " ".join(value.split()) if isinstance(value, str) else str(value).lower()
        for key, value in fields.items()
        if isinstance(value, (str, bool))
    }
    key = "question" if texts.get("question") else "title"
    match = re.search(rf"^\s*{key}\s*=", content, re.IGNORECASE | re.MULTILINE)
    return FrontMatter(
        id=texts.get("id", ""),
        question=texts.get("question", ""),
        title=texts.get("title", ""),
        question_line=first_line + content.count("\n", 0, match.end()) if match else first_line,
        aliases=_aliases(_toml_texts(fields, _ALIASES), flavour),
        tags=_tags(_toml_texts(fields, _TAGS), flavour),
        is_draft=_is_draft(texts),
    )


def _toml_texts(fields: dict[str, object], names: tuple[str, ...]) -> Iterator[_Text]:
    """The texts in the fields with these names."""
    for name in names:
        value = fields.get(name, ())
        in_list = isinstance(value, list)
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str):
                yield _Text(" ".join(text.split()), name, in_list, quoted=True)
