"""What the judge says between two runs: its process writes it, the conductor reads it."""

from __future__ import annotations

import msgspec

from workloads.wire.frames import Estimate, Finding, Value


class Judgement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """About the next run, and about those before it."""

    skip: str | None = None
    """Why the next run is not needed, one line; None: it is."""
    rest: bool = False
    """Whether that holds for all runs after it too: the judge need not be asked again before the end."""
    parameters: dict[str, Value] = {}
    """What the next run is set to, over what was planned."""
    estimates: tuple[Estimate, ...] = ()
    """What the repeats of each variant say so far."""
    findings: tuple[Finding, ...] = ()
    memory: bytes = b""
    """What the judge is to be given the next time, on stdin, so that it reads each run once. For it alone."""
