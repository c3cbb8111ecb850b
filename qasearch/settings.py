"""Which corpus, which index, which model.

Each setting comes from the first place that names it: a flag, a `QASEARCH_*` environment variable,
the nearest `qasearch.toml` from the working folder upwards, the default. Paths in `qasearch.toml`
are relative to that file, all others to the working folder. This module reads the environment and
that file, and does not know what the settings are for.
"""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from qasearch.datatypes.flavour import Flavour
from qasearch.datatypes.options import Trust
from qasearch.datatypes.rules import NO_RULES, CorpusRules
from qasearch.errors import BadRequest

SETTINGS_FILE = "qasearch.toml"
DEFAULT_MODEL = "all-MiniLM-L6-v2"
"""The built-in model: shipped as a package, verified by hash, never fetched."""

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its type, what it means as `--help` prints it, and its flag; "" for none of its
    own.
    """

    kind: type[str] | type[bool] | type[list[str]]
    meaning: str
    flag: str
    metavar: str = ""
    flag_value: bool = True
    """What a flag without a value sets."""
    choices: tuple[str, ...] = ()
    """The values that it may have; () for any."""


SETTINGS: Mapping[str, Setting] = {
    "corpus": Setting(str, "The folder of Markdown.", "--corpus", "DIR"),
    "index": Setting(str, "The folder of the index.", "--index", "DIR"),
    "model": Setting(
        str, "A sentence-transformers model: a folder, or a name of the hub.", "--model", "NAME"
    ),
    "offline": Setting(bool, "Make no network call, whatever the model.", "--offline"),
    "trust": Setting(
        str, "How sure an answer must be: strict, balanced or open.", "", choices=tuple(Trust)
    ),
    "exclude": Setting(
        list, "Patterns as in .gitignore for what is not read; FILE#HEADING for a section.", ""
    ),
    "flavour": Setting(
        str,
        "The program that the Markdown was written for, if marker files do not tell.",
        "",
        choices=tuple(Flavour),
    ),
    "warm": Setting(
        bool, "Neither ask the warm process nor start one.", "--no-warm", flag_value=False
    ),
}
"""Every setting by name: the flags, the environment, `qasearch.toml`, JSON-RPC and `status` use
it."""


class Source(StrEnum):
    """The place that a setting came from, strongest first."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    FILE = SETTINGS_FILE
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one call.

    Attributes:
        corpus: the folder of Markdown.
        index: the folder of the index.
        model: the name of the embedding model; None if nobody named one: then an index keeps the
            model that it was built with.
        offline: whether network calls are forbidden.
        warm: whether the warm process may answer.
        trust: how sure an answer must be.
        rules: which files are read, and as what; the settings `exclude` and `flavour`.
        sources: the place that each setting came from, by name.
        file: the `qasearch.toml` that was read.
        cwd: the folder that relative paths start at.
    """

    corpus: Path
    index: Path
    model: str | None
    offline: bool
    warm: bool
    trust: Trust
    sources: Mapping[str, Source]
    rules: CorpusRules = NO_RULES
    file: Path | None = None
    cwd: Path = Path()

    @property
    def exclude(self) -> tuple[str, ...]:
        """The patterns for what is not read."""
        return self.rules.exclude or ()

    @property
    def flavour(self) -> Flavour | None:
        """The program that the files were written for; None if marker files tell it."""
        return self.rules.flavour

    def named(self, name: str) -> bool:
        """Whether somebody set `name`, rather than leaving it to the default."""
        return self.sources[name] is not Source.DEFAULT

    @property
    def index_decides_corpus(self) -> bool:
        """Whether the index was named by a stronger place than the corpus was.

        Then a question goes to the corpus that the index was built from.
        """
        order = list(Source)
        return order.index(self.sources["index"]) < order.index(self.sources["corpus"])


@dataclass(frozen=True, slots=True)
class _Resolved:
    """The value of a setting, None if no place names it, the place, and the folder of its paths."""

    value: Any
    source: Source
    folder: Path


def load_settings(
    *, cwd: Path | None = None, environ: Mapping[str, str] = os.environ, **flags: Any
) -> Settings:
    """The settings for one call.

    Args:
        cwd: the folder from which paths and `qasearch.toml` are looked up; else the working folder.
        environ: the environment variables.
        flags: values of `SETTINGS` that were given as flags; None for one that was not given.

    Raises:
        BadRequest: a setting is empty, has the wrong type or is unknown; the message names the
            place.
    """
    cwd = cwd or Path.cwd()
    file, in_file = _read_file(cwd)
    places: list[tuple[Source, Mapping[str, Any], Path]] = [
        (Source.FLAG, flags, cwd),
        (Source.ENVIRONMENT, _from_environment(environ), cwd),
        (Source.FILE, in_file, file.parent if file else cwd),
    ]
    settings = {name: _first(name, places, cwd) for name in SETTINGS}
    corpus, index, model = settings["corpus"], settings["index"], settings["model"]
    corpus_path = _absolute(corpus) if corpus.value is not None else bundled_corpus()
    if index.source is Source.FILE and corpus.source in (Source.FLAG, Source.ENVIRONMENT):
        index = _Resolved(
            None, Source.DEFAULT, cwd
        )  # the index in the file is for the file's corpus
    is_foreign = _is_of_another_corpus(in_file, file, corpus)
    for name in ("exclude", "flavour"):
        if is_foreign and settings[name].source is Source.FILE:
            settings[name] = _Resolved(None, Source.DEFAULT, cwd)
    index_path = _absolute(index) if index.value is not None else default_index(corpus_path)
    return Settings(
        corpus=corpus_path,
        index=index_path,
        model=_model_name(model),
        offline=bool(settings["offline"].value),
        warm=settings["warm"].value is not False,
        trust=Trust(settings["trust"].value or Trust.BALANCED),
        sources={name: setting.source for name, setting in {**settings, "index": index}.items()},
        rules=_rules(
            settings["exclude"], settings["flavour"], corpus_path, None if is_foreign else file
        ),
        file=file,
        cwd=cwd,
    )


def bundled_corpus() -> Path:
    """The corpus that comes with qasearch: inside an installed package, at the top of a
    checkout.
    """
    package = Path(__file__).resolve().parent
    installed = package / "bundled_corpus"
    return installed if installed.is_dir() else package.parent / "corpus"


def default_index(corpus: Path) -> Path:
    """The folder in the user's data directory for the index of this corpus, one for each corpus
    path.
    """
    import platformdirs

    digest = hashlib.sha256(os.fsencode(corpus)).hexdigest()[:12]
    return (
        Path(platformdirs.user_data_dir("qasearch", appauthor=False))
        / "indexes"
        / f"{corpus.name}-{digest}"
    )


def _is_of_another_corpus(in_file: Mapping[str, Any], file: Path | None, corpus: _Resolved) -> bool:
    """Whether the settings file is for a corpus that a stronger place passed over."""
    if file is None or "corpus" not in in_file or corpus.source is Source.FILE:
        return False
    own = _absolute(_Resolved(in_file["corpus"], Source.FILE, file.parent))
    return _absolute(corpus) != own


def _first(name: str, places: list[tuple[Source, Mapping[str, Any], Path]], cwd: Path) -> _Resolved:
    """The value from the first of the places that has one, in the order of `Source`."""
    for source, values, folder in places:
        if (value := values.get(name)) is not None:
            return _Resolved(_checked(name, value, source.value), source, folder)
    return _Resolved(None, Source.DEFAULT, cwd)


def _checked(name: str, value: Any, place: str) -> Any:
    """The value of a setting, if it has the right type.

    Raises:
        BadRequest: it has another type, or is empty.
    """
    kind = SETTINGS[name].kind
    if kind is list:
        return _checked_list(name, value, place)
    allowed = (str, os.PathLike) if kind is str else bool
    if not isinstance(value, allowed):
        expected = "a string" if kind is str else "true or false"
        raise BadRequest(f"The setting '{name}' ({place}) must be {expected}, not {value!r}.")
    if (choices := SETTINGS[name].choices) and value not in choices:
        expected = ", ".join(choices)
        raise BadRequest(
            f"The setting '{name}' ({place}) must be one of {expected}, not {value!r}."
        )
    if value == "":
        raise BadRequest(
            f"The setting '{name}' ({place}) is empty.", "Give a value or leave it out."
        )
    return value


def _checked_list(name: str, value: Any, place: str) -> tuple[str, ...]:
    """The values of a setting that is a list; an empty one is allowed."""
    is_list = isinstance(value, list | tuple)
    if not is_list or not all(isinstance(item, str) and item.strip() for item in value):
        raise BadRequest(
            f"The setting '{name}' ({place}) must be a list of strings, not {value!r}.",
            f'Such as {name} = ["private/**"].',
        )
    return tuple(item.strip() for item in value)


def _rules(exclude: _Resolved, flavour: _Resolved, corpus: Path, file: Path | None) -> CorpusRules:
    """What the settings say of the files of the corpus.

    Patterns start at the corpus. Those in `qasearch.toml` may start at its folder, as paths do
    there, if they name the folder of the corpus.
    """
    patterns: tuple[str, ...] | None = exclude.value
    if patterns and corpus.is_relative_to(exclude.folder) and corpus != exclude.folder:
        way = f"{corpus.relative_to(exclude.folder).as_posix()}/"
        patterns = tuple(both for pattern in patterns for both in _from_both(pattern, way))
    return CorpusRules(
        patterns,
        Flavour(flavour.value) if flavour.value else None,
        str(file) if file else "",
    )


def _from_both(pattern: str, way: str) -> Iterator[str]:
    """The pattern, and the same from the corpus on, if it begins with the way to the corpus."""
    yield pattern
    sign = "!" if pattern.startswith("!") else ""
    path = pattern.removeprefix("!").removeprefix("./").removeprefix("/")
    if path.startswith(way) and len(path) > len(way):
        yield f"{sign}/{path.removeprefix(way)}"


def _absolute(setting: _Resolved) -> Path:
    try:
        expanded = Path(setting.value).expanduser()
    except RuntimeError as error:
        raise BadRequest(f"Cannot find the home folder in '{setting.value}': {error}.") from error
    absolute = os.path.abspath(setting.folder / expanded)  # noqa: PTH100 - keeps symbolic links
    return Path(absolute)


def _model_name(setting: _Resolved) -> str | None:
    """The name of the model; a folder as an absolute path, so that it means the same everywhere."""
    if setting.value in (None, DEFAULT_MODEL):
        return setting.value  # type: ignore[no-any-return]
    folder = _absolute(setting)
    return str(folder) if folder.is_dir() else str(setting.value)


def _read_file(cwd: Path) -> tuple[Path | None, dict[str, Any]]:
    """The nearest `qasearch.toml` from `cwd` upwards, and what it says."""
    for folder in (cwd, *cwd.parents):
        file = folder / SETTINGS_FILE
        try:
            text = file.read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise BadRequest(f"Cannot read {file}: {error}.", "Mend or remove the file.") from error
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise BadRequest(f"{file} is not valid TOML: {error}.") from error
        for name, value in values.items():
            if name not in SETTINGS:
                known = ", ".join(SETTINGS)
                raise BadRequest(
                    f"{file} has an unknown setting '{name}'.", f"Known settings: {known}."
                )
            _checked(name, value, str(file))
        return file, values
    return None, {}


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """The settings that environment variables name."""
    values: dict[str, Any] = {}
    for name, setting in SETTINGS.items():
        variable = f"QASEARCH_{name.upper()}"
        value = environ.get(variable)
        if value is None:
            continue
        if setting.kind is list:
            values[name] = [part.strip() for part in re.split(r"[,\n]", value) if part.strip()]
            continue
        if setting.kind is bool and value.lower() not in _TRUE | _FALSE:
            raise BadRequest(f"{variable} must be 1 or 0, not {value!r}.")
        values[name] = value.lower() in _TRUE if setting.kind is bool else value
    return values
