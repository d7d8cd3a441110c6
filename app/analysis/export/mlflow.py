"""A session in MLflow: an experiment, a run for each of its runs, through MLflow's own client (extra `mlflow`)."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from app.analysis.export.asked import Asked, cut_tables, wall_ns, window_of
from app.analysis.export.series import Series, series_of
from app.analysis.load import Loaded
from app.analysis.summary.making import run_summaries
from app.session.plain import plain
from app.session.results.titles import titles
from app.session.store.manifest import RunRecord

MOST_POINTS: Final = 1_000
"""Of each curve: each point is a row or a line of MLflow's."""
BATCH: Final = 1_000
"""Metrics in one call, and parameters in one: MLflow's own limits."""
PARAMETERS: Final = 100
LONGEST: Final = 250
HEADLINES: Final = (
    "samples_per_s",
    "tokens_per_s",
    "measured_s",
    "samples",
    "mfu",
    "loss",
    "accuracy",
    "held_out_loss",
    "bits_per_byte",
    "failed_requests",
    "unserved_requests",
)
TIMES: Final = ("mean_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "p99_9_ms", "max_ms")


def export_runs(loaded: Loaded, asked: Asked, say: Callable[[str], None]) -> None:
    """Send them to the tracking URI or into the folder in `-o`, else to where MLFLOW_TRACKING_URI says, else `mlruns`.

    Raises ValueError where MLflow does not take them.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # it would tell its makers that it was used
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")  # of seven it takes four minutes to give up
    client_module, entities = import_module("mlflow.client"), import_module("mlflow.entities")
    where = _where(asked.output)
    tables, to_wall = cut_tables(loaded, window_of(asked, loaded)), wall_ns(loaded)
    called = titles(loaded.manifest.plan.runs)
    summaries = {summary.run: summary for summary in run_summaries(loaded)}
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    try:
        client = client_module.MlflowClient(where)
        name = _name(loaded.name)
        known = client.get_experiment_by_name(name)
        experiment = client.create_experiment(name) if known is None else known.experiment_id
        for record in loaded.manifest.runs:
            begin = (record.started.at_ns if record.started else loaded.manifest.last_ns) + to_wall
            end = (record.ended_ns or loaded.manifest.last_ns) + to_wall
            title = plain(called.get(record.run, "?"))
            tags = {"benchtop.session": plain(loaded.name), "benchtop.run": str(record.run)}
            made = client.create_run(experiment, start_time=begin // 1_000_000, tags=tags, run_name=title)
            identity = made.info.run_id
            parameters = [entities.Param(name, value) for name, value in _parameters(record)]
            for batch in _batches(iter(parameters), PARAMETERS):
                client.log_batch(identity, params=batch)
            ended = end // 1_000_000
            numbers = ((name, value, ended, 0) for name, value in _headlines(summaries.get(record.run)))
            curves = (
                point for series in series_of(tables, (record,), MOST_POINTS) for point in _points(series, to_wall)
            )
            for told in (numbers, curves):
                for batch in _batches((entities.Metric(*each) for each in told), BATCH):
                    client.log_batch(identity, metrics=batch)
            state = {"done": "FINISHED", "failed": "FAILED"}.get(record.outcome, "KILLED")
            client.set_terminated(identity, status=state, end_time=ended)
    except Exception as error:
        if type(error).__module__.startswith(("polars", "builtins")):
            raise
        raise ValueError(f"MLflow at {where} did not take the session: {_first(error)}") from error
    say(f"{where}: {len(loaded.manifest.runs)} runs in the experiment {name!r}")


def _where(output: str | None) -> str:
    output = output or os.environ.get("MLFLOW_TRACKING_URI") or "mlruns"
    if urlsplit(output).scheme:
        return output
    # Newer ones write into a folder only where they are told that it is meant.
    os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
    return Path(output).expanduser().absolute().as_uri()


def _parameters(record: RunRecord) -> Iterator[tuple[str, str]]:
    started = record.started
    if started is None:
        return
    facts = ("workload", "device", "device_name", "precision", "unit", "repeat", "seed", "ranks")
    told: dict[str, Any] = {**started.parameters, **{f"run.{name}": getattr(started, name) for name in facts}}
    yield from {_name(name): plain(str(value))[:LONGEST] for name, value in told.items()}.items()


def _headlines(summary: Any) -> Iterator[tuple[str, float]]:
    if summary is None:
        return
    for name in HEADLINES:
        if (value := getattr(summary, name)) is not None:
            yield f"result/{name}", float(value)
    for name in TIMES if summary.times is not None else ():
        if (value := getattr(summary.times, name)) is not None:
            yield _name(f"result/{summary.times.kind}_{name}"), float(value)


def _points(series: Series, to_wall: int) -> Iterator[tuple[str, float, int, int]]:
    name = _name(f"rank {series.rank}/{series.name}" if series.rank else series.name)
    timed = ((number, (at_ns + to_wall) // 1_000_000, value) for number, at_ns, value in series.points)
    # MLflow knows no time before 1970; no session is from then.
    return ((name, value, at_ms, number) for number, at_ms, value in timed if at_ms >= 0)


def _batches(items: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while batch := list(islice(items, size)):
        yield batch


def _name(text: str) -> str:
    """What MLflow may call anything: letters, digits and a few signs, and nothing that leads out of a folder."""
    parts = re.sub(r"[^A-Za-z0-9_\-. /]", "-", plain(text))[:LONGEST].split("/")
    return "/".join(filter(None, (part.strip(". ") for part in parts))) or "-"


def _first(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return plain(lines[0]) if lines else type(error).__name__
