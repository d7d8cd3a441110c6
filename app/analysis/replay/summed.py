"""What lies before an instant of a large session: sums in the place of samples and readings, the last of its log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from app.analysis.load import Loaded
from app.analysis.replay.samples import Span
from app.analysis.rollups.choosing import device_courses, longest_ns, run_courses, slow_rows, sum_rows
from app.analysis.rollups.devices import device_seconds
from app.analysis.rollups.frames import courses_frame, rollup_frames
from app.analysis.rollups.keeping import phase_begins
from app.analysis.rollups.schema import SECOND_NS
from app.session.live.devices import CURRENT_NS
from app.session.live.marks import MOST as MOST_MARKS
from app.session.live.session import LOG_LINES
from app.session.live.slow import MOST_EVENTS
from workloads.wire.frames import Courses, Gauges, Rollup

SAMPLES_S: Final = 2
"""Samples come one by one from so long before an instant on. Before, those of the newest rates come by seconds."""

READINGS_S: Final = CURRENT_NS // SECOND_NS + 2
"""Readings do: older ones are not shown as if they were of now."""


class SummedUp:
    """One session as it is read for an instant."""

    def __init__(self, loaded: Loaded, rollups: pl.LazyFrame, from_ns: int) -> None:
        self._loaded, self._rollups = loaded, rollups
        self._last_ns = max(from_ns, loaded.manifest.last_ns)
        self._edge = max(0, from_ns // SECOND_NS - SAMPLES_S)
        self._slow = slow_rows(rollups, self._edge)
        self._edge_of_readings = max(0, from_ns // SECOND_NS - READINGS_S)

    def courses(self) -> Iterator[Courses | Gauges]:
        """Of runs and devices, and why devices give no reading of some gauges. Told before what comes one by one."""
        for seconds, rows in run_courses(self._rollups, self._edge):
            if not rows.is_empty():
                yield courses_frame(rows, seconds, self._edge)
        edge = self._edge_of_readings
        before = self._loaded.tables["gauges"].filter(pl.col("at_ns") < edge * SECOND_NS)
        last = before.filter(pl.col("source") != "counted").group_by("device").agg(pl.col("at_ns").max())
        read_ns = dict(last.collect(engine="streaming").iter_rows())
        turn, width, rows = device_courses(self._rollups, edge)
        newest = device_seconds(before.filter(pl.col("at_ns") >= turn * SECOND_NS))
        for seconds, table in ((width, rows), (1, newest)):
            for (device,), own in table.group_by("device", maintain_order=True):
                yield courses_frame(own, seconds, edge, read_ns.get(str(device)))
        for device, reasons in self._loaded.manifest.absent.items():
            if device in read_ns:
                yield Gauges(at_ns=0, device=device, source="counted", absent=reasons)

    def rollups(self) -> Iterator[tuple[int, Rollup]]:
        """The sums of all samples that ended before those that come one by one."""
        manifest = self._loaded.manifest
        rows = sum_rows(self._rollups, manifest.runs, self._edge)
        return rollup_frames(rows, self._slow, phase_begins(manifest))

    def rest(self) -> dict[str, pl.LazyFrame]:
        """The tables without what is summed up, and without those lines and events that are not shown any more.

        Of samples all: `span` says which of them.
        """
        tables, edge_ns = self._loaded.tables, self._edge * SECOND_NS
        at, logs = pl.col("at_ns"), tables["logs"]
        return {
            "steps": tables["steps"],
            "requests": tables["requests"],
            "gauges": tables["gauges"].filter(pl.col("at_ns") >= self._edge_of_readings * SECOND_NS),
            "logs": pl.concat([_newest(logs.filter(at < edge_ns), LOG_LINES), logs.filter(at >= edge_ns)]),
            "events": self._events(edge_ns),
        }

    @property
    def span(self) -> Span:
        """The samples that come one by one."""
        return Span(self._edge * SECOND_NS, self._last_ns, longest_ns(self._rollups))

    def _events(self, edge_ns: int) -> pl.LazyFrame:
        """Those that stand on the time axis, those that may explain a slow sample, and all that come."""
        events = self._loaded.tables["events"]
        before = events.filter(pl.col("at_ns") < edge_ns)
        marked = before.filter(pl.col("kind").is_in(("knob", "mark")))
        slow = self._slow.lazy().select("run", begins="began_ns", ends="last_ns")
        meanwhile = before.join_where(
            slow.rename({"run": "of"}),
            pl.col("run") == pl.col("of"),
            pl.col("at_ns") <= pl.col("ends"),
            pl.col("at_ns") + pl.col("wall_ns") >= pl.col("begins"),
        ).select(events.collect_schema().names())
        shown = (_newest(marked, MOST_MARKS), _newest(before, MOST_EVENTS), meanwhile)
        return pl.concat([pl.concat(shown).unique(), events.filter(pl.col("at_ns") >= edge_ns)])


def _newest(lines: pl.LazyFrame, most: int) -> pl.LazyFrame:
    return lines.sort("at_ns", maintain_order=True).tail(most)
