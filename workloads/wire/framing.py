"""Framing: `u32 length | u32 crc32 | payload` around each message, the same on a pipe and on disk.

A reader takes bytes in any cut and gives back whole messages. It never guesses: after a length that
cannot be or a checksum that does not match, it raises `DamagedStream` with the place, and everything
before that place has already been given.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeVar

import msgspec

from workloads.wire.commands import AnyCommand
from workloads.wire.constant import expanded, squeezed
from workloads.wire.frames import READABLE, VERSION, AnyFrame, Hello, Requests, Steps

HEADER: Final = struct.Struct("<II")
LARGEST_PAYLOAD: Final = 16 * 1024 * 1024
"""Bytes. No honest frame comes near; a larger length is a damaged stream or a foreign one."""

_Peeked = TypeVar("_Peeked", str, int)

_encoder = msgspec.msgpack.Encoder()
_frame_decoder = msgspec.msgpack.Decoder(AnyFrame)
_command_decoder = msgspec.msgpack.Decoder(AnyCommand)
_fields_decoder = msgspec.msgpack.Decoder(dict[str, msgspec.Raw])


class DamagedStream(ValueError):
    """The bytes at `offset` (counted from the start of the stream) are no frame."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(f"damaged at byte {offset}: {reason}")
        self.offset = offset
        self.reason = reason


class UnknownVersion(ValueError):
    """A Hello of a version that this program does not speak."""


def frame_bytes(message: AnyFrame | AnyCommand) -> bytes:
    """A message → its bytes on the wire."""
    return payload_bytes(_encoder.encode(squeezed(message) if isinstance(message, Steps | Requests) else message))


def payload_bytes(payload: bytes) -> bytes:
    """An encoded payload → its bytes on the wire. Raises ValueError for one that no reader would take."""
    if len(payload) > LARGEST_PAYLOAD:
        raise ValueError(f"a frame of {len(payload)} bytes is too large: {LARGEST_PAYLOAD} is the most")
    return HEADER.pack(len(payload), zlib.crc32(payload)) + payload


@dataclass(slots=True)
class Splitter:
    """Cuts a stream into payloads, whatever the pieces it arrives in."""

    offset: int = 0
    """Bytes of the stream given back as whole payloads so far: where the next header starts."""
    _pending: bytearray = field(default_factory=bytearray)

    @property
    def pending(self) -> int:
        """Bytes that wait for the rest of their frame."""
        return len(self._pending)

    def feed(self, data: bytes | bytearray | memoryview) -> Iterator[bytes]:
        """Take the next bytes; give each payload that is now whole. Raises DamagedStream.

        All of the result must be consumed before the next call.
        """
        self._pending += data
        start = 0
        try:
            while len(self._pending) - start >= HEADER.size:
                size, checksum = HEADER.unpack_from(self._pending, start)
                if size > LARGEST_PAYLOAD:
                    raise DamagedStream(self.offset, f"a frame of {size} bytes is larger than any can be")
                end = start + HEADER.size + size
                if len(self._pending) < end:
                    break
                payload = bytes(memoryview(self._pending)[start + HEADER.size : end])
                if zlib.crc32(payload) != checksum:
                    raise DamagedStream(self.offset, "the checksum does not match")
                self.offset += HEADER.size + size
                start = end
                yield payload
        finally:
            del self._pending[:start]


@dataclass(slots=True)
class FrameReader:
    """Bytes → frames. Counts what it skips; refuses a version that it does not know."""

    unknown: int = 0
    """Frames of a kind that this program does not know, skipped."""
    splitter: Splitter = field(default_factory=Splitter)

    def feed(self, data: bytes | bytearray | memoryview) -> Iterator[AnyFrame]:
        """Take the next bytes; give each whole frame. Raises DamagedStream and UnknownVersion.

        After either, `splitter.offset` is where the frame starts that could not be given.
        """
        for payload in self.splitter.feed(data):
            try:
                frame = self.decode(payload)
            except (DamagedStream, UnknownVersion):
                self.splitter.offset -= HEADER.size + len(payload)
                raise
            if frame is not None:
                yield frame

    def decode(self, payload: bytes) -> AnyFrame | None:
        """One payload → its frame, or None for a kind that is not known. Raises as `feed`."""
        try:
            frame: AnyFrame = _frame_decoder.decode(payload)
        except msgspec.DecodeError as error:
            kind = _peek(payload, "frame", str)
            if kind is not None and kind not in _KNOWN_KINDS:
                self.unknown += 1
                return None
            # A Hello of another version may well have another shape: its version is read by itself.
            if kind == "hello":
                _check_version(_peek(payload, "version", int))
            raise DamagedStream(self.splitter.offset - HEADER.size - len(payload), str(error)) from error
        if isinstance(frame, Steps | Requests):
            return expanded(frame)
        if isinstance(frame, Hello):
            _check_version(frame.version)
        return frame


def decode_command(payload: bytes) -> AnyCommand:
    """One payload → its command. Raises ValueError for bytes that are none."""
    try:
        command: AnyCommand = _command_decoder.decode(payload)
    except msgspec.DecodeError as error:
        raise ValueError(f"no command: {error}") from error
    return command


_KNOWN_KINDS = frozenset(str(kind.__struct_config__.tag) for kind in AnyFrame.__args__)


def _check_version(version: int | None) -> None:
    if version not in (None, *READABLE):
        raise UnknownVersion(
            f"these frames are of version {version}, this benchtop reads version {VERSION}: "
            f"open them with the benchtop that wrote them"
        )


def _peek(payload: bytes, name: str, kind: type[_Peeked]) -> _Peeked | None:
    """One field of a payload that could not be decoded as a whole, or None."""
    try:
        return msgspec.msgpack.decode(_fields_decoder.decode(payload)[name], type=kind)
    except (msgspec.DecodeError, KeyError):
        return None
