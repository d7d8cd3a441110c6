"""The plan: what a session is going to do, settled before anything starts.

Written into the session folder as `plan.json` by whoever starts the conductor, read by the conductor
and by every viewer. Checking what a user typed happens before a plan is made, never here.
"""

from __future__ import annotations

import sys

import msgspec

from app.session.roofs.roofline import Roofline
from app.session.store.schema import SCHEMA
from workloads.wire.frames import Nanoseconds, Number, Value

SMALLEST_MAX_BYTES = 8 << 20
"""A session that may take less has no room for its reserve and its tables."""

MODULE_COMMAND = (sys.executable, "-P", "-m")
"""How the program's own modules are started: -P, so that a folder of the user's with the same name never wins."""


class PlannedRun(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One run of one workload."""

    run: Number
    """Counts from 1."""
    workload: str
    parameters: dict[str, Value] = {}
    """What the user set; the workload fills in the rest."""
    seed: int = 0
    repeat: Number = 1
    duration_s: float | None = None
    steps: int | None = None
    warmup: int | None = None
    optional: bool = False
    """Where the workload does not fit the machine, the run is skipped and has not failed."""
    ranks: int = 1
    """Workers that share the run."""
    variant: Number = 0
    """Which of the session's configurations it is; runs of one variant differ in `repeat` alone. Counts from 1; 0 in
    plans that know no variants."""
    command: tuple[str, ...] = ()
    """A program of the user's that is listened to, as it was typed; its workload is `exec`."""
    working_folder: str = ""
    """Where it is started."""
    weights_of: int = 0
    """The variant whose training makes the weights that it serves; 0: none of the plan, or a plan without variants."""


class Plan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A session's runs in order, and how its processes are started and watched."""

    name: str
    runs: tuple[PlannedRun, ...]
    created_ns: Nanoseconds
    """Wall time, nanoseconds since 1970, UTC."""
    telemetry_hz: float = 4.0
    worker: tuple[str, ...] = (*MODULE_COMMAND, "workloads.worker")
    """Any command that speaks frames on stdout and takes commands on stdin."""
    sampler: tuple[str, ...] = (*MODULE_COMMAND, "app.telemetry")
    quiet_s: float = 10.0
    """A worker that sends no frame for this long is shown as hanging. It is never ended unasked."""
    benchtop: str = ""
    """Version of the benchtop that made the plan."""
    rooflines: tuple[Roofline, ...] = ()
    """What earlier sessions measured, the newest of each host and device: a reader needs no other session."""
    launcher: tuple[str, ...] = (*MODULE_COMMAND, "workloads.ranks")
    """The same for a run of several ranks; it is told how many."""
    listener: tuple[str, ...] = (*MODULE_COMMAND, "workloads.exec")
    """The same for a program of the user's, whose command follows behind `--`."""
    via: tuple[str, ...] = ()
    """A command that stands in front of worker and sampler and forwards stdio; they run on another host then, whose
    clock is aligned with the conductor's."""
    nodes: tuple[str, ...] = ()
    """Hosts that share every run; each has `ranks` of its workers. They take the place of `{node}` in `via`."""
    rendezvous: str = ""
    """HOST:PORT at which the ranks of all nodes find each other."""
    slo: str = ""
    """What requests must meet to be good, as typed: `ttft p95<200ms, tpot p95<30ms`."""
    until: float | None = None
    """Repeat until the half-width of the headline's interval is at most this part of it. Runs that are planned beyond
    that are skipped."""
    search: bool = False
    """The rate of each run is decided from the runs before it: the highest that meets the SLO is looked for."""
    search_from: float | None = None
    """The rate of the first try, requests a second; None: half of what the run in a closed loop before it served."""
    search_resolution: float = 0.02
    """How near the highest rate that meets the SLO and the lowest that does not are to be, as a part of the former."""

    idle_s: float | None = 0.0
    """Seconds before the first run in which nothing but the sampler runs, for the idle baseline of energy. None: two,
    where anything tells of power."""

    schema: int = msgspec.field(default_factory=lambda: SCHEMA)
    """Of the folder that it was made for."""
    max_bytes: int | None = None
    """What the session's folder may take, as far as benchtop writes it; the session stops before that. None: whatever
    the disk has."""

    @property
    def hosts(self) -> int:
        """How many share every run."""
        return max(1, len(self.nodes))

    def command(self, planned: PlannedRun) -> tuple[str, ...]:
        """What is started for a run."""
        if planned.command:
            return (*self.listener, "--", *planned.command)
        return self.worker if planned.ranks == 1 else (*self.launcher, "--ranks", str(planned.ranks))
