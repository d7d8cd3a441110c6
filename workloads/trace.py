"""A trace: when requests are due, as text. A line has a time in seconds from the start; `#` begins a comment.

Of lines with commas the first column counts, and a first line of words is a heading, so that a CSV file will do. The
arrivals of a run are kept in the same format, to the nanosecond: `load=trace` replays them.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from workloads.entries.load import MOST

LONGEST_S: Final = 7 * 86_400
"""A later time is most likely one of the clock, not one from the start."""


def read_trace(path: Path) -> array[int]:
    """Nanoseconds from the start, in order. Raises ValueError, one line, for what is no trace."""
    if not path.is_file():
        raise ValueError(f"trace={path} is not a file: one due time a line, in seconds from the start")
    due = array("q")
    try:
        with path.open(encoding="utf-8") as lines:
            for number, text in _meaning(lines):
                time = _nanoseconds(text)
                if time is None and not due:
                    continue
                due.append(_checked(time, due[-1] if due else 0, f"trace={path}, line {number}: {text[:40]!r}"))
                if len(due) > MOST:
                    raise ValueError(f"trace={path} has more than {MOST:,} requests, the most that are served")
    except UnicodeDecodeError as error:
        raise ValueError(f"trace={path} is no text: one due time a line, in seconds from the start") from error
    if not due:
        raise ValueError(f"trace={path} has no due times: one a line, in seconds from the start")
    return due


def write_trace(path: Path, due: Iterable[int], says: str) -> None:
    """Keep arrivals, with a comment above. Raises OSError."""
    with path.open("w", encoding="utf-8") as file:
        file.write(f"# {says}\n")
        file.writelines(f"{ns // 1_000_000_000}.{ns % 1_000_000_000:09d}\n" for ns in due)


def _meaning(lines: Iterable[str]) -> Iterable[tuple[int, str]]:
    """The number and the first column of each line that says something."""
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].partition(",")[0].strip()
        if text:
            yield number, text


def _nanoseconds(text: str) -> int | None:
    """Seconds as text → whole nanoseconds; None for what is no number."""
    try:
        return round(float(text) * 1e9)
    except (ValueError, OverflowError):
        return None


def _checked(time: int | None, before: int, where: str) -> int:
    if time is None:
        raise ValueError(f"{where} is no time in seconds")
    if time < 0:
        raise ValueError(f"{where} is before the start")
    if time > LONGEST_S * 1_000_000_000:
        raise ValueError(f"{where} is more than a week after the start: take the first time off all of them")
    if time < before:
        raise ValueError(f"{where} is earlier than the line before: sort the times")
    return time
