"""Whether the queue of a run grew without bound: more was offered than could be served.

Latency of such a run has no value of its own: it grows for as long as the run goes on. The rule, over the requests of
the measure phases in the order in which they were due:

1. in the second half of the schedule no request came to an empty queue: all of them found one that was due
   before them still waiting;
2. requests were left unserved when the run ended, or the mean time in the queue in the last quarter of the schedule
   exceeds that in the third by a tenth or more. A queue that grows steadily gives 7/5, since the middles of the two
   quarters lie at 7/8 and 5/8 of the schedule; one that is only long gives 1;
3. when the last request was due, more than 1.5 √n of all n still waited. The number of Poisson arrivals has a standard
   deviation of √n, so that a queue of that length comes about by chance where as much is offered as can be served.

In simulated M/D/1 queues of 100 requests the rule finds 1 of 100 at 90 % load, 3 at 95 %, 16 at 105 % and 75 at 130 %;
of 1,000, none at 95 %, 44 at 105 % and all at 130 %; of 5,000, 90 at 105 %. Runs that are stopped in the middle are no
more often found below full load. Between 98 and 102 % nobody can tell in that time.
"""

from __future__ import annotations

from math import sqrt

import msgspec
import polars as pl

from app.analysis.summary.headline import NS_A_S
from app.session.results.queueing import BY_CHANCE, FEWEST, GROWTH


class Saturation(msgspec.Struct, frozen=True, kw_only=True):
    """More was offered than served."""

    offered_per_s: float
    """Requests due a second."""
    served_per_s: float
    """Requests answered a second, from the first that was due to the last."""
    unserved: int
    """Requests that were still waiting when the run ended."""


def saturation_of(requests: pl.LazyFrame) -> Saturation | None:
    """`requests`: those of the measure phases of a run that followed a schedule. None: its queue did not run away."""
    due, begun = pl.col("scheduled_ns"), pl.col("started_ns").fill_null(pl.col("done_ns"))
    columns = requests.select(due, "done_ns", begun.alias("begun_ns"), "outcome")
    queue = columns.collect(engine="streaming")
    if not queue["scheduled_ns"].is_sorted():  # most often they are, first come first served
        queue = queue.sort("scheduled_ns")
    if len(queue) < FEWEST:
        return None
    first, last = _instant(queue["scheduled_ns"].min()), _instant(queue["scheduled_ns"].max())
    span = last - first
    if span <= 0:
        return None
    place = (due - first) / span
    waited = pl.col("begun_ns") - due
    row = queue.select(
        met_empty=((pl.col("begun_ns").cum_max().shift(1) <= due) & (place >= 0.5)).any(),
        third=waited.filter((place >= 0.5) & (place < 0.75)).mean(),
        fourth=waited.filter(place >= 0.75).mean(),
        unserved=(~pl.col("outcome").is_in(("answered", "failed"))).sum(),
        waiting=(pl.col("begun_ns") > last).sum(),
        served=((pl.col("outcome") == "answered") & (pl.col("done_ns") <= last)).sum(),
    ).row(0, named=True)
    third, fourth = row["third"], row["fourth"]
    grew = third is not None and fourth is not None and fourth >= GROWTH * third
    if row["met_empty"] or not (row["unserved"] or grew) or row["waiting"] <= BY_CHANCE * sqrt(len(queue)):
        return None
    seconds = span / NS_A_S
    return Saturation(
        offered_per_s=(len(queue) - 1) / seconds, served_per_s=row["served"] / seconds, unserved=row["unserved"]
    )


def _instant(value: object) -> int:
    assert isinstance(value, int)
    return value
