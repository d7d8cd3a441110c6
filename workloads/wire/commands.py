"""The commands: what a conductor tells a worker or a sampler, and a viewer tells a conductor.

They travel in the same framing as frames, on the other pipe or on the control socket. Nothing here
reads or writes; like frames, fields are only appended.
"""

from __future__ import annotations

import msgspec

from workloads.wire.frames import Value

BLOCKS = 10
"""Of each setting that an experiment has, unless it is told: Student's t over √n, and with it the interval, is less
than half of what it is for four."""
BLOCK_NS = 500_000_000
"""About so long is a block whose steps were not said: long against one step, short against what drifts."""
LARGEST_TRACE_BYTES = 64 << 20
"""Of a profile, unless it is told."""


class Command(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="command"):
    """One order. Subclasses are the tagged union `AnyCommand`."""


class Start(Command, frozen=True, tag="start"):
    """To a worker, once: run this workload."""

    run: int
    workload: str
    parameters: dict[str, Value]
    """Every parameter of the workload, checked, with defaults filled in for the parts left to the device."""
    seed: int
    folder: str
    """The session folder, where a workload may leave artifacts such as weights."""
    repeat: int = 1
    duration_s: float | None = None
    """Measure for this long instead of the workload's own length."""
    steps: int | None = None
    """Measure this many steps (batches of requests for inference) instead."""
    warmup: int | None = None
    """Warm-up steps; None leaves it to the workload."""
    optional: bool = False
    """Where the workload does not fit the machine, the run is skipped and has not failed."""
    working_folder: str = ""
    """Where a command of the user's is started."""
    streams: tuple[int, ...] = ()
    """File descriptors of stdin, stdout and stderr that a command of the user's is to have, inherited; none: it reads
    nothing, and what it prints goes to the log alone. Behind them one of a file that tells how the last line on stderr
    stands (`workloads.exec.open_line`), where somebody else writes there too."""


class Stop(Command, frozen=True, tag="stop"):
    """To a worker: end the run soon and say Done. To a conductor: stop every run and save."""

    terminate: bool = False
    """A command of the user's gets SIGTERM, as whoever asked did, where it would get SIGINT."""


class EndRun(Command, frozen=True, tag="end-run"):
    """To a conductor: kill the worker of the present run and go on with the plan."""


class Try(Command, frozen=True, tag="try"):
    """To a worker, or to a conductor for the worker of the present run: make an experiment, or end the one under way.

    Blocks of steps with the plain and the changed setting follow each other in phases `experiment`, whose case is
    `plain` or the experiment's name. A phase `experiment` without a case is no block: there something is made ready, or
    settles. Phase `measure` comes back behind them.
    """

    experiment: str
    """`resident-batch`, `pinned-copies`, `double-batch`, `bfloat16`, `tf32`, `no-sync`, `cuda-graph`; empty: end it."""
    blocks: int = BLOCKS
    """Of each setting."""
    steps: int | None = None
    """In a block; None: as many as take `BLOCK_NS`."""


class TakeProfile(Command, frozen=True, tag="take-profile"):
    """To a worker, or to a conductor for it: take a `torch.profiler` trace of the next steps."""

    steps: int = 10
    largest_bytes: int = LARGEST_TRACE_BYTES
    """A larger trace is cut short."""


class SetKnob(Command, frozen=True, tag="set-knob"):
    """To a worker, or to a conductor for it: change a parameter of the present run from its next step on."""

    name: str
    """A parameter of the workload that can be changed while it runs: `batch`, `rate`, `concurrency`, `workers`."""
    value: Value


class PassSignal(Command, frozen=True, tag="pass-signal"):
    """To a conductor, for the command of the present run: a signal that came for it and ends nothing, SIGUSR1 or -2."""

    number: int


class Watch(Command, frozen=True, tag="watch"):
    """To a sampler: these are the workload's own processes now; read their CPU, memory and threads."""

    run: int
    pids: tuple[int, ...]
    above: int = 0
    """Generations from these on that are benchtop's own and not counted, only what they started."""


class Ping(Command, frozen=True, tag="ping"):
    """To a process that aligns its clock: answer with a Pong, at once."""

    sent_ns: int
    """The conductor's clock, right before this was written."""


class SetClock(Command, frozen=True, tag="set-clock"):
    """To a process that aligns its clock: add this to every time from here on. It says Hello after the first."""

    offset_ns: int
    error_ns: int


class Cost(Command, frozen=True, tag="cost"):
    """To a conductor, from a viewer now and then: what it has cost so far, for the journal."""

    pid: int
    cpu_s: float
    wall_s: float
    bytes_to_terminal: int | None = None


class Status(Command, frozen=True, tag="status"):
    """To a conductor: answer with a Reply. The cheapest proof that it lives."""


class Reply(Command, frozen=True, tag="reply"):
    """From a conductor, one for each command on the control socket."""

    accepted: bool
    pid: int
    message: str = ""


AnyCommand = (
    Start | Stop | EndRun | Watch | Ping | SetClock | Cost | Status | Reply | Try | TakeProfile | SetKnob | PassSignal
)
