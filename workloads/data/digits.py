"""Handwritten digits: 1,797 real images of 8×8 pixels that come inside scikit-learn. Never downloads.

The split is stratified, so that each digit is as frequent among the held-out images as among the
others, and it is a function of the seed alone.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

TRAINING = 1437
"""Images to train with."""
HELD_OUT = 360
"""Images kept from training: 20 %."""


@dataclass(frozen=True)
class Images:
    """Some of the images, on the host."""

    pixels: torch.Tensor
    """float32 (N, 1, 8, 8), from -0.5 to 0.5."""
    labels: torch.Tensor
    """int64 (N,), 0 to 9."""
    rows: tuple[int, ...]
    """Which images of the data set they are."""

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Digits:
    """The data set, split."""

    training: Images
    held_out: Images
    sha256: str
    """Of all pixels and labels, before the split: the same data set has the same sum."""


def split_digits(seed: int) -> Digits:
    """The digits, TRAINING of them to train with and HELD_OUT to be tested with."""
    pixels, labels = load_digits(return_X_y=True)  # float64 (1797, 64) of 0 to 16, int64 (1797,)
    training, held_out = train_test_split(
        np.arange(len(labels)), test_size=HELD_OUT, stratify=labels, random_state=seed % 2**32
    )
    return Digits(_images(pixels, labels, training), _images(pixels, labels, held_out), _sha256(pixels, labels))


def _images(pixels: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> Images:
    scaled = torch.from_numpy((pixels[rows] / 16 - 0.5).astype(np.float32))
    return Images(scaled.reshape(-1, 1, 8, 8), torch.from_numpy(labels[rows].astype(np.int64)), tuple(rows.tolist()))


def _sha256(pixels: np.ndarray, labels: np.ndarray) -> str:
    return hashlib.sha256(pixels.astype("<f8").tobytes() + labels.astype("<i8").tobytes()).hexdigest()
