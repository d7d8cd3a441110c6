"""`make bench`: measure benchtop itself, and put the table into BENCHMARKS.md with the machine. Takes 20 minutes."""

from __future__ import annotations

import datetime as dt
import platform
import re
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import psutil

from tests.bench import exact, frames, keys, memory, overhead, screen
from tests.bench.row import Row, markdown

BENCHMARKS = Path(__file__).parents[2] / "BENCHMARKS.md"
BEGIN, END = "<!-- bench -->", "<!-- /bench -->"


def main() -> int:
    """Measure everything → 0 when every floor was reached."""
    with tempfile.TemporaryDirectory(prefix="benchtop-bench-") as home:
        rows = list(_rows(Path(home)))
    table = f"{_machine()}\n\n{markdown(rows)}"
    text = BENCHMARKS.read_text() if BENCHMARKS.exists() else f"# Benchmarks\n\n{BEGIN}\n{END}\n"
    BENCHMARKS.write_text(re.sub(f"{BEGIN}.*?{END}", lambda _: f"{BEGIN}\n{table}\n{END}", text, flags=re.DOTALL))
    return 0 if all(row.reached for row in rows) else 1


def _rows(home: Path) -> Iterator[Row]:
    """One after the other, each said as soon as it is known."""
    environment = {"BENCHTOP_HOME": str(home), "COLORTERM": ""}

    def said(*rows: Row) -> tuple[Row, ...]:
        print("\n".join(f"{'✓' if row.reached else '✗'} {row.what}: {row.measured}" for row in rows), flush=True)
        return rows

    yield from said(frames.measure())
    with screen.running_session(environment):
        yield from said(*screen.measure(environment))
        yield from said(keys.local(environment))
        yield from said(*keys.slow_line(environment))
    yield from said(exact.measure())
    yield from said(*memory.measure(home))
    yield from said(overhead.measure(home))


def _machine() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return (
        f"{dt.date.today():%Y-%m-%d}: {model}, {psutil.cpu_count()} logical processors, "
        f"{psutil.virtual_memory().total / 2**30:.0f} GiB, {platform.system()} {platform.release().split('-')[0]}, "
        f"Python {platform.python_version()}, Textual {metadata.version('textual')}, torch {metadata.version('torch')}."
    )


if __name__ == "__main__":
    sys.exit(main())
