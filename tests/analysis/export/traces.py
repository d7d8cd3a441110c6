"""Reads a trace as the Trace Event Format says, and complains of what a viewer would drop or draw wrong."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

Event = dict[str, Any]

NEEDS = {
    "X": {"ts", "dur", "pid", "tid", "name"},
    "b": {"ts", "pid", "cat", "id", "name"},
    "e": {"ts", "pid", "cat", "id", "name"},
    "n": {"ts", "pid", "cat", "id", "name"},
    "i": {"ts", "pid", "tid", "name", "s"},
    "C": {"ts", "pid", "name", "args"},
    "M": {"pid", "name", "args"},
}


def events_of(path: Path) -> list[Event]:
    """All of them, each with what its kind needs."""
    packed = path.suffix == ".gz"
    text = gzip.decompress(path.read_bytes()).decode() if packed else path.read_text("utf-8")
    events: list[Event] = json.loads(text, parse_constant=_refuse)["traceEvents"]
    for event in events:
        assert NEEDS[event["ph"]] <= event.keys(), event
        assert isinstance(event["name"], str)
        if event["ph"] != "M":
            assert isinstance(event["ts"], float | int), event
    return events


def check_nesting(events: list[Event]) -> None:
    """Slices of a thread lie in each other or beside each other; so do asynchronous ones of one id, each ended."""
    threads: dict[Any, list[Event]] = defaultdict(list)
    ids: dict[Any, list[Event]] = defaultdict(list)
    for event in events:
        if event["ph"] == "X":
            threads[event["pid"], event["tid"]].append(event)
        if event["ph"] in "be":
            ids[event["pid"], event["cat"], event["id"]].append(event)
    for slices in threads.values():
        open_until: list[int] = []
        for event in sorted(slices, key=lambda event: event["ts"]):
            begin, end = ns(event["ts"]), ns(event["ts"]) + ns(event["dur"])
            while open_until and open_until[-1] <= begin:
                open_until.pop()
            assert not open_until or end <= open_until[-1], event
            open_until.append(end)
    for edges in ids.values():
        stack: list[str] = []
        for event in sorted(edges, key=lambda event: event["ts"]):
            if event["ph"] == "b":
                stack.append(event["name"])
            else:
                assert stack.pop() == event["name"], event
        assert not stack


def ns(microseconds: float) -> int:
    """As readers take it that cut off what is no whole nanosecond."""
    return int(microseconds * 1000)


def _refuse(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")
