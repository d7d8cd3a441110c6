"""What may lie in a pack: names, how they are packed, and how large all of it may become. Pure."""

from __future__ import annotations

import re
from typing import Final, Literal

Kind = Literal["about", "document", "table", "facts", "text", "profile", "weights"]

ABOUT: Final = "pack.json"

MOST_MEMBERS: Final = 20_000
"""A week at 1,000 steps a second is a few thousand parts of tables."""
MOST_DIRECTORY_BYTES: Final = 4 << 20
"""Of the list of members."""
MOST_DEFLATED_BYTES: Final = 256 << 20
"""All deflated members together, as they are when they are unpacked."""

_PATTERNS: Final[tuple[tuple[Kind, str], ...]] = (
    ("about", r"pack\.json"),
    ("document", r"(?:plan|manifest)\.json"),
    ("table", r"(?:steps|requests|gauges|logs|events)(?:-\d{5,9})?\.parquet|rollups\.parquet"),
    ("facts", r"facts(?:-\d{5,9})?\.frames"),
    ("text", r"notes\.md|tags\.json|screen(?:-[0-9a-z-]{1,40})?\.(?:svg|txt)"),
    ("profile", r"profile-[0-9a-z-]{1,40}\.json\.gz"),
    ("weights", r"weights-\d{1,6}\.pt"),
)
_NAMES: Final = tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS)
_DEFLATED: Final = frozenset(("about", "document", "text"))


def kind_of(name: str) -> Kind | None:
    """What a file of that name is; None: it never travels. Names are lower case and hold no separator of any system."""
    return next((kind for kind, pattern in _NAMES if pattern.fullmatch(name)), None)


def is_deflated(kind: Kind) -> bool:
    """Whether it is compressed by the pack; the others are compressed by themselves."""
    return kind in _DEFLATED
