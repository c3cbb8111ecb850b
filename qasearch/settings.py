"""Which corpus, which index, which model.

Each setting comes from the first place that names it: a flag, a `QASEARCH_*` environment variable,
the nearest `qasearch.toml` from the working folder upwards, the default. Paths in `qasearch.toml`
are relative to that file; the others to the working folder. Reads the environment and that one
file, and knows nothing of what the settings are for.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from qasearch.errors import BadRequest

SETTINGS_FILE = "qasearch.toml"
DEFAULT_MODEL = "all-MiniLM-L6-v2"
"""The built-in model: shipped as a package, verified by hash, never fetched."""

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


class Source(StrEnum):
    """Where a setting came from, strongest first."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    FILE = SETTINGS_FILE
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Settings:
    """What was asked for, and in `sources` where each part came from.

    `model` is None where nobody named one: then an index keeps the model it was built with.
    `warm` is whether a warm process may answer. `file` is the `qasearch.toml` that was read.
    """

    corpus: Path
    index: Path
    model: str | None
    offline: bool
    warm: bool
    sources: Mapping[str, Source]
    file: Path | None = None

    def named(self, name: str) -> bool:
        """Whether somebody set `name`, rather than leaving it to the default."""
        return self.sources[name] is not Source.DEFAULT

    @property
    def corpus_is_the_indexs(self) -> bool:
        """Whether the index was named more strongly than the corpus, so that asking goes by the
        index's own.
        """
        order = list(Source)
        return order.index(self.sources["index"]) < order.index(self.sources["corpus"])


def load_settings(
    *,
    corpus: str | os.PathLike[str] | None = None,
    index: str | os.PathLike[str] | None = None,
    model: str | None = None,
    offline: bool | None = None,
    warm: bool | None = None,
    cwd: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Settings:
    """Settings for one call; arguments are the flags, None where a flag was not given.

    Raises:
        BadRequest: a setting is empty, has the wrong type or is unknown; names the place.
    """
    cwd = cwd or Path.cwd()
    file, in_file = _read_file(cwd)
    places: list[tuple[Source, Mapping[str, Any], Path]] = [
        (
            Source.FLAG,
            {"corpus": corpus, "index": index, "model": model, "offline": offline, "warm": warm},
            cwd,
        ),
        (Source.ENVIRONMENT, _from_environment(environ), cwd),
        (Source.FILE, in_file, file.parent if file else cwd),
    ]

    def first(name: str) -> tuple[Any, Source, Path]:
        for source, values, base in places:
            if (value := values.get(name)) is not None:
                if value == "":
                    raise BadRequest(
                        f"The setting '{name}' ({source}) is empty.",
                        "Give a value or leave it out.",
                    )
                return value, source, base
        return None, Source.DEFAULT, cwd

    corpus_value, corpus_source, base = first("corpus")
    corpus_path = _absolute(corpus_value, base) if corpus_value is not None else bundled_corpus()
    index_value, index_source, base = first("index")
    if index_source is Source.FILE and corpus_source in (Source.FLAG, Source.ENVIRONMENT):
        index_value, index_source = (
            None,
            Source.DEFAULT,
        )  # the file's index is for the file's corpus
    index_path = (
        _absolute(index_value, base) if index_value is not None else default_index(corpus_path)
    )
    model_value, model_source, base = first("model")
    if (
        model_value not in (None, DEFAULT_MODEL)
        and (folder := _absolute(model_value, base)).is_dir()
    ):
        model_value = str(folder)
    offline_value, offline_source, _ = first("offline")
    warm_value, warm_source, _ = first("warm")
    return Settings(
        corpus=corpus_path,
        index=index_path,
        model=str(model_value) if model_value is not None else None,
        offline=bool(offline_value),
        warm=warm_value is not False,
        sources={
            "corpus": corpus_source,
            "index": index_source,
            "model": model_source,
            "offline": offline_source,
            "warm": warm_source,
        },
        file=file,
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


def _absolute(value: Any, base: Path) -> Path:
    try:
        expanded = Path(value).expanduser()
    except RuntimeError as error:
        raise BadRequest(f"Cannot tell the home folder in '{value}': {error}.") from error
    return Path(os.path.abspath(base / expanded))  # noqa: PTH100 - keeps symbolic links as named


def _read_file(cwd: Path) -> tuple[Path | None, dict[str, Any]]:
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
        _check(file, values)
        return file, values
    return None, {}


def _check(file: Path, values: Mapping[str, Any]) -> None:
    types: dict[str, type] = {
        "corpus": str,
        "index": str,
        "model": str,
        "offline": bool,
        "warm": bool,
    }
    for name, value in values.items():
        if name not in types:
            raise BadRequest(
                f"{file} has an unknown setting '{name}'.", f"Known settings: {', '.join(types)}."
            )
        if not isinstance(value, types[name]):
            kind = "true or false" if types[name] is bool else "a string"
            raise BadRequest(f"In {file}, '{name}' must be {kind}, not {value!r}.")


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: environ.get(f"QASEARCH_{name.upper()}") for name in ("corpus", "index", "model")
    }
    for name in ("offline", "warm"):
        value = environ.get(f"QASEARCH_{name.upper()}")
        if value is not None:
            if value.lower() not in _TRUE | _FALSE:
                raise BadRequest(f"QASEARCH_{name.upper()} must be 1 or 0, not {value!r}.")
            values[name] = value.lower() in _TRUE
    return values
