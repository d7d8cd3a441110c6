"""The bundle `probe`: one name that stands for every probe, each once, to see what a machine can do.

Which of them fit the machine only a worker knows: all are optional, and one that does not fit is skipped.
"""

from __future__ import annotations

from typing import Final

import msgspec

from workloads.wire.frames import Value

NAME: Final = "probe"
HELP: Final = "every probe that fits this machine, a few seconds each: matrix products in all precisions, memory, \
the link, launches, attention, convolutions"
DURATION_S: Final = 3.0
"""Of each of its runs, unless the user says otherwise."""

PRECISIONS: Final = ("float32", "tf32", "bfloat16", "float16")
"""Of the matrix products, one run each."""


class Member(msgspec.Struct, frozen=True):
    """One run of it."""

    workload: str
    parameters: dict[str, Value] = {}
    """What makes it another run than the others of its workload; what a user sets goes before that."""


def members(ranks: int = 1) -> tuple[Member, ...]:
    """The runs in order, for so many ranks."""
    alone = (
        *(Member("probe/matmul", {"precision": precision}) for precision in PRECISIONS),
        *map(Member, ("probe/copy", "probe/transfer", "probe/launch", "probe/attention", "probe/conv")),
    )
    return (*alone, Member("probe/allreduce")) if ranks > 1 else alone
