"""What a person says of a session: tags and a note, in two files of its folder, `tags.json` and `notes.md`.

Not in the manifest, which is written once. Each is put down whole, so of two writers at once the later one stays. Plain
text: whatever shows it makes it harmless first. They travel in packs, and a scrubbed pack has them scrubbed.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from app.session.pack.cache import is_cached
from app.session.store.folder import SessionFolder

MOST_TAGS: Final = 32
LONGEST_TAG: Final = 40
"""Characters."""
LARGEST_NOTE: Final = 64 << 10
"""Bytes, as UTF-8."""
LARGEST_TAGS: Final = 16 << 10
"""Bytes of the file."""

_TAG: Final = re.compile(rf"[\w.+:/-]{{1,{LONGEST_TAG}}}")


class Tags(msgspec.Struct, frozen=True, kw_only=True):
    """`tags.json`. Fields are only appended, with defaults."""

    tags: tuple[str, ...] = ()


def tags_path(folder: SessionFolder) -> Path:
    """`tags.json`, there once a tag was given."""
    return folder.path / "tags.json"


def note_path(folder: SessionFolder) -> Path:
    """`notes.md`, there once something was noted."""
    return folder.path / "notes.md"


def read_tags(folder: SessionFolder) -> tuple[str, ...]:
    """In order. Raises ValueError, one line, for a file that is none of ours."""
    text = _read(tags_path(folder), LARGEST_TAGS)
    try:
        return tuple(map(checked_tag, msgspec.json.decode(text, type=Tags).tags[:MOST_TAGS])) if text else ()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{tags_path(folder)} cannot be read: {error}; remove it to begin anew") from error


def read_note(folder: SessionFolder, largest: int = LARGEST_NOTE) -> str:
    """As much of it as `largest` bytes hold; empty without one."""
    return _read(note_path(folder), largest).decode(errors="replace")


def write_tags(folder: SessionFolder, tags: Iterable[str]) -> tuple[str, ...]:
    """Put them down, each once and in the order of the alphabet → those. Raises ValueError and OSError."""
    kept = tuple(sorted(set(map(checked_tag, tags))))
    if len(kept) > MOST_TAGS:
        raise ValueError(f"a session takes {MOST_TAGS} tags, these are {len(kept)}")
    _write(folder, tags_path(folder), msgspec.json.encode(Tags(tags=kept)) if kept else b"")
    return kept


def write_note(folder: SessionFolder, text: str) -> None:
    """Put it down; an empty one takes the file away. Raises ValueError and OSError."""
    kept = text.strip()
    data = f"{kept}\n".encode(errors="replace") if kept else b""
    if len(data) > LARGEST_NOTE:
        raise ValueError(f"a note takes {LARGEST_NOTE >> 10} KiB, this has {-(-len(data) >> 10):,}")
    _write(folder, note_path(folder), data)


def changed_tags(tags: Iterable[str], changes: Iterable[str]) -> tuple[str, ...]:
    """`+good` and `good` add a tag, `-bad` takes it away. Raises ValueError for what can be no tag."""
    kept = list(tags)
    for change in changes:
        tag = checked_tag(change.removeprefix("-").removeprefix("+"))
        if tag in kept:
            kept.remove(tag)
        if not change.startswith("-"):
            kept.append(tag)
    return tuple(kept)


def checked_tag(tag: str) -> str:
    """The tag without the `#` in front of it that a list shows. Raises ValueError."""
    bare = tag.removeprefix("#")
    if not _TAG.fullmatch(bare) or bare[0] in "+-":
        raise ValueError(
            f"{tag[:LONGEST_TAG]!r} can be no tag: letters, digits and . _ : / + - , the last two not in front, "
            f"{LONGEST_TAG} at most"
        )
    return bare


def require_writable(folder: SessionFolder) -> None:
    """Raises ValueError for the copy of a pack, into which nothing is ever written."""
    if is_cached(folder.path, os.environ):
        raise ValueError(f"{folder.name} was opened from a pack, which is only read: nothing can be added or changed")


def _read(path: Path, largest: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(largest)
    except FileNotFoundError:
        return b""


def _write(folder: SessionFolder, path: Path, data: bytes) -> None:
    """Under a draft's name of this process's own first. Without data the file goes.

    All of it in one open folder: whoever gives the session another name meanwhile takes draft and file along.
    """
    require_writable(folder)
    draft = f".{path.name}.{os.getpid()}.part"
    place = os.open(folder.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if not data:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path.name, dir_fd=place)
            return
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(draft, flags, 0o600, dir_fd=place), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path.name, src_dir_fd=place, dst_dir_fd=place)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(draft, dir_fd=place)
        os.fsync(place)
    finally:
        os.close(place)
