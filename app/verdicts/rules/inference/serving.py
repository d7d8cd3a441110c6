"""What a server did in a window: how much of the time it served, in which batches, and how many waited. Pure."""

from __future__ import annotations

from app.verdicts.rules.readings import on_gpu, over
from app.verdicts.window import RequestSums, Window


def serves(window: Window) -> RequestSums | None:
    """The requests of a run that answers and does not train; None of any other, or without answers.

    Passes of a script that only infers are requests, and steps without a backward.
    """
    requests, steps = window.requests, window.steps
    if requests is None or not requests.count or requests.seconds <= 0:
        return None
    return None if steps is not None and steps.trains else requests


def serving_share(window: Window, requests: RequestSums) -> float | None:
    """Part of the time in which something is served; None where it cannot be told."""
    busy = answering_share(window, requests)
    if busy is None:
        return None
    if not window.hooked:
        return min(1.0, busy)
    if (between := _between(window)) is not None:
        # Copies to a GPU and reads of its results belong to an answer, and are in no forward call.
        busy = max(busy, 1 - between)
    if on_gpu(window):
        # A forward call returns before the device is done with it, so the device has a say in this.
        seen = over(window, "graphics_active_percent")
        if seen is None and between is None:
            return None
        busy = max(busy, (seen or 0.0) / 100)
    return min(1.0, busy)


def answering_share(window: Window, requests: RequestSums) -> float | None:
    """The same as the requests alone tell it: several that are served at once may make more than 1."""
    seconds_ns = requests.seconds * 1e9
    if requests.service_ns is not None and requests.batches:
        return requests.service_ns / requests.count * requests.batches / seconds_ns
    return requests.latency_median_ns * requests.count / seconds_ns if window.hooked else None


def _between(window: Window) -> float | None:
    """Part of the time that a script's loop spends on other things than answers, its loader among them."""
    between, steps = window.worker.means.get("between_steps_percent"), window.steps
    if between is None or (steps is None and "loader_workers" in window.worker.means):
        return None
    return between / 100 + (steps.data_wait_share if steps is not None else 0.0)


def loading_share(window: Window, idle: float) -> float:
    """Part of the time in which a script that only infers waits for its DataLoader, of that in which nothing is served.

    Of a step it is measured; between requests it is what the hook does not count as between them.
    """
    steps = window.steps
    if steps is not None and steps.data_wait_ns is not None and steps.wall_ns:
        return min(idle, steps.data_wait_ns / steps.wall_ns)
    if "loader_workers" not in window.worker.means:
        return 0.0
    return max(0.0, idle - window.worker.means.get("between_steps_percent", 0.0) / 100)


def batch_size(requests: RequestSums) -> float:
    """Samples that are served together, on average."""
    return requests.samples / (requests.batches or requests.count)


def mean_waiting(window: Window, requests: RequestSums) -> float | None:
    """Requests that wait, on average, by Little's law; None where nobody knows: a script's inputs form no queue."""
    if window.hooked or requests.queue_ns is None:
        return None
    return requests.queue_ns / (requests.seconds * 1e9)


def prefill_share(requests: RequestSums) -> float | None:
    """Part of the time of telling that goes to the first token; None where nothing is told token by token."""
    if requests.ttft_ns is None or not requests.tokens or not requests.gaps:
        return None
    told = requests.ttft_ns + (requests.gap_ns or 0)
    return requests.ttft_ns / told if told else None
