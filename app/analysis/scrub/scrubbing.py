"""A finished session's folder → another one that says the same without names, and what was taken out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from msgspec.structs import replace

from app.analysis.scrub.classes import class_of
from app.analysis.scrub.columns import scrubbed_table, texts_of_table
from app.analysis.scrub.documents import scrubbed_document
from app.analysis.scrub.known import Known, known_names
from app.analysis.scrub.known import texts_of as texts_in
from app.analysis.scrub.replacing import Replacing
from app.analysis.scrub.sweep import left_over, pattern_of
from app.analysis.tables.readable import readable
from app.session.pack.members import kind_of
from app.session.pack.packing import files_of
from app.session.planning.plan import Plan
from app.session.store.folder import SessionFolder
from app.session.store.journal import JournalReader
from app.session.store.manifest import Manifest
from app.session.store.memory import allow_for
from workloads.wire.framing import frame_bytes

PROGRAM = "exec"


@dataclass(frozen=True)
class Scrubbed:
    """What became of a session."""

    name: str
    """Of the session, without names in it."""
    removed: dict[str, int]
    """Kind → how many places, the most first."""
    left: tuple[str, ...]
    """Files that cannot be scrubbed: pictures, profiles, weights."""


def scrub(folder: SessionFolder, into: Path) -> Scrubbed:
    """Write the scrubbed session into an empty folder.

    Raises ValueError where a table cannot be read, and where a name would be left; nothing may leave then.
    """
    allow_for(folder.size_bytes())
    manifest = folder.read_manifest()
    with readable(folder):
        return _scrub(folder, manifest, into)


def _scrub(folder: SessionFolder, manifest: Manifest, into: Path) -> Scrubbed:
    files = [file.name for file in files_of(folder.path)]
    tables = {name: table for name in files if (table := _table(name))}
    facts = [folder.path / name for name in files if kind_of(name) == "facts"]
    frames = (frame for path in facts for frame in JournalReader(path))
    known = known_names(
        chain([manifest], frames), (text for name in tables for text in texts_of_table(folder.path / name))
    )
    replacing = Replacing(known)
    scrubbed = scrubbed_document(manifest, replacing)
    if _of_program(manifest.plan):
        scrubbed = replace(scrubbed, plan=replace(scrubbed.plan, name=PROGRAM))
    left = []
    for name in files:
        kind = kind_of(name)
        if name in tables:
            scrubbed_table(folder.path / name, into / name, tables[name], replacing)
        elif kind == "facts":
            _scrub_frames(folder.path / name, into / name, replacing)
        elif kind == "text" and name.endswith((".md", ".json")):
            (into / name).write_text(replacing.text((folder.path / name).read_text(errors="replace")))
        elif kind not in ("document", "table"):
            left.append(name)
    removed = dict(replacing.removed.most_common())
    written = SessionFolder(into)
    written.write_plan(scrubbed.plan)
    written.write_manifest(replace(scrubbed, scrubbed=removed))
    name = _called(folder.name) if _of_program(manifest.plan) else replacing.text(folder.name)
    _check(into, known, scrubbed)
    return Scrubbed(name, removed, tuple(left))


def _scrub_frames(source: Path, target: Path, replacing: Replacing) -> None:
    with target.open("wb") as out:
        out.writelines(frame_bytes(scrubbed_document(frame, replacing)) for frame in JournalReader(source))


def _of_program(plan: Plan) -> bool:
    """Whether a command of the user's was run, after which a session is called."""
    return any(planned.command for planned in plan.runs)


def _called(name: str) -> str:
    """`20261125-233312-python-secret` → `20261125-233312-exec`."""
    when = re.match(r"\d{8}-\d{6}-", name)
    return f"{when.group() if when else ''}{PROGRAM}"


def _check(folder: Path, known: Known, scrubbed: Manifest) -> None:
    """Names that are benchtop's own words too cannot be told from them."""
    own = "\n".join(_own_words(scrubbed))
    found = [(file, name) for file, name in left_over(folder, known) if not pattern_of([name]).search(own.encode())]
    if found:
        file, name = found[0]
        raise ValueError(f"{name!r} would be left in {file}: nothing was packed; this is a fault of benchtop's")


def _own_words(manifest: Manifest) -> Iterator[str]:
    yield from (text for field, text in texts_in(manifest) if class_of(field) in ("word", None))
    yield from (name for field, _ in texts_in(manifest) for name in field.split("."))


def _table(file: str) -> str | None:
    """Of which table it is a part; sums of a table are not taken, since they are made again where they are missing."""
    if kind_of(file) != "table" or file.startswith("rollups"):
        return None
    return file.removesuffix(".parquet").partition("-")[0]
