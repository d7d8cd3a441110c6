"""`pack.json`, the first member of a pack: that it is one, of which version, and which session is in it."""

from __future__ import annotations

import re
from typing import Final

import msgspec

VERSION: Final = 1
FORMAT: Final = "benchtop-session"

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,120}")


class About(msgspec.Struct, frozen=True, kw_only=True):
    """Fields are only appended, with defaults; a change that breaks this raises VERSION."""

    name: str
    """Of the session's folder."""
    format: str = FORMAT
    version: int = VERSION
    benchtop: str = ""
    """Version of the benchtop that packed it."""
    scrubbed: bool = False


def packed_name(name: str) -> str:
    """A session's name as it may be a folder's anywhere."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:120] or "session"


def about_of(data: bytes) -> About:
    """Raises ValueError, one line, for what is no pack, and for one of a later version."""
    try:
        about = msgspec.json.decode(data, type=About)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError("it is a ZIP file, but no pack of a session") from error
    if about.format != FORMAT:
        raise ValueError("it is a ZIP file, but no pack of a session")
    if about.version > VERSION:
        raise ValueError(
            f"it is a pack of version {about.version}, this benchtop reads up to {VERSION}: "
            f"open it with a newer benchtop"
        )
    if not _NAME.fullmatch(about.name):
        raise ValueError("its session has a name that no folder can have everywhere")
    return about
