"""Lists of sizes as a person types them: `1,16,256`."""

from __future__ import annotations

from typing import Final

MIB: Final = 2**20


def sizes_of(text: str) -> tuple[int, ...]:
    """`1,16,256` in MiB → bytes, each size once, in the order given. The catalogue has checked the text."""
    return tuple(dict.fromkeys(int(size) * MIB for size in text.split(",")))


def size_text(size: int) -> str:
    """Bytes → `64 MiB`."""
    return f"{size // MIB} MiB"
