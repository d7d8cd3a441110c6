"""Shares of a whole as a row of blocks, for two distributions on one axis. Standard library only."""

from __future__ import annotations

from collections.abc import Sequence

BLOCKS = " ▁▂▃▄▅▆▇█"
ASCII = " .:-=+*#@"


def merged(shares: Sequence[float], width: int) -> list[float]:
    """The same shares in `width` parts of the axis."""
    count = len(shares)
    found = [0.0] * width
    for place, share in enumerate(shares):
        begin, end = place * width / count, (place + 1) * width / count
        first = int(begin)
        while first < end and first < width:
            inside = min(end, first + 1) - max(begin, first)
            found[first] += share * inside / (end - begin)
            first += 1
    return found


def row(shares: Sequence[float], largest: float, blocks: str = BLOCKS) -> str:
    """One block a share, of `largest` the highest; what is there at all is seen."""
    top = len(blocks) - 1
    return "".join(
        blocks[min(top, max(1, round(share / largest * top)))] if share > largest / 200 else " " for share in shares
    )
