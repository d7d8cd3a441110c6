"""What a person must know now, in a line each: silence, loss of data, failures, findings. Nothing is shown here."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from app.session.live.runs import LiveRun
from app.session.plain import plain
from workloads.wire.frames import Failure, Finding

NO_READING_NS = 3_000_000_000
"""Telemetry that is silent for longer is said to be."""

K_ENDS = " — k ends it"
"""What a person at the screen can do about silence."""

FINDINGS = 20
"""The newest findings that are kept; the log and the manifest have them all."""


class Notices:
    """Collects what was said, and words what follows from the clock."""

    def __init__(self, quiet_s: float) -> None:
        self._quiet_ns = quiet_s * 1e9
        self._findings: deque[str] = deque(maxlen=FINDINGS)
        self.failure: Failure | None = None
        """What ended the session as a whole."""
        self.unsound = 0
        """Frames whose columns could not be used."""

    def find(self, finding: Finding) -> None:
        """The session goes on, but a reader of its numbers must know this."""
        line = joined(finding.message, finding.remedy)
        if line in self._findings:
            self._findings.remove(line)
        self._findings.append(line)

    def now(
        self, now_ns: int, *, going: bool, current: LiveRun | None, runs: Iterable[LiveRun], read_ns: int | None
    ) -> tuple[str, ...]:
        """Most urgent first. `going` says that the session is not over; `read_ns` is when telemetry last spoke."""
        lines: list[str] = []
        if self.failure is not None:
            lines.append(joined(self.failure.message, self.failure.remedy))
        if going:
            lines += self._silence(now_ns, current, read_ns)
        for run in runs:
            lines += _faults(run)
        if self.unsound:
            lines.append(f"frames left out because their columns are not sound: {self.unsound:,}")
        return (*map(plain, lines), *reversed(self._findings))

    def _silence(self, now_ns: int, current: LiveRun | None, read_ns: int | None) -> Iterable[str]:
        if current is not None and current.state in ("starting", "running"):
            quiet_ns = now_ns - current.heard_ns
            if quiet_ns > self._quiet_ns:
                yield f"no frame from {current.workload} for {quiet_ns // 10**9} s{K_ENDS}"
        if read_ns is not None and now_ns - read_ns > NO_READING_NS:
            yield f"no reading for {(now_ns - read_ns) // 10**9} s"


def joined(message: str, remedy: str) -> str:
    """What happened, and what to do about it, in a line."""
    return plain(f"{message}; {remedy}" if remedy else message)


def _faults(run: LiveRun) -> Iterable[str]:
    if run.diverged:
        yield f"the loss of {run.workload} is no number any more: the training has diverged"
    if run.dropped:
        yield f"{run.dropped:,} samples of {run.workload} dropped: they came faster than they could be sent"
    if run.failed_requests:
        yield f"requests of {run.workload} that failed: {run.failed_requests:,}"
    if run.unserved_requests:
        yield f"requests of {run.workload} that were due and never served: {run.unserved_requests:,}"
