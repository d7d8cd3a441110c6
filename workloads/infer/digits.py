"""infer/digits: how fast, and how promptly, does this machine serve a trained net?

The loop is closed: `concurrency` clients have one request out each, of one image, and send the next one the
moment they have their answer. The server takes up to `batch` requests that wait, runs the net on them, and
brings the answers back to the host; only then are they answered. Latency is from sending to the answer and
contains the wait for the batch before. In a closed loop a slow server slows its clients down: throughput and
latency are two sides of one number (clients = throughput × latency), and an overload cannot be seen.

Clients and server are one thread: clients cost nothing, and no second thread disturbs the times. On CUDA
several batches may be under way; the host asks over and over whether the oldest is done, since a request is
answered when the host knows it. A request is due when it is sent.

Afterwards every held-out image is classified once: accuracy on images that the training never saw, since the
weights say which split they were trained with.
"""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path
from typing import Final

import torch

from workloads.counting import count_work
from workloads.data.digits import Digits, split_digits
from workloads.device import use_precision
from workloads.device_clock import RUN_AHEAD
from workloads.infer.server import Server, Ticket
from workloads.rows import RequestRow
from workloads.run import Length, Run
from workloads.timing import steady
from workloads.train.digits import count_correct
from workloads.train.digits_weights import Weights, load_digits

DURATION_S: Final = 15.0
WARMUP: Final = {"cpu": 20, "cuda": 200}
"""Batches before measuring, unless the order says otherwise."""
ANSWERED: Final = 0


@torch.inference_mode()
def run(run: Run) -> None:
    """Serve for as long as was ordered, then test."""
    autocast = use_precision(run.text("precision"), run.device)
    weights = _weights(run)
    digits = split_digits(weights.seed)
    _check_data(digits, weights)
    batch = min(run.integer("batch"), run.integer("concurrency"))
    server = Server(weights.net, digits.held_out, autocast, run.device, batch=batch, depth=RUN_AHEAD)
    now = time.monotonic_ns()
    run.started(count_work(lambda: server.submit([now] * batch), units=batch, precision=run.text("precision")))
    loop = ClosedLoop(run, server, batch)
    with steady():
        run.phase("warmup")
        loop.serve(Length(run, run.warmup_steps(WARMUP[run.device.type]), None))
        run.phase("measure")
        loop.serve(run.length(duration_s=DURATION_S))
    if not run.stopping:
        run.phase("evaluate")
        correct = count_correct(weights.net, digits.held_out, run.device, autocast)
        run.score(correct / len(digits.held_out), len(digits.held_out))


class ClosedLoop:
    """Clients that wait for their answers, in front of one server."""

    def __init__(self, run: Run, server: Server, batch: int) -> None:
        self._server = server
        self._batch = batch
        self._clients = run.integer("concurrency")
        self._record = run.recorder.row

    def serve(self, length: Length) -> None:
        """Every client sends at once; serve them until the length is over. Those that still wait are not recorded."""
        waiting = deque([time.monotonic_ns()] * self._clients)
        under_way: deque[Ticket] = deque()
        length.begin()
        while not length.over() or under_way:
            if waiting and len(under_way) < RUN_AHEAD and not length.over():
                length.done += 1
                count = min(self._batch, len(waiting))
                under_way.append(self._server.submit([waiting.popleft() for _ in range(count)]))
            if under_way and under_way[0].done:
                waiting.extend(self._answer(under_way.popleft()))

    def _answer(self, ticket: Ticket) -> list[int]:
        """Record a batch; each of its clients sends again at this instant."""
        now, device = time.monotonic_ns(), ticket.device_ns
        for sent in ticket.sent_ns:
            self._record(RequestRow(sent, sent, now, now, 1, ANSWERED, device))
        return [now] * len(ticket.sent_ns)


def _weights(run: Run) -> Weights:
    path = run.text("weights")
    if not path:
        raise ValueError("no weights: run train/digits before it in the same session, or --set weights=PATH")
    return load_digits(Path(path), run.device)


def _check_data(digits: Digits, weights: Weights) -> None:
    if digits.sha256 != weights.data_sha256:
        raise ValueError("these weights were trained on another release of the digits: train anew, train/digits")
