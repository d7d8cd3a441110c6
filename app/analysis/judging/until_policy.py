"""`--until 1%`: whether every variant is known well enough.

Rounds are kept whole, and all variants go on until the last of them is known: a comparison of unequally many repeats,
measured at unequal times, is no fair one.
"""

from __future__ import annotations

from app.analysis.judging.policy import Decision, Situation
from app.analysis.variants.report import VariantSummary
from app.session.planning.repeats import FEWEST
from app.text.numbers import percent


def until(situation: Situation) -> Decision:
    """Skip all further rounds once the interval of each headline is narrow enough."""
    limit = situation.plan.until
    if limit is None or situation.next is None:
        return Decision()
    begins_round = all(
        run.repeat < situation.next.repeat for run in situation.plan.runs if run.run < situation.next.run
    )
    judged = [variant for variant in situation.variants if not _hopeless(variant)]
    if begins_round and judged and not any(_is_open(variant, limit) for variant in judged):
        return Decision(skip=f"every headline is known within ±{percent(100 * limit)}", rest=True)
    return Decision()


def _is_open(variant: VariantSummary, limit: float) -> bool:
    width = variant.mean.half_width if variant.mean is not None else None
    return variant.done < FEWEST or width is None or width > limit


def _hopeless(variant: VariantSummary) -> bool:
    """It was tried often enough, and was never done: the others do not wait for it."""
    over = [repeat for repeat in variant.repeats if repeat.outcome not in ("planned", "running")]
    return not variant.done and len(over) >= FEWEST
