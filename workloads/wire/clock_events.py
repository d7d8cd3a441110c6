"""Clock event reasons: NVML's bit mask of why the clocks are not at their maximum, in words.

The bits and names are those of `nvml.h` (nvmlClocksEventReasons). Pure standard library and msgspec,
so that the sampler, the doctor and the screen say the same thing.
"""

from __future__ import annotations

import msgspec


class ClockEvent(msgspec.Struct, frozen=True):
    """One reason."""

    mask: int
    name: str
    """NVML's own name, without its prefix."""
    label: str
    """As a person reads it."""
    slows: bool
    """Whether it holds back a device that has work to do; idling does not."""


CLOCK_EVENTS = (
    ClockEvent(0x001, "GpuIdle", "idle", slows=False),
    ClockEvent(0x002, "ApplicationsClocksSetting", "clocks set by a user", slows=True),
    ClockEvent(0x004, "SwPowerCap", "power cap", slows=True),
    ClockEvent(0x008, "HwSlowdown", "hardware slowdown", slows=True),
    ClockEvent(0x010, "SyncBoost", "sync boost", slows=True),
    ClockEvent(0x020, "SwThermalSlowdown", "software thermal slowdown", slows=True),
    ClockEvent(0x040, "HwThermalSlowdown", "hardware thermal slowdown", slows=True),
    ClockEvent(0x080, "HwPowerBrakeSlowdown", "power brake", slows=True),
    ClockEvent(0x100, "DisplayClockSetting", "display clock", slows=True),
    ClockEvent(0x200, "BoardLimit", "board limit", slows=True),
    ClockEvent(0x400, "Reliability", "reliability voltage", slows=True),
)


def clock_events(mask: int) -> tuple[ClockEvent, ...]:
    """A bit mask → its reasons, lowest bit first; bits that nobody has named yet are one reason of their own."""
    known = tuple(event for event in CLOCK_EVENTS if mask & event.mask)
    rest = mask & ~sum(event.mask for event in CLOCK_EVENTS)
    if not rest:
        return known
    return (*known, ClockEvent(rest, f"{rest:#x}", f"unnamed reason {rest:#x}", slows=True))


def clock_event_words(mask: int) -> str:
    """A bit mask → words: `power cap, power brake`; empty when the clocks are at their maximum."""
    return ", ".join(event.label for event in clock_events(mask))
