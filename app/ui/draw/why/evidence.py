"""The evidence of a verdict as a table: name, value, threshold and source of each number."""

from __future__ import annotations

from collections.abc import Sequence

from app.text.evidence import quantity
from app.ui.draw.rows import Row, clipped
from workloads.wire.frames import Evidence

INDENT = 5
NUMBER_CELLS = 14


def evidence_rows(evidence: Sequence[Evidence], width: int) -> list[Row]:
    """A header and a row each; nothing where there is no evidence."""
    if not evidence:
        return []
    names = max(10, *(len(each.name) for each in evidence))
    names = min(names, max(10, width - INDENT - 2 * NUMBER_CELLS - 12))
    header = f"{'evidence':<{names}}{'value':>{NUMBER_CELLS}}{'threshold':>{NUMBER_CELLS}}  source"
    return [clipped(((" " * INDENT + header, "label"),), width), *(_row(each, names, width) for each in evidence)]


def _row(evidence: Evidence, names: int, width: int) -> Row:
    threshold = "" if evidence.limit is None else quantity(evidence.limit, evidence.unit)
    name = "".join(text for text, _ in clipped(((evidence.name, ""),), names))
    return clipped(
        (
            (f"{'':<{INDENT}}{name}{quantity(evidence.value, evidence.unit):>{NUMBER_CELLS}}", "value"),
            (f"{threshold:>{NUMBER_CELLS}}  {evidence.source}", "label"),
        ),
        width,
    )
