"""Between which rates the border of a search lies, from tries that may contradict each other. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Try(msgspec.Struct, frozen=True):
    """One run at one rate, requests a second."""

    rate: float
    met: bool


def bracket(tries: Sequence[Try]) -> tuple[float | None, float | None]:
    """The highest rate that meets below the lowest that fails, and that one, by the majority of each rate's tries.

    Where a rate's tries are divided equally it fails: the objective has to be met reliably.
    """
    rates = dict.fromkeys(tried.rate for tried in tries)
    fails = min((rate for rate in rates if not _meets(tries, rate)), default=None)
    below = (rate for rate in rates if _meets(tries, rate) and (fails is None or rate < fails))
    return max(below, default=None), fails


def votes(tries: Sequence[Try], rate: float) -> tuple[int, int]:
    """Tries at that rate that met the objective, and that did not."""
    said = [tried.met for tried in tries if tried.rate == rate]
    return sum(said), len(said) - sum(said)


def _meets(tries: Sequence[Try], rate: float) -> bool:
    good, bad = votes(tries, rate)
    return good > bad
