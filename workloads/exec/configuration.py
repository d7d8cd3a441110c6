"""The run's RunStarted: told before anything is known but the command, and again as more of it comes to be known."""

from __future__ import annotations

from typing import Final, Literal

from msgspec.structs import replace

from workloads.exec.facts import one_line
from workloads.exec.said import MOST_RANKS, SaidHello, SaidWork
from workloads.limits import published_limit
from workloads.wire.frames import RunStarted, Unit

Kind = Literal["steps", "requests"]

UNITS: Final[dict[Kind, Unit]] = {"steps": "step", "requests": "request"}
"""What is counted where the hook does not know how many samples each has."""


class Configuration:
    """What is known of a run so far."""

    def __init__(self, started: RunStarted) -> None:
        self._before = started
        self.told: RunStarted | None = None
        """As it was told last, with a device in it; None: nobody has trained or inferred."""
        self.kind: Kind | None = None
        """A run is of steps or of requests, whichever comes first."""
        self.ones = False
        """Whether each counts as one unit, for nobody knows its samples."""

    @property
    def began_ns(self) -> int:
        """When the command was started."""
        return self._before.at_ns

    def settle(self, kind: Kind, samples: int) -> None:
        """The first rows have come, with so many samples in one."""
        if self.kind is None:
            self.kind, self.ones = kind, not samples

    def news(self, hello: SaidHello, work: SaidWork | None, ranks: int, *, first: bool) -> RunStarted | None:
        """What is to be told now that this rank speaks; None: nothing is new.

        Only the first says where it runs, and what a step is.
        """
        told = self.told
        apart = ranks > 1 and hello.rank is None and hello.world_size in (None, 1)
        if told is not None and not first:
            started = replace(told, ranks=max(told.ranks, ranks), apart=apart)
        else:
            # Of several hosts only this one is listened to: its ranks are counted as they come.
            world = hello.world_size if hello.local_rank is None else None
            started = replace(
                self._before,
                device=hello.device or "cpu",
                device_name=one_line(hello.device_name or ""),
                precision=hello.precision or "",
                unit="step" if self.kind is None else UNITS[self.kind] if self.ones else "sample",
                ranks=max(ranks, min(world or 1, MOST_RANKS)),
                apart=apart,
            )
            if work is not None:
                started = self._counted(started, work)
        if started == told:
            return None
        self.told = started
        return started

    def _counted(self, started: RunStarted, work: SaidWork) -> RunStarted:
        """With what a step costs, and each unit of it."""
        units = 1 if self.ones or self.kind is None else work.samples
        precision = one_line(work.precision or "") or started.precision
        limit = published_limit(started.device_name, precision) if work.precision else None
        return replace(
            started,
            precision=precision,
            flops_per_unit=work.flops / units if units and work.flops is not None else None,
            bytes_per_unit=work.bytes / units if units else None,
            limit_flops_per_s=limit.flops_per_s if limit else None,
            limit_source=limit.source if limit else None,
            operators_per_step=float(work.operators),
        )
