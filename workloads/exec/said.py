"""What a hook says, typed and bounded: see `workloads.hook.messages` for what each field means.

Whoever runs the command could write anything to the socket. What does not fit is skipped and counted, never trusted.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from workloads.wire.frames import EventKind, Level, PhaseName

MOST_RANKS: Final = 4_096
MOST_ROWS: Final = 100_000
"""Of one message."""
LONGEST_TEXT: Final = 2_000
"""Characters that are kept of a text."""

_Instant = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
_Length = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
_Number = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
_Rank = Annotated[int, msgspec.Meta(ge=0, lt=MOST_RANKS)]
_Name = Annotated[str, msgspec.Meta(max_length=200)]
_Names = Annotated[list[_Name], msgspec.Meta(max_length=64)]


class Said(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """One message."""


class SaidHello(Said, frozen=True, tag="hello"):
    """Who speaks."""

    pid: _Number
    argv: Annotated[list[str], msgspec.Meta(max_length=10_000)] = []
    python: _Name = ""
    torch: _Name | None = None
    cuda: _Name | None = None
    rank: _Rank | None = None
    local_rank: _Rank | None = None
    world_size: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    device: _Name | None = None
    device_name: _Name | None = None
    precision: _Name | None = None
    threads: _Number | None = None


class SaidRows(Said, frozen=True):
    """Columns of rows; the body has their items."""

    count: Annotated[int, msgspec.Meta(ge=0, le=MOST_ROWS)]
    columns: Annotated[
        list[Annotated[list[_Name | _Number], msgspec.Meta(min_length=2, max_length=3)]], msgspec.Meta(max_length=64)
    ]
    """Name, type code, and where it is not `count` the number of items."""
    inference: bool = False


class SaidSteps(SaidRows, frozen=True, tag="steps"):
    """Steps."""


class SaidRequests(SaidRows, frozen=True, tag="requests"):
    """Requests."""


class SaidEvent(Said, frozen=True, tag="event"):
    """Something that happens now and then."""

    at_ns: _Instant
    event: EventKind
    wall_ns: _Length = 0
    text: str = ""


class SaidGauges(Said, frozen=True, tag="gauges"):
    """Readings of torch's allocator, or, of `worker`, of how the script waits."""

    at_ns: _Instant
    device: Annotated[str, msgspec.Meta(pattern=r"^(gpu\d{1,3}|worker)$")]
    readings: Annotated[dict[_Name, float], msgspec.Meta(max_length=64)]


class SaidPhase(Said, frozen=True, tag="phase"):
    """A phase begins, for the rows behind it."""

    at_ns: _Instant
    phase: PhaseName
    mark: _Name | None = None
    case: _Name | None = None


class SaidWork(Said, frozen=True, tag="work"):
    """What one step was."""

    at_ns: _Instant
    operators: Annotated[int, msgspec.Meta(ge=1, lt=2**31)]
    bytes: _Length
    samples: _Number = 0
    flops: _Length | None = None
    precision: _Name | None = None


class SaidEffect(Said, frozen=True, tag="effect"):
    """An experiment could not be made, or ended."""

    at_ns: _Instant
    experiment: _Name = ""
    over: bool = False
    reason: str = ""


class SaidProfile(Said, frozen=True, tag="profile"):
    """A profile was taken, or could not be."""

    at_ns: _Instant
    steps: _Number
    file: _Name = ""
    size_bytes: _Length = 0
    window_ns: _Length = 0
    device_busy_ns: _Length | None = None
    operators: Annotated[
        list[tuple[Annotated[str, msgspec.Meta(max_length=1_000)], _Number, _Length, _Length | None]],
        msgspec.Meta(max_length=100),
    ] = []
    gaps: Annotated[list[tuple[_Length, _Length]], msgspec.Meta(max_length=100)] = []
    reason: str = ""


class SaidLog(Said, frozen=True, tag="log"):
    """A line of the hook's own."""

    at_ns: _Instant
    text: str
    level: Level = "info"
    failed: bool = False


class SaidDone(Said, frozen=True, tag="done"):
    """The process ends in an orderly way."""

    at_ns: _Instant
    dropped: _Number = 0


AnySaid = (
    SaidHello
    | SaidSteps
    | SaidRequests
    | SaidEvent
    | SaidGauges
    | SaidPhase
    | SaidWork
    | SaidEffect
    | SaidProfile
    | SaidLog
    | SaidDone
)

_decoder = msgspec.json.Decoder(AnySaid)


def said(header: bytes) -> AnySaid | None:
    """A header → what it says; None for a kind that is not known, and for what is none."""
    try:
        message: AnySaid = _decoder.decode(header)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    return message
