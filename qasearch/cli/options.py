"""Options that several commands share, and what they mean together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qasearch.datatypes.options import Mode

if TYPE_CHECKING:
    from qasearch.settings import Settings

corpus = click.option("--corpus", metavar="DIR", help="The folder of Markdown.")
index = click.option("--index", metavar="DIR", help="The folder of the index.")
offline = click.option(
    "--offline", is_flag=True, default=None, help="Make no network call, whatever the model."
)
MODES = click.Choice([mode.value for mode in Mode])
mode = click.option(
    "--mode",
    type=MODES,
    default=Mode.HYBRID.value,
    show_default=True,
    help="What ranks: embeddings and words, or one of them.",
)
rerank = click.option(
    "--rerank",
    metavar="MODEL",
    help="Let a cross-encoder order the best 50: a folder or a name of the hub.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def corpus_folder(settings: Settings) -> Path:
    """The corpus that the settings name; where they name an index more strongly, the corpus of that
    index.
    """
    if not settings.corpus_is_the_indexs:
        return settings.corpus
    from qasearch.api import open_with

    with open_with(settings) as index:
        return index.corpus


def suffix_of(file: Path, allowed: Sequence[str]) -> str:
    """The suffix of a file that is to be written, in lower case and without its dot.

    Raises:
        BadRequest: it is none of those.
    """
    from qasearch.errors import BadRequest

    suffix = file.suffix.lower().removeprefix(".")
    if suffix not in allowed:
        names = " or ".join(f".{each}" for each in allowed)
        raise BadRequest(
            f"{file} does not say in which form it is to be written.", f"End its name in {names}."
        )
    return suffix
