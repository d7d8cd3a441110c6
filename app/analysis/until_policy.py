"""`--until 1%`: whether every variant is known well enough.

Rounds are kept whole, and all variants go on until the last of them is known: a comparison of unequally many repeats,
measured at unequal times, is no fair one.
"""

from __future__ import annotations

from app.analysis.policy import Decision, Situation
from app.analysis.variants import VariantSummary
from app.session.planning.repeats import FEWEST
from app.text.numbers import percent
from workloads.wire.frames import Finding


def until(situation: Situation) -> Decision:
    """Skip all further rounds once the interval of each headline is narrow enough."""
    limit = situation.plan.until
    if limit is None:
        return Decision()
    if situation.next is None:
        return Decision(findings=tuple(_wide(each, limit) for each in situation.variants if _is_wide(each, limit)))
    begins_round = all(
        run.repeat < situation.next.repeat for run in situation.plan.runs if run.run < situation.next.run
    )
    judged = [variant for variant in situation.variants if not _hopeless(variant)]
    if begins_round and judged and not any(_is_open(variant, limit) for variant in judged):
        return Decision(skip=f"every headline is known within ±{percent(100 * limit)}", rest=True)
    return Decision()


def half_width(variant: VariantSummary) -> float | None:
    """Of its headline's interval, as a part of the mean; None where there is no interval."""
    return variant.mean.half_width if variant.mean is not None else None


def _is_open(variant: VariantSummary, limit: float) -> bool:
    width = half_width(variant)
    return variant.done < FEWEST or width is None or width > limit


def _is_wide(variant: VariantSummary, limit: float) -> bool:
    return bool(variant.done) and _is_open(variant, limit)


def _hopeless(variant: VariantSummary) -> bool:
    """It was tried often enough, and was never done: the others do not wait for it."""
    over = [repeat for repeat in variant.repeats if repeat.outcome not in ("planned", "running")]
    return not variant.done and len(over) >= FEWEST


def _wide(variant: VariantSummary, limit: float) -> Finding:
    width = half_width(variant)
    known = f"within ±{percent(100 * width)}" if width is not None else "without an interval"
    return Finding(
        at_ns=0,
        kind="interval-too-wide",
        message=f"{variant.title}: after {variant.done} repeats its {variant.label} is known {known}, "
        f"not ±{percent(100 * limit)}",
        remedy="let it measure longer (--duration), quieten the machine (`benchtop doctor`), or raise --max-repeats",
    )
