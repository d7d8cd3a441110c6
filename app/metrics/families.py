"""Sums → metrics: what each is called, what it says, and by which labels it is told apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from app.metrics.metric import Kind, Labels, Metric, Point
from app.metrics.sums import Distribution, Key, RunSums, Sums
from app.metrics.units import metric_of
from app.session.plain import plain
from workloads.wire.gauges import GAUGES

HELP: Final[dict[str, tuple[Kind, str]]] = {
    "benchtop_session_info": ("gauge", "The session, and how it stands; always 1."),
    "benchtop_session_start_timestamp_seconds": ("gauge", "When the session began, seconds since 1970, UTC."),
    "benchtop_run_info": ("gauge", "A run's configuration in short, and how it stands; always 1."),
    "benchtop_run_limited_by": ("gauge", "What limits the run first of all; always 1."),
    "benchtop_run_dropped_samples_total": ("counter", "Samples that the worker's buffer could not hold."),
    "benchtop_score": ("gauge", "The last result on held-out data."),
    "benchtop_step_seconds": ("histogram", "Time of a step."),
    "benchtop_step_part_seconds_total": (
        "counter",
        "Time of all steps in one of their parts, as far as it was measured.",
    ),
    "benchtop_step_samples_total": ("counter", "Units of work that steps have done."),
    "benchtop_step_tokens_total": ("counter", "Tokens that steps have worked on."),
    "benchtop_loss": ("gauge", "The newest training loss."),
    "benchtop_requests_total": ("counter", "Requests by what became of them."),
    "benchtop_request_latency_seconds": ("histogram", "From when a request was due to its answer."),
    "benchtop_request_first_output_seconds": ("histogram", "From when a request was due to its first output."),
    "benchtop_request_queue_seconds": ("histogram", "From sending a request to the start of its batch."),
    "benchtop_request_samples_total": ("counter", "Units of work in requests that were answered."),
    "benchtop_request_tokens_total": ("counter", "Tokens that requests were answered with."),
}


def metrics_of(sums: Sums) -> list[Metric]:
    """All that there is to tell, in a fixed order; what was not measured is not in it."""
    made = {name: Metric(name, kind, text) for name, (kind, text) in HELP.items()}
    for name, labels, value in (*_session(sums), *_runs(sums), *_steps(sums), *_requests(sums)):
        made[name].points.append(Point(tuple((key, plain(text)) for key, text in labels), value))
    return [metric for metric in (*made.values(), *_readings(sums)) if metric.points]


_Told = Iterator[tuple[str, Labels, float | Distribution]]


def _session(sums: Sums) -> _Told:
    info = (("session", sums.session), ("state", sums.state), ("version", sums.benchtop))
    yield "benchtop_session_info", info, 1
    if sums.began_unix_s is not None:
        yield "benchtop_session_start_timestamp_seconds", (("session", sums.session),), sums.began_unix_s


def _runs(sums: Sums) -> _Told:
    for number, run in sums.runs.items():
        labels = (("run", str(number)), ("workload", run.workload))
        told: Labels = (("title", run.title), ("state", run.state))
        if run.started is not None:
            started = run.started
            told = (
                *told,
                ("device", device_of(run)),
                ("device_name", started.device_name),
                ("precision", started.precision),
                ("unit", started.unit),
                ("repeat", str(started.repeat)),
            )
        yield "benchtop_run_info", (*labels, *told), 1
        if run.limit is not None:
            yield "benchtop_run_limited_by", (*labels, ("verdict", run.limit[0]), ("severity", run.limit[1])), 1
        if run.started is not None:
            yield "benchtop_run_dropped_samples_total", labels, run.dropped
        for metric, value in run.scores.items():
            yield "benchtop_score", (*labels, ("metric", metric)), value


def _steps(sums: Sums) -> _Told:
    for key, steps in sums.steps.items():
        labels = _labels(sums, key)
        yield "benchtop_step_seconds", labels, steps.times
        for part, total_ns in steps.parts_ns.items():
            yield "benchtop_step_part_seconds_total", (*labels, ("part", part)), total_ns / 1e9
        yield "benchtop_step_samples_total", labels, steps.samples
        if steps.tokens is not None:
            yield "benchtop_step_tokens_total", labels, steps.tokens
        if steps.loss is not None:
            yield "benchtop_loss", labels, steps.loss


def _requests(sums: Sums) -> _Told:
    for key, requests in sums.requests.items():
        labels = _labels(sums, key)
        for outcome, count in requests.outcomes.items():
            yield "benchtop_requests_total", (*labels, ("outcome", outcome)), count
        yield "benchtop_request_latency_seconds", labels, requests.latency
        yield "benchtop_request_first_output_seconds", labels, requests.first
        if requests.queue.count:
            yield "benchtop_request_queue_seconds", labels, requests.queue
        yield "benchtop_request_samples_total", labels, requests.samples
        if requests.tokens is not None:
            yield "benchtop_request_tokens_total", labels, requests.tokens


def _readings(sums: Sums) -> list[Metric]:
    made: dict[str, Metric] = {}
    order = list(GAUGES)
    for place in sorted(sums.readings, key=lambda place: (order.index(place.gauge), place.device, place.source)):
        named = metric_of(place.gauge)
        metric = made.setdefault(named.name, Metric(named.name, named.kind, GAUGES[place.gauge].meaning))
        labels = (("device", plain(place.device)), ("source", plain(place.source)))
        metric.points.append(Point(labels, sums.readings[place] * named.factor))
    return list(made.values())


def _labels(sums: Sums, key: Key) -> Labels:
    run = sums.runs.get(key.run)
    return (
        ("run", str(key.run)),
        ("workload", run.workload if run else ""),
        ("rank", str(key.rank)),
        ("device", device_of(run)),
        ("phase", key.phase),
    )


def device_of(run: RunSums | None) -> str:
    """`cuda:0`; of several ranks, each of which has one of its own, `cuda`."""
    if run is None or run.started is None:
        return ""
    return run.started.device if run.started.ranks == 1 else run.started.device.partition(":")[0]
