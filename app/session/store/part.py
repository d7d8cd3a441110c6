"""What a rolled segment held besides the rows and facts in its parts: `part-00001.json` in the session folder.

Its presence says that the segment is in parts. Fields are only appended, with defaults.
"""

from __future__ import annotations

import msgspec

from app.session.store.folder import SessionFolder, read_document
from app.session.store.manifest import Damage
from app.session.store.schema import SCHEMA
from app.session.store.segments import marker_path


class PartRun(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One run that the segment speaks of. Instants of the host's clock, nanoseconds."""

    began_ns: int | None = None
    """The earliest instant that any frame of it speaks of."""
    last_ns: int = 0
    """The latest."""
    sampled_ns: int | None = None
    """End of its last sample; None: there is none in the segment."""


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One segment."""

    schema: int = msgspec.field(default_factory=lambda: SCHEMA)
    segment: int
    rows: dict[str, int] = {}
    """Of each table; one without rows has no part."""
    frames: int = 0
    """Whole frames of all kinds."""
    unknown: int = 0
    """Frames of a kind that the benchtop that rolled it did not know; they are in no part."""
    misfits: int = 0
    """Frames of samples whose columns did not fit together; they are in no part."""
    last_ns: int = 0
    """The latest instant that any frame speaks of."""
    runs: dict[int, PartRun] = {}
    present: dict[str, tuple[str, ...]] = {}
    """Device → gauges of which there is a reading."""
    absent: dict[str, dict[str, str]] = {}
    """Device → gauge → the last reason why there was none; only of gauges without any reading."""
    lost_bytes: int = 0
    damages: tuple[Damage, ...] = ()
    """Places that were left out; of very many only the first ones."""
    places: int = 0


def read_part(folder: SessionFolder, number: int) -> Part:
    """Raises ValueError with the path when it is damaged, or of a newer schema."""
    return read_document(marker_path(folder, number), Part)
