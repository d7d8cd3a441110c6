"""What a reader of repeated numbers must be warned of, as a typed value that names the cause and the remedy."""

from __future__ import annotations

from typing import Literal

import msgspec

CautionKind = Literal[
    "too-few-repeats",
    "two-modes",
    "drift",
    "outlier",
    "interval-too-wide",
    "no-steady-state",
    "state-differs",
    "foreign-process",
    "cpu-steal",
    "swapping",
    "generator-limited",
    "saturated",
    "not-comparable",
    "damaged-file",
]


class Caution(msgspec.Struct, frozen=True):
    """Of a run, of a variant, or of the whole session where both are None. Message and remedy are one line each."""

    kind: CautionKind
    message: str
    """The cause, with the numbers that show it."""
    remedy: str = ""
    """What to do about it."""
    run: int | None = None
    variant: int | None = None
