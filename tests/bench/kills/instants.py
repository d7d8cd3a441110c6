"""Every state that a session's folder may be left in by a process that ends between two of its file operations, or by
a machine that loses power there.

A process that is killed leaves a folder as it is at that instant, so it need not be killed to see what it leaves: its
file operations are noted as they come, and before each of them the folder is taken down as it would be found. Of a
write that is not on the disk yet there may be all, half (the kill, or the power cut, came in the middle) or nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal
from unittest import mock

import polars as pl

Kind = Literal["killed", "cut short", "power lost", "names lost", "new names lost"]
"""Killed: all that was written is there. Cut short: of what was not synced half is. Power lost: nothing of it is, the
names are as they were. Names lost: these too are as the folder was synced last. New names lost: but what was removed
is gone, for nobody promises that names reach the disk in their order."""

OPERATIONS: Final = (
    (os, ("open", "write", "rename", "replace", "unlink", "remove", "fsync", "fdatasync", "ftruncate", "truncate")),
    (os, ("posix_fallocate", "link", "symlink", "mkdir", "rmdir")),
    (io, ("open",)),
    (pl.LazyFrame, ("sink_parquet",)),
    (pl.DataFrame, ("write_parquet",)),
)
SYNCS: Final = ("fsync", "fdatasync")
ROOM: Final = "reserve"
"""A file that only takes room: what is in it is nothing to anybody."""
WRITES_ANY: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


@dataclass(frozen=True)
class State:
    """A folder, as it would be found."""

    kind: Kind
    before: str
    """The operation that was not done any more."""
    number: int
    """Which one."""
    files: dict[str, bytes]
    written: int
    """What had been handed to the record."""
    synced: int
    """What the record had said to be on the disk."""

    cut: bool
    """Whether a frame may lie in it that was never finished."""

    @property
    def kept(self) -> int:
        """What must be there."""
        return self.written if self.kind == "killed" else self.synced

    def put(self, path: Path) -> None:
        """Make such a folder."""
        path.mkdir(mode=0o700)
        for name, data in self.files.items():
            (path / name).write_bytes(data)


class Instants:
    """Of one folder, while `noted()` lasts. `told`: what had been written, and what was said to be on the disk."""

    def __init__(self, folder: Path, told: Callable[[], tuple[int, int]], *, cut: bool = False) -> None:
        """`cut`: a frame that was never finished lies in it already."""
        self._cut = cut
        self._folder = folder
        self._told = told
        self._synced: dict[int, bytes] = {}
        """Inode → what of it is on the disk."""
        self._names: dict[str, int] = {}
        """As they are on the disk."""
        self._held: dict[int, int] = {}
        """Inode → a file descriptor, which keeps its number from being given away."""
        self._seen: set[bytes] = set()
        self._inside = False
        self.states: list[State] = []
        """Each one once, in the order in which they came."""
        self.operations = 0
        """How many there were."""
        self._note_all_as_synced()

    @contextlib.contextmanager
    def noted(self) -> Iterator[None]:
        """What is done to the folder meanwhile is looked at."""
        with contextlib.ExitStack() as patches:
            for owner, names in OPERATIONS:
                for name in names:
                    real = getattr(owner, name)
                    patches.enter_context(mock.patch.object(owner, name, self._wrapped(name, real)))
            try:
                yield
                self._take("nothing: it is done")
            finally:
                for file in self._held.values():
                    os.close(file)

    def _wrapped(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **named: Any) -> Any:
            if self._inside or not self._concerns(name, arguments):
                return real(*arguments, **named)
            with self._unnoted():
                self._take(f"{name}({self._said(arguments)})")
            if name in ("sink_parquet", "write_parquet"):
                with self._unnoted():
                    found = real(*arguments, **named)
                    self._take(f"{name} syncs {self._said(arguments)}")
                    if named.get("sync_on_close") == "all":
                        self._sync_file(arguments[1])
                return found
            found = real(*arguments, **named)
            if name in SYNCS:
                with self._unnoted():
                    self._note_sync(arguments[0])
            return found

        return called

    @contextlib.contextmanager
    def _unnoted(self) -> Iterator[None]:
        self._inside = True
        try:
            yield
        finally:
            self._inside = False

    def _concerns(self, name: str, arguments: tuple[Any, ...]) -> bool:
        """Whether it changes the folder, or brings it onto the disk."""
        if name == "open" and len(arguments) > 1:
            how = arguments[1]
            if (isinstance(how, int) and not how & WRITES_ANY) or (isinstance(how, str) and not set(how) & set("wax+")):
                return False
        elif name == "open":
            return False
        return any(self._is_inside(each) for each in arguments[:2])

    def _is_inside(self, what: object) -> bool:
        if isinstance(what, int) and not isinstance(what, bool):
            with contextlib.suppress(OSError):
                return _path_of(what).is_relative_to(self._folder)
            return False
        return isinstance(what, str | Path) and Path(what).is_relative_to(self._folder)

    def _said(self, arguments: tuple[Any, ...]) -> str:
        inside = [each for each in arguments[:2] if self._is_inside(each)]
        return ", ".join((_path_of(each) if isinstance(each, int) else Path(each)).name for each in inside)

    def _note_all_as_synced(self) -> None:
        for entry in os.scandir(self._folder):
            self._hold(entry.path)
            self._synced[entry.inode()] = Path(entry.path).read_bytes()
            self._names[entry.name] = entry.inode()

    def _note_sync(self, file: int) -> None:
        path = _path_of(file)
        if path == self._folder:
            self._names = {entry.name: entry.inode() for entry in os.scandir(self._folder)}
            for entry in os.scandir(self._folder):
                self._hold(entry.path)
        elif path.is_relative_to(self._folder):
            self._sync_file(f"/proc/self/fd/{file}")

    def _sync_file(self, path: str | Path) -> None:
        inode = self._hold(path)
        self._synced[inode] = Path(path).read_bytes()

    def _hold(self, path: str | Path) -> int:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        inode = os.fstat(file).st_ino
        if inode in self._held:
            os.close(file)
        else:
            self._held[inode] = file
        return inode

    def _take(self, before: str) -> None:
        """The folder before an operation, in each of the ways in which it may be found."""
        self.operations += 1
        written, synced = self._told()
        there = {
            entry.name: (entry.inode(), b"" if entry.name == ROOM else Path(entry.path).read_bytes())
            for entry in os.scandir(self._folder)
            if entry.is_file(follow_symlinks=False)
        }
        safe = {name: self._synced.get(inode, b"") for name, (inode, _) in there.items()}
        named = {name: self._synced.get(inode, b"") for name, inode in self._names.items()}
        left = {inode for inode, _ in there.values()}
        found: dict[Kind, dict[str, bytes]] = {
            "killed": {name: data for name, (_, data) in there.items()},
            "cut short": {
                name: data[: (len(data) + len(safe[name])) // 2] if data.startswith(safe[name]) else safe[name]
                for name, (_, data) in there.items()
            },
            "power lost": safe,
            "names lost": named,
            "new names lost": {
                name: named[name] for name, inode in self._names.items() if inode in left or name in there
            },
        }
        for kind, files in found.items():
            state = State(kind, before, self.operations, files, written, synced, self._cut or kind == "cut short")
            gist = hashlib.blake2b(str(state.kept).encode())
            for name in sorted(files):
                gist.update(f"/{name}/{len(files[name])}/".encode() + files[name])
            if gist.digest() not in self._seen:
                self._seen.add(gist.digest())
                self.states.append(state)


def _path_of(file: int) -> Path:
    return Path(f"/proc/self/fd/{file}").readlink()
