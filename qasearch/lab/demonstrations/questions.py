"""Questions that are given beside the corpus: of a folder or a file of Markdown, or one a line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qasearch.datatypes.entry import Entry
from qasearch.errors import BadRequest, CorpusUnreadable
from qasearch.reading.corpus import read_corpus
from qasearch.reading.entries import read_document
from qasearch.reading.files import SUFFIXES, SourceFile, read_text


def read_questions(path: Path, fewest: int) -> list[str]:
    """The questions of a folder or a file of Markdown, with their other wordings, or the lines of
    another file.

    Raises:
        BadRequest: it is not there, cannot be read, or has too few.
    """
    try:
        if path.is_dir():
            questions = _wordings(read_corpus(path)[0])
        elif path.is_file():
            text = read_text(SourceFile(path.name, path, path.stat().st_size, 0))[0]
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            markdown = path.suffix.lower() in SUFFIXES
            questions = _wordings(read_document(text, path.name).entries) if markdown else lines
        else:
            raise BadRequest(
                f"There is no file or folder {path}.",
                "Give a folder of Markdown, or questions one a line.",
            )
    except (ValueError, OSError, CorpusUnreadable) as error:
        raise BadRequest(
            f"The questions of {path} cannot be read: {getattr(error, 'message', error)}"
        ) from error
    if len(questions) < fewest:
        raise BadRequest(
            f"{path} has {len(questions)} questions; drift needs {fewest} at least.",
            "Add some, one a line.",
        )
    return questions


def _wordings(entries: Sequence[Entry]) -> list[str]:
    return [wording for entry in entries for wording in (entry.question, *entry.aliases)]
