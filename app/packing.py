"""`benchtop pack`: what is asked for, checked, made, and told in a few lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from app.session.folder import SessionFolder
from app.session.lock import is_locked
from app.session.pack.packing import ENDING, File, Packed, about_session, pack
from app.session.plain import plain
from app.text.numbers import bytes_text


def pack_session(folder: SessionFolder, output: str | None, *, scrub: bool, weights: bool) -> str:
    """Make the pack → what became of the session, in lines. Raises ValueError and OSError."""
    if is_locked(folder):
        raise ValueError(
            f"session {folder.name} is still running: wait for its end, or stop it with `benchtop attach {folder.name}`"
        )
    target = Path(output).expanduser() if output else Path(f"{folder.name}{ENDING}")
    if target.is_dir():
        target /= f"{folder.name}{ENDING}"
    about = about_session(folder, metadata.version("benchtop"), scrubbed=scrub)
    packed = pack(folder.path, about, target, weights=weights)
    return "\n".join(told(packed, {}))


def told(packed: Packed, removed: Mapping[str, int]) -> Iterator[str]:
    """What is in it, what is not, and what was taken out of it."""
    count = len(packed.taken)
    yield f"{plain(str(packed.path))}  {bytes_text(packed.size_bytes)}, {count} file{'' if count == 1 else 's'}"
    if with_weights := [file for file in packed.taken if file.name.startswith("weights-")]:
        yield f"with weights: {_named(with_weights)}"
    if packed.weights:
        yield f"without weights: {_named(packed.weights)}; --weights takes them along"
    if packed.left:
        yield f"left out: {', '.join(map(plain, packed.left))}"
    if removed:
        yield f"taken out: {', '.join(f'{count:,} {kind}' for kind, count in removed.items())}"


def _named(files: tuple[File, ...] | list[File]) -> str:
    return ", ".join(f"{file.name} {bytes_text(file.size_bytes)}" for file in files)
