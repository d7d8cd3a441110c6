"""The cases of a run as a small table: one a row, and only the columns that any of them has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from app.analysis.summary.report import CaseSummary
from app.text.numbers import count, flops, milliseconds, percent, rate

NONE = "–"


class _Column(NamedTuple):
    title: str
    text: Callable[[CaseSummary], str | None]


def case_lines(cases: Sequence[CaseSummary], units: str, best: str | None, width: int) -> list[str]:
    """`* pinned, to device, 64 MiB  55.2 GB/s  87.6 %  823  1.21 ms  130`, under a row of titles.

    The best is marked by a star. All lines are of one width; the last columns are left out where that is too little.
    """
    names = ["  case", *(f"{'*' if case.name == best else ' '} {case.name}" for case in cases)]
    lines = [f"{name:<{max(map(len, names))}}" for name in names]
    for column in _columns(units):
        texts = [column.text(case) for case in cases]
        cells = [column.title, *(text or NONE for text in texts)]
        longest = max(map(len, cells))
        if len(lines[0]) + 2 + longest > width:
            break
        if any(texts):
            lines = [f"{line}  {cell:>{longest}}" for line, cell in zip(lines, cells, strict=True)]
    return lines


def _columns(units: str) -> tuple[_Column, ...]:
    """The most important first."""
    return (
        _Column("FLOP/s", lambda case: _shown(case.flops_per_s, flops)),
        _Column("MFU", lambda case: _shown(case.mfu, _share)),
        _Column("bytes/s", lambda case: _shown(case.bytes_per_s, rate)),
        _Column("of limit", lambda case: _shown(case.bytes_of_limit, _share)),
        _Column(f"{units}/s", lambda case: _shown(case.units_per_s, count)),
        _Column("step p50", lambda case: _shown(case.p50_ms, milliseconds)),
        _Column("steps", lambda case: f"{case.count:,}"),
    )


def _shown(number: float | None, text: Callable[[float], str]) -> str | None:
    return None if number is None else text(number)


def _share(fraction: float) -> str:
    return percent(fraction * 100)
