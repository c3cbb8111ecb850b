"""`qasearch map`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qasearch.cli import options as shared
from qasearch.cli.output import ProgressBar, print_text, remark, width, write_file

if TYPE_CHECKING:
    from qasearch.settings import Settings

FORMATS = ("html", "png", "svg")

_SLOW_FROM_ENTRIES = 5_000
"""From here on, t-SNE and UMAP take long enough for a remark."""


@click.command(
    help="""Draw the corpus as a map: each entry is a point, near entries that say much the same.

    A QUESTION, in quotes if it has several words, is put on the map with lines to the entries that
    it finds. With --output: a page to look around in (.html, one file that needs no network), or a
    picture (.png, .svg)."""
)
@click.argument("questions", metavar="[QUESTION]...", nargs=-1)
@shared.settings("corpus", "index", "offline")
@click.option(
    "--output", metavar="FILE", type=Path, help="Write the map to this file: .html, .png or .svg."
)
@click.option(
    "--method",
    type=click.Choice(["pca", "tsne", "umap"]),
    default="pca",
    show_default=True,
    help="How the space is laid out in the plane; umap needs pip install 'qasearch[umap]'.",
)
@shared.as_json
def command(
    questions: tuple[str, ...],
    settings: Settings,
    output: Path | None,
    method: str,
    as_json: bool,
) -> int:
    """0: done."""
    from qasearch.api import open_with
    from qasearch.mapping.corpus_map import make_map
    from qasearch.mapping.projections import Method
    from qasearch.presenting.text.map import map_text
    from qasearch.searching.searcher import clean_question

    file_format = shared.suffix_of(output, FORMATS) if output else ""
    for question in questions:
        clean_question(question)  # a bad question is refused before anything is loaded
    with ProgressBar() as progress, open_with(settings, progress=progress) as index:
        replies = index.ask_many(questions) if questions else []
        space = index.space()
        if method != "pca" and len(space.entries) > _SLOW_FROM_ENTRIES:
            remark(f"Laying out {len(space.entries):,} entries takes a minute or two.")
        corpus_map = make_map(space, Method(method), replies)
        state, corpus = index.state(), index.corpus
    for note in dict.fromkeys(note for reply in replies for note in reply.notes):
        remark(note)
    if output and file_format == "html":
        from qasearch.presenting.page.page import page

        write_file(output, page(corpus_map, corpus, state, output))
    elif output:
        from qasearch.presenting.pictures import picture

        write_file(output, picture([corpus_map.chart], f"Map of {corpus.name}", file_format))
    if as_json:
        from qasearch.presenting.schemas.fields import dumps
        from qasearch.presenting.schemas.map import MAP, MapSource

        click.echo(dumps(MAP.render(MapSource(corpus_map, state)), indent=2))
    else:
        print_text(map_text(corpus_map, width(), chart=output is None))
    return 0
