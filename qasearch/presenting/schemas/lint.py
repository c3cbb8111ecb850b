"""What `qasearch lint` finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from qasearch.linting import Finding, FindingKind
from qasearch.presenting.schemas.fields import INTEGER, STRING, Field, Record, array, enum, record


class LintSource(NamedTuple):
    """The folder of a corpus, how many entries it has, and what is wrong in it."""

    corpus: str
    entries: int
    findings: Sequence[Finding]


_FINDING = Record[Finding](
    "finding",
    "Something to mend.",
    (
        Field("path", STRING, "the file, relative to the corpus"),
        Field("line", INTEGER, "the line; 0 if the finding has no line"),
        Field("kind", enum(FindingKind), "what is wrong"),
        Field("message", STRING, "the same as a sentence, with the names that it is about"),
    ),
)

LINT = Record[LintSource](
    "qasearch.lint/1",
    "What is wrong in a corpus.",
    (
        Field("corpus", STRING, "the folder"),
        Field("entries", INTEGER, "how many entries it has"),
        Field("findings", array(record(_FINDING)), "by path and line"),
    ),
    "`qasearch lint --json`",
)
