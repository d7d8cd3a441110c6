"""`benchtop pack`: what is asked for, checked, made, and told in a few lines."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from app.session.pack.about import packed_name
from app.session.pack.packing import ENDING, File, Packed, about_session, pack
from app.session.plain import plain
from app.session.store.files import placed
from app.session.store.folder import SessionFolder
from app.session.store.lock import is_locked
from app.text.numbers import bytes_text, counted


def pack_session(folder: SessionFolder, output: str | None, *, scrub: bool, weights: bool) -> str:
    """Make the pack → what became of the session, in lines. Raises ValueError and OSError."""
    if is_locked(folder):
        raise ValueError(
            f"session {folder.name} is still running: wait for its end, or stop it with `benchtop attach {folder.name}`"
        )
    if not scrub:
        about = about_session(folder.name, metadata.version("benchtop"))
        return "\n".join(told(pack(folder.path, about, _target(output, folder.name), weights=weights), {}))
    if weights:
        raise ValueError("--scrub takes no weights along, since nobody can look into them: leave one of the two out")
    from app.analysis.scrub.scrubbing import scrub as scrubbed_session  # noqa: PLC0415 - Polars, for who scrubs alone

    with tempfile.TemporaryDirectory(prefix="benchtop-") as place:
        found = scrubbed_session(folder, Path(place))
        about = about_session(found.name, metadata.version("benchtop"), scrubbed=True)
        packed = pack(Path(place), about, _target(output, found.name), weights=False, left=found.left)
    return "\n".join(told(packed, found.removed))


def _target(output: str | None, name: str) -> Path:
    return placed(output, f"{packed_name(name)}{ENDING}")


def told(packed: Packed, removed: Mapping[str, int]) -> Iterator[str]:
    """What is in it, what is not, and what was taken out of it."""
    yield f"{plain(str(packed.path))}  {bytes_text(packed.size_bytes)}, {counted(len(packed.taken), 'file')}"
    if with_weights := [file for file in packed.taken if file.name.startswith("weights-")]:
        yield f"with weights: {_named(with_weights)}"
    if packed.weights:
        yield f"without weights: {_named(packed.weights)}; --weights takes them along"
    if packed.left:
        yield f"left out: {', '.join(map(plain, packed.left))}"
    if removed:
        yield f"taken out: {', '.join(f'{count:,} {_plural(kind, count)}' for kind, count in removed.items())}"


def _plural(kind: str, count: int) -> str:
    """`host` is short for the name of one."""
    name = f"{kind} name" if kind in ("host", "user") else kind
    return name if count == 1 else f"{name}es" if name.endswith("s") else f"{name}s"


def _named(files: tuple[File, ...] | list[File]) -> str:
    return ", ".join(f"{file.name} {bytes_text(file.size_bytes)}" for file in files)
