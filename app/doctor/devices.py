"""Devices and host, through one reading of the sampler in a process of its own.

The doctor never touches a driver. A sampler that hangs or fails is told with whatever it said before.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from app.doctor.ask import Answer, ask
from app.doctor.diagnosis import Facts, Gpu
from workloads.wire.frames import AnyFrame, DeviceFacts, Gauges, Hello
from workloads.wire.framing import DamagedStream, FrameReader, UnknownVersion


def with_devices(facts: Facts, command: Sequence[str], patience_s: float) -> Facts:
    """The facts, and what one reading of the sampler adds to them."""
    try:
        answer = ask(command, patience_s)
    except OSError as error:
        return msgspec.structs.replace(facts, sampler_trouble=f"it cannot be started: {error.strerror or error}")
    frames, trouble = _frames(answer)
    gauges = [frame for frame in frames if isinstance(frame, Gauges)]
    hello = next((frame for frame in frames if isinstance(frame, Hello)), None)
    trouble = trouble or _trouble(answer, patience_s, hello)
    if hello is None:
        return msgspec.structs.replace(facts, sampler_trouble=trouble)
    return msgspec.structs.replace(
        facts,
        host=hello.host,
        fingerprint=hello.fingerprint,
        sampler_trouble=trouble,
        gpus=tuple(_gpu(device, gauges) for device in hello.fingerprint.devices),
        readings={name: value for frame in gauges if frame.device == "host" for name, value in frame.readings.items()},
    )


def _frames(answer: Answer) -> tuple[list[AnyFrame], str]:
    frames: list[AnyFrame] = []
    try:
        frames.extend(FrameReader().feed(answer.output))
    except (DamagedStream, UnknownVersion) as damage:
        return frames, f"what it says cannot be read: {damage}"
    return frames, ""


def _trouble(answer: Answer, patience_s: float, hello: Hello | None) -> str:
    if answer.status is None:
        after = "" if hello is None else " after it had named the devices"
        return f"no answer within {patience_s:g} s{after}: a driver hangs"
    if answer.status != 0 or hello is None:
        lines = answer.errors.strip().splitlines()
        return lines[-1] if lines else f"it ended with status {answer.status} and said nothing"
    return ""


def _gpu(facts: DeviceFacts, gauges: list[Gauges]) -> Gpu:
    own = [frame for frame in gauges if frame.device == facts.device]
    return Gpu(
        facts=facts,
        readings={name: value for frame in own for name, value in frame.readings.items()},
        absent={name: reason for frame in own for name, reason in frame.absent.items()},
        processes=next((frame.processes for frame in own if frame.source == "nvml"), None),
    )
