"""What a speed cost in accuracy: the variants of a sweep against the first one of their workload.

Both numbers are of the same runs: `infer/*` serves, and afterwards tests on held-out data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.analysis.metrics import BY_NAME
from app.analysis.statistics.intervals import ratio_interval
from app.analysis.tradeoff_report import TradeOff
from app.analysis.variant_report import VariantSummary

RESULTS: Final = ("accuracy", "bits_per_byte")
"""Metrics that say how good a model's answers are; the first that a variant has counts."""


def tradeoffs(variants: Sequence[VariantSummary]) -> tuple[TradeOff, ...]:
    """Of each workload of which several variants have a speed of one kind, and a result; the first one included."""
    found = []
    for workload in dict.fromkeys(variant.workload for variant in variants):
        told = [variant for variant in variants if variant.workload == workload and _values(variant)]
        for result in RESULTS:
            alike = [each for each in told if _result(each, result) is not None and each.metric == told[0].metric]
            if len(alike) > 1:
                found += [_against(alike[0], each, result) for each in alike]
                break
    return tuple(found)


def _against(first: VariantSummary, variant: VariantSummary, result: str) -> TradeOff:
    mine, its = _values(variant), _values(first)
    faster = (its, mine) if BY_NAME[variant.metric].better == "higher" else (mine, its)
    reached, base = _result(variant, result), _result(first, result)
    assert reached is not None
    assert base is not None
    return TradeOff(
        variant=variant.variant,
        title=variant.title,
        metric=variant.metric,
        value=sum(mine) / len(mine),
        against=first.variant,
        speed=ratio_interval(*faster),
        result=result,
        reached=reached,
        difference=(reached - base) * (100 if result == "accuracy" else 1),
        unit=variant.unit,
    )


def _values(variant: VariantSummary) -> list[float]:
    return [repeat.value for repeat in variant.repeats if repeat.value is not None]


def _result(variant: VariantSummary, name: str) -> float | None:
    return next((each.mean.value for each in variant.metrics if each.name == name), None)
