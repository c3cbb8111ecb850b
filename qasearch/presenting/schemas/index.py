"""Indexes: what a reply, a build and `qasearch status` say of one."""

from __future__ import annotations

from qasearch.datatypes.entry import Problem
from qasearch.datatypes.flavour import Flavour
from qasearch.datatypes.index import (
    ApproximateSearch,
    BuildReport,
    Calibrated,
    IndexState,
    IndexStatus,
    Runtime,
)
from qasearch.datatypes.rules import ToldFlavour
from qasearch.presenting.schemas.fields import (
    ANYTHING,
    BOOLEAN,
    INTEGER,
    NUMBER,
    STRING,
    Field,
    Kind,
    Record,
    array,
    enum,
    mapping,
    nullable,
    part_of,
    record,
)
from qasearch.settings import DEFAULT_MODEL, SETTINGS, Settings

PROBLEM = Record[Problem](
    "problem",
    "Something in the corpus that its owner should mend.",
    (
        Field("path", STRING, "the file, relative to the corpus"),
        Field("line", INTEGER, "the line; 0 if the problem has no line"),
        Field("reason", STRING, "what is wrong"),
    ),
)

_STATE: tuple[Field[IndexState], ...] = (
    Field("path", STRING, "the folder of the index"),
    Field("built_at", STRING, "when it was built: ISO 8601, in UTC"),
    Field("documents", INTEGER, "how many files it holds"),
    Field("entries", INTEGER, "how many entries it holds"),
    Field("passages", INTEGER, "how many passages it holds"),
    Field("model", STRING, "the embedding model"),
    Field("stale", BOOLEAN, "whether files of the corpus differ from the index"),
    Field("changed_files", array(STRING), "those files, relative to the corpus"),
)

INDEX = Record[IndexState]("index", "The index that a reply came from.", _STATE)

_DOCUMENTS = Record[BuildReport](
    "documents",
    "How many files of the corpus there are of each kind.",
    (
        Field("total", INTEGER, "files in the index now", lambda report: report.documents),
        Field("added", INTEGER, "new files"),
        Field("changed", INTEGER, "files with another content than before"),
        Field("removed", INTEGER, "files that are gone"),
        Field("unchanged", INTEGER, "files with the same content as before"),
    ),
)

BUILD = Record[BuildReport](
    "qasearch.build/1",
    "What a build did.",
    (
        Field("corpus", STRING, "the folder that was read"),
        Field("index", STRING, "the folder of the index"),
        Field("model", STRING, "the embedding model"),
        Field("documents", record(_DOCUMENTS), "files of the corpus", lambda report: report),
        Field("entries", INTEGER, "how many entries the index holds now"),
        Field("unanswered", INTEGER, "how many of them have no answer"),
        Field("passages", INTEGER, "how many passages the index holds now"),
        Field("embedded", INTEGER, "how many texts got a new vector"),
        Field(
            "elapsed_s",
            NUMBER,
            "how long the build took, in seconds",
            lambda report: round(report.elapsed_s, 3),
        ),
        Field("problems", array(record(PROBLEM)), "what is wrong in the corpus"),
    ),
    "`qasearch build --json`",
)

_SETTING = Record[tuple[object, str]](
    "setting",
    "The value of a setting, and the place that it came from.",
    (
        Field(
            "value",
            ANYTHING,
            "a string, a boolean, a list of strings, or null",
            lambda setting: setting[0],
        ),
        Field(
            "source",
            STRING,
            "`flag`, `environment`, `qasearch.toml`, `default`, or `index` if the index says it",
            lambda setting: setting[1],
        ),
    ),
)

_ENCODER = Record[Runtime](
    "encoder",
    "What encodes the questions.",
    (
        Field(
            "runtime",
            STRING,
            "such as `onnxruntime 1.32.0`, or `sentence-transformers`",
            lambda runtime: runtime.name,
        ),
        Field("reason", STRING, 'why it is not onnxruntime; "" if it is'),
    ),
)

_SEARCH = Record[ApproximateSearch | None](
    "search",
    "How passages are searched. The fields after `exact` are there only if it is false.",
    (
        Field(
            "exact",
            BOOLEAN,
            "whether a question is compared with all vectors",
            lambda search: search is None,
        ),
        Field(
            "index",
            STRING,
            "the kind of index, as FAISS names it",
            lambda search: search and search.name,
            optional=True,
        ),
        Field(
            "lists_read",
            INTEGER,
            "how many of its lists a question reads",
            lambda search: search and search.lists_read,
            optional=True,
        ),
        Field(
            "compared",
            INTEGER,
            "for how many passages from these lists the whole vectors are compared",
            lambda search: search and search.compared,
            optional=True,
        ),
        Field(
            "recall@10",
            NUMBER,
            "the mean share of the 10 nearest passages that this search finds",
            lambda search: search and search.recall,
            optional=True,
        ),
        Field(
            "questions",
            INTEGER,
            "over how many questions of the corpus that was measured",
            lambda search: search and search.questions,
            optional=True,
        ),
    ),
)

_CALIBRATED = Record[Calibrated](
    "calibrated",
    "The questions that the confidence of this corpus was fitted to.",
    (
        Field("file", STRING, "their file"),
        Field("questions", INTEGER, "how many there were"),
        Field("at", STRING, "when: ISO 8601, in UTC"),
    ),
)

_FLAVOUR = Record[ToldFlavour](
    "flavour",
    "The program that the Markdown of a folder was written for.",
    (
        Field("flavour", enum(Flavour), "the program"),
        Field("told_by", STRING, 'the marker file that told it, or the setting; "" for nothing'),
    ),
)

_INDEX_STATUS = Record[IndexStatus](
    "index_status",
    "An index, and how it is.",
    (
        *part_of(lambda status: status.state, _STATE),
        Field("corpus", STRING, "the folder that it was built from"),
        Field("encoder", record(_ENCODER), "what encodes questions", lambda status: status.runtime),
        Field("unanswered", INTEGER, "how many entries have no answer"),
        Field("search", record(_SEARCH), "how passages are searched"),
        Field(
            "calibrated",
            nullable(record(_CALIBRATED)),
            "the questions that the confidence was fitted to; null for the shipped curves",
        ),
        Field("bytes", mapping(INTEGER), "the size of each file of the index"),
        Field(
            "flavours",
            array(record(_FLAVOUR)),
            "what the corpus was written for; the first is that of the whole corpus, if it has one",
        ),
        Field(
            "problems",
            array(record(PROBLEM)),
            "what was wrong in the corpus at the last build, and what cannot be read now",
        ),
    ),
)

StatusSource = tuple[Settings, IndexStatus | None]


def settings_with_sources(source: StatusSource) -> dict[str, tuple[object, str]]:
    """Each setting with the place that it came from."""
    settings, status = source
    values = {name: getattr(settings, name) for name in SETTINGS}
    values["model"] = settings.model or DEFAULT_MODEL
    shown: dict[str, tuple[object, str]] = {
        name: (_plain(value), settings.sources[name].value) for name, value in values.items()
    }
    if status and settings.index_decides_corpus:
        shown["corpus"] = status.corpus, "index"
    if status and not settings.named("exclude") and status.rules.exclude:
        shown["exclude"] = list(status.rules.exclude), "index"
    if status and not settings.named("flavour") and status.rules.flavour:
        shown["flavour"] = status.rules.flavour.value, "index"
    return shown


def _plain(value: object) -> object:
    """The value of a setting as JSON has it."""
    if value is None or isinstance(value, bool):
        return value
    return list(value) if isinstance(value, tuple) else str(value)


def _settings_kind() -> Kind:
    described = Record[dict[str, tuple[object, str]]](
        "settings",
        "Each setting.",
        tuple(
            Field(name, record(_SETTING), setting.meaning.removesuffix("."))
            for name, setting in SETTINGS.items()
        ),
    )
    return record(described)


STATUS = Record[StatusSource](
    "qasearch.status/1",
    "Where the corpus and the index are, which place says so, and how the index is.",
    (
        Field("settings", _settings_kind(), "each setting and its source", settings_with_sources),
        Field(
            "index",
            nullable(record(_INDEX_STATUS)),
            "the index; null if there is none yet",
            lambda source: source[1],
        ),
    ),
    "`qasearch status --json`",
)
