"""What a policy of the judge is given, and what it may decide: whether the next run is needed, and its parameters.

A policy is a function of the situation. It is pure, and in a file of its own: `until_policy`, `fit_policy` …
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from app.analysis.summary.report import RunSummary
from app.analysis.variants.report import VariantSummary
from app.session.planning.plan import Plan, PlannedRun
from workloads.wire.frames import Finding, Value


@dataclass(frozen=True)
class Situation:
    """A session between two runs."""

    plan: Plan
    next: PlannedRun | None
    """The run that is to be started; None at the end of the plan."""
    over: Sequence[RunSummary]
    """The runs that have ended."""
    variants: tuple[VariantSummary, ...]
    """The same by variant, with the headline alone."""


@dataclass(frozen=True)
class Decision:
    """What a policy wants; nothing, most often."""

    skip: str | None = None
    """Why the next run is not needed, one line."""
    rest: bool = False
    """Whether none of those after it is either."""
    parameters: dict[str, Value] = field(default_factory=dict)
    """What the next run is set to, over what was planned."""
    findings: tuple[Finding, ...] = ()
    """What a reader of the session must know; at the end of the plan, where it is said once."""


Policy = Callable[[Situation], Decision]
