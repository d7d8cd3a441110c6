"""Bytes of frames without those of some kinds; all others stay as they came, unknown ones too."""

from __future__ import annotations

from collections.abc import Sequence

from workloads.wire.frames import AnyFrame, Frame
from workloads.wire.framing import FrameReader, Splitter, payload_bytes


def without(kinds: tuple[type[Frame], ...], data: bytes, frames: Sequence[AnyFrame]) -> bytes:
    """`data` are the bytes of whole frames, `frames` the same decoded, which tell whether there is anything to do."""
    if not any(isinstance(frame, kinds) for frame in frames):
        return data
    reader = FrameReader()
    payloads = Splitter().feed(data)
    return b"".join(payload_bytes(payload) for payload in payloads if not isinstance(reader.decode(payload), kinds))
