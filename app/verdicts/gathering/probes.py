"""What the session's own probes reached: the roofline that its later runs are held against."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from app.session.roofs.roofline import ARITHMETIC, MEMORY, Measured, Roofline, combined, rooflines_of
from workloads.wire.frames import Phase, RunStarted

MOST_CASES: Final = 1_000


@dataclass(slots=True)
class Case:
    """One of the things that a probe measures one after the other."""

    costs: Phase
    units: int = 0
    measured_ns: int = 0


class ProbeCases:
    """Of one run: what each case came to. Of a run that is no probe nothing is kept."""

    def __init__(self, workload: str) -> None:
        self._wanted = workload in (ARITHMETIC, MEMORY)
        self._cases: dict[str | None, Case] = {}
        self._now: Case | None = None

    def enter(self, phase: Phase | None) -> None:
        """A phase begins; only measuring counts."""
        self._now = None
        if phase is None or phase.phase != "measure" or not self._wanted:
            return
        if phase.case in self._cases or len(self._cases) < MOST_CASES:
            self._now = self._cases.setdefault(phase.case, Case(phase))

    def add(self, units: int, wall_ns: int) -> None:
        """Steps of the first rank."""
        if self._now is not None:
            self._now.units += units
            self._now.measured_ns += wall_ns

    def measured(self, started: RunStarted | None, host: str, hosts: int) -> list[Measured]:
        """Every case as a run of its own, for the best of them to be found."""
        if started is None:
            return []
        return [
            Measured(
                _costed(started, case.costs), host, case.units * 1e9 / case.measured_ns * max(1, started.ranks), hosts
            )
            for case in self._cases.values()
            if case.units and case.measured_ns
        ]


def known_rooflines(measured: Iterable[Measured], earlier: Iterable[Roofline]) -> tuple[Roofline, ...]:
    """Those of this session before those of earlier ones."""
    return combined((*rooflines_of(measured, "", 0), *earlier))


def _costed(started: RunStarted, costs: Phase) -> RunStarted:
    if costs.case is None:
        return started
    return replace(started, flops_per_unit=costs.flops_per_unit, bytes_per_unit=costs.bytes_per_unit)
