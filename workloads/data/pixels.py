"""Pixels of one image, as the processes that load batches make them: decoded from a file, or random.

What an image looks like depends on the seed, its row and the epoch alone, never on which process makes it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset

from workloads.data.images import Picture

Key = tuple[int, int]
"""Epoch and row."""
Labelled = tuple[torch.Tensor, int]
"""uint8 (size, size, 3) and the class."""
Pixels = Dataset[Labelled]
"""Gives what a Key means."""

AREA: Final = (0.08, 1.0)
RATIO: Final = (3 / 4, 4 / 3)
"""Share of the image and ratio of width to height that a random crop has (Szegedy et al., 2014)."""
CENTRE: Final = 224 / 256
"""Of the shorter side, what the centre crop keeps."""

Box = tuple[float, float, float, float]


class RandomPixels(Pixels):
    """Random images with random labels: nobody can learn anything from them."""

    def __init__(self, size: int, classes: int, seed: int) -> None:
        self._size, self._classes, self._seed = size, classes, seed

    def __getitem__(self, key: Key) -> Labelled:
        """An image and its label."""
        draw = np.random.default_rng((self._seed, *key))
        pixels = draw.integers(0, 256, (self._size, self._size, 3), dtype=np.uint8)
        return torch.from_numpy(pixels), int(draw.integers(self._classes))


class DecodedPixels(Pixels):
    """Images from files: cropped and flipped at random to train with, or the centre of each."""

    def __init__(self, pictures: Sequence[Picture], size: int, *, seed: int | None) -> None:
        self._pictures, self._size, self._seed = pictures, size, seed

    def __getitem__(self, key: Key) -> Labelled:
        """An image and its label. Raises ValueError that names the file."""
        picture = self._pictures[key[1]]
        draw = None if self._seed is None else np.random.default_rng((self._seed, *key))
        try:
            with Image.open(picture.path) as file:
                image = file.convert("RGB")
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise ValueError(f"{picture.path} cannot be read as an image: {error}") from error
        box = centre_box(*image.size) if draw is None else random_box(*image.size, draw)
        image = image.resize((self._size, self._size), Image.Resampling.BILINEAR, box=box)
        if draw is not None and draw.random() < 0.5:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        return torch.from_numpy(np.array(image)), picture.label


def random_box(width: int, height: int, draw: np.random.Generator) -> Box:
    """A random part of the image: left, top, right, bottom. The centre, where ten draws do not fit into it."""
    for _ in range(10):
        area = width * height * draw.uniform(*AREA)
        ratio = math.exp(draw.uniform(math.log(RATIO[0]), math.log(RATIO[1])))
        w, h = math.sqrt(area * ratio), math.sqrt(area / ratio)
        if w <= width and h <= height:
            left, top = draw.uniform(0, width - w), draw.uniform(0, height - h)
            return left, top, left + w, top + h
    return centre_box(width, height)


def centre_box(width: int, height: int) -> Box:
    """The square in the middle."""
    side = CENTRE * min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    return left, top, left + side, top + side
