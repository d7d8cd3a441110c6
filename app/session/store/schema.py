"""The version of what a session's folder holds, and what became of it over time.

It stands in `plan.json`, `manifest.json`, each `part-NNNNN.json`, and as `benchtop.schema` in the key-value metadata of
each Parquet file. Frames, in the journal, its segments and the files of facts, have a version of their own, that of the
wire, which each process says in its Hello. The sums, which are made again where they are of another version, have one,
and so has a pack. Fields and columns are only appended, with defaults, which raises nothing; what an older benchtop
would read wrongly, or not see at all, raises SCHEMA.
"""

from __future__ import annotations

from typing import Final

import msgspec

HISTORY: Final = {
    1: "the journal in one piece, one file a table; plan and Parquet files bear no version",
    2: "the journal in segments, and parts of tables: `steps-00001.parquet` … belong before `steps.parquet`, "
    "`facts-00001.frames` … before `facts.frames`",
}
"""What each version brought. Sessions of all of them open."""

SCHEMA: Final = max(HISTORY)

PARQUET_KEY: Final = "benchtop.schema"


class _Plan(msgspec.Struct, frozen=True):
    benchtop: str = ""


class _Versions(msgspec.Struct, frozen=True):
    """What is read of a document of any version."""

    schema: int = 1
    """Version 1 did not say it where nothing else was to be said."""
    benchtop: str = ""
    plan: _Plan = _Plan()


class NewerSchema(ValueError):
    """A newer benchtop wrote it."""


def schema_of(document: bytes, name: str) -> int:
    """The version of a JSON document. Raises NewerSchema, one line, where this benchtop cannot read it.

    `name`: of the file, with its folder. Raises msgspec.DecodeError for what is no such document.
    """
    found = msgspec.json.decode(document, type=_Versions)
    if found.schema > SCHEMA:
        by = found.benchtop or found.plan.benchtop
        needed = f"schema {found.schema}" + (f", benchtop {by}" if by else "")
        raise NewerSchema(
            f"{name}: this session was written by a newer benchtop ({needed}); this one reads up to schema {SCHEMA}: "
            f"open it with that version, or a later one"
        )
    return found.schema
