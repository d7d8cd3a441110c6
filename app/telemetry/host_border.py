"""The border to psutil: the few calls that the sampler makes, with what each costs.

A Protocol, so that a test passes its own machine. Measured on two cores, between two sleeps: load
0.14 ms, disks 0.25, network 0.12, clock 0.11 and more with every core, since each has its own file.
So the load is read each time, the others once a second.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import psutil

from workloads.wire.frames import NetworkInterface


class Transferred(NamedTuple):
    """Bytes since the machine started."""

    received: int
    """Read from disks, or received from the network."""
    sent: int
    """Written to disks, or sent to the network."""


class Machine(Protocol):
    """What the sampler asks of the host besides /proc. Each may raise OSError."""

    def core_percent(self) -> list[float]:
        """Load of each logical processor since the call before."""

    def frequency_mhz(self) -> float | None:
        """Mean clock of the processors; None where the machine does not say."""

    def disk(self) -> Transferred | None:
        """All disks; None where there are none."""

    def network(self) -> Transferred:
        """All interfaces but loopback."""

    def physical_cores(self) -> int | None:
        """Cores, not threads; None where the machine does not say."""

    def interfaces(self) -> tuple[NetworkInterface, ...]:
        """Of the network, by name, without loopback."""


class PsutilMachine:
    """The machine that it runs on."""

    def core_percent(self) -> list[float]:
        """As in Machine."""
        return psutil.cpu_percent(percpu=True)

    def frequency_mhz(self) -> float | None:
        """As in Machine."""
        # psutil's type says otherwise, but virtual machines answer None, or a clock of 0.
        frequency: object = psutil.cpu_freq()
        return float(getattr(frequency, "current", 0.0)) or None

    def disk(self) -> Transferred | None:
        """As in Machine."""
        counters = psutil.disk_io_counters(nowrap=False)
        return None if counters is None else Transferred(counters.read_bytes, counters.write_bytes)

    def network(self) -> Transferred:
        """As in Machine."""
        cards = psutil.net_io_counters(pernic=True, nowrap=False)
        others = [counters for name, counters in cards.items() if name != "lo"]
        return Transferred(sum(card.bytes_recv for card in others), sum(card.bytes_sent for card in others))

    def physical_cores(self) -> int | None:
        """As in Machine."""
        return psutil.cpu_count(logical=False)

    def interfaces(self) -> tuple[NetworkInterface, ...]:
        """As in Machine."""
        return tuple(
            NetworkInterface(name=name, speed_bits_per_s=card.speed * 1e6 if card.speed else None)
            for name, card in sorted(psutil.net_if_stats().items())
            if name != "lo"
        )
