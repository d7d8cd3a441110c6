"""Who is warned of what: a caution that several variants share is told once. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from app.analysis.variants.report import VariantSummary
from app.session.results.caution import Caution

NAMED = 2
"""Variants that are named; of more, only how many there are is told."""


def told_cautions(variants: Sequence[VariantSummary]) -> list[tuple[str, Caution]]:
    """`train/digits batch=16`, or `3 variants`, with what they are warned of, in the order of the variants."""
    owners: dict[tuple[str, str], list[VariantSummary]] = {}
    first: dict[tuple[str, str], Caution] = {}
    for variant in variants:
        for caution in variant.cautions:
            key = (caution.message, caution.remedy)
            owners.setdefault(key, []).append(variant)
            first.setdefault(key, caution)
    return [(_named(owners[key]), caution) for key, caution in first.items()]


def _named(variants: Sequence[VariantSummary]) -> str:
    if len(variants) > NAMED:
        return f"{len(variants)} variants"
    return " and ".join(dict.fromkeys(variant.title for variant in variants))
