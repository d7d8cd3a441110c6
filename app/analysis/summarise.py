"""A loaded session → its summary. Reads tables, writes nothing."""

from __future__ import annotations

import msgspec
import polars as pl

from app.analysis.devices import device_summaries, energies, within_measure
from app.analysis.headline import last_accuracy, measure_windows
from app.analysis.load import Loaded
from app.analysis.summary import DeviceSummary, RunSummary, Summary
from app.analysis.times import Row, measured_requests, measured_steps, parts_of, times_of
from app.session.manifest import Manifest, RunRecord
from workloads.wire.frames import Fingerprint, RunStarted


def summarise(loaded: Loaded) -> Summary:
    """Everything that `show` says of a session."""
    manifest = loaded.manifest
    fingerprint = whole_fingerprint(manifest)
    gauges = loaded.tables["gauges"].collect()
    runs = tuple(_run(loaded, record, gauges, fingerprint) for record in manifest.runs)
    return Summary(
        name=loaded.folder.name,
        path=str(loaded.folder.path),
        state=loaded.state,
        outcome="running" if loaded.state == "running" else manifest.outcome,
        started_ns=manifest.started_ns,
        ended_ns=manifest.ended_ns,
        host=manifest.hellos[0].host if manifest.hellos else "",
        fingerprint=fingerprint,
        runs=runs,
        findings=manifest.findings,
        failure=manifest.failure,
        unknown=manifest.unknown,
        recovery=None if loaded.state == "running" else manifest.recovery,
    )


def whole_fingerprint(manifest: Manifest) -> Fingerprint:
    """The environment as all processes together saw it; where two know the same thing, the later one is believed."""
    known: dict[str, object] = {}
    packages: dict[str, str] = {}
    for hello in manifest.hellos:
        seen = msgspec.structs.asdict(hello.fingerprint)
        packages |= hello.fingerprint.packages
        known |= {name: value for name, value in seen.items() if value}
    return Fingerprint(**{**known, "packages": packages})  # type: ignore[arg-type]


def _run(loaded: Loaded, record: RunRecord, gauges: pl.DataFrame, fingerprint: Fingerprint) -> RunSummary:
    planned = next((planned for planned in loaded.manifest.plan.runs if planned.run == record.run), None)
    workload = record.started.workload if record.started else planned.workload if planned else ""
    going_on = loaded.state == "running" and record.outcome == "interrupted"
    head = RunSummary(
        run=record.run,
        workload=workload,
        outcome="running" if going_on else record.outcome,
        started=record.started,
        dropped=record.dropped,
        failure=record.failure,
        headline=record.headline,
        phases=record.phases,
    )
    if record.outcome == "skipped":
        return head
    return _with_devices(_with_rates(_with_samples(head, loaded, record)), record, gauges, fingerprint)


def _with_samples(head: RunSummary, loaded: Loaded, record: RunRecord) -> RunSummary:
    steps = measured_steps(loaded.tables["steps"], record.run)
    requests = measured_requests(loaded.tables["requests"], record.run)
    row: Row = requests if requests["rows"] else steps
    score = last_accuracy(record.scores)
    windows = measure_windows(record.phases, record.measured_until_ns)
    return msgspec.structs.replace(
        head,
        kind="requests" if requests["rows"] else "steps" if steps["rows"] else None,
        count=row["rows"],
        failed_requests=requests["failed"],
        samples=row["samples"],
        tokens=row["tokens"],
        measured_s=sum(end - begin for begin, end in windows) / 1e9,
        times=times_of(row),
        latency_from_send=times_of(requests, "send_"),
        data_wait_fraction=steps["data_wait_fraction"] if steps["data_wait_ms"] is not None else None,
        parts=parts_of(row),
        loss=steps["loss"],
        accuracy=score.value if score else None,
        accuracy_samples=score.samples if score else None,
    )


def _with_rates(run: RunSummary) -> RunSummary:
    """Rates are over the measured time; each is None where one of its factors is."""
    started = run.started
    rate = run.samples / run.measured_s if run.measured_s and run.kind else None
    flops = _times(rate, started.flops_per_unit if started else None)
    limit = started.limit_flops_per_s if started else None
    return msgspec.structs.replace(
        run,
        samples_per_s=rate,
        tokens_per_s=None if run.tokens is None or not run.measured_s else run.tokens / run.measured_s,
        flops_per_s=flops,
        mfu=flops / limit if flops is not None and limit else None,
        counted_bytes_per_s=_times(rate, started.bytes_per_unit if started else None),
    )


def _with_devices(run: RunSummary, record: RunRecord, gauges: pl.DataFrame, fingerprint: Fingerprint) -> RunSummary:
    windows = measure_windows(record.phases, record.measured_until_ns)
    devices = device_summaries(within_measure(gauges, record), fingerprint.devices)
    device = _device_of(run.started, devices)
    dram = [gauge.mean for gauge in device.gauges if gauge.gauge == "dram_bytes_per_s"] if device else []
    return msgspec.structs.replace(
        run,
        devices=devices,
        energy=energies(gauges, windows, run.samples),
        dram_bytes_per_s=dram[0] if dram else None,
        dram_device=device.device if device and dram else None,
    )


def _device_of(started: RunStarted | None, devices: tuple[DeviceSummary, ...]) -> DeviceSummary | None:
    """The accelerator that a run was on: the only one, else the one of the same number."""
    if started is None or not started.device.startswith("cuda"):
        return None
    gpus = [device for device in devices if device.device not in ("host", "worker")]
    wanted = f"gpu{started.device.partition(':')[2] or 0}"
    return gpus[0] if len(gpus) == 1 else next((gpu for gpu in gpus if gpu.device == wanted), None)


def _times(rate: float | None, each: float | None) -> float | None:
    return None if rate is None or each is None else rate * each
