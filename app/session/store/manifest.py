"""The manifest: what a session was and how it ended. `manifest.json` in the session folder.

Its presence says that the session is finished; a journal without one is an interrupted session.
Fields are only appended, with defaults; a change that breaks this raises `SCHEMA`, see `app.session.store.schema`.
"""

from __future__ import annotations

import msgspec

from app.session.planning.plan import Plan
from app.session.roofs.roofline import Roofline
from app.session.store.schema import SCHEMA
from workloads.wire.frames import (
    ClockAligned,
    DeviceFacts,
    Effect,
    Estimate,
    Failure,
    Finding,
    Hello,
    IdleBaseline,
    Nanoseconds,
    Number,
    Outcome,
    Overhead,
    Phase,
    Profile,
    RunStarted,
    Score,
    Verdicts,
)


class Headline(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A run in a few numbers, over its measure phases, for lists; `show` computes the rest from Parquet."""

    samples: int = 0
    """Units of work."""
    measured_s: float = 0.0
    """Seconds of measure phases."""
    samples_per_s: float | None = None
    tokens_per_s: float | None = None
    p50_ms: float | None = None
    """Median step time, or median latency of requests."""
    accuracy: float | None = None
    """Last `top1_accuracy`."""
    bits_per_byte: float | None = None
    """Last one on held-out text."""
    case: str | None = None
    """Of a run that measured several things: the best of them, of which rate and median are then."""


class PrimaryVerdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """From this instant on it was the primary one; an empty kind: there was none."""

    at_ns: Nanoseconds
    kind: str = ""
    severity: str = ""


class RunRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How one run went."""

    run: Number
    outcome: Outcome
    """`skipped`: never started, or an optional run that did not fit the machine (see `reason`)."""
    started: RunStarted | None = None
    """None when the worker never got as far."""
    ended_ns: Nanoseconds | None = None
    headline: Headline = Headline()
    scores: tuple[Score, ...] = ()
    failure: Failure | None = None
    dropped: int = 0
    """Samples that did not fit into the worker's buffer."""
    phases: tuple[Phase, ...] = ()
    """In order of time; the last one ended at `measured_until_ns`."""
    measured_until_ns: Nanoseconds | None = None
    """When the last phase ended: with Done where the run came to its end, else with the last sample."""
    reason: str = ""
    """One line: why an optional run was skipped."""
    exit_status: int | None = None
    """Of a command of the user's, negative for a signal."""
    verdicts: Verdicts | None = None
    """What limited all that it measured. None: that was not worked out."""
    live_verdicts: Verdicts | None = None
    """The last that was said of its last seconds while it went on."""
    primaries: tuple[PrimaryVerdict, ...] = ()
    """How the primary verdict changed, in order of time; the last ones."""
    effects: tuple[Effect, ...] = ()
    """The last word of each experiment."""
    profiles: tuple[Profile, ...] = ()
    """The last ones."""


class Damage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A place in a journal that is no frame and was left out; what lies around it was kept."""

    offset: int
    """From the start of its file."""
    bytes: int
    reason: str
    """One line: what is wrong there."""
    segment: int = 0
    """The closed segment that the file was, as it was numbered; 0: `journal.frames`."""


class Recovery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was found in the journal of a session that nobody ended, or that was damaged."""

    frames: int
    """Whole frames, all of them kept."""
    lost_bytes: int = 0
    """Bytes that are no whole frame: those of all damaged places, and of an unfinished frame at the end."""
    reason: str = ""
    damages: tuple[Damage, ...] = ()
    """The damaged places, in order; of very many only the first ones."""
    places: int = 0
    """How many damaged places there are."""


class ClockRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the clock of one process on another host was aligned with the conductor's."""

    first: ClockAligned
    last: ClockAligned
    largest_error_ns: Nanoseconds


class Manifest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The whole session but for its columns."""

    schema: int = msgspec.field(default_factory=lambda: SCHEMA)
    plan: Plan
    outcome: Outcome
    started_ns: Nanoseconds
    """Wall time of the conductor's Hello."""
    ended_ns: Nanoseconds
    """Wall time of the last frame."""
    hellos: tuple[Hello, ...] = ()
    """One of each process: the clock pairs and the fingerprint."""
    runs: tuple[RunRecord, ...] = ()
    findings: tuple[Finding, ...] = ()
    failure: Failure | None = None
    """What ended the session as a whole, such as a full disk."""
    frames: int = 0
    unknown: int = 0
    """Frames of a kind that this benchtop does not know."""
    recovery: Recovery | None = None
    absent: dict[str, dict[str, str]] = {}
    """Device → gauge → why it never gave a reading of it."""
    rooflines: tuple[Roofline, ...] = ()
    """What the session's probes measured, one for each device that was probed."""
    clocks: tuple[ClockRecord, ...] = ()
    """One of each process on another host."""
    estimates: tuple[Estimate, ...] = ()
    """What repeats said as they went, in order of time."""
    idle: IdleBaseline | None = None
    """None: it was not measured."""
    overheads: tuple[Overhead, ...] = ()
    """The last word of each of benchtop's own processes about its cost."""
    scrubbed: dict[str, int] = {}
    """Kind of name → in how many places it was taken out before the session was packed. Empty: nothing was."""
    parts: dict[str, int] = {}
    """Table → how many parts it has besides its own file, of a session that was rolled (`session.store.segments`)."""
    remade: str = ""
    """One line, of a manifest that was lost and made again of the other files: what had happened to it."""

    @property
    def conductor(self) -> Hello | None:
        """What the conductor said of itself: the clock pair of the session. None: nothing of it could be read."""
        return next((hello for hello in self.hellos if hello.role == "conductor"), None)

    @property
    def last_ns(self) -> int:
        """The session's end on the host's monotonic clock."""
        conductor = self.conductor
        if conductor is None:
            return max((record.ended_ns or 0 for record in self.runs), default=0)
        return self.ended_ns - conductor.wall_ns + conductor.monotonic_ns

    @property
    def devices(self) -> tuple[DeviceFacts, ...]:
        """Of all hosts, each once though a sampler may have been started again; the first host's before the others'."""
        facts = {
            facts.device: facts
            for hello in self.hellos
            if hello.role == "sampler"
            for facts in hello.fingerprint.devices
        }
        return tuple(sorted(facts.values(), key=lambda facts: ":" in facts.device))
