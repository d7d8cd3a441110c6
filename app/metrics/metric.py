"""Metrics, as Prometheus and OpenTelemetry both know them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from app.metrics.sums import Distribution

Kind = Literal["counter", "gauge", "histogram"]
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Point:
    """One series of a metric."""

    labels: Labels
    value: float | Distribution


@dataclass(frozen=True)
class Metric:
    """One name, and all that is told under it."""

    name: str
    kind: Kind
    help: str
    points: list[Point] = field(default_factory=list)
