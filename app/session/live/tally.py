"""What was measured under one set of costs: of a whole run, or of one case of a run that measures several."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.session.live.histogram import Histogram
from app.session.live.view import Quantiles
from app.session.results.merit import merit


@dataclass(slots=True)
class Tally:
    """Sums over measure phases."""

    case: str | None = None
    """None: the run has no cases."""
    flops_per_unit: float | None = None
    bytes_per_unit: float | None = None
    measured_ns: int = 0
    """Of the phases that are over."""
    units: int = 0
    tokens: int | None = None
    times: Histogram = field(default_factory=Histogram)
    """Step times or latencies."""

    def add(self, units: int, tokens: int | None) -> None:
        """Some more was done."""
        self.units += units
        if tokens is not None:
            self.tokens = (self.tokens or 0) + tokens

    def rates(self) -> tuple[float | None, float | None]:
        """Units and tokens a second over the phases that are over; None where nothing was done in them."""
        if not self.measured_ns or not self.units:
            return None, None
        seconds = self.measured_ns / 1e9
        return self.units / seconds, None if self.tokens is None else self.tokens / seconds

    def quantiles(self) -> Quantiles | None:
        """Of its times so far."""
        return quantiles_of(self.times)

    def merit(self) -> tuple[float, ...]:
        """What the cases of a run are compared by."""
        return merit(self.rates()[0], self.flops_per_unit, self.bytes_per_unit)


def quantiles_of(times: Histogram) -> Quantiles | None:
    """Those that a screen shows; None of nothing."""
    if not times.count:
        return None
    p50, p95, p99 = times.quantiles((0.5, 0.95, 0.99))
    return Quantiles(p50=p50, p95=p95, p99=p99, largest=float(times.largest), count=times.count)


def costed(units_per_s: float | None, each: float | None) -> float | None:
    """What so many units a second come to, at what each costs; None where either is not known."""
    return None if units_per_s is None or each is None else units_per_s * each
