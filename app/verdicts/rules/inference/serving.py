"""What a server did in a window: how much of the time it served, in which batches, and how many waited. Pure."""

from __future__ import annotations

from app.verdicts.rules.readings import on_gpu, over
from app.verdicts.window import RequestSums, Window


def serves(window: Window) -> RequestSums | None:
    """The requests of a run that answers and does not train; None of any other, or without answers."""
    requests = window.requests
    if window.steps is not None or requests is None or not requests.count or requests.seconds <= 0:
        return None
    return requests


def serving_share(window: Window, requests: RequestSums) -> float | None:
    """Part of the time in which something is served; None where it cannot be told."""
    seconds_ns = requests.seconds * 1e9
    if requests.service_ns is not None and requests.batches:
        return min(1.0, requests.service_ns / requests.count * requests.batches / seconds_ns)
    if not window.hooked:
        return None
    busy = requests.latency_median_ns * requests.count / seconds_ns
    if on_gpu(window):
        # A forward call returns before the device is done with it, so the device has a say in this.
        seen = over(window, "graphics_active_percent")
        if seen is None:
            return None
        busy = max(busy, seen / 100)
    return min(1.0, busy)


def batch_size(requests: RequestSums) -> float:
    """Samples that are served together, on average."""
    return requests.samples / (requests.batches or requests.count)


def mean_waiting(requests: RequestSums) -> float | None:
    """Requests that wait, on average, by Little's law; None where nobody measures the queue."""
    return None if requests.queue_ns is None else requests.queue_ns / (requests.seconds * 1e9)


def prefill_share(requests: RequestSums) -> float | None:
    """Part of the time of telling that goes to the first token; None where nothing is told token by token."""
    if requests.ttft_ns is None or not requests.tokens:
        return None
    told = requests.ttft_ns + (requests.gap_ns or 0)
    return requests.ttft_ns / told if told else None
