"""Metrics over OTLP: what a collector gets, read with OpenTelemetry's own messages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from app.analysis.export.asked import Asked
from app.analysis.export.command import export_session
from app.analysis.finishing.finish import finish
from app.session.store.folder import SessionFolder
from tests.analysis.journals import journalled, whole
from tests.hostile import write_hostile
from tests.session.frames import SECOND

pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric


class Collector(HTTPServer):
    """Keeps what comes, and answers with one status."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.came: list[tuple[str, bytes]] = []
        self.status = 200

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Receiver(BaseHTTPRequestHandler):
    """Takes one request."""

    server: Collector

    def do_POST(self) -> None:
        self.server.came.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def export(folder: SessionFolder, where: str) -> list[str]:
    said: list[str] = []
    export_session(folder, Asked("otel", where), said.append)
    return said


def metrics(collector: Collector) -> dict[str, Metric]:
    ((path, body),) = collector.came
    assert path == "/v1/metrics"
    (resource,) = ExportMetricsServiceRequest.FromString(body).resource_metrics
    assert {each.key for each in resource.resource.attributes} == {"service.name", "benchtop.session"}
    return {metric.name: metric for scope in resource.scope_metrics for metric in scope.metrics}


def test_a_collector_gets_the_sessions_end(tmp_path: Path, collector: Collector) -> None:
    folder = journalled(tmp_path / "home", whole())
    finish(folder)
    (said,) = export(folder, collector.address)
    assert said.startswith(collector.address)
    came = metrics(collector)
    steps = came["benchtop_step_seconds"]
    assert steps.unit == "s"
    (measured,) = (
        point
        for point in steps.histogram.data_points
        if {(each.key, each.value.string_value) for each in point.attributes} >= {("phase", "measure"), ("run", "1")}
    )
    assert (measured.count, sum(measured.bucket_counts)) == (19, 19)
    assert measured.sum == pytest.approx(1.9)
    assert len(measured.bucket_counts) == len(measured.explicit_bounds) + 1
    assert not measured.HasField("max")
    assert measured.start_time_unix_nano == 1000 * SECOND
    power = came["benchtop_power_watts"]
    assert (power.unit, power.gauge.data_points[0].as_double) == ("W", 90)
    assert came["benchtop_energy_joules_total"].sum.is_monotonic


def test_what_nobody_takes_is_one_line(tmp_path: Path, collector: Collector) -> None:
    folder = journalled(tmp_path / "home", whole())
    collector.status = 400
    with pytest.raises(ValueError, match=f"{collector.address}/x did not take the metrics: .*400"):
        export(folder, f"{collector.address}/x")
    with pytest.raises(ValueError, match="give the address of a collector"):
        export(folder, "file.otlp")


def test_a_hostile_session_is_sent_whole(tmp_path: Path, collector: Collector) -> None:
    folder = write_hostile(SessionFolder(tmp_path / "home" / "from-a-stranger"), driving=True)
    export(folder, collector.address)
    assert "benchtop_step_seconds" in metrics(collector)
