"""The error tree. Each class is a different thing for the user to do.

    QasearchError
    ├── BadRequest          mend the question, the option or the settings file
    ├── CorpusUnreadable    give a folder that holds Markdown
    ├── IndexMissing        build the index
    ├── IndexIncompatible   build again, or ask with the model the index was built with
    ├── IndexDamaged        build again from nothing
    ├── IndexNotWritable    free space, mend permissions, or wait for the other build
    └── ModelUnavailable    install the model, or name one that is there

Every message says what is wrong and where; `hint` says how to mend it, as a command where there is
one.
"""

from __future__ import annotations


class QasearchError(Exception):
    """Base of every error that qasearch raises on purpose.

    Attributes:
        message: What is wrong, and where.
        hint: How to mend it; "" where the message says it already.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message = message
        self.hint = hint

    @property
    def type(self) -> str:
        """The class name, as the JSON error gives it."""
        return type(self).__name__


class BadRequest(QasearchError):
    """The question, an option or a setting cannot be used as it is."""


class CorpusUnreadable(QasearchError):
    """The corpus folder is missing, is no folder, or holds no Markdown."""


class IndexMissing(QasearchError):
    """There is no index at the place that was named."""


class IndexIncompatible(QasearchError):
    """The index was written by another format version, for another corpus or with another model."""


class IndexDamaged(QasearchError):
    """A file of the index is truncated, altered or not what its database says."""


class IndexNotWritable(QasearchError):
    """The index folder cannot be written: read-only, full, or locked by another build."""


class ModelUnavailable(QasearchError):
    """The embedding model or the cross-encoder cannot be found, verified, loaded or used."""
