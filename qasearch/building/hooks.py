"""What a caller says about a build, and hears of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qasearch.encoding import Encoder

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""

Loader = Callable[[str], "Encoder"]
"""From a model's name to its encoder."""


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How a build goes about it.

    With `full`, everything is read and embedded again, also over a damaged index. Without `wait`,
    another build of the same index makes this one fail. If there are more than `embed_at_most`
    texts to embed, it changes nothing and raises `TooMuch`.
    """

    full: bool = False
    wait: bool = True
    embed_at_most: int | None = None


class TooMuch(Exception):
    """There is more to embed than the caller wants to wait for."""
