"""Sessions from a stranger: in every text of every type stands what a terminal obeys, and markup, and a forged line.

Made from the types themselves, so that a new field is hostile too.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import msgspec.inspect as types
import polars as pl

from app.analysis.tables.schema import SCHEMAS
from app.session.planning.plan import Plan, PlannedRun
from app.session.store.folder import SessionFolder
from app.session.store.manifest import Manifest
from workloads.wire.frames import AnyFrame, Done, Hello, Phase, Requests, RunStarted, Steps

SECOND: Final = 1_000_000_000

ATTACK: Final = (
    "\x1b]0;PWNED\x07\x1b]52;c;UFdORUQ=\x1b\\\x1b[2J\x1b[5n\x9b6n\x90q\x9c\x1b[38;5;77mred"
    "\r\nFORGED line\x08\x00\x7f\u202egnorw\u2066\u2028[bold red]marked[/bold red][link=http://x]l[/link]$(id)"
)
"""Title, clipboard, clearing, asking, colour, lines, back-space, writing that is turned round, markup."""
MARKS: Final = (
    "\x1b]0;PWNED",
    "\x1b]52;",
    "\x1b[5n",
    "\x9b",
    "\x90",
    "\x1b[38;5;77m",
    "\u202e",
    "\u2066",
    "\u2028",
    "\x08",
)
"""None of them may ever reach a terminal: no screen of ours sends any of these."""


class Maker:
    """Values of any type, all of it filled in."""

    def __init__(self, *, driving: bool) -> None:
        """`driving`: texts that steer the program (the workload, a unit) are hostile too."""
        self._driving = driving
        self._numbers: Iterator[int] = itertools.count(1)

    def of(self, kind: Any) -> Any:
        """One value of a Python type."""
        return self._value(types.type_info(kind), "")

    def text(self, field: str = "") -> str:
        """Each is another one."""
        return f"{field.rpartition('.')[2]}{next(self._numbers)}{ATTACK}"

    def _value(self, kind: types.Type, field: str) -> Any:  # noqa: PLR0911, PLR0912 - one a type
        if field in _SOUND and not self._driving:
            return _SOUND[field]
        match kind:
            case types.StructType():
                return self._struct(kind)
            case types.StrType():
                return self.text(field)
            case types.BoolType():
                return True
            case types.BytesType():
                return b"I\1\0\0\0"
            case types.FloatType():
                return 1.5
            case types.LiteralType():
                return kind.values[0]
            case types.IntType():
                return _INTEGERS.get(field.rpartition(".")[2], 3)
            case types.DictType():
                return {self._value(kind.key_type, field): self._value(kind.value_type, field) for _ in range(2)}
            case types.VarTupleType():
                return tuple(self._value(kind.item_type, field) for _ in range(2))
            case types.TupleType():
                return tuple(self._value(each, field) for each in kind.item_types)
            case types.UnionType():
                return self._value(max(kind.types, key=_richness), field)
            case _:
                return None

    def _struct(self, kind: types.StructType) -> Any:
        return kind.cls(
            **{each.name: self._value(each.type, f"{kind.cls.__name__}.{each.name}") for each in kind.fields}
        )


_INTEGERS: Final = {
    "run": 1,
    "rank": 0,
    "schema": 1,
    "version": 1,
    "at_ns": 2 * SECOND,
    "monotonic_ns": SECOND,
    "ended_ns": 9 * SECOND,
    "started_ns": SECOND,
    "wall_ns": SECOND,
    "measured_until_ns": 8 * SECOND,
    "from_ns": 2 * SECOND,
    "to_ns": 3 * SECOND,
    "variant": 1,
    "repeat": 1,
    "ranks": 1,
}
_SOUND: Final[dict[str, Any]] = {
    "PlannedRun.workload": "train/digits",
    "RunStarted.workload": "train/digits",
    "PlannedRun.command": (),
    "Plan.nodes": (),
    "Plan.slo": "p99<50ms",
    "Plan.search": False,
    "Estimate.metric": "samples_per_s",
    "Score.metric": "loss",
    "RunStarted.device": "cpu",
    "Phase.phase": "measure",
    "RunRecord.outcome": "done",
    "Manifest.outcome": "done",
    "Steps.passes": False,
}
"""What steers: with these everything is worked out and shown."""


def _richness(kind: types.Type) -> int:
    return (
        2
        if isinstance(kind, types.StructType | types.DictType | types.VarTupleType)
        else isinstance(kind, types.StrType)
    )


def hostile_manifest(*, driving: bool) -> Manifest:
    """All of it filled in, with two runs of one plan."""
    maker = Maker(driving=driving)
    manifest: Manifest = maker.of(Manifest)
    plan: Plan = manifest.plan
    planned: list[PlannedRun] = []
    records = []
    for number, record in enumerate(manifest.runs, 1):
        started = record.started
        assert started is not None
        begin = number * SECOND
        phases = tuple(
            msgspec.structs.replace(phase, run=number, at_ns=begin + place, phase="measure")
            for place, phase in enumerate(record.phases)
        )
        planned.append(msgspec.structs.replace(plan.runs[number - 1], run=number, variant=number))
        records.append(
            msgspec.structs.replace(
                record,
                run=number,
                started=msgspec.structs.replace(started, run=number, at_ns=begin),
                phases=phases,
                ended_ns=begin + SECOND,
                measured_until_ns=begin + SECOND,
            )
        )
    roles = ("conductor", "sampler", "worker")
    hellos = tuple(
        msgspec.structs.replace(maker.of(type(manifest.hellos[0])), role=role, run=1 if role == "worker" else 0)
        for role in roles
    )
    return msgspec.structs.replace(
        manifest, plan=msgspec.structs.replace(plan, runs=tuple(planned)), runs=tuple(records), hellos=hellos, parts={}
    )


def hostile_frames(*, driving: bool) -> list[AnyFrame]:
    """One frame of every kind for each of two runs, in an order in which everything is heard."""
    maker = Maker(driving=driving)
    first = [RunStarted, Phase]
    kinds = first + [kind for kind in AnyFrame.__args__ if kind not in (*first, Steps, Requests)]
    frames: list[AnyFrame] = [
        msgspec.structs.replace(maker.of(Hello), role=role, run=0) for role in ("conductor", "sampler")
    ]
    for run in (1, 2):
        for place, kind in enumerate(kinds):
            frame = msgspec.structs.replace(maker.of(kind), run=run)
            if "at_ns" in frame.__struct_fields__:
                frame = msgspec.structs.replace(frame, at_ns=run * SECOND + place)
            frames.append(frame)
    return sorted(frames, key=lambda frame: isinstance(frame, Done))


def write_hostile(folder: SessionFolder, *, driving: bool = False) -> SessionFolder:
    """A finished session, its tables with it."""
    folder.path.mkdir(mode=0o700, parents=True)
    manifest = hostile_manifest(driving=driving)
    folder.write_manifest(manifest)
    folder.write_plan(manifest.plan)
    maker = Maker(driving=driving)
    for table, schema in SCHEMAS.items():
        rows = {name: [_cell(name, kind, maker, place) for place in range(40)] for name, kind in schema.items()}
        pl.DataFrame(rows, schema=schema).write_parquet(folder.table(table))
    return folder


def _cell(name: str, kind: pl.DataType, maker: Maker, place: int) -> Any:  # noqa: PLR0911 - one a type
    run = 1 + place % 2
    match kind:
        case pl.Enum():
            return "measure" if "measure" in kind.categories else kind.categories[0]
        case pl.String():
            return maker.text(name)
        case pl.List():
            return [5.0, 6.0] if name == "core_percent" else [1000, 2000]
        case _ if name == "run":
            return run
        case _ if name == "rank":
            return 0
        case _ if name in ("start_ns", "at_ns", "scheduled_ns", "sent_ns", "started_ns"):
            return run * SECOND + place * 20_000_000
        case _ if name in ("done_ns", "first_ns"):
            return run * SECOND + place * 20_000_000 + 10_000_000
        case _:
            return 1_000_000
