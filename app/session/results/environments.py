"""Training beside inference of one model, ready to be shown. Computed in `app.analysis.compare.train_vs_test`."""

from __future__ import annotations

from typing import Literal

import msgspec

Section = Literal["scale", "speed", "quality", "resources", "energy", "needs"]


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """One column: runs of one workload in one configuration."""

    workload: str
    title: str
    label: str
    """`A`, `B` …, the session that it is from."""
    runs: int


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One number of every column; the mean over its runs."""

    section: Section
    name: str
    """Its unit is its ending."""
    label: str
    values: tuple[float | str | None, ...]
    """None: it has no such number, or it was not measured."""


class TrainVsTest(msgspec.Struct, frozen=True, kw_only=True):
    """One model: the training first, then every way in which it was served."""

    model: str
    environments: tuple[Environment, ...]
    rows: tuple[Row, ...]


class Environments(msgspec.Struct, frozen=True, kw_only=True):
    """Every model that was both trained and served."""

    sessions: tuple[tuple[str, str], ...]
    """Letter and name of each session."""
    models: tuple[TrainVsTest, ...]
