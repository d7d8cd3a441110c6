"""`make bench`: measure what benchtop costs, what its sessions survive and take, and what its numbers are worth; the
three tables go into BENCHMARKS.md.

Takes half an hour. `python -m tests.bench bench-numbers` measures one table alone.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench import (
    compared,
    exact,
    explaining,
    frames,
    hook_cost,
    intervals,
    jumping,
    keys,
    lag,
    large_session,
    loadgen,
    many_sessions,
    memory,
    overhead,
    screen,
    storage,
    verdicts,
)
from tests.bench.days import measuring as days
from tests.bench.kills import measuring as kills
from tests.bench.row import Row
from tests.bench.table import put_table, said, this_machine


def main() -> int:
    """Measure everything, or the tables that are named → 0 when every floor was reached."""
    reached = True
    for name in sys.argv[1:] or TABLES:
        with tempfile.TemporaryDirectory(prefix="benchtop-bench-") as home:
            rows = list(TABLES[name](Path(home)))
        put_table(name, this_machine(), rows)
        reached = reached and all(row.reached for row in rows)
    return 0 if reached else 1


def _itself(home: Path) -> Iterator[Row]:
    """What benchtop costs."""
    environment = {"BENCHTOP_HOME": str(home), "COLORTERM": ""}
    yield from said(frames.measure())
    yield from said(*explaining.measure())
    with screen.running_session(environment):
        yield from said(*screen.measure(environment))
        yield from said(keys.local(environment))
        yield from said(*keys.slow_line(environment))
    yield from said(exact.measure())
    yield from said(*memory.measure(home))
    yield from said(overhead.measure(home))
    yield from said(*hook_cost.measure())


def _sessions(home: Path) -> Iterator[Row]:
    """What sessions survive, and what large and many of them take."""
    yield from said(jumping.measure())
    yield from said(*large_session.measure(home))
    yield from said(*storage.measure(home))
    yield from said(*days.measure(home))
    yield from said(*kills.measure(home))
    yield from said(*many_sessions.measure(home))


def _numbers(home: Path) -> Iterator[Row]:
    """What its numbers are worth."""
    yield from said(*intervals.measure(home))
    yield from said(*loadgen.measure(home))
    yield from said(*compared.measure(home))
    yield from said(lag.measure(home))
    yield from said(*verdicts.measure(home))


TABLES = {"bench": _itself, "bench-sessions": _sessions, "bench-numbers": _numbers}


if __name__ == "__main__":
    sys.exit(main())
