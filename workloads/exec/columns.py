"""Columns as a hook packs them → frames, checked: lengths agree, whole numbers are none below 0, instants are past."""

from __future__ import annotations

import sys
from array import array
from typing import Final

from workloads.exec.said import SaidRequests, SaidRows, SaidSteps
from workloads.rows import RequestRow, Row, StepRow
from workloads.wire.columns import pack_floats, pack_integers
from workloads.wire.frames import INSTANT_COLUMNS, UNSERVED

SLACK_NS: Final = 1_000_000_000
"""A row may end this much later than now: the device's clock is brought to the host's within less."""

_ROWS: Final[dict[type[SaidRows], type[Row]]] = {SaidSteps: StepRow, SaidRequests: RequestRow}

Columns = dict[str, "array[int] | array[float]"]


def columns_of(said: SaidRows, body: bytes, began_ns: int, now_ns: int) -> Columns:
    """The columns of a message, those of unknown names left out. Raises ValueError for what cannot be."""
    row = _ROWS[type(said)]
    found: Columns = {}
    at = 0
    for entry in said.columns:
        name, code = str(entry[0]), entry[1]
        items = entry[2] if len(entry) > 2 else said.count
        if name in found or code not in ("q", "d") or isinstance(items, str):
            raise ValueError(f"no such column: {entry}")
        if items != said.count and name != "itl_ns":
            raise ValueError("a column is of another length")
        column: array[int] | array[float] = array(str(code))
        data = body[at : at + 8 * items]
        at += 8 * items
        if len(data) != 8 * items:
            raise ValueError("a column is cut short")
        column.frombytes(data)
        if sys.byteorder == "big":
            column.byteswap()
        if name in row._fields and items:
            _check(name, column, began_ns, now_ns)
            found[name] = column
    if at != len(body):
        raise ValueError("the columns do not fill the message")
    if said.count and not found.keys() >= set(row._fields) - row._field_defaults.keys():
        raise ValueError("a column is missing")
    return found


def packed(columns: Columns) -> dict[str, bytes]:
    """Columns as frames have them."""
    return {
        name: pack_floats(column) if column.typecode == "d" else pack_integers(column)  # type: ignore[arg-type]
        for name, column in columns.items()
    }


def _check(name: str, column: array[int] | array[float], began_ns: int, now_ns: int) -> None:
    if (name == "loss") != (column.typecode == "d"):
        raise ValueError(f"{name} is of the wrong type")
    if name == "loss":
        return
    if min(column) < 0:
        raise ValueError(f"{name} is negative")
    if name in INSTANT_COLUMNS and not (began_ns <= min(column) and max(column) <= now_ns + SLACK_NS):
        raise ValueError(f"{name} is not of this run")
    if name not in INSTANT_COLUMNS and name.endswith("_ns") and max(column) > now_ns + SLACK_NS - began_ns:
        raise ValueError(f"{name} is longer than the run")
    if name == "outcome" and max(column) > UNSERVED:
        raise ValueError("there is no such outcome")
