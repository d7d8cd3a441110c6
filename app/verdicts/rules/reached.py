"""What a run reaches in a window: units, operations and bytes a second, against what its device can do. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from app.session.roofs.roofline import Shares, shares
from app.verdicts.rules.telling import share_evidence
from app.verdicts.window import Window
from workloads.wire.frames import Evidence


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """Of the run, all ranks together. None: not known."""

    units_per_s: float | None = None
    flops_per_s: float | None = None
    bytes_per_s: float | None = None
    """As operators ask for them, and not what DRAM moves: caches keep some of it."""
    shares: Shares = Shares()

    @property
    def arithmetic(self) -> float | None:
        """Share of the peak that this device was measured to reach, else of the published one."""
        measured = self.shares.mfu_measured
        return self.shares.mfu if measured is None else measured

    @property
    def bandwidth(self) -> float | None:
        """Share of the bandwidth that a copy on this device was measured to reach."""
        return self.shares.bandwidth_fraction

    @property
    def peak(self) -> str:
        """Which peak `arithmetic` is of, in words."""
        return "published peak" if self.shares.mfu_measured is None else "measured peak"

    def evidence(self) -> Iterator[Evidence]:
        """Those shares that are known."""
        if self.flops_per_s is not None:
            yield Evidence(name="arithmetic", value=self.flops_per_s, unit="FLOP/s", source="counted")
        for name, share in (
            ("MFU", self.shares.mfu),
            ("of the measured peak", self.shares.mfu_measured),
            ("of the measured bandwidth", self.shares.bandwidth_fraction),
        ):
            if share is not None:
                yield share_evidence(name, share, source="counted")


def reached(window: Window) -> Reached:
    """Rates over the time that steps took, else over that of the requests."""
    units = _units_per_s(window)
    started = window.started
    if started is None or units is None:
        return Reached(units_per_s=units)
    flops, moved = started.flops_per_unit, started.bytes_per_unit
    return Reached(
        units_per_s=units,
        flops_per_s=None if flops is None else units * flops,
        bytes_per_s=None if moved is None else units * moved,
        shares=shares(started, units, window.roofline),
    )


def _units_per_s(window: Window) -> float | None:
    sums = [rank.steps for rank in window.ranks] or ([window.steps] if window.steps is not None else [])
    if sums:
        rates = [each.samples / (each.wall_ns * 1e-9) for each in sums if each.wall_ns > 0]
        return sum(rates) if len(rates) == len(sums) else None
    requests = window.requests
    return requests.samples / requests.seconds if requests is not None and requests.seconds > 0 else None
