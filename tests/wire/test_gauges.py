"""The table of gauges: one name each, with its unit in the name."""

from __future__ import annotations

import pytest

from workloads.wire.gauges import GAUGES

UNITS = ("_percent", "_bytes", "_bytes_per_s", "_w", "_j", "_c", "_mhz")
COUNTS = {
    "clock_event_reasons",
    "threads",
    "own_processes",
    "foreign_processes",
    "queue_requests",
    "loader_workers",
    "torch_retries",
    "torch_device_mallocs",
}


@pytest.mark.parametrize("name", GAUGES)
def test_a_name_ends_with_its_unit(name: str) -> None:
    assert name.endswith(UNITS) or name in COUNTS
    assert GAUGES[name].name == name


@pytest.mark.parametrize("name", GAUGES)
def test_a_meaning_is_a_sentence(name: str) -> None:
    assert GAUGES[name].label
    assert GAUGES[name].meaning.endswith(".")
