"""Where packs are unpacked: private folders that are named by the content of the pack, and go when nobody needs them.

    packs/<first half of the SHA-256>/lock       held, shared, by every process that has it open
    packs/<first half of the SHA-256>/<session>/  the session, read-only

A folder gets its name when it is whole, so two openings at once make it twice and one of them wins. Who cleans takes a
lock alone first, so what is open stays; and takes the name away before the content, so what has a name is whole.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

KEPT_S: Final = 14 * 86_400.0
"""After its last opening."""
KEPT_BYTES: Final = 8 << 30
"""Of all; the longest unopened go first."""

TRIES: Final = 10
"""Others may make, or clean away, the same folder meanwhile; that happens once."""

_LOCK: Final = "lock"
_DRAFT: Final = ".new-"
_open: dict[str, int] = {}
"""Folders that this process has open, and the file through which each is held; the kernel lets go at its end."""


def cache_home(environment: Mapping[str, str]) -> Path:
    """`$BENCHTOP_HOME/cache/packs`, else `$XDG_CACHE_HOME/benchtop/packs`, else under `~/.cache`."""
    if home := environment.get("BENCHTOP_HOME"):
        return Path(home).absolute() / "cache" / "packs"
    base = environment.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser().absolute() / "benchtop" / "packs"


def is_cached(path: Path, environment: Mapping[str, str]) -> bool:
    """Whether a session's folder is the copy of a pack: nothing may be written there, and no list shows it."""
    return cache_home(environment) in path.parents


def cached(home: Path, key: str, unpack: Callable[[Path], None]) -> Path:
    """The folder of this key, made by `unpack` where it is not there; it stays while this process lives.

    Raises what `unpack` raises, OSError, and ValueError where others could write into the cache.
    """
    _prepare(home)
    place = home / key
    for _ in range(TRIES):
        if _hold(place):
            break
        if place.exists() and not (place / _LOCK).exists():
            _remove(place)  # not one of ours, or no more
        draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=home))
        try:
            (draft / _LOCK).touch(mode=0o600)
            _hold(draft)
            unpack(draft)
            # Fails where another process was first; its folder is taken then.
            with contextlib.suppress(OSError):
                draft.rename(place)
                _open[str(place)] = _open.pop(str(draft))
        finally:
            if str(draft) in _open:
                os.close(_open.pop(str(draft)))
                _remove(draft)
    else:
        raise OSError(errno.EBUSY, "others remove it as often as it is unpacked", str(place))
    os.utime(place)
    return place


def clean(home: Path, now_s: float | None = None, kept_s: float = KEPT_S, kept_bytes: int = KEPT_BYTES) -> None:
    """Remove what nobody has open and nobody opened for long, and the oldest of what is too much; never fails."""
    now_s = time.time() if now_s is None else now_s
    known = []
    with contextlib.suppress(OSError):
        for entry in os.scandir(home):
            with contextlib.suppress(OSError):
                known.append((entry.stat(follow_symlinks=False).st_mtime, Path(entry.path)))
    taken = 0
    for used_s, path in sorted(known, reverse=True):
        with contextlib.suppress(OSError):
            taken += _size_bytes(path)
            if now_s - used_s > kept_s or taken > kept_bytes:
                _remove_unheld(path)


def _prepare(home: Path) -> None:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = home.stat()
    if status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise ValueError(f"others can write into {home}: make it yours alone, with chmod 700, or remove it")


def _hold(place: Path) -> bool:
    """Have it open, if it is there → whether it is."""
    if str(place) in _open:
        return True
    try:
        file = os.open(place / _LOCK, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    fcntl.flock(file, fcntl.LOCK_SH)
    # Between opening and locking it may have been cleaned away.
    with contextlib.suppress(OSError):
        if (place / _LOCK).stat().st_ino == os.fstat(file).st_ino:
            _open[str(place)] = file
            return True
    os.close(file)
    return False


def _remove_unheld(place: Path) -> None:
    try:
        file = os.open(place / _LOCK, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        _remove(place)  # of one who died at it
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _remove(place)
    finally:
        os.close(file)


def _remove(place: Path) -> None:
    if not place.name.startswith(_DRAFT):
        hidden = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=place.parent))
        place = place.replace(hidden)
    for each in place.iterdir():
        if each.is_dir() and not each.is_symlink():
            each.chmod(0o700)
    shutil.rmtree(place)


def _size_bytes(place: Path) -> int:
    return sum(each.lstat().st_size for each in place.rglob("*"))
