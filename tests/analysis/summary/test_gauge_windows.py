"""Which readings count as of measured time."""

from __future__ import annotations

import polars as pl

from app.analysis.summary.gauge_summary import gauge_summaries
from app.analysis.tables.schema import GAUGE_TABLE

QUARTER = 250
READINGS = pl.DataFrame(
    {
        "device": ["gpu0"] * 8,
        "source": ["gpm"] * 8,
        "at_ns": [QUARTER * number for number in range(1, 9)],
        "dram_percent": [float(number) for number in range(1, 9)],
    },
    schema_overrides={name: kind for name, kind in GAUGE_TABLE.items() if name in {"at_ns", "dram_percent"}},
).join(pl.DataFrame(schema={n: t for n, t in GAUGE_TABLE.items() if n != "at_ns"}), on=["device", "source"], how="left")


def counted(*windows: tuple[int, int]) -> tuple[int, float] | None:
    """How many readings counted, and their mean."""
    found = [gauge for gauge in gauge_summaries(READINGS, windows) if gauge.name == "dram_percent"]
    return (found[0].readings, found[0].mean) if found else None


def test_a_reading_over_the_edge_of_a_phase_would_dilute_the_mean() -> None:
    assert counted((250, 1000)) == (3, 3.0), "readings 2, 3 and 4 are of time within the phase"
    assert counted((400, 1000)) == (2, 3.5), "reading 2 is half of the time before"


def test_phases_shorter_than_a_reading_count_where_most_of_it_was_measured() -> None:
    epochs = [(begin, begin + 15) for begin in range(250, 1000, 20)]
    assert counted(*epochs) == (3, 3.0)


def test_phases_that_fill_no_reading_give_none() -> None:
    assert counted((250, 300)) is None
    assert counted() is None
