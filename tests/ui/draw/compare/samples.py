"""A comparison with something in every panel."""

from __future__ import annotations

from typing import Final

from app.session.results.comparison import (
    Comparison,
    Curve,
    Difference,
    Distribution,
    GaugeComparison,
    MetricComparison,
    Pair,
    PartComparison,
    Side,
    Verdict,
)
from app.session.results.interval import Interval


def metric(name: str, label: str, verdict: Verdict, ratio: float) -> MetricComparison:
    return MetricComparison(
        name=name,
        label=label,
        unit="",
        higher_is_better=True,
        base=(100.0, 100.0, 100.0),
        other=(100.0 * ratio,) * 3,
        ratio=Interval(ratio, ratio - 0.01, ratio + 0.01, 0.95, 3),
        paired=False,
        verdict=verdict,
        why="the interval is too wide" if verdict == "cannot tell" else "",
    )


PAIR: Final = Pair(
    workload="train/digits",
    base_label="A",
    other_label="B",
    base_title="train/digits batch=4",
    other_title="train/digits batch=8",
    base_runs=3,
    other_runs=5,
    differences=(
        Difference(name="batch", base="4", other="8", effect="set otherwise", standing="meant"),
        Difference(name="driver", base="580.1", other="590.2", effect="other launch costs", standing="not meant"),
        Difference(name="vbios", base=None, other="96", effect="other clock tables", standing="not known"),
    ),
    metrics=(
        metric("samples_per_s", "throughput", "better", 1.12),
        metric("step_p50_ms", "step time p50", "worse", 1.05),
        metric("accuracy", "top-1", "same", 1.0),
        metric("bits_per_byte", "bits per byte", "cannot tell", 1.0),
    ),
    distribution=Distribution(
        kind="step time",
        low_ms=10.0,
        high_ms=20.0,
        log=False,
        base=(0.5, 0.3, 0.2, 0.0),
        other=(0.0, 0.2, 0.3, 0.5),
        quantiles=((0.5, 11.0, 17.0), (0.99, 15.0, 19.9)),
    ),
    parts=(
        PartComparison(name="forward", base_ms=4.0, other_ms=6.0),
        PartComparison(name="backward", base_ms=8.0, other_ms=None),
    ),
    gauges=(
        GaugeComparison(
            device="gpu0",
            name="sm_active_percent",
            base=80.0,
            other=90.0,
            by_time=Curve(span=12.5, base=(10.0, None, 80.0, 90.0), other=(None, 90.0, 90.0, None)),
            by_step=Curve(span=4000.0, base=(80.0,) * 4, other=(90.0,) * 4),
        ),
        GaugeComparison(device="gpu0", name="power_w", base=600.0, other=None),
        GaugeComparison(device="host", name="swap_used_bytes", base=0.0, other=0.0),
    ),
)

COMPARISON: Final = Comparison(
    within=0.01,
    sides=(Side(label="A", session="20300101-000000-old"), Side(label="B", session="20300102-000000-new", variant=2)),
    pairs=(
        PAIR,
        Pair(
            workload="infer/x",
            base_label="A",
            other_label="C",
            base_title="infer/x",
            other_title="infer/x",
            base_runs=1,
            other_runs=1,
        ),
    ),
)
