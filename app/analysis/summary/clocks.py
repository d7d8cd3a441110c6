"""The clocks of other hosts over a session: how well they were known, and how fast they drifted against ours."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from app.session.store.manifest import ClockRecord


class ClockSummary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One host."""

    host: str
    largest_error_ns: int
    """Times of that host are off by no more than this, at any time of the session."""
    drift_ppm: float | None = None
    """By how much its clock is slow against the conductor's, microseconds a second; None: measured only once."""
    drift_error_ppm: float | None = None
    """The drift is off by no more than this: the two errors that it rests on, over the time between them."""


def clock_summaries(records: Iterable[ClockRecord]) -> tuple[ClockSummary, ...]:
    """Host by host; all processes of a host have one clock."""
    hosts: dict[str, list[ClockRecord]] = {}
    for record in records:
        hosts.setdefault(record.first.host, []).append(record)
    return tuple(_summary(host, of_host) for host, of_host in hosts.items())


def _summary(host: str, records: list[ClockRecord]) -> ClockSummary:
    largest = max(record.largest_error_ns for record in records)
    first = min((record.first for record in records), key=lambda clock: clock.at_ns)
    last = max((record.last for record in records), key=lambda clock: clock.at_ns)
    between_ns = last.at_ns - first.at_ns
    if between_ns <= 0:
        return ClockSummary(host=host, largest_error_ns=largest)
    return ClockSummary(
        host=host,
        largest_error_ns=largest,
        drift_ppm=1e6 * (last.offset_ns - first.offset_ns) / between_ns,
        drift_error_ppm=1e6 * (last.error_ns + first.error_ns) / between_ns,
    )
