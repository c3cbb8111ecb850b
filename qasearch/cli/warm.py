"""`qasearch warm`."""

from __future__ import annotations

import time
from typing import Any

import click

from qasearch.cli import options
from qasearch.serving import client

_NONE = "There is no warm process. The next question leaves one behind, unless that is turned off."
_END_S = 10.0


@click.group(
    name="warm",
    help="""The warm process keeps indexes and models loaded, so that questions are answered at once. The first question
    leaves it behind, and it ends by itself after ten idle minutes. Exit code 0: there is one, 1: there is none.""",
)
def command() -> None:
    """A group, so that `warm` alone says what there is."""


@command.command(help="Say what the warm process has loaded, and how long it has been idle.")
@options.as_json
def status(as_json: bool) -> int:
    """0: there is one; 1: there is none."""
    from qasearch.presenting.json_reply import dumps
    from qasearch.presenting.text.printable import visible

    found = client.call("status")
    fields = found or {"schema": "qasearch.warm/1", "pid": None}
    click.echo(dumps(fields, indent=2) if as_json else visible(_text(fields)))
    return 0 if found else 1


@command.command(help="End the warm process after the answers that are under way.")
def stop() -> int:
    """0: it has ended; 1: there was none."""
    if client.call("stop") is None:
        click.echo(_NONE)
        return 1
    end = time.monotonic() + _END_S
    while client.call("status") is not None and time.monotonic() < end:
        time.sleep(0.02)
    click.echo("The warm process has ended.")
    return 0


def _text(fields: dict[str, Any]) -> str:
    if fields["pid"] is None:
        return _NONE
    lines = [
        f"process   {fields['pid']}, qasearch {fields['version']}, since {fields['since']}",
        f"idle      {fields['idle_s']:.0f} s",
        f"answered  {fields['answered']}",
    ]
    for worker in fields["workers"]:
        memory = f", {worker['memory_mb']:.0f} MB" if worker.get("memory_mb") else ""
        lines.append(f"worker    {worker['pid']}{memory}")
        lines += [
            f"index     {each['path']} {each['generation']}, {each['model']}"
            for each in worker["indexes"]
        ]
    return "\n".join(lines)
