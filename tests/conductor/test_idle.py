"""The idle baseline is measured before the first run, where anything tells of power, and named."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.conductor.idle import DEFAULT_S, Idle, baseline_text, seconds_of
from app.session.sources.control import ask
from tests.conductor.harness import conducted, finished, journal, plan_of, until
from workloads.wire.commands import Stop
from workloads.wire.frames import Done, Gauges, Hello, IdleBaseline, Log

SECOND = 1_000_000_000


def gauges(device: str, second: float = 0, **readings: float) -> Gauges:
    source = "proc" if device == "host" else "nvml"
    return Gauges(at_ns=int(second * SECOND), device=device, source=source, readings=readings)  # type: ignore[arg-type]


def test_power_is_a_mean_and_a_counter_a_difference() -> None:
    idle = Idle()
    idle.hear(gauges("gpu0", power_w=500.0))
    idle.hear(gauges("host", 1, package_energy_j=10.0))
    idle.forget()
    for power in (70.0, 72.0):
        idle.hear(gauges("gpu0", power_w=power))
    for second in (2, 3):
        idle.hear(gauges("host", second, package_energy_j=10.0 + 40 * (second - 1)))
    baseline = idle.baseline(5 * SECOND, 2.0)
    assert baseline == IdleBaseline(at_ns=5 * SECOND, seconds=2.0, power_w={"gpu0": 71.0, "host": 40.0})
    assert baseline_text(baseline) == "idle baseline gpu0 71 W, host 40 W over 2.0 s"


@pytest.mark.parametrize(("readings", "tells"), [({"power_w": 5.0}, True), ({"cpu_percent": 5.0}, False)])
def test_the_hosts_own_readings_are_the_last_that_are_waited_for(readings: dict[str, float], tells: bool) -> None:
    async def hears() -> bool:
        idle = Idle()
        idle.hear(gauges("gpu0", **readings))
        idle.hear(gauges("host"))
        return await idle.first(60, asyncio.Event())

    assert asyncio.run(hears()) is tells


def test_a_machine_without_a_driver_or_rapl_waits_for_nothing(tmp_path: Path) -> None:
    asked = replace(plan_of("works"), idle_s=None)
    assert seconds_of(asked, tmp_path) == 0
    assert seconds_of(replace(asked, via=("ssh", "host")), tmp_path) == DEFAULT_S, "nobody knows what is there"
    assert seconds_of(replace(asked, idle_s=7), tmp_path) == 7
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/nvidiactl").touch()
    assert seconds_of(asked, tmp_path) == DEFAULT_S
    assert seconds_of(replace(asked, idle_s=0), tmp_path) == 0


def test_it_is_over_before_the_first_worker_begins(tmp_path: Path) -> None:
    folder = finished(tmp_path, replace(plan_of("works", sampler="draws"), idle_s=0.1))
    manifest = folder.read_manifest()
    assert manifest.outcome == "done"
    assert manifest.idle is not None
    assert manifest.idle.power_w == {"gpu0": 71.0}
    assert manifest.idle.seconds >= 0.1
    (worker,) = (hello for hello in manifest.hellos if hello.role == "worker")
    assert worker.monotonic_ns > manifest.idle.at_ns


def test_a_stop_ends_it_and_starts_nothing(tmp_path: Path) -> None:
    with conducted(tmp_path, replace(plan_of("works", sampler="draws"), idle_s=600)) as (folder, process):
        until(lambda: any(isinstance(frame, Log) and "idle baseline" in frame.text for frame in journal(folder)))
        assert ask(folder, Stop()).accepted
        process.wait(30)
        frames = journal(folder)
    assert folder.read_manifest().outcome == "interrupted"
    assert not [frame for frame in frames if isinstance(frame, Hello) and frame.role == "worker"]
    assert not [frame for frame in frames if isinstance(frame, Done) and frame.outcome == "done"]
