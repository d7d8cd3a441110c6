"""What a link can carry, from its generation and width."""

from __future__ import annotations

import pytest

from app.session.roofs.links import link_limit_bytes_per_s
from workloads.wire.frames import DeviceFacts


@pytest.mark.parametrize(
    ("generation", "width", "gigabytes"),
    [(1, 16, 4.0), (3, 16, 15.754), (4, 8, 15.754), (5, 16, 63.015), (None, 16, None), (5, None, None), (6, 16, None)],
)
def test_a_link_carries_so_much_in_one_direction(
    generation: int | None, width: int | None, gigabytes: float | None
) -> None:
    facts = DeviceFacts(device="gpu0", name="a GPU", pcie_generation=generation, pcie_width=width)
    limit = link_limit_bytes_per_s(facts)
    assert limit == (None if gigabytes is None else pytest.approx(gigabytes * 1e9, rel=1e-4))
