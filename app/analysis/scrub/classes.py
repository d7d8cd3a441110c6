"""What becomes of each text of a session. A test says that every text of the types has its class here. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

import msgspec.inspect as types

from app.session.store.manifest import Manifest
from workloads.wire.frames import AnyFrame

Class = Literal["word", "text", "lines", "host", "path", "command", "drop"]
"""
`word`: benchtop's own, or of a fixed set (a metric, a version, a model of a device): kept.
`text`: free; names that are known and all that looks like one are replaced in it.
`lines`: as text, but a line with anything of that is taken out whole, since nobody knows what else it says.
`host`, `path`: is one as a whole.
`command`: the arguments of a command line.
`drop`: taken out.
"""

CLASSES: Final[Mapping[str, Class]] = {
    "Plan.name": "text",
    "Plan.worker": "command",
    "Plan.sampler": "command",
    "Plan.launcher": "command",
    "Plan.listener": "command",
    "Plan.via": "command",
    "Plan.nodes": "host",
    "Plan.benchtop": "word",
    "Plan.rendezvous": "text",
    "Plan.slo": "word",
    "PlannedRun.workload": "word",
    "PlannedRun.parameters": "text",
    "PlannedRun.command": "command",
    "PlannedRun.working_folder": "path",
    "Roofline.device_name": "word",
    "Roofline.host": "host",
    "Roofline.flops_per_s": "word",
    "Roofline.session": "text",
    "Roofline.filled_from": "text",
    "Hello.host": "host",
    "Fingerprint.platform": "text",
    "Fingerprint.python": "word",
    "Fingerprint.benchtop": "word",
    "Fingerprint.cpu": "word",
    "Fingerprint.governor": "word",
    "Fingerprint.torch": "word",
    "Fingerprint.cuda": "word",
    "Fingerprint.cudnn": "word",
    "Fingerprint.packages": "word",
    "Fingerprint.absent": "text",
    "Fingerprint.kernel": "text",
    "Fingerprint.cpu_set": "word",
    "Fingerprint.nccl": "word",
    "Fingerprint.environment": "drop",
    "Fingerprint.git_commit": "drop",
    "Fingerprint.git_changes": "drop",
    "NetworkInterface.name": "text",
    "DeviceFacts.device": "text",
    "DeviceFacts.name": "word",
    "DeviceFacts.uuid": "drop",
    "DeviceFacts.driver": "word",
    "DeviceFacts.compute_capability": "word",
    "DeviceFacts.absent": "text",
    "DeviceFacts.vbios": "word",
    "DeviceFacts.inforom": "word",
    "RunStarted.workload": "word",
    "RunStarted.parameters": "text",
    "RunStarted.device": "word",
    "RunStarted.device_name": "word",
    "RunStarted.precision": "word",
    "RunStarted.limit_source": "text",
    "RunStarted.data_sha256": "word",
    "RunRecord.reason": "text",
    "Headline.case": "text",
    "Score.metric": "word",
    "Phase.mark": "text",
    "Phase.case": "text",
    "Failure.message": "text",
    "Failure.remedy": "text",
    "Failure.detail": "lines",
    "Finding.kind": "word",
    "Finding.message": "text",
    "Finding.remedy": "text",
    "Verdict.kind": "word",
    "Verdict.summary": "text",
    "Verdict.next": "text",
    "Verdict.bound_because": "text",
    "Verdict.experiment": "word",
    "Evidence.name": "text",
    "Evidence.unit": "word",
    "Evidence.source": "word",
    "Missing.kind": "word",
    "Missing.what": "text",
    "PrimaryVerdict.kind": "word",
    "PrimaryVerdict.severity": "word",
    "Effect.experiment": "word",
    "Effect.setting": "text",
    "Effect.reason": "text",
    "Profile.file": "word",
    "Profile.reason": "text",
    "Operator.name": "text",
    "Recovery.reason": "text",
    "Damage.reason": "text",
    "Manifest.absent": "text",
    "Manifest.scrubbed": "word",
    "Manifest.parts": "word",
    "Manifest.remade": "text",
    "ClockAligned.host": "host",
    "Estimate.metric": "word",
    "IdleBaseline.power_w": "text",
    "Overhead.host": "host",
    "Pong.host": "host",
    "Gauges.device": "text",
    "Gauges.absent": "text",
    "Gauges.readings": "word",
    "Log.text": "lines",
    "Log.origin": "text",
    "Event.text": "text",
    "Done.reason": "text",
    "Rollup.parts": "word",
    "SlowOne.parts": "word",
    "Courses.device": "text",
    "Courses.courses": "word",
}
"""`Structure.field` → its class."""

COLUMNS: Final[Mapping[str, Class]] = {
    "gauges.device": "text",
    "gauges.source": "word",
    "logs.origin": "text",
    "logs.text": "lines",
    "events.text": "text",
}
"""`table.column` → its class."""


def class_of(field: str) -> Class | None:
    """Of a field, as `Structure.field`; None: it holds no text of its own."""
    return CLASSES.get(field) or ("text" if field in TEXTS else None)


def texts_of(kind: type) -> Iterator[str]:
    """Every field that holds text of any kind, of a structure and of all structures in it, as `Structure.field`."""
    seen: set[type] = set()
    waiting: list[Any] = [types.type_info(kind)]
    while waiting:
        found = waiting.pop()
        if not isinstance(found, types.StructType):
            waiting += _parts(found)
        elif found.cls not in seen:
            seen.add(found.cls)
            waiting += [field.type for field in found.fields]
            yield from (f"{found.cls.__name__}.{field.name}" for field in found.fields if _is_text(field.type))


def _is_text(found: types.Type) -> bool:
    return isinstance(found, types.StrType | types.AnyType) or any(map(_is_text, _parts(found)))


def _parts(found: types.Type) -> tuple[types.Type, ...]:
    match found:
        case types.UnionType() as union:
            return union.types
        case types.DictType() as pairs:
            return (pairs.key_type, pairs.value_type)
        case types.TupleType() as fixed:
            return fixed.item_types
        case types.VarTupleType() | types.ListType() | types.SetType() | types.FrozenSetType():
            return (found.item_type,)
        case _:
            return ()


TEXTS: Final = frozenset((*texts_of(Manifest), *(field for kind in AnyFrame.__args__ for field in texts_of(kind))))
"""All of a manifest, its plan included, and of every frame."""
