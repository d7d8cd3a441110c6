"""`make bench`: measure benchtop itself, and put the table into BENCHMARKS.md with the machine. Takes 25 minutes."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench import compared, exact, frames, intervals, keys, lag, loadgen, memory, overhead, screen, verdicts
from tests.bench.row import Row
from tests.bench.table import put_table, said, this_machine


def main() -> int:
    """Measure everything → 0 when every floor was reached."""
    with tempfile.TemporaryDirectory(prefix="benchtop-bench-") as home:
        rows = list(_rows(Path(home)))
    put_table("bench", this_machine(), rows)
    return 0 if all(row.reached for row in rows) else 1


def _rows(home: Path) -> Iterator[Row]:
    """One after the other."""
    environment = {"BENCHTOP_HOME": str(home), "COLORTERM": ""}
    yield from said(frames.measure())
    with screen.running_session(environment):
        yield from said(*screen.measure(environment))
        yield from said(keys.local(environment))
        yield from said(*keys.slow_line(environment))
    yield from said(exact.measure())
    yield from said(*memory.measure(home))
    yield from said(overhead.measure(home))
    yield from said(*intervals.measure(home))
    yield from said(*loadgen.measure(home))
    yield from said(*compared.measure(home))
    yield from said(lag.measure(home))
    yield from said(*verdicts.measure(home))


if __name__ == "__main__":
    sys.exit(main())
