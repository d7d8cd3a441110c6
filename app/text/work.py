"""How fast a run works, in the one number that suits its unit of work. Standard library only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from app.text.numbers import flops, rate
from app.text.units import Counted, units_of

FLOPS: Final = frozenset({"product", "call"})
"""Units that are there for their arithmetic."""
BYTES: Final = frozenset({"copy", "collective"})
"""Units that are there for the bytes they move."""


def work_text(
    started: Counted | None,
    units_per_s: float | None,
    flops_per_s: float | None,
    bytes_per_s: float | None,
    number: Callable[[float], str],
) -> str | None:
    """`512 TFLOP/s`, `55.2 GB/s` or `1,234 samples/s`; None where it was not measured. `number` words the last kind."""
    unit = started.unit if started else "sample"
    if unit in FLOPS and flops_per_s is not None:
        return flops(flops_per_s)
    if unit in BYTES and bytes_per_s is not None:
        return rate(bytes_per_s)
    return None if units_per_s is None else f"{number(units_per_s)} {units_of(started)}/s"
