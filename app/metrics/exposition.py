"""Metrics → the text that Prometheus reads (exposition format 0.0.4)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final

from app.metrics.metric import Labels, Metric, Point
from app.metrics.sums import BOUNDS_NS, Distribution

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


def exposition(metrics: Iterable[Metric]) -> str:
    """All of them; ends with a line feed."""
    return "".join(f"{line}\n" for metric in metrics for line in _lines(metric))


def _lines(metric: Metric) -> Iterator[str]:
    yield f"# HELP {metric.name} {_escaped(metric.help)}"
    yield f"# TYPE {metric.name} {metric.kind}"
    for point in metric.points:
        yield from _series(metric.name, point)


def _series(name: str, point: Point) -> Iterator[str]:
    value = point.value
    if not isinstance(value, Distribution):
        yield f"{name}{_labels(point.labels)} {_number(value)}"
        return
    for bound, count in zip(BOUNDS_NS, value.below, strict=True):
        yield f"{name}_bucket{_labels((*point.labels, ('le', _number(bound / 1e9))))} {count}"
    yield f"{name}_bucket{_labels((*point.labels, ('le', '+Inf')))} {value.count}"
    yield f"{name}_sum{_labels(point.labels)} {_number(value.total_ns / 1e9)}"
    yield f"{name}_count{_labels(point.labels)} {value.count}"


def _labels(labels: Labels) -> str:
    told = (f'{name}="{_quoted(value)}"' for name, value in labels)
    return f"{{{','.join(told)}}}" if labels else ""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', '\\"')


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(value)
