"""How numbers are written for readers."""

from __future__ import annotations

MAX_PERCENT = 99
"""No estimate is certain, so no confidence is shown as 100 %."""


def percent(confidence: float) -> str:
    """A confidence from 0 to 1 as a whole percentage, rounded down, of at most `MAX_PERCENT`."""
    return f"{min(MAX_PERCENT, int(confidence * 100))} %"


def number(value: float) -> str:
    """The value with three decimals below 10, else with three digits; whole numbers without any."""
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}"
    if 0.001 <= abs(value) < 10:
        return f"{value:.3f}"
    return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
