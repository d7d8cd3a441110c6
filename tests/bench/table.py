"""Where measured rows go: a marked place in BENCHMARKS.md, with the machine above them."""

from __future__ import annotations

import datetime as dt
import platform
import re
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import psutil

from tests.bench.row import Row, markdown

BENCHMARKS = Path(__file__).parents[2] / "BENCHMARKS.md"


def put_table(name: str, machine: str, rows: Sequence[Row]) -> None:
    """Put the rows between the marks of that name, in the place of what was there."""
    put_text(name, f"{machine}\n\n{markdown(list(rows))}")


def put_text(name: str, content: str) -> None:
    """Put it between the marks `<!-- name -->` and `<!-- /name -->`, in the place of what was there."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    text = BENCHMARKS.read_text() if BENCHMARKS.exists() else "# Benchmarks\n"
    if begin not in text:
        text += f"\n{begin}\n{end}\n"
    table = f"{begin}\n{content}\n{end}"
    BENCHMARKS.write_text(re.sub(f"{begin}.*?{end}", lambda _: table, text, flags=re.DOTALL))


def said(*rows: Row) -> tuple[Row, ...]:
    """Say rows as soon as they are known."""
    print("\n".join(f"{'✓' if row.reached else '✗'} {row.what}: {row.measured}" for row in rows), flush=True)
    return rows


def this_machine() -> str:
    """Day, processor, memory and versions in a line."""
    facts = Path("/proc/cpuinfo").read_text().splitlines()
    named = (line.partition(":")[2].strip() for line in facts if line.startswith("model name"))
    return (
        f"{dt.date.today():%Y-%m-%d}: {next(named, platform.processor())}, {psutil.cpu_count()} logical processors, "
        f"{psutil.virtual_memory().total / 2**30:.0f} GiB, {platform.system()} {platform.release().split('-')[0]}, "
        f"Python {platform.python_version()}, Textual {metadata.version('textual')}, torch {metadata.version('torch')}."
    )
