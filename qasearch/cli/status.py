"""`qasearch status`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from qasearch.cli import options

if TYPE_CHECKING:
    from qasearch.datatypes.index import ApproximateSearch
    from qasearch.settings import Settings


@click.command(
    help="Say where corpus and index are and which setting says so, what is in the index, and whether it is whole and "
    "up to date."
)
@options.corpus
@options.index
@options.as_json
def command(corpus: str | None, index: str | None, as_json: bool) -> int:
    """0: there is a usable index; 1: there is none yet."""
    from qasearch.presenting.json_reply import dumps
    from qasearch.presenting.text.printable import visible
    from qasearch.settings import load_settings

    fields = _status(load_settings(corpus=corpus, index=index))
    click.echo(dumps(fields, indent=2) if as_json else visible(_text(fields)))
    return 0 if fields["index"] else 1


def _status(settings: Settings) -> dict[str, Any]:
    """`qasearch.status/1`: the settings with where they came from, and the index or None. Sizes are
    in bytes.
    """
    from qasearch.api import Index
    from qasearch.errors import IndexMissing
    from qasearch.presenting.json_reply import index_fields, problem_fields
    from qasearch.settings import DEFAULT_MODEL

    values = {
        "corpus": str(settings.corpus),
        "index": str(settings.index),
        "model": settings.model or DEFAULT_MODEL,
        "offline": settings.offline,
        "warm": settings.warm,
    }
    fields: dict[str, Any] = {
        "schema": "qasearch.status/1",
        "settings": {
            name: {"value": value, "source": settings.sources[name].value}
            for name, value in values.items()
        },
        "index": None,
    }
    try:
        index = Index(settings)
    except IndexMissing:
        return fields
    with index:
        index.verify()
        if settings.corpus_is_the_indexs:
            fields["settings"]["corpus"] = {"value": str(index.corpus), "source": "index"}
        runtime, reason = index.runtime()
        fields["index"] = {
            **index_fields(index.state()),
            "corpus": str(index.corpus),
            "encoder": {"runtime": runtime, "reason": reason},
            "unanswered": index.unanswered(),
            "search": _search_fields(index.approximate_search()),
            "bytes": {
                file.name: file.stat().st_size for file in sorted(settings.index.glob("*.[df]*"))
            },
            "problems": [problem_fields(problem) for problem in index.problems()],
        }
    return fields


def _search_fields(search: ApproximateSearch | None) -> dict[str, Any]:
    """Whether all vectors are compared; if not, by what they are searched, and how well."""
    if search is None:
        return {"exact": True}
    return {
        "exact": False,
        "index": search.name,
        "lists_read": search.lists_read,
        "compared": search.compared,
        "recall@10": search.recall,
        "questions": search.questions,
    }


def _text(fields: dict[str, Any]) -> str:
    lines = [
        f"{name:<8}  {setting['value']}  ({setting['source']})"
        for name, setting in fields["settings"].items()
    ]
    index = fields["index"]
    if index is None:
        return "\n".join([*lines, "There is no index yet. Build it: qasearch build"])
    changed = len(index["changed_files"])
    files = "1 file" if changed == 1 else f"{changed} files"
    stale = f"yes, {files} changed; bring it up to date: qasearch build" if index["stale"] else "no"
    reason = f" ({index['encoder']['reason']})" if index["encoder"]["reason"] else ""
    search, searched = index["search"], "exact"
    if not search["exact"]:
        recall = (
            f"recall@10 {search['recall@10']:.3f} on {search['questions']} questions of the corpus"
        )
        searched = f"{search['index']}, {search['lists_read']} lists a question: {recall}"
    sizes = ", ".join(f"{name} {size / 2**20:.1f} MB" for name, size in index["bytes"].items())
    return "\n".join(
        [
            *lines,
            f"built     {index['built_at']} with the model {index['model']}",
            f"encoder   {index['encoder']['runtime']}{reason}",
            f"holds     {index['documents']} files, {index['entries']} entries ({index['unanswered']} unanswered), "
            f"{index['passages']} passages",
            f"search    {searched}",
            f"size      {sizes}",
            f"stale     {stale}",
            *(
                f"problem   {problem['path']}:{problem['line']}: {problem['reason']}"
                for problem in index["problems"]
            ),
        ]
    )
