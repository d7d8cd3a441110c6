"""What holds a device's clock down: how often, how far, and against which limits. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

from app.verdicts.rules.readings import FEWEST_READINGS, devices, reading
from app.verdicts.window import DeviceMeans, Window
from workloads.wire.clock_events import CLOCK_EVENTS
from workloads.wire.frames import Evidence

_MASKS: Final = {event.name: event.mask for event in CLOCK_EVENTS}
POWER_CAP: Final = _MASKS["SwPowerCap"]
SLOWDOWN: Final = _MASKS["HwSlowdown"]
"""NVML sets it with one of the next two hardware reasons; alone it is one of them that the device does not tell."""
HARDWARE_THERMAL: Final = _MASKS["HwThermalSlowdown"]
POWER_BRAKE: Final = _MASKS["HwPowerBrakeSlowdown"]
SOFTWARE_THERMAL: Final = _MASKS["SwThermalSlowdown"]


class HeldDown(msgspec.Struct, frozen=True, kw_only=True):
    """One device whose clock a reason holds down."""

    device: DeviceMeans
    share: float
    """Of the readings that have the reason."""

    @property
    def mhz(self) -> float | None:
        """Its clock."""
        return reading(self.device, "sm_clock_mhz")

    @property
    def most_mhz(self) -> int | None:
        """The largest that it has."""
        return self.device.facts.sm_clock_limit_mhz if self.device.facts else None

    @property
    def clock(self) -> float | None:
        """Its clock as a part of the largest, 0 to 1."""
        return self.mhz / self.most_mhz if self.mhz is not None and self.most_mhz else None

    @property
    def bound(self) -> float | None:
        """How many times as fast the largest clock is."""
        return 1 / self.clock if self.clock else None

    @property
    def power_limit_w(self) -> float | None:
        """As it is read, else as the device says that it is."""
        read = reading(self.device, "power_limit_w")
        return self.device.facts.power_limit_w if read is None and self.device.facts else read

    def clock_text(self) -> str:
        """`: 1,440 of 1,980 MHz`; empty where the device does not say."""
        return f": {self.mhz:,.0f} of {self.most_mhz:,} MHz" if self.mhz is not None and self.most_mhz else ""


def held_down(window: Window, mask: int) -> HeldDown | None:
    """The device that has one of these reasons most often; None where none has."""
    found = [
        HeldDown(device=device, share=share)
        for device in devices(window)
        if (share := max((part for bit, part in device.reasons.items() if bit & mask), default=0.0)) > 0
    ]
    return max(found, key=lambda each: each.share, default=None)


def tells_reasons(window: Window) -> bool:
    """Whether the run's devices say why their clocks are down."""
    known = [device.counts.get("clock_event_reasons", 0) for device in devices(window)]
    return bool(known) and min(known) >= FEWEST_READINGS


def clock_evidence(found: HeldDown) -> tuple[Evidence, ...]:
    """The clock, what it could be, and what the board takes."""
    return tuple(
        Evidence(name=name, value=value, unit=unit, source="nvml")
        for name, value, unit in (
            ("SM clock", found.mhz, "MHz"),
            ("power", reading(found.device, "power_w"), "W"),
            ("power limit", found.power_limit_w, "W"),
            ("temperature", reading(found.device, "temperature_c"), "°C"),
            ("largest SM clock", found.most_mhz or None, "MHz"),
        )
        if value is not None
    )
