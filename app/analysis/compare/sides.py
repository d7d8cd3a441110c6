"""What was asked to be compared → sessions that are open, each with its letter."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from app.analysis.load import Loaded, load
from app.session.results.comparison import Side
from app.session.store.folder import SessionFolder

LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, eq=False)
class OpenSide:
    """One session, and what of it is meant."""

    side: Side
    loaded: Loaded


def open_side(
    place: int,
    folder: SessionFolder,
    variant: int,
    thorough: Collection[str] = (),
    loaded: Loaded | None = None,
) -> OpenSide:
    """Open one; `thorough`: as `load` has it. `loaded`: what of it is read already.

    Raises ValueError for a session that runs, cannot be read, or has no such variant.
    """
    if loaded is None:
        loaded = load(folder, thorough=thorough)
    if loaded.running:
        raise ValueError(f"session {folder.name} still runs: compare it once it is over")
    known = variants(loaded)
    if variant and variant not in known.values():
        there = ", ".join(f"#{number}" for number in sorted(set(known.values())))
        raise ValueError(f"session {folder.name} has no variant {variant}; it has {there or 'none'}")
    side = Side(label=LETTERS[place], session=folder.name, variant=variant, began_ns=loaded.manifest.started_ns)
    return OpenSide(side, loaded)


def variants(loaded: Loaded) -> dict[int, int]:
    """Run → its variant, from 1; runs of a plan that knows none are of one where all that was set is the same."""
    numbers: dict[object, int] = {}
    found: dict[int, int] = {}
    for planned in loaded.manifest.plan.runs:
        settings = (planned.workload, frozenset(planned.parameters.items()), planned.ranks)
        key: object = planned.variant or (settings, planned.duration_s, planned.steps, planned.warmup)
        found[planned.run] = planned.variant or numbers.setdefault(key, len(numbers) + 1)
    return found
