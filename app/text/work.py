"""How fast a run works, in the one number that suits its unit of work. Standard library only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from app.text.numbers import flops, rate
from app.text.units import Counted, units_of

FLOPS: Final = frozenset({"product", "call"})
"""Units that are there for their arithmetic."""
MODELS: Final = frozenset({"sample", "request"})
"""Units that a model works on."""
BYTES: Final = frozenset({"copy", "collective"})
"""Units that are there for the bytes they move."""


class Working(Protocol):
    """What says how fast a run works, as RunView does. Rates are a second; None: not measured."""

    @property
    def started(self) -> Counted | None:
        """Its configuration, with its unit of work."""

    @property
    def samples_per_s(self) -> float | None:
        """Units of work."""

    @property
    def tokens_per_s(self) -> float | None:
        """Tokens, where it has them."""

    @property
    def flops_per_s(self) -> float | None:
        """Floating-point operations."""

    @property
    def bytes_per_s(self) -> float | None:
        """Bytes."""


def work_text(run: Working, number: Callable[[float], str]) -> str | None:
    """`512 TFLOP/s`, `55.2 GB/s`, `22,437 tokens/s` or `1,234 samples/s`; None where it was not measured.

    `number` words the last two kinds.
    """
    unit = run.started.unit if run.started else "sample"
    if unit in FLOPS and run.flops_per_s is not None:
        return flops(run.flops_per_s)
    if unit in BYTES and run.bytes_per_s is not None:
        return rate(run.bytes_per_s)
    if run.tokens_per_s is not None:
        return f"{number(run.tokens_per_s)} tokens/s"
    return None if run.samples_per_s is None else f"{number(run.samples_per_s)} {units_of(run.started)}/s"
