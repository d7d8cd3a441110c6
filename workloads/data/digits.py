"""Handwritten digits: 1,797 real images of 8×8 pixels that come inside scikit-learn. Never downloads.

The split is stratified, so that each digit is as frequent among the held-out images as among the
others, and it is a function of the seed alone. Images and split are those of `load_digits` and of a stratified
`train_test_split`, without importing scikit-learn, which takes longer than a second.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch

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
    pixels, labels = _read()
    training, held_out = _split(labels, seed % 2**32)
    return Digits(_images(pixels, labels, training), _images(pixels, labels, held_out), _sha256(pixels, labels))


def _read() -> tuple[np.ndarray, np.ndarray]:
    """Pixels, float64 (1797, 64) of 0 to 16, and labels, int64 (1797,)."""
    package = find_spec("sklearn")
    assert package is not None
    assert package.origin is not None
    with gzip.open(Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz", "rt") as file:
        rows = np.loadtxt(file, delimiter=",")
    return rows[:, :-1], rows[:, -1].astype(np.int64)


def _split(labels: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows to train with and rows to hold out. Saved weights name their seed: it must mean the same split for ever."""
    # NumPy's new generators may change what a seed means; this one never will.
    random = np.random.RandomState(seed)
    trained = _shares(np.bincount(labels), TRAINING, random)
    shuffled = [random.permutation(np.flatnonzero(labels == digit)) for digit in range(len(trained))]
    training = [rows[:count] for rows, count in zip(shuffled, trained, strict=True)]
    held_out = [rows[count:] for rows, count in zip(shuffled, trained, strict=True)]
    return random.permutation(np.concatenate(training)), random.permutation(np.concatenate(held_out))


def _shares(counts: np.ndarray, total: int, random: np.random.RandomState) -> np.ndarray:
    """How many of each class make `total` in proportion: the largest remainders are rounded up, equal ones by lot."""
    exact = counts / counts.sum() * total
    shares: np.ndarray = np.floor(exact).astype(np.int64)
    remainders = exact - shares
    for remainder in np.unique(remainders)[::-1]:
        if missing := total - int(shares.sum()):
            alike = np.flatnonzero(remainders == remainder)
            shares[random.choice(alike, min(missing, len(alike)), replace=False)] += 1
    return shares


def _images(pixels: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> Images:
    scaled = torch.from_numpy((pixels[rows] / 16 - 0.5).astype(np.float32))
    return Images(scaled.reshape(-1, 1, 8, 8), torch.from_numpy(labels[rows].astype(np.int64)), tuple(rows.tolist()))


def _sha256(pixels: np.ndarray, labels: np.ndarray) -> str:
    return hashlib.sha256(pixels.astype("<f8").tobytes() + labels.astype("<i8").tobytes()).hexdigest()
