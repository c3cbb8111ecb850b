"""Options that several commands have, made from the one place that knows each of them.

`ask_options` makes them from the fields of `AskOptions`, `settings` from
`qasearch.settings.SETTINGS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from qasearch.datatypes.options import ASK_OPTIONS, AskOptions, Mode, Option
from qasearch.settings import SETTINGS

if TYPE_CHECKING:
    from qasearch.datatypes.rules import CorpusRules
    from qasearch.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])

MODES = click.Choice([mode.value for mode in Mode])

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def ask_options(*names: str) -> Callable[[Command], Callable[..., Any]]:
    """A decorator: these options of asking, or all; the command gets them as `options`."""
    chosen = names or tuple(ASK_OPTIONS)

    def decorate(command: Command) -> Callable[..., Any]:
        @wraps(command)
        def with_options(*args: Any, **kwargs: Any) -> Any:
            values = {name: kwargs.pop(name) for name in chosen}
            return command(*args, options=AskOptions(**values), **kwargs)

        for name in reversed(chosen):
            with_options = _click_option(name, *ASK_OPTIONS[name])(with_options)
        return with_options

    return decorate


def settings(*names: str) -> Callable[[Command], Callable[..., Any]]:
    """A decorator: these settings as flags; the command gets `settings`, made of all places."""

    def decorate(command: Command) -> Callable[..., Any]:
        @wraps(command)
        def with_settings(*args: Any, **kwargs: Any) -> Any:
            from qasearch.settings import load_settings

            flags = {name: kwargs.pop(name) for name in names}
            return command(*args, settings=load_settings(**flags), **kwargs)

        for name in reversed(names):
            setting = SETTINGS[name]
            kind: dict[str, Any] = {"metavar": setting.metavar}
            if setting.kind is bool:
                kind = {"is_flag": True, "flag_value": setting.flag_value, "default": None}
            option = click.option(setting.flag, name, help=setting.meaning, **kind)
            with_settings = option(with_settings)
        return with_settings

    return decorate


def _click_option(name: str, option: Option, default: Any) -> Callable[[Command], Command]:
    flag = option.flag or f"--{name.replace('_', '-')}"
    known: dict[str, Any] = {"default": default, "help": option.meaning}
    if option.kind is bool:
        known["is_flag"] = True
    elif issubclass(option.kind, StrEnum):
        values = [member.value for member in option.kind]
        known |= {"type": click.Choice(values), "default": default and default.value}
        known["show_default"] = default is not None
    elif option.kind is int:
        known |= {"type": click.IntRange(1, option.maximum), "show_default": True}
    if option.metavar:
        known["metavar"] = option.metavar
    return click.option(flag, name, **known)


def corpus_folder(settings: Settings) -> Path:
    """The corpus of the settings; where they name an index more strongly, the corpus of that
    index.
    """
    if not settings.index_decides_corpus:
        return settings.corpus
    from qasearch.api import open_with

    with open_with(settings) as index:
        return index.corpus


def corpus_rules(settings: Settings) -> CorpusRules:
    """Which files of that corpus are read, and as what."""
    if not settings.index_decides_corpus:
        return settings.rules
    from qasearch.api import open_with

    with open_with(settings) as index:
        return index.rules


def suffix_of(file: Path, allowed: Sequence[str]) -> str:
    """The suffix of a file to write, in lower case and without its dot.

    Raises:
        BadRequest: it is none of those allowed.
    """
    from qasearch.errors import BadRequest

    suffix = file.suffix.lower().removeprefix(".")
    if suffix not in allowed:
        names = " or ".join(f".{name}" for name in allowed)
        raise BadRequest(
            f"The name of the file {file} does not end in a format that can be written.",
            f"End its name in {names}.",
        )
    return suffix
