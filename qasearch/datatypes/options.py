"""How a question is answered: one field for each option, with all that is known of it.

The command line (`qasearch.cli.options`), the method `ask` of JSON-RPC and its JSON schema are made
from the fields of `AskOptions`, and the Python API takes it as it is. So a new option is a field
here, and the code in `qasearch.searching` that does what it says.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from qasearch.errors import BadRequest

MAX_TOP_K = 1000
"""Beyond this, a list of hits is no answer any more, and ranking would read the whole index."""


class Mode(StrEnum):
    """Which signals rank the entries: all of them, the embeddings alone, or the words alone."""

    HYBRID = "hybrid"
    DENSE = "dense"
    LEXICAL = "lexical"


class Trust(StrEnum):
    """How sure an answer must be: `strict` claims less and is wrong less often, `open` the other
    way round.
    """

    STRICT = "strict"
    BALANCED = "balanced"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Option:
    """What is known of an option besides its name and its default.

    Attributes:
        kind: the type of its values: `str`, `int`, `bool` or an enum.
        meaning: one sentence, as `--help` prints it.
        metavar: what stands for the value in `--help`.
        flag: the flag of the command line, where it is not the name.
        maximum: the largest number; the smallest is 1.
    """

    kind: type
    meaning: str
    metavar: str = ""
    flag: str = ""
    maximum: int = 0


def option(meaning: str, *, default: Any, kind: type | None = None, **known: Any) -> Any:
    """A field for an option; its kind is that of the default, unless `kind` says otherwise."""
    described = Option(kind or type(default), meaning, **known)
    return field(default=default, metadata={"option": described})


@dataclass(frozen=True, slots=True, kw_only=True)
class AskOptions:
    """How a question is answered.

    Filters (`section`, `path`, `tag`) apply before the best entries are taken. `section` is
    compared with every heading and folder above an entry, letter case and punctuation aside. `path`
    is the path of a file, with or without its suffix, or of a folder, from the corpus or the
    working folder on, or absolute; in a glob, `*` also crosses `/`. `tag` ignores case and a `#` in
    front, and passes tags that are nested in it.

    Raises:
        BadRequest: a value has the wrong type or is out of range.
    """

    top_k: int = option("How many results.", default=5, metavar="N", flag="-k", maximum=MAX_TOP_K)
    section: str | None = option(
        "Only entries below this heading or folder.", default=None, kind=str, metavar="S"
    )
    path: str | None = option(
        "Only entries of this file or folder, or of files that a glob matches.",
        default=None,
        kind=str,
        metavar="PATH",
    )
    tag: str | None = option("Only entries with this tag.", default=None, kind=str, metavar="T")
    mode: Mode = option("What ranks: embeddings and words, or one of them.", default=Mode.HYBRID)
    trust: Trust | None = option(
        "How sure an answer must be (balanced, or the setting).", default=None, kind=Trust
    )
    explain: bool = option("Say why each result was found.", default=False)
    rerank: str | None = option(
        "Let a cross-encoder order the best 50: a folder or a name of the hub.",
        default=None,
        kind=str,
        metavar="MODEL",
    )
    exact: bool = option("Compare all vectors, also where the corpus is large.", default=False)

    def __post_init__(self) -> None:
        for name, (known, default) in ASK_OPTIONS.items():
            value = getattr(self, name)
            if value is not None or default is not None:
                object.__setattr__(self, name, checked(name, known, value))


ASK_OPTIONS: dict[str, tuple[Option, Any]] = {
    option_field.name: (option_field.metadata["option"], option_field.default)
    for option_field in fields(AskOptions)
}
"""Each option of asking by its name, with its default; None as default: it may be left out."""


def checked(name: str, known: Option, value: Any) -> Any:
    """The value of an option, as the type that it should have.

    Raises:
        BadRequest: it has another type, or is out of range.
    """
    if issubclass(known.kind, StrEnum):
        values = [member.value for member in known.kind]
        if value not in values:
            expected = ", ".join(values)
            raise BadRequest(f"The option '{name}' must be one of {expected}, not {value!r}.")
        return known.kind(value)
    if type(value) is not known.kind:
        expected = {str: "a string", int: "a whole number", bool: "true or false"}[known.kind]
        raise BadRequest(f"The option '{name}' must be {expected}, not {value!r}.")
    if isinstance(value, int) and known.maximum and not 1 <= value <= known.maximum:
        raise BadRequest(
            f"The option '{name}' must be from 1 to {known.maximum:,}, not {value:,}.",
        )
    if isinstance(value, str) and not value.strip():
        raise BadRequest(f"The option '{name}' is empty.", "Give a value or leave it out.")
    return value
