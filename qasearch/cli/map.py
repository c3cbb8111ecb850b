"""`qasearch map`."""

from __future__ import annotations

from pathlib import Path

import click

from qasearch.cli import options
from qasearch.cli.output import ProgressBar, print_text, remark, width, write_file

FORMS = ("html", "png", "svg")


@click.command(
    help="""Lay the corpus out as a picture: each entry a point, near others that say much the same.

    A QUESTION, in quotes if it has several words, is put on the map with lines to the entries that it finds. With
    --output: a page to look around in (.html, one file that needs no network), or a picture (.png, .svg)."""
)
@click.argument("questions", metavar="[QUESTION]...", nargs=-1)
@options.corpus
@options.index
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
@options.offline
@options.as_json
def command(
    questions: tuple[str, ...],
    corpus: str | None,
    index: str | None,
    output: Path | None,
    method: str,
    offline: bool | None,
    as_json: bool,
) -> int:
    """0: done."""
    from qasearch.api import open_with
    from qasearch.mapping.corpus_map import make_map
    from qasearch.presenting.json_reply import dumps
    from qasearch.presenting.text.map import map_fields, map_text
    from qasearch.searching.searcher import clean_question
    from qasearch.settings import load_settings

    form = options.suffix_of(output, FORMS) if output else ""
    for question in questions:
        clean_question(question)  # before anything is loaded
    settings = load_settings(corpus=corpus, index=index, offline=offline)
    with ProgressBar() as progress, open_with(settings, progress=progress) as opened:
        replies = opened.ask_many(questions, top_k=5) if questions else []
        space = opened.space()
        if method != "pca" and len(space.entries) > 5_000:
            remark(f"Laying out {len(space.entries):,} entries takes a minute or two.")
        shown = make_map(space, method, replies)
        state, folder = opened.state(), opened.corpus
    for note in dict.fromkeys(note for reply in replies for note in reply.notes):
        remark(note)
    if output and form == "html":
        from qasearch.presenting.page.page import page

        write_file(output, page(shown, folder, state, output))
    elif output:
        from qasearch.presenting.pictures import picture

        write_file(output, picture([shown.chart], f"Map of {folder.name}", form))
    if as_json:
        click.echo(dumps(map_fields(shown, state), indent=2))
    else:
        print_text(map_text(shown, width(), chart=output is None))
    return 0
