"""Reading takes linear time, whatever the input.

Work is counted in calls, which do not depend on the machine. A pattern that backtracks makes no
calls: so every shape is also read at a size at which quadratic time would take minutes.
`python -m benchmarks.reading_growth` measures the exponents in seconds.
"""

from __future__ import annotations

import subprocess
import sys
from itertools import count
from types import FrameType
from typing import Any

import pytest

from benchmarks.reading_growth import FAMILIES, text_of
from qasearch.reading.line_uses import explain
from tests.conftest import ROOT

SMALL, FACTOR = 1500, 4


def calls_for(text: str) -> int:
    """How many calls of functions, in Python and in C, reading and explaining a text takes."""
    counter = count()

    def on_event(_frame: FrameType, event: str, _argument: Any) -> None:
        if event in ("call", "c_call"):
            next(counter)

    sys.setprofile(on_event)
    try:
        explain(text, "a.md")
    finally:
        sys.setprofile(None)
    return next(counter)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_work_grows_with_the_text_and_no_faster(name: str) -> None:
    shape = FAMILIES[name]
    explain(text_of(shape, SMALL), "a.md")  # fills the caches before the calls are counted
    small, large = (calls_for(text_of(shape, size)) for size in (SMALL, SMALL * FACTOR))
    assert large <= 1.25 * FACTOR * small


def test_no_shape_takes_minutes() -> None:
    code = """
from benchmarks.reading_growth import FAMILIES, text_of
from qasearch.reading.line_uses import explain
for shape in FAMILIES.values():
    explain(text_of(shape, 40_000), "a.md")
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, timeout=180)
