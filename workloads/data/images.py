"""A folder of images, one subfolder a class: which there are, and which of them are held out. Decodes nothing.

A folder that has `train` and `val` is split as it says; of any other, 20 % of each class are held out, which the seed
draws. The same files with the same sizes have the same sum.
"""

from __future__ import annotations

import hashlib
import os
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HELD_OUT: Final = 0.2
"""Share of each class that is kept from training, at least one image where there are two."""
ENDINGS: Final = frozenset((".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"))


@dataclass(frozen=True)
class Picture:
    """One file."""

    path: str
    label: int
    size: int
    """Bytes."""


@dataclass(frozen=True)
class ImageFolder:
    """A data set, split."""

    classes: tuple[str, ...]
    """Names of the subfolders in order; a label is a place among them."""
    training: tuple[Picture, ...]
    held_out: tuple[Picture, ...]
    sha256: str
    """Of names and sizes of all files, before the split."""


def split_folder(path: Path, seed: int) -> ImageFolder:
    """The images in `path`. Raises ValueError, one line, where there are none to train with or none to hold out."""
    if not path.is_dir():
        raise ValueError(f"input={path} is no folder; allowed: resident, synthetic, or a folder of images")
    named = all((path / part).is_dir() for part in ("train", "val"))
    roots = (path / "train", path / "val") if named else (path,)
    classes = tuple(sorted(entry.name for entry in os.scandir(roots[0]) if entry.is_dir() and entry.name[0] != "."))
    if len(classes) < 2:
        raise ValueError(f"input={path} needs at least two subfolders, one for each class, with images in them")
    found = [[_pictures(root / name, label) for label, name in enumerate(classes)] for root in roots]
    parts = found if named else _split(found[0], seed)
    training, held_out = (tuple(picture for of_class in part for picture in of_class) for part in parts)
    if not training or not held_out:
        raise ValueError(f"input={path} has {len(training)} images to train with and {len(held_out)} to hold out")
    everything = [picture for part in found for of_class in part for picture in of_class]
    return ImageFolder(classes, training, held_out, _sha256(path, everything))


def _pictures(folder: Path, label: int) -> list[Picture]:
    try:
        with os.scandir(folder) as entries:
            return sorted(
                (Picture(e.path, label, e.stat().st_size) for e in entries if Path(e.name).suffix.lower() in ENDINGS),
                key=lambda picture: picture.path,
            )
    except OSError as error:
        raise ValueError(f"{folder} cannot be read: {error.strerror}") from error


def _split(classes: list[list[Picture]], seed: int) -> tuple[list[list[Picture]], list[list[Picture]]]:
    """Of each class its part to train with, and its part to hold out."""
    training, held_out = [], []
    for label, pictures in enumerate(classes):
        shuffled = random.Random(f"{seed} {label}").sample(pictures, len(pictures))
        count = max(round(HELD_OUT * len(pictures)), 1) if len(pictures) > 1 else 0
        held_out.append(shuffled[:count])
        training.append(shuffled[count:])
    return training, held_out


def _sha256(root: Path, pictures: list[Picture]) -> str:
    lines = (f"{os.path.relpath(picture.path, root)}\0{picture.size}\n" for picture in pictures)
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
