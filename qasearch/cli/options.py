"""Options that several commands share."""

from __future__ import annotations

import click

corpus = click.option("--corpus", metavar="DIR", help="The folder of Markdown.")
index = click.option("--index", metavar="DIR", help="The folder of the index.")
offline = click.option("--offline", is_flag=True, default=None, help="Make no network call, whatever the model.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
