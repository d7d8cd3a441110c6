"""Metrics as text: the official reader takes it, with names and units that Prometheus' conventions ask for."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.analysis.export.asked import Window
from app.analysis.export.sums import sums_of
from app.analysis.finishing.finish import finish
from app.analysis.load import load
from app.metrics.exposition import exposition
from app.metrics.families import HELP, metrics_of
from app.metrics.gathering import Gathering
from app.metrics.metric import Metric, Point
from app.metrics.sums import Sums
from app.metrics.units import metric_of
from app.session.store.folder import SessionFolder
from app.session.store.journal import JournalReader
from tests.analysis.journals import journalled, whole
from tests.hostile import MARKS, hostile_frames, hostile_manifest, write_hostile
from workloads.wire.gauges import GAUGES

UNITS = ("seconds", "bytes", "second", "ratio", "hertz", "watts", "joules", "celsius")
Read = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def read(text: str) -> Read:
    families = list(text_string_to_metric_families(text))
    assert all(family.documentation and family.type != "unknown" for family in families)
    samples = [sample for family in families for sample in family.samples]
    found = {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in samples}
    assert len(found) == len(samples), "each series comes once"
    return found


def values(text: str, name: str, **labels: str) -> list[float]:
    wanted = labels.items()
    return [value for (found, of), value in read(text).items() if found == name and wanted <= dict(of).items()]


@pytest.fixture
def folder(tmp_path: Path) -> SessionFolder:
    return journalled(tmp_path / "home", whole())


def live(folder: SessionFolder) -> Sums:
    gathering = Gathering(folder.name, folder.read_plan())
    for frame in JournalReader(folder.journal):
        gathering.take(frame)
    return gathering.sums


def test_numbers_are_those_of_the_session_in_seconds(folder: SessionFolder) -> None:
    text = exposition(metrics_of(live(folder)))
    of = {"run": "1", "workload": "train/digits", "rank": "0", "device": "cpu", "phase": "measure"}
    assert values(text, "benchtop_step_seconds_count", **of) == [19]
    assert values(text, "benchtop_step_seconds_sum", **of) == [pytest.approx(1.9)]
    assert values(text, "benchtop_step_seconds_bucket", **of, le="0.05") == [0]
    assert values(text, "benchtop_step_seconds_bucket", **of, le="0.1") == [19]
    assert values(text, "benchtop_step_part_seconds_total", **of, part="data_wait") == [pytest.approx(0.19)]
    assert values(text, "benchtop_step_samples_total", **of) == [76]
    assert values(text, "benchtop_loss", **of) == [0.5]
    assert values(text, "benchtop_requests_total", run="2", outcome="answered") == [4]
    assert values(text, "benchtop_requests_total", run="2", outcome="failed") == [1]
    assert values(text, "benchtop_request_latency_seconds_sum", run="2") == [pytest.approx(0.072)]
    assert values(text, "benchtop_power_watts", device="gpu0", source="nvml") == [90]
    assert values(text, "benchtop_energy_joules_total", device="gpu0") == [405]
    assert values(text, "benchtop_score", metric="top1_accuracy") == [0.98]
    assert values(text, "benchtop_run_info", run="1", state="done", device_name="a processor") == [1]
    assert values(text, "benchtop_session_info", state="done") == [1]


def test_frames_and_the_tables_made_of_them_say_the_same(folder: SessionFolder) -> None:
    told = live(folder)
    told.readings = {place: value for place, value in told.readings.items() if place.device == "gpu0"}
    text = exposition(metrics_of(told))
    finish(folder)
    found = sums_of(load(folder), Window())
    found.readings = {place: value for place, value in found.readings.items() if place.device == "gpu0"}
    assert read(exposition(metrics_of(found))) == pytest.approx(read(text))


def test_names_follow_the_conventions() -> None:
    counters = {name for name, (kind, _) in HELP.items() if kind == "counter"}
    assert counters == {name for name in HELP if name.endswith("_total")}
    for gauge in GAUGES:
        name, kind, _ = metric_of(gauge)
        assert re.fullmatch(r"benchtop_[a-z][a-z0-9_]*", name)
        assert name.endswith("_total") == (kind == "counter")
        if re.search(r"_(percent|bytes|bytes_per_s|mhz|w|j|c)$", gauge):
            assert name.removesuffix("_total").endswith(UNITS), name
    assert metric_of("utilization_percent") == ("benchtop_utilization_ratio", "gauge", 0.01)


def test_whatever_is_in_a_label_it_is_read_back() -> None:
    odd = 'a\\n"b"\n\\'
    metric = Metric("x", "gauge", "one \\ two\nthree", [Point((("name", odd),), math.nan), Point((), -math.inf)])
    (family,) = text_string_to_metric_families(exposition([metric]))
    assert [sample.labels for sample in family.samples] == [{"name": odd}, {}]
    assert math.isnan(family.samples[0].value)
    assert family.samples[1].value == -math.inf


@pytest.mark.parametrize("driving", [False, True])
def test_a_hostile_session_is_told_in_plain_text(tmp_path: Path, driving: bool) -> None:
    folder = write_hostile(SessionFolder(tmp_path / "from-a-stranger"), driving=driving)
    gathering = Gathering("from-a-stranger", hostile_manifest(driving=driving).plan)
    for frame in hostile_frames(driving=driving):
        gathering.take(frame)
    for sums in (sums_of(load(folder), Window()), gathering.sums):
        text = exposition(metrics_of(sums))
        assert read(text)
        assert not [mark for mark in MARKS if mark in text]
        assert not [line for line in text.splitlines() if line.startswith("FORGED")]
