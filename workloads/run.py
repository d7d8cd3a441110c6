"""One run as a workload sees it: its parameters, its device, and whom to tell.

A workload is a function of this and of nothing else: it reads no clock but the monotonic one, asks no
environment, and knows neither pipes nor processes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from msgspec.structs import replace

from workloads.agreement import Agreement, Progress
from workloads.catalog import WorkloadEntry
from workloads.device import name_of
from workloads.limits import published_limit
from workloads.orders import Orders
from workloads.recorder import Recorder
from workloads.wire.commands import Start
from workloads.wire.frames import Event, EventKind, Level, Log, Phase, PhaseName, RunStarted, Score, Value
from workloads.world import rank, world_size


@dataclass(frozen=True)
class Work:
    """What a unit of work costs."""

    precision: str
    flops_per_unit: float | None
    bytes_per_unit: float | None
    hardware_flops_per_unit: float | None = None
    """Where more is done than the model needs."""
    bytes_per_decode_step: float | None = None
    """Of generation."""
    moves_over: Literal["dram", "host-link", "ranks"] = "dram"
    """What the bytes move over."""


@dataclass(frozen=True)
class Run:
    """One run of one workload on one device."""

    order: Start
    entry: WorkloadEntry
    parameters: dict[str, Value]
    """Every parameter, checked."""
    device: torch.device
    recorder: Recorder
    orders: Orders
    agreement: Agreement | None = None
    """With the other ranks, where there are several."""

    @property
    def stopping(self) -> bool:
        """Whether the run is to end soon. Of several ranks all say the same: what rank 0 has told them."""
        return self.orders.stopping if self.agreement is None else self.agreement.stopped

    @property
    def turned(self) -> bool:
        """Whether a parameter was changed while it went on."""
        return self.recorder.turned

    @property
    def folder(self) -> Path:
        """Where artifacts go."""
        return Path(self.order.folder)

    @property
    def weights(self) -> Path:
        """Where a training run leaves its weights, for an inference run behind it."""
        return self.folder / f"weights-{self.order.run}.pt"

    @property
    def rank(self) -> int:
        """Which of the run's ranks this is, from 0."""
        return rank()

    @property
    def ranks(self) -> int:
        """How many ranks share the run."""
        return world_size()

    def integer(self, name: str) -> int:
        """A parameter that is a whole number."""
        value = self.parameters[name]
        assert isinstance(value, int)
        return value

    def number(self, name: str) -> float:
        """A parameter that is a number."""
        return float(self.parameters[name])

    def text(self, name: str) -> str:
        """A parameter that is a text."""
        return str(self.parameters[name])

    def flag(self, name: str) -> bool:
        """A parameter that is yes or no."""
        return self.parameters[name] is True

    def log(self, text: str, level: Level = "info") -> None:
        """Say a line."""
        self.recorder.log(Log(at_ns=time.monotonic_ns(), text=text, level=level, origin=self.entry.name))

    def started(self, work: Work, *, data_sha256: str | None = None) -> None:
        """The workload is built: tell the whole configuration, and which data set. Once, before the first phase."""
        name = name_of(self.device)
        limit = published_limit(name, work.precision)
        self.recorder.frame(
            RunStarted(
                at_ns=time.monotonic_ns(),
                workload=self.entry.name,
                parameters=dict(self.parameters),
                repeat=self.order.repeat,
                seed=self.order.seed,
                device=str(self.device),
                device_name=name,
                precision=work.precision,
                unit=self.entry.unit,
                flops_per_unit=work.flops_per_unit,
                bytes_per_unit=work.bytes_per_unit,
                moves_over=work.moves_over,
                limit_flops_per_s=None if limit is None else limit.flops_per_s,
                limit_source=None if limit is None else limit.source,
                hardware_flops_per_unit=work.hardware_flops_per_unit,
                bytes_per_decode_step=work.bytes_per_decode_step,
                ranks=self.ranks,
                data_sha256=data_sha256,
            )
        )

    def changed(self, parameters: Mapping[str, Value]) -> None:
        """Parameters have other values from here on: tell the whole configuration once more.

        What was measured before was measured with another one, and is no part of the run's results.
        """
        self.parameters.update(parameters)
        self.recorder.turned = True
        before = self.recorder.started
        assert before is not None
        precision = str(parameters.get("precision", before.precision))
        limit = published_limit(before.device_name, precision)
        self.recorder.frame(
            replace(
                before,
                parameters=dict(self.parameters),
                precision=precision,
                limit_flops_per_s=None if limit is None else limit.flops_per_s,
                limit_source=None if limit is None else limit.source,
            )
        )

    def phase(
        self,
        name: PhaseName,
        mark: str | None = None,
        *,
        case: str | None = None,
        flops_per_unit: float | None = None,
        bytes_per_unit: float | None = None,
        at_ns: int | None = None,
    ) -> None:
        """A phase begins, once every rank has come so far: no sample of one phase ends in the next.

        A phase of a case has that case's costs, in the place of the run's. One that began earlier says when.
        """
        if self.agreement is not None:
            self.agreement.meet()
        self.recorder.frame(
            Phase(
                at_ns=time.monotonic_ns() if at_ns is None else at_ns,
                phase=name,
                mark=mark,
                case=case,
                flops_per_unit=flops_per_unit,
                bytes_per_unit=bytes_per_unit,
            )
        )

    @contextmanager
    def event(self, kind: EventKind, text: str = "") -> Iterator[None]:
        """Tell that this was done, when, and how long it took."""
        at_ns = time.monotonic_ns()
        yield
        self.recorder.aside(Event(at_ns=at_ns, kind=kind, wall_ns=time.monotonic_ns() - at_ns, text=text))

    def score(
        self,
        value: float,
        samples: int,
        metric: str = "top1_accuracy",
        *,
        epoch: int | None = None,
        step: int | None = None,
    ) -> None:
        """A result on so many held-out samples; top-1 accuracy is a fraction."""
        self.recorder.frame(
            Score(
                at_ns=time.monotonic_ns(),
                metric=metric,
                value=value,
                samples=samples,
                epoch=epoch,
                step=step,
            )
        )

    def warmup_steps(self, default: int) -> int:
        """Steps before measuring: as ordered, else the workload's own number."""
        return default if self.order.warmup is None else self.order.warmup

    def length(self, *, steps: int | None = None, duration_s: float | None = None, cases: int = 1) -> Length:
        """How long to measure: as ordered, else the workload's own length.

        A duration is the whole run's, of which one of so many cases gets its share; steps are those of a case.
        """
        if self.order.duration_s is not None or self.order.steps is not None:
            steps, duration_s = self.order.steps, self.order.duration_s
        return Length(self, steps, None if duration_s is None else duration_s / cases)


class Length:
    """How much of the measuring is left. Time counts from the first `begin`, without what lies between phases.

    Several ranks do the same number of steps, whatever their clocks say: see `agreement`.
    """

    def __init__(self, run: Run, steps: int | None, duration_s: float | None) -> None:
        self._run = run
        self._orders = run.orders
        self._steps = steps
        self._duration_s = duration_s
        self._passed_s = 0.0
        self._began_ns: int | None = None
        self._lots = None if run.agreement is None else run.agreement.lots(steps)
        self.done = 0
        """Steps so far."""

    @property
    def left(self) -> int | None:
        """Steps that are left, where their number is known."""
        return None if self._steps is None else max(0, self._steps - self.done)

    @property
    def left_s(self) -> float | None:
        """Seconds that are left, where it has a duration."""
        return None if self._duration_s is None else max(0.0, self._duration_s - self._measured_s())

    def begin(self) -> None:
        """Measuring goes on from here."""
        self._began_ns = time.monotonic_ns()

    def pause(self) -> None:
        """Measuring pauses, for an evaluation."""
        self._passed_s = self._measured_s()
        self._began_ns = None

    def over(self) -> bool:
        """Whether no further step is to be made. At least one always is, unless the run is stopped."""
        if self._lots is not None:
            over = self._lots.over(self.done, self._progress)
            if order := self._lots.order(self.done):
                self._orders.agreed(order)
            return over
        return self._orders.stopping or self._enough()

    def _enough(self) -> bool:
        if self._steps is not None and self.done >= self._steps:
            return True
        return self._duration_s is not None and self.done > 0 and self._measured_s() >= self._duration_s

    def _measured_s(self) -> float:
        now = 0.0 if self._began_ns is None else (time.monotonic_ns() - self._began_ns) * 1e-9
        return self._passed_s + now

    def _progress(self) -> Progress:
        passed = self._measured_s()
        left = None if self._duration_s is None else self._duration_s - passed
        return Progress(self._orders.stopping, self._enough(), passed, left, self._orders.wish())
