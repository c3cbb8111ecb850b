"""`qasearch warm`."""

from __future__ import annotations

import time
from typing import Any

import click

from qasearch.cli import options as shared
from qasearch.serving import client

_NONE = "There is no warm process. The next question starts one, unless that is turned off."

_END_S = 10.0
"""How long `stop` waits for the process to end."""


@click.group(
    name="warm",
    help="""The warm process keeps indexes and models loaded, so that answers come at once.

    The first question starts it, and it ends by itself after ten idle minutes. Exit code 0: there
    is one, 1: there is none.""",
)
def command() -> None:
    """A group, so that `warm` alone prints its help."""


@command.command(help="Show what the warm process has loaded, and how long it has been idle.")
@shared.as_json
def status(as_json: bool) -> int:
    """0: there is a warm process; 1: there is none."""
    state = client.call("status")
    if as_json:
        from qasearch.presenting.schemas.fields import dumps
        from qasearch.presenting.schemas.warm import WARM

        click.echo(dumps(state or WARM.render({}), indent=2))
    else:
        from qasearch.presenting.text.printable import visible

        click.echo(visible(_text(state) if state else _NONE))
    return 0 if state else 1


@command.command(help="End the warm process after the answers that it is making.")
def stop() -> int:
    """0: it has ended; 1: there was none."""
    if client.call("stop") is None:
        click.echo(_NONE)
        return 1
    deadline = time.monotonic() + _END_S
    while client.call("status") is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    click.echo("The warm process has ended.")
    return 0


def _text(state: dict[str, Any]) -> str:
    lines = [
        f"process   {state['pid']}, qasearch {state['version']}, since {state['since']}",
        f"idle      {state['idle_s']:.0f} s",
        f"answered  {state['answered']}",
    ]
    if state.get("log"):
        lines.append(f"log       {state['log']}")
    for worker in state["workers"]:
        memory = f", {worker['memory_mb']:.0f} MB" if worker.get("memory_mb") else ""
        lines.append(f"worker    {worker['pid']}{memory}")
        lines += [
            f"index     {index['path']} {index['generation']}, {index['model']}"
            for index in worker["indexes"]
        ]
    return "\n".join(lines)
