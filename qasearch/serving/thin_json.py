"""JSON for the thin client, with the compiled part of the standard library's json only.

Importing all of `json` compiles regular expressions, which takes longer than asking. If an
interpreter has no such part, or a different one, this module uses `json`.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing takes as long as asking
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def decode(text: str) -> Any:
    """The value of a JSON text.

    Raises:
        ValueError: the text is no JSON.
    """
    try:
        return _scan(text, 0)[0]
    except StopIteration as error:
        raise ValueError(text) from error


def encode(value: Any) -> str:
    """JSON on one line, in ASCII, of None, bool, int, str, and lists and dicts of those."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join([f"{_quoted(name)}: {encode(item)}" for name, item in value.items()])
            + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join([encode(item) for item in value]) + "]"
    return "null" if value is None else str(value).lower()


class _Rules:
    """What the scanner of `json.JSONDecoder` takes from the decoder."""

    strict = True
    object_hook = object_pairs_hook = parse_constant = array_hook = None
    parse_float, parse_int = float, int


_scan: Callable[[str, int], tuple[Any, int]]
try:
    from _json import encode_basestring_ascii as _quoted
    from _json import make_scanner

    _scan = make_scanner(_Rules())  # type: ignore[arg-type]
except (ImportError, AttributeError, TypeError):
    from json import JSONDecoder
    from json.encoder import encode_basestring_ascii as _quoted

    _scan = JSONDecoder().raw_decode
