"""What was said to limit a run; nothing where there is no run, or nothing was said yet."""

from __future__ import annotations

from app.session.live.view import RunView
from workloads.wire.frames import Missing, Verdict


def verdicts_of(run: RunView | None) -> tuple[Verdict, ...]:
    """The primary one first."""
    return run.verdicts.verdicts if run is not None and run.verdicts is not None else ()


def missing_of(run: RunView | None) -> tuple[Missing, ...]:
    """What could not be looked into."""
    return run.verdicts.missing if run is not None and run.verdicts is not None else ()


def primary(run: RunView | None) -> Verdict | None:
    """The verdict that the live screen shows."""
    return next(iter(verdicts_of(run)), None)
