"""Sizes and ages as a person types them."""

from __future__ import annotations

import re
from typing import Final

_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(?:([KMGT])(I)?)?B?", re.IGNORECASE)
_AGE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(min|[smhdw])", re.IGNORECASE)

_POWERS: Final = {"k": 1, "m": 2, "g": 3, "t": 4}
_SECONDS: Final = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}

LARGEST_BYTES: Final = 1 << 60


def size_bytes(text: str) -> int:
    """`20GB` → 20,000,000,000, `20GiB` → 21,474,836,480; the B may be left out. Raises ValueError, one line."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no size, such as 500MB or 20GiB")
    number, power, binary = found.groups()
    size: float = float(number) * (1024 if binary else 1000) ** (_POWERS[power.lower()] if power else 0)
    if size > LARGEST_BYTES:
        raise ValueError(f"{text!r} is larger than any disk")
    return int(size)


def age_s(text: str) -> float:
    """`30d` → 2,592,000; also s, m, h and w. Raises ValueError, one line."""
    found = _AGE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no age, such as 12h, 30d or 8w")
    return float(found[1]) * _SECONDS[found[2].lower()]


def age_text(seconds: float) -> str:
    """In the largest of these that it is two of: `45 s`, `90 min`, `30 h`, `12 d`."""
    for word, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {word}"
    return f"{max(0.0, seconds):.0f} s"
