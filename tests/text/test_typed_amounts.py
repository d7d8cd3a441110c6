"""Sizes and ages, as they are typed and as they are told."""

from __future__ import annotations

import pytest

from app.text.typed_amounts import age_s, age_text, size_bytes


@pytest.mark.parametrize(
    ("text", "size"),
    [("20GB", 20 * 10**9), ("20 gib", 20 << 30), ("1.5M", 1_500_000), ("0", 0), ("512B", 512), ("2T", 2 * 10**12)],
)
def test_a_size_may_be_typed_in_either_power(text: str, size: int) -> None:
    assert size_bytes(text) == size


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "1e9", "20 apples", "nan", "9999999999T"])
def test_what_is_no_size_is_said(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no size|larger than any"):
        size_bytes(text)


@pytest.mark.parametrize(("text", "seconds"), [("30d", 2_592_000), ("12h", 43_200), ("90m", 5400), ("2w", 1_209_600)])
def test_an_age_has_a_unit(text: str, seconds: float) -> None:
    assert age_s(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "-1d", "d", "1y", "inf d"])
def test_what_is_no_age_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="is no age"):
        age_s(text)


def test_an_age_is_told_in_its_largest_unit() -> None:
    told = [age_text(seconds) for seconds in (45, 5400, 108_000, 1_036_800, -3)]
    assert told == ["45 s", "90 min", "30 h", "12 d", "0 s"]
