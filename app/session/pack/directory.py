"""The directory of a pack, checked before anything in it is read.

Python's `zipfile` reads all of a directory into memory and follows it. So its size and count are looked at first, in
the record at the very end of the file (APPNOTE.TXT 6.3.10, sections 4.3.14 to 4.3.16), and every entry afterwards.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

from app.session.pack.members import (
    MOST_DEFLATED_BYTES,
    MOST_DIRECTORY_BYTES,
    MOST_MEMBERS,
    Kind,
    is_deflated,
    kind_of,
)
from app.session.store.folder import LARGEST_DOCUMENT

_END: Final = struct.Struct("<4s4H2LH")
_LOCATOR: Final = struct.Struct("<4sLQL")
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_IS_64: Final = 0xFFFFFFFF
_ENCRYPTED: Final = 0x1 | 0x40 | 0x2000
_OF_DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    RuntimeError,
    UnicodeDecodeError,
    OverflowError,
    IndexError,
    KeyError,
)


class NoPack(ValueError):
    """The file is no pack, or none that is opened. The message is the end of a line."""


@contextmanager
def readable_zip() -> Iterator[None]:
    """Within it, whatever `zipfile` says of damaged bytes is NoPack."""
    try:
        yield
    except _OF_DAMAGE as error:
        raise NoPack("it is damaged") from error


def checked_members(file: BinaryIO, size: int) -> tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]:
    """An open pack and its members by name. Raises NoPack; nothing of a member has been read."""
    count = _check_end(file, size)
    with readable_zip():
        try:
            opened = zipfile.ZipFile(file)
        except ValueError as error:
            raise NoPack("it is damaged") from error
    if len(opened.infolist()) != count:
        raise NoPack("it is damaged")
    members: dict[str, zipfile.ZipInfo] = {}
    stored = deflated = 0
    for member in opened.infolist():
        kind = _checked(member)
        if member.filename in members:
            raise NoPack(f"{member.filename} is in it twice")
        members[member.filename] = member
        if member.compress_type == zipfile.ZIP_STORED:
            stored += member.file_size
        else:
            deflated += member.file_size
        if kind in ("about", "document") and member.file_size > LARGEST_DOCUMENT:
            raise NoPack(f"{member.filename} is larger than any can be")
    # Members that share their bytes would be more than the file.
    if stored > size or deflated > MOST_DEFLATED_BYTES:
        raise NoPack("it would become far larger than it is")
    return opened, members


def _checked(member: zipfile.ZipInfo) -> Kind:
    kind = kind_of(member.filename) if member.orig_filename == member.filename else None
    if kind is None:
        raise NoPack("there is a file in it that no session has")
    if member.flag_bits & _ENCRYPTED:
        raise NoPack("it is encrypted")
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
        raise NoPack(f"{member.filename} in it is no regular file")
    if member.compress_type != zipfile.ZIP_STORED and not (
        member.compress_type == zipfile.ZIP_DEFLATED and is_deflated(kind)
    ):
        raise NoPack(f"{member.filename} in it is compressed in a way that no pack uses")
    if member.compress_type == zipfile.ZIP_STORED and member.file_size != member.compress_size:
        raise NoPack(f"{member.filename} in it is damaged")
    return kind


def _check_end(file: BinaryIO, size: int) -> int:
    """What the end of the file says of the directory → how many members it lists.

    A pack has no comment, so the record is the last thing in it.
    """
    file.seek(max(0, size - _END.size - _LOCATOR.size))
    tail = file.read()
    if len(tail) < _END.size or not tail[-_END.size :].startswith(b"PK\x05\x06"):
        raise NoPack("it is neither a session's folder nor a pack, or it was cut")
    *_, count, length, _, _ = _END.unpack(tail[-_END.size :])
    if tail.startswith(b"PK\x06\x07") and len(tail) == _END.size + _LOCATOR.size:
        _, _, place, _ = _LOCATOR.unpack_from(tail)
        if place > size - _END_64.size:
            raise NoPack("it is damaged")
        # `zipfile` takes the record that stands right before the locator, whatever this says of its place.
        if place != size - _END.size - _LOCATOR.size - _END_64.size:
            raise NoPack("it is damaged")
        file.seek(place)
        *_, count, length, _ = _END_64.unpack(file.read(_END_64.size))
    elif length == _IS_64:
        raise NoPack("it is damaged")
    if count > MOST_MEMBERS or length > MOST_DIRECTORY_BYTES:
        raise NoPack("it lists more files than any session has")
    file.seek(0)
    return int(count)
