"""What the link between host and device can carry, from what the device says of it. Pure.

PCI Express moves one bit a transfer on each lane in each direction. Generations 3 to 5 carry 128 bits in every 130
(PCI Express Base Specification 3.0 to 5.0, 128b/130b encoding), 1 and 2 carry 8 in every 10. What packets and
acknowledgements take, some 5 to 10 %, is not taken off: no copy reaches this limit wholly. Generation 6 is coded
in another way and is not known here.
"""

from __future__ import annotations

from typing import Final

from workloads.wire.frames import DeviceFacts

BITS_PER_S: Final = {
    1: 2.5e9 * 8 / 10,
    2: 5e9 * 8 / 10,
    3: 8e9 * 128 / 130,
    4: 16e9 * 128 / 130,
    5: 32e9 * 128 / 130,
}
"""Data of one lane in one direction, by generation."""


def link_limit_bytes_per_s(facts: DeviceFacts) -> float | None:
    """Bytes a second in one direction; None where the device does not say what its link is."""
    lane = BITS_PER_S.get(facts.pcie_generation or 0)
    return lane * facts.pcie_width / 8 if lane and facts.pcie_width else None
