"""What a speed cost in accuracy: the variants of a sweep against the first one of their workload.

Both numbers are of the same runs: `infer/*` serves, and afterwards tests on held-out data.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.analysis.statistics.intervals import ratio_interval
from app.analysis.summary.metrics import BY_NAME
from app.analysis.variants.report import VariantSummary
from app.analysis.variants.tradeoff_report import TradeOff
from app.session.results.metrics import QUALITY


def tradeoffs(variants: Sequence[VariantSummary]) -> tuple[TradeOff, ...]:
    """Of each workload of which several variants have a speed of one kind, and a result; the first one included."""
    found = []
    for workload in dict.fromkeys(variant.workload for variant in variants):
        told = [variant for variant in variants if variant.workload == workload and _values(variant)]
        for result in QUALITY:  # the first that variants have counts
            alike = [each for each in told if _result(each, result) is not None and each.metric == told[0].metric]
            if len(alike) > 1:
                found += [_against(alike[0], each, result) for each in alike]
                break
    return tuple(found)


def _against(first: VariantSummary, variant: VariantSummary, result: str) -> TradeOff:
    (base_speeds, speeds), paired = _held(first, variant)
    mine = _values(variant)
    faster = (base_speeds, speeds) if BY_NAME[variant.metric].better == "higher" else (speeds, base_speeds)
    reached, base = _result(variant, result), _result(first, result)
    assert reached is not None
    assert base is not None
    return TradeOff(
        variant=variant.variant,
        title=variant.title,
        metric=variant.metric,
        value=sum(mine) / len(mine),
        against=first.variant,
        speed=ratio_interval(*faster, paired=paired),
        result=result,
        reached=reached,
        difference=(reached - base) * (100 if result == "accuracy" else 1),
        unit=variant.unit,
    )


def _held(first: VariantSummary, variant: VariantSummary) -> tuple[tuple[list[float], list[float]], bool]:
    """The values that are held against each other, and whether they are pairs: as `compare` does it, repeats of one
    number are of one round where both were planned equally often.
    """
    sides = [{each.repeat: each.value for each in one.repeats if each.value is not None} for one in (first, variant)]
    both = sorted(sides[0].keys() & sides[1].keys())
    if first.planned == variant.planned and both:
        return ([sides[0][repeat] for repeat in both], [sides[1][repeat] for repeat in both]), True
    return (_values(first), _values(variant)), False


def _values(variant: VariantSummary) -> list[float]:
    return [repeat.value for repeat in variant.repeats if repeat.value is not None]


def _result(variant: VariantSummary, name: str) -> float | None:
    return next((each.mean.value for each in variant.metrics if each.name == name), None)
