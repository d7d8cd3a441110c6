"""Clock events: NVML's bits in words, also those that nobody has named yet."""

from __future__ import annotations

import pynvml
import pytest

from workloads.wire.clock_events import CLOCK_EVENTS, clock_event_words, clock_events


def test_no_reason_is_no_words() -> None:
    assert clock_event_words(0) == ""


def test_reasons_come_lowest_bit_first() -> None:
    assert clock_event_words(0x84) == "power cap, power brake"


def test_idling_holds_nothing_back() -> None:
    assert [event.slows for event in clock_events(0x1 | 0x4)] == [False, True]


def test_a_bit_that_nobody_has_named_is_shown_as_it_is() -> None:
    assert clock_event_words(0x4 | 0x10000) == "power cap, unnamed reason 0x10000"


@pytest.mark.parametrize("event", CLOCK_EVENTS, ids=lambda event: event.name)
def test_names_and_bits_are_those_of_nvml(event: object) -> None:
    name, mask = getattr(event, "name", ""), getattr(event, "mask", 0)
    assert getattr(pynvml, f"nvmlClocksThrottleReason{name}") == mask
