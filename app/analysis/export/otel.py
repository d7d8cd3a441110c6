"""A session's end as OpenTelemetry metrics, sent over OTLP/HTTP by OpenTelemetry's own exporter (extra `otel`)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Final, cast
from urllib.parse import urlsplit

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import export as sdk
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from app.analysis.export.asked import Asked, began_ns, wall_ns, window_of
from app.analysis.export.sums import sums_of
from app.analysis.load import Loaded
from app.metrics.families import metrics_of
from app.metrics.metric import Metric, Point
from app.metrics.sums import BOUNDS_NS, Distribution
from app.session.plain import plain

PATH: Final = "/v1/metrics"
TIMEOUT_S: Final = 10.0
UNITS: Final = {
    "bytes_per_second": "By/s",
    "seconds": "s",
    "bytes": "By",
    "ratio": "1",
    "hertz": "Hz",
    "watts": "W",
    "joules": "J",
    "celsius": "Cel",
}
"""Ending of a name → unit, as UCUM writes it."""


def export_metrics(loaded: Loaded, asked: Asked, say: Callable[[str], None]) -> None:
    """Send them to the address in `-o`, else to where the OTEL_EXPORTER_OTLP_… variables say.

    Raises ValueError where nobody takes them.
    """
    window = window_of(asked, loaded)
    metrics = metrics_of(sums_of(loaded, window))
    begin, end = began_ns(loaded), loaded.manifest.last_ns
    begin = begin if window.begin_ns is None else window.begin_ns
    end = end if window.until_ns is None else min(end, window.until_ns)
    span = begin + wall_ns(loaded), end + wall_ns(loaded)
    exporter = OTLPMetricExporter(endpoint=_endpoint(asked.output), timeout=TIMEOUT_S)
    with _words() as words:
        try:
            result = exporter.export(_data(loaded, metrics, span))
        finally:
            exporter.shutdown()
    where = asked.output or "the OTLP endpoint"
    if result is not sdk.MetricExportResult.SUCCESS:
        raise ValueError(f"{where} did not take the metrics: {words[-1] if words else 'no reason is known'}")
    say(f"{where}: {len(metrics)} metrics, {sum(len(metric.points) for metric in metrics)} series")


def _endpoint(output: str | None) -> str | None:
    if output is None:
        return None
    parts = urlsplit(output)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(f"-o {output}: give the address of a collector, as in -o http://localhost:4318")
    return output.rstrip("/") + PATH if parts.path in ("", "/") else output


def _data(loaded: Loaded, metrics: list[Metric], span: tuple[int, int]) -> sdk.MetricsData:
    resource = Resource({"service.name": "benchtop", "benchtop.session": plain(loaded.name)})
    scope = InstrumentationScope("benchtop", loaded.manifest.plan.benchtop or None)
    made = [_metric(metric, span) for metric in metrics]
    return sdk.MetricsData([sdk.ResourceMetrics(resource, [sdk.ScopeMetrics(scope, made, "")], "")])


def _metric(metric: Metric, span: tuple[int, int]) -> sdk.Metric:
    """Sums and histograms are of all the time from the session's begin on."""
    cumulative = sdk.AggregationTemporality.CUMULATIVE
    data: sdk.DataT
    if metric.kind == "histogram":
        data = sdk.Histogram([_distribution(point, span) for point in metric.points], cumulative)
    elif metric.kind == "counter":
        data = sdk.Sum([_number(point, span) for point in metric.points], cumulative, is_monotonic=True)
    else:
        data = sdk.Gauge([_number(point, span) for point in metric.points])
    return sdk.Metric(metric.name, metric.help, _unit(metric.name), data)


def _unit(name: str) -> str:
    name = name.removesuffix("_total")
    return next((unit for ending, unit in UNITS.items() if name.endswith(f"_{ending}")), "1")


def _number(point: Point, span: tuple[int, int]) -> sdk.NumberDataPoint:
    assert not isinstance(point.value, Distribution)
    return sdk.NumberDataPoint(dict(point.labels), *span, point.value)


def _distribution(point: Point, span: tuple[int, int]) -> sdk.HistogramDataPoint:
    value = point.value
    assert isinstance(value, Distribution)
    below = [0, *value.below, value.count]
    return sdk.HistogramDataPoint(
        dict(point.labels),
        *span,
        count=value.count,
        sum=value.total_ns / 1e9,
        bucket_counts=[high - low for low, high in pairwise(below)],
        explicit_bounds=[bound / 1e9 for bound in BOUNDS_NS],
        # Optional on the wire, and not known.
        min=cast("float", None),
        max=cast("float", None),
    )


@contextmanager
def _words() -> Iterator[list[str]]:
    """What the exporter logs while the block lasts, instead of on stderr."""
    words: list[str] = []
    logger = logging.getLogger("opentelemetry")
    handler = logging.Handler()
    handler.emit = lambda record: words.append(plain(record.getMessage()))  # type: ignore[method-assign]
    before = logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield words
    finally:
        logger.removeHandler(handler)
        logger.propagate = before
