"""The mean step in words: what of it is in no part that was measured."""

from __future__ import annotations

from app.analysis.summary.report import StepParts
from app.analysis.summary.text import _parts


def test_what_is_in_no_part_is_said() -> None:
    parts = StepParts(forward_ms=1.0, backward_ms=2.0, optimizer_ms=0.5)
    assert "other\u00a01.50\u00a0ms" in _parts(parts, 5.0)
    assert "other" not in _parts(parts, 3.51)
    assert "other" not in _parts(parts, None)


def test_parts_of_a_device_overlap_those_of_the_host() -> None:
    assert "other" not in _parts(StepParts(h2d_ms=0.1, forward_ms=1.0), 5.0)
