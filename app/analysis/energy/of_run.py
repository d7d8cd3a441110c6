"""The energy of one run of a session, from its tables and its manifest."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from app.analysis.energy.making import Energy, Units, around, energy_of
from app.analysis.load import Loaded
from app.analysis.summary.windows import Windows
from app.session.store.manifest import Headline


def run_energy(
    loaded: Loaded,
    headline: Headline,
    windows: Windows,
    requests: pl.LazyFrame,
    elsewhere: Collection[str],
) -> tuple[Energy, ...]:
    """Of every device that is not `elsewhere`. `requests` are the run's answered ones; of a run with cases no energy of
    a unit can be told, for a unit of one is not one of another.
    """
    near = around(loaded.tables["gauges"].filter(~pl.col("device").is_in(elsewhere)), windows)
    if not len(near):
        return ()
    manifest = loaded.manifest
    ticks_ns = {facts.device: facts.energy_tick_ns for facts in manifest.devices}
    return energy_of(
        near,
        windows,
        _units(headline, requests) if headline.case is None else Units(),
        ticks_ns,
        manifest.idle.power_w if manifest.idle else None,
    )


def _units(headline: Headline, requests: pl.LazyFrame) -> Units:
    """What a run did with its energy."""
    tokens = round(headline.tokens_per_s * headline.measured_s) if headline.tokens_per_s is not None else 0
    answered = requests.select(pl.len()).collect(engine="streaming").item()
    return Units(samples=headline.samples, tokens=tokens, requests=answered)
