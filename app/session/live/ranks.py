"""The ranks of one run: what each of them does, and how one stands against the others. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from app.session.live.samples import Samples
from app.session.live.view import Parts, RankView, Slowest


def rank_view(rank: int, samples: Samples) -> RankView:
    """One rank over the newest seconds of measuring."""
    rate, _ = samples.rates()
    parts = samples.parts() or Parts()
    wall = parts.wall or None
    own = None if wall is None or parts.comm is None else wall - parts.comm
    return RankView(
        rank=rank,
        units_per_s=rate,
        step=wall,
        own=own,
        comm_share=_share(parts.comm, wall),
        data_wait_share=_share(parts.data_wait, wall),
    )


def slowest_of(ranks: Sequence[RankView]) -> Slowest | None:
    """The rank that the others wait for: the most work of its own. None where that is not known of every rank."""
    known = [(view.own, view.rank) for view in ranks if view.own is not None]
    if len(known) < 2 or len(known) < len(ranks):
        return None
    own, rank = max(known, key=lambda item: item[0])
    return Slowest(rank=rank, own=own, median=statistics.median(own for own, _ in known))


def mean_parts(each: Sequence[Parts]) -> Parts | None:
    """The mean of every part that all ranks have measured."""
    if not each:
        return None
    means = {}
    for name in Parts.__struct_fields__:
        amounts = [amount for parts in each if (amount := getattr(parts, name)) is not None]
        if len(amounts) == len(each):
            means[name] = statistics.fmean(amounts)
    return Parts(**means)


def summed(amounts: Sequence[float | None]) -> float | None:
    """The sum of what every rank has; None where one of them has nothing, for the rest is no sum."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known and len(known) == len(amounts) else None


def _share(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else part / whole
