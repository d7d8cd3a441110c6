"""The frames: every fact that travels from a worker or a sampler to a journal, and on to a viewer.

Standard library and msgspec only, and nothing about pipes or files: `framing` puts bytes around
these. Fields are only ever appended, each with a default, so that an older reader skips what it
does not know and a newer one fills in what an older writer left out. A change that breaks this
raises `VERSION`.

Every time is `time.monotonic_ns()` of the conductor's host; a process on another host aligns its times before it sends
them (see `clock`), and only Pong knows two clocks. What was not measured is None or
absent, never 0, -1 or NaN.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

VERSION = 2
"""Version of the wire and of the journal. Hello carries it; a reader refuses one it does not know.

1: columns as they are. 2: a column whose items are all the same is sent as one of them, see `constant`.
"""
READABLE = (1, 2)
"""Versions that are read."""

INSTANTS = ("at_ns", "monotonic_ns")
"""Fields of frames that are an instant of the clock; no other field of what a worker or a sampler says is."""
INSTANT_COLUMNS = frozenset({"start_ns", "scheduled_ns", "sent_ns", "started_ns", "first_ns", "done_ns"})
"""Columns of Steps and Requests whose items are instants; those of the others are durations or no times at all."""

SESSION = 0
"""The run number of a frame that belongs to the session as a whole; runs count from 1 in plan order."""

ANSWERED, FAILED, UNSERVED = 0, 1, 2
"""What became of a request, in the column `outcome` of Requests."""

Nanoseconds = Annotated[int, msgspec.Meta(ge=-(2**62), le=2**62)]
"""An instant or a length of time, within a century and a half: sums of two fit into 64 bits."""
Number = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
"""Of a run, a rank."""

Value = bool | int | float | str
"""What a workload's parameter can be."""

Role = Literal["conductor", "worker", "sampler"]
Source = Literal["gpm", "nvml", "psutil", "proc", "counted", "torch"]
PhaseName = Literal["warmup", "measure", "cooldown", "evaluate", "experiment", "profile"]
"""Results rest on `measure` alone: steps of an `experiment` are changed on purpose, those of a `profile` disturbed."""
Unit = Literal["sample", "request", "product", "copy", "launch", "call", "collective", "step"]
"""What work is counted in. A `call` is one forward (and backward) of a kernel; a `collective` is one all-reduce."""
Level = Literal["debug", "info", "warning", "error"]
Outcome = Literal["done", "failed", "interrupted", "skipped"]
FailureKind = Literal[
    "bad-input",
    "crashed",
    "killed",
    "out-of-memory",
    "cuda-out-of-memory",
    "no-cuda",
    "hung",
    "garbage",
    "disk-full",
    "cannot-start",
]


class DeviceFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What does not change about one accelerator while a session runs. None: the device does not say."""

    device: str
    """`gpu0`, `gpu1` … as gauges name it."""
    name: str
    uuid: str | None = None
    driver: str | None = None
    compute_capability: str | None = None
    """`9.0`."""
    memory_bytes: int | None = None
    cores: int | None = None
    sm_clock_limit_mhz: int | None = None
    memory_clock_limit_mhz: int | None = None
    bus_width_bits: int | None = None
    dram_limit_bytes_per_s: float | None = None
    """Memory clock × bus width × 2 / 8: two transfers a clock on every DDR memory."""
    power_limit_w: float | None = None
    pcie_generation: int | None = None
    pcie_width: int | None = None
    gpm: bool = False
    """Whether the device answers GPM, NVML's counters of SM, tensor and DRAM activity (Hopper and later)."""
    absent: dict[str, str] = {}
    """Fact or gauge → why the device does not give it, in the driver's words."""
    vbios: str | None = None
    inforom: str | None = None
    """Version of the board's own configuration."""
    power_limit_default_w: float | None = None
    sm_clock_application_mhz: int | None = None
    """What applications ask for, where it was set below the limit."""
    memory_clock_application_mhz: int | None = None
    ecc: bool | None = None
    mig: bool | None = None
    """Whether the device is in the mode in which it is shared in parts."""
    persistence: bool | None = None
    """Whether the driver stays loaded while nobody uses the device."""
    pcie_generation_now: int | None = None
    """As the sampler began; an idle link may be slower than it will be."""
    pcie_width_now: int | None = None
    energy_tick_ns: Nanoseconds | None = None
    """How often the energy counter is brought up to date, as it was seen when the sampler began."""


class NetworkInterface(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One network interface of a host; loopback is none."""

    name: str
    speed_bits_per_s: float | None = None
    """None: it is down, or it has no speed of its own, as a virtual one."""


class Fingerprint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The environment as one process sees it; each role fills in what it can know."""

    platform: str | None = None
    python: str | None = None
    benchtop: str | None = None
    cpu: str | None = None
    cores: int | None = None
    """Physical cores."""
    threads: int | None = None
    """Logical processors that this process may use (its affinity)."""
    memory_bytes: int | None = None
    governor: str | None = None
    torch: str | None = None
    torch_threads: int | None = None
    cuda: str | None = None
    cudnn: str | None = None
    packages: dict[str, str] = {}
    devices: tuple[DeviceFacts, ...] = ()
    absent: dict[str, str] = {}
    kernel: str | None = None
    cpu_limit: float | None = None
    """Processors that the control group (a container is one) may use; None: no limit."""
    memory_limit_bytes: int | None = None
    """Of the control group; None: no limit."""
    cpu_set: str | None = None
    """The logical processors that this process may run on: `0-3,8`."""
    interfaces: tuple[NetworkInterface, ...] = ()
    nccl: str | None = None
    environment: dict[str, str] = {}
    """Those environment variables that change speed; see `workloads.speed_variables`."""
    git_commit: str | None = None
    """Of the folder in which the session was started; None: it is in no repository."""
    git_changes: str | None = None
    """A sum over everything that is not committed there; empty: nothing is. None: not known."""


class Frame(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="frame"):
    """One fact. Subclasses are the tagged union `AnyFrame`."""

    run: Number = SESSION
    """The run that it belongs to, or SESSION."""
    rank: Number = 0
    """Which of the run's workers says it. What is said once for the whole run comes from rank 0."""


class Hello(Frame, frozen=True, tag="hello"):
    """First frame of every process: who speaks, and how its clock relates to wall time."""

    role: Role
    pid: int
    host: str
    monotonic_ns: Nanoseconds
    """`time.monotonic_ns()` at the same instant as `wall_ns`."""
    wall_ns: Nanoseconds
    """`time.time_ns()`: nanoseconds since 1970, UTC."""
    version: int = msgspec.field(default_factory=lambda: VERSION)
    """Always on the wire: a constant default would be omitted, and each reader would fill in its own version."""
    fingerprint: Fingerprint = Fingerprint()


class RunStarted(Frame, frozen=True, tag="run-started"):
    """A run's whole configuration, sent once the workload is built and before its first phase.

    Where a knob is turned it is sent once more, with the instant of the first one: results are then those of what is
    measured from there on. One with the same parameters only tells more of the same configuration.
    """

    at_ns: Nanoseconds
    workload: str
    parameters: dict[str, Value]
    repeat: int
    seed: int
    device: str
    """`cpu` or `cuda:0`, as torch names it."""
    device_name: str
    precision: str
    """`float32`, `bfloat16` … of the main arithmetic."""
    unit: Unit
    """The unit of work that Steps.samples and Requests.samples count."""
    flops_per_unit: float | None = None
    """Floating-point operations per unit, counted by `torch.utils.flop_counter` or by a published formula. Of a script
    those of one early step, with what is computed twice."""
    bytes_per_unit: float | None = None
    """Bytes per unit read and written by the operators, each operand counted once per operator."""
    limit_flops_per_s: float | None = None
    """The device's published dense peak at this precision; MFU is measured against it."""
    limit_source: str | None = None
    hardware_flops_per_unit: float | None = None
    """Operations that are really done, recomputation included: HFU rests on them. None: those of flops_per_unit."""
    ranks: int = 1
    """Workers that share the run; each streams its own samples, and the run's work is the sum."""
    moves_over: Literal["dram", "host-link", "ranks"] = "dram"
    """What the bytes of a unit move over: device or host memory, the link between host and device, or between ranks."""
    bytes_per_decode_step: float | None = None
    """Generation: bytes that one decode step must read, the weights once and the cache of every sequence; the mean."""
    data_sha256: str | None = None
    """Of the data set, before it is split; None: the data is made up."""
    apart: bool = False
    """The ranks are processes that know nothing of each other: none waits for another."""
    operators_per_step: float | None = None
    """Operators of torch that the host calls in a step, or for a request: of a script, counted in one early step."""


class Phase(Frame, frozen=True, tag="phase"):
    """A phase begins, and the one before it ends: for the samples of its rank, and from rank 0 for the run."""

    at_ns: Nanoseconds
    phase: PhaseName
    mark: str | None = None
    """What a person may want to know about this instant: `epoch 3`, a knob changed, a profile taken."""
    case: str | None = None
    """A run that measures several things one after the other names each here: `pinned, to device, 64 MiB`."""
    flops_per_unit: float | None = None
    """Of this case, in the place of the run's own."""
    bytes_per_unit: float | None = None


class Steps(Frame, frozen=True, tag="steps"):
    """Training or probe steps, in columns of equal length (see `columns`); all times in nanoseconds.

    A column that was not measured is None for the whole frame.
    """

    start_ns: bytes
    wall_ns: bytes
    samples: bytes
    """Units of work done in the step."""
    data_wait_ns: bytes | None = None
    h2d_ns: bytes | None = None
    forward_ns: bytes | None = None
    backward_ns: bytes | None = None
    optimizer_ns: bytes | None = None
    device_ns: bytes | None = None
    """Time on the device between two CUDA events around the step."""
    tokens: bytes | None = None
    loss: bytes | None = None
    comm_ns: bytes | None = None
    """Communication with other ranks that the step waits for, a part of backward; what work hides is not in it."""
    sync_ns: bytes | None = None
    """Host time in reads that wait for the device: `item`, `cpu`, `tolist`, `nonzero`, `synchronize`."""
    syncs: bytes | None = None
    """How many there were."""
    h2d_bytes: bytes | None = None
    """Copied from host to device."""
    pageable_bytes: bytes | None = None
    """Of these, from memory that is not pinned: the host waits for such a copy."""
    ahead_ns: bytes | None = None
    """How long after the host had given all of the step's work to the device this was done with it. Near 0: the device
    waits for the host."""
    launches: bytes | None = None
    """Kernels, copies and graphs that the host started; on the CPU, operators that it called."""
    passes: bool = False
    """Each is a pass of a loop whose requests are told by themselves: evidence of what these wait for, no work more."""


class Requests(Frame, frozen=True, tag="requests"):
    """Inference requests, in columns of equal length; all times in nanoseconds."""

    scheduled_ns: bytes
    """When the request was due. In a closed loop it is due when it is sent."""
    sent_ns: bytes
    first_ns: bytes
    """First output."""
    done_ns: bytes
    samples: bytes
    outcome: bytes
    """ANSWERED, FAILED, or UNSERVED: the run ended first, at `done_ns`; `first_ns` is the same then."""
    device_ns: bytes | None = None
    """Device time of the batch that the request was served in."""
    tokens: bytes | None = None
    """Tokens that the request was answered with."""
    itl_ns: bytes | None = None
    """The gaps between the tokens of each request, one request after the other: tokens − 1 items of each."""
    started_ns: bytes | None = None
    """When the batch that a request was served in was started: time in the queue ends, service begins."""


class GpuProcess(msgspec.Struct, frozen=True, omit_defaults=True):
    """A process that holds memory on a device."""

    pid: int
    memory_bytes: int | None = None


class Gauges(Frame, frozen=True, tag="gauges"):
    """Readings of one device from one source at one instant; `gauges` says what each name means."""

    at_ns: Nanoseconds
    device: str
    """`host`, `worker` (the workload's own processes) or `gpu0` …"""
    source: Source
    readings: dict[str, float] = {}
    absent: dict[str, str] = {}
    """Gauge → why there is no reading this time."""
    core_percent: tuple[float, ...] = ()
    """Host only: load of each logical processor."""
    processes: tuple[GpuProcess, ...] | None = None
    """Devices only: the processes on it; None when the driver does not say."""


class Score(Frame, frozen=True, tag="score"):
    """A result on held-out data."""

    at_ns: Nanoseconds
    metric: str
    """`top1_accuracy` (a fraction), `loss` (nats) or `bits_per_byte`."""
    value: float
    samples: int
    """How many held-out samples it rests on."""
    epoch: int | None = None
    step: int | None = None


class Log(Frame, frozen=True, tag="log"):
    """A line that a workload, a library or benchtop itself has to say."""

    at_ns: Nanoseconds
    text: str
    level: Level = "info"
    origin: str = "benchtop"
    """`stdout` and `stderr` for what the workload printed, else the part that speaks."""


class Failure(Frame, frozen=True, tag="failure"):
    """A run, or the whole session, cannot go on."""

    at_ns: Nanoseconds
    kind: FailureKind
    message: str
    """One line: what happened."""
    remedy: str = ""
    """One line: what to do about it."""
    detail: str = ""
    """For the log, never for the screen: a traceback, the end of stderr."""


class Finding(Frame, frozen=True, tag="finding"):
    """Something about the session that a reader of its numbers must know; the session goes on."""

    at_ns: Nanoseconds
    kind: str
    message: str
    remedy: str = ""


class Estimate(Frame, frozen=True, tag="estimate"):
    """From the conductor, after a run that is repeated: what its repeats say so far."""

    at_ns: Nanoseconds
    variant: int
    """Which of the session's configurations."""
    metric: str
    """`samples_per_s`, `latency_p99_ms` …"""
    value: float
    repeats: int
    """Runs that it rests on."""
    low: float | None = None
    """Of the confidence interval; None where there are too few repeats for one."""
    high: float | None = None
    confidence: float = 0.95


EventKind = Literal[
    "garbage-collection", "checkpoint", "evaluation", "recompile", "compile", "allocator-retry", "mark", "knob"
]


class Event(Frame, frozen=True, tag="event"):
    """Something that happened now and then in a worker, which may explain a slow step."""

    at_ns: Nanoseconds
    """When it began."""
    kind: EventKind
    wall_ns: Nanoseconds = 0
    """How long it took; 0 for what takes no time."""
    text: str = ""
    """One line: which generation was collected, which file written, which function recompiled and why."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One number that a verdict rests on."""

    name: str
    """As a person reads it: `data wait`, `SM active`."""
    value: float
    unit: str = ""
    """`ns`, `%` (of 0 to 100), `bytes`, `bytes/s`, `1/s`, `FLOP/s`, `W`, `MHz`; empty: a plain number."""
    limit: float | None = None
    """The rule's threshold for it, in the same unit."""
    source: str = ""
    """Where it comes from: `steps`, `requests`, `events`, or a gauge's source."""


class Missing(msgspec.Struct, frozen=True):
    """A verdict that could not be looked into."""

    kind: str
    what: str
    """One line: which counter is not there and why, or how many steps are too few."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What limits a run, on what evidence, what to try, and what that would be worth at most."""

    kind: str
    """`input-bound` … see `app.verdicts.kinds`."""
    severity: Literal["info", "warning", "critical"]
    """`info`: as it should be, such as a device at its limit. `critical`: most of the time is lost."""
    summary: str
    """One line that starts with the verdict and names its strongest number."""
    evidence: tuple[Evidence, ...]
    next: str
    """A setting or a line of code to try: `DataLoader(num_workers=8)`."""
    bound: float | None = None
    """How many times faster the run would be at most without it (Amdahl's law); None: cannot be said."""
    bound_because: str = ""
    """One line: `no data wait would give at most 1.42×`."""
    confidence: Literal["high", "medium", "low"] = "medium"
    from_ns: Nanoseconds = 0
    to_ns: Nanoseconds = 0
    """The window that the evidence comes from."""
    rank: int | None = None
    """Of which of several ranks it is; None: of the run."""
    experiment: str = ""
    """The experiment that would prove it, as `Try` names it; empty: there is none."""


class Verdicts(Frame, frozen=True, tag="verdicts"):
    """From the conductor: what limits a run, the primary verdict first. Replaces what was said of it before."""

    at_ns: Nanoseconds
    verdicts: tuple[Verdict, ...] = ()
    missing: tuple[Missing, ...] = ()
    whole: bool = False
    """Of all that the run measured, said once at its end; else of the last seconds."""


class Effect(Frame, frozen=True, tag="effect"):
    """From the conductor: what an experiment has shown so far; the last one of each experiment counts."""

    at_ns: Nanoseconds
    experiment: str
    """As `Try` names it."""
    setting: str
    """What was changed, in a line: `one resident batch again and again`."""
    plain: int
    """Blocks of steps with the plain setting."""
    changed: int
    ratio: float | None = None
    """Units a second, changed against plain; None while there are too few blocks."""
    low: float | None = None
    high: float | None = None
    confidence: float = 0.95
    over: bool = False
    """Whether the experiment is at its end."""
    reason: str = ""
    """One line: why it could not be made, or ended early."""


class Operator(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row of a profile."""

    name: str
    calls: int
    host_ns: Nanoseconds = 0
    """Own time on the host, of all calls."""
    device_ns: Nanoseconds | None = None
    """Own time on the device; None: there is none."""


class Profile(Frame, frozen=True, tag="profile"):
    """A `torch.profiler` trace was taken of some steps, or could not be."""

    at_ns: Nanoseconds
    steps: int
    file: str = ""
    """Its name in the session folder; Perfetto and chrome://tracing read it. Empty: none was kept."""
    size_bytes: int = 0
    window_ns: Nanoseconds = 0
    device_busy_ns: Nanoseconds | None = None
    """Time in the window with at least one kernel or copy on the device."""
    operators: tuple[Operator, ...] = ()
    """Those with the most own time, on the device where there is one."""
    gaps: tuple[tuple[int, int], ...] = ()
    """The longest idle gaps of the device: nanoseconds after the window's start, and length."""
    reason: str = ""
    """One line: why there is none, or why it is shorter than was asked for."""


class Done(Frame, frozen=True, tag="done"):
    """A run (or, from the conductor with run SESSION, the session) is over.

    Nothing of it follows but what the conductor has worked out of it: its verdicts, and what a judge found.
    """

    at_ns: Nanoseconds
    outcome: Outcome = "done"
    dropped: int = 0
    """Samples that the worker's bounded buffer could not hold; they are missing from the columns."""
    reason: str = ""
    """One line: why an optional run was skipped."""
    exit_status: int | None = None
    """Of a command of the user's, negative for a signal. None: there was none, or it could not be started."""


class Pong(Frame, frozen=True, tag="pong"):
    """The answer to a Ping. It goes no further than the conductor: its times are of two clocks."""

    sent_ns: Nanoseconds
    """As the Ping had it: the conductor's clock."""
    received_ns: Nanoseconds
    """When the Ping was read: the clock of who answers, as it is."""
    replied_ns: Nanoseconds
    """Right before this frame was written: the same clock."""
    host: str = ""


class ClockAligned(Frame, frozen=True, tag="clock-aligned"):
    """From the conductor: how the clock of a process behind a command was aligned with its own, from here on.

    The times in that process's frames have the offset in them already.
    """

    at_ns: Nanoseconds
    role: Role
    host: str
    offset_ns: Nanoseconds
    """What is added to that host's monotonic clock; the newest correction is spread over some seconds."""
    error_ns: Nanoseconds
    """The offset is off by no more than this."""


class IdleBaseline(Frame, frozen=True, tag="idle-baseline"):
    """From the conductor, before the first run: what the devices took while nothing ran."""

    at_ns: Nanoseconds
    """When it ended."""
    seconds: float
    power_w: dict[str, float] = {}
    """Mean power of each device; of `host` that of its processor packages. What gave none is not in it."""


class Overhead(Frame, frozen=True, tag="overhead"):
    """What one of benchtop's own processes has cost so far. The last one of each process counts."""

    at_ns: Nanoseconds
    role: Literal["conductor", "worker", "sampler", "viewer"]
    """A worker tells of its own code alone: the thread that packs and sends what was measured."""
    pid: int
    cpu_s: float
    """Processor time, user and system."""
    wall_s: float
    """How long it has run."""
    host: str = ""
    bytes_to_terminal: int | None = None
    """A viewer's."""
    rows: int | None = None
    """A worker's: the steps or requests that it sent."""


class Counts(msgspec.Struct, frozen=True):
    """A histogram, its buckets named as `app.session.live.histogram` names them. Two columns of equal length."""

    keys: bytes
    """Buckets, 0 to 65535, each once."""
    counts: bytes
    """How many values are in each."""
    largest: int
    """Of the values; exact."""


class SlowOne(msgspec.Struct, frozen=True):
    """A step or a request that was among the ten slowest of its run when it ended."""

    start_ns: Nanoseconds
    """Of a request, when it was due."""
    wall_ns: Nanoseconds
    parts: tuple[tuple[str, int], ...] = ()
    """Name and nanoseconds of what it consists of."""


class Rollup(Frame, frozen=True, tag="rollup"):
    """A stretch of time of one rank summed up, in the place of the Steps or Requests that ended in it.

    For a first picture of a session that is too large to be read sample by sample; no journal has it. A stretch lies
    in one phase, whose Phase comes before it, and ends before the next one begins. Its course over time is in Courses.
    """

    kind: Literal["steps", "requests"]
    began_ns: Nanoseconds
    """When the first one began: a request, when it was due."""
    last_ns: Nanoseconds
    """When the last one ended."""
    count: int
    """Steps, or requests that were answered."""
    units: int
    """Units of work done."""
    wall_ns: Nanoseconds
    """Of all steps together, or latency of all that were answered."""
    times: Counts
    """Step times, or latencies of requests that were answered."""
    parts: dict[str, int] = {}
    """Part of a step, `forward`, as Steps has `forward_ns` → nanoseconds of all. What one step lacks is not in it."""
    tokens: int | None = None
    loss: float | None = None
    """The last one; it may be no number."""
    slowest: tuple[SlowOne, ...] = ()
    """In order of time."""
    failed: int = 0
    """Requests that failed."""
    waits: Counts | None = None
    """How long those waited that were never served."""
    ttft: Counts | None = None
    """Time to first token, from when a request was due, of those that were answered with tokens."""
    tpot: Counts | None = None
    """Time per output token after the first, of those with more than one."""
    itl: Counts | None = None
    """Gaps between two tokens."""
    itl_ns: Nanoseconds = 0
    """Of all gaps together."""
    lag: Counts | None = None
    """From due to sent, of all requests."""
    good: int | None = None
    """Requests that met the session's objective. None: there is none, or it cannot be told."""


class Stretches(msgspec.Struct, frozen=True):
    """One number over time. Three columns of equal length."""

    index: bytes
    """Buckets, as index times width; each once, and rising."""
    total: bytes
    """Sum of the numbers of the seconds in it; 64-bit floats."""
    count: bytes
    """How many of its seconds have a number."""


class Courses(Frame, frozen=True, tag="courses"):
    """Numbers over time of a run or of a device, in the place of what they were made of. Comes before it goes on.

    Of a run: all ranks together, by the names of `app.session.live.timeline.COURSES`. Of a device: by its gauges'.
    """

    until_ns: Nanoseconds
    """A whole second: all that ended before it is in here, and nothing of it comes in another frame."""
    device: str = ""
    """Empty: of the run."""
    read_ns: Nanoseconds | None = None
    """When the sampler last read the device. None: it did not, or this is of a run."""
    seconds: int = 1
    """Width of a bucket, a power of two."""
    courses: dict[str, Stretches] = {}


AnyFrame = (
    Hello
    | RunStarted
    | Phase
    | Steps
    | Requests
    | Gauges
    | Score
    | Log
    | Failure
    | Finding
    | Estimate
    | Done
    | Pong
    | ClockAligned
    | IdleBaseline
    | Overhead
    | Event
    | Verdicts
    | Effect
    | Profile
    | Rollup
    | Courses
)
