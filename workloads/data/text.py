"""Real text as bytes: the Python sources of the running standard library, or a folder of the user's. Never downloads.

Held-out text is whole files, about 5 % of the bytes, which the seed alone chooses: no line of a file that is
trained on is ever tested on.
"""

from __future__ import annotations

import hashlib
import random
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch

HELD_OUT: Final = 0.05
"""Part of the bytes that is kept from training, at least."""
LARGEST: Final = 4 * 2**30
"""Bytes of text that are taken at most; it is held in memory."""
_FOREIGN: Final = frozenset(("site-packages", "dist-packages", "__pycache__"))


@dataclass(frozen=True)
class Text:
    """A corpus, split."""

    training: torch.Tensor
    """uint8 (N,)."""
    held_out: torch.Tensor
    """uint8 (M,)."""
    files: int
    sha256: str
    """Of names and contents of all files, before the split: the same corpus has the same sum."""


def read_text(corpus: str, seed: int) -> Text:
    """The files of the folder `corpus`, or of the standard library where it is empty. Raises ValueError."""
    folder = Path(corpus).expanduser() if corpus else Path(sysconfig.get_path("stdlib"))
    if not folder.is_dir():
        raise ValueError(f"corpus={corpus} is no folder: give one with text files in it, or leave it out")
    files = sorted(_text_files(folder, "*" if corpus else "*.py"))
    if len(files) < 2:
        raise ValueError(f"corpus={folder} has {len(files)} files of text: at least two are needed, one to test with")
    names = [name for name, _ in files]
    order = random.Random(seed).sample(range(len(files)), len(files))
    total, kept, count = sum(len(data) for _, data in files), 0, 0
    while count < len(files) - 1 and kept < HELD_OUT * total:
        kept += len(files[order[count]][1])
        count += 1
    apart = set(order[:count])
    return Text(
        training=_joined(data for place, (_, data) in enumerate(files) if place not in apart),
        held_out=_joined(data for place, (_, data) in enumerate(files) if place in apart),
        files=len(files),
        sha256=_sha256(names, [data for _, data in files]),
    )


def _text_files(folder: Path, pattern: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file that has no NUL in it, hidden and foreign folders left out."""
    taken = 0
    for path in folder.rglob(pattern):
        parts = path.relative_to(folder).parts
        if not path.is_file() or any(part in _FOREIGN or part.startswith(".") for part in parts):
            continue
        taken += path.stat().st_size
        if taken > LARGEST:
            raise ValueError(f"corpus={folder} is larger than {LARGEST // 2**30} GiB: give a smaller folder")
        data = path.read_bytes()
        if data and b"\0" not in data:
            yield "/".join(parts), data


def _joined(files: Iterable[bytes]) -> torch.Tensor:
    return torch.frombuffer(bytearray(b"".join(files)), dtype=torch.uint8)


def _sha256(names: list[str], contents: list[bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in zip(names, contents, strict=True):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
