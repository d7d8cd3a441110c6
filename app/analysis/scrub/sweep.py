"""The last look: no known name stands anywhere in what is about to leave, in no text and in no byte."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.analysis.scrub.columns import texts_of_table


def left_over(folder: Path, names: Iterable[str]) -> list[tuple[str, str]]:
    """File and name, for each name that is still in a file of the folder; case makes no difference."""
    wanted = sorted({name for name in names if name})
    if not wanted:
        return []
    pattern = pattern_of(wanted)
    return [
        (path.name, match.decode(errors="replace"))
        for path in sorted(folder.iterdir())
        for match in dict.fromkeys(match.group() for data in _bytes(path) for match in pattern.finditer(data))
    ]


def pattern_of(names: Iterable[str]) -> re.Pattern[bytes]:
    """Finds them where they stand by themselves."""
    alternatives = "|".join(map(re.escape, names))
    return re.compile(rf"(?<![A-Za-z0-9])(?:{alternatives})(?![A-Za-z0-9])".encode(), re.IGNORECASE)


def _bytes(path: Path) -> Iterator[bytes]:
    """What a reader would see, and what lies in the file as it is: names of columns, and their statistics."""
    if path.suffix != ".parquet":
        yield path.read_bytes()
        return
    yield "\n".join(texts_of_table(path)).encode()
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 8))
        length = int.from_bytes(file.read(4), "little")
        file.seek(max(0, size - 8 - length))
        yield file.read(length)
