"""How sessions and their variants are named on the command line: `SESSION` is all of it, `SESSION#2` its variant 2."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from app.session.store.folder import SessionFolder

_VARIANT: Final = re.compile(r"(?P<session>.+)#(?P<variant>\d+)")


def split_variant(given: str) -> tuple[str, int]:
    """`SESSION#2` → its name and 2; without a number 0, for all of it."""
    match = _VARIANT.fullmatch(given)
    return (match["session"], int(match["variant"])) if match else (given, 0)


def named_variants(given: Sequence[str], find: Callable[[str], SessionFolder]) -> list[tuple[SessionFolder, int]]:
    """Each session with the variant that is meant; a folder whose name ends like one is still that folder."""
    named = [(text, 0) if Path(text).is_dir() else split_variant(text) for text in given]
    return [(find(name), variant) for name, variant in named]
