"""Inputs of a model that is not known beforehand: from a file of the user's, checked, or made up.

Made-up floating-point numbers are normal, from the run's seed. Whole numbers may be indices, of a size that nobody
says, so those that the program was exported with are repeated; where there are none, they are 0.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch


@dataclass(frozen=True)
class Input:
    """A tensor that a model takes."""

    name: str
    dtype: torch.dtype
    shape: tuple[int, ...]
    example: torch.Tensor | None = None
    """What the program was exported with."""

    def made_up(self, generator: torch.Generator) -> torch.Tensor:
        """A tensor of this kind, on the CPU."""
        if self.dtype.is_floating_point or self.dtype.is_complex:
            wide = torch.complex64 if self.dtype.is_complex else torch.float32
            return torch.randn(self.shape, generator=generator, dtype=wide).to(self.dtype)
        if self.example is None or not self.example.numel():
            return torch.zeros(self.shape, dtype=self.dtype)
        items = self.example.detach().cpu().flatten()
        count = torch.Size(self.shape).numel()
        return items.repeat(-(-count // len(items)))[:count].reshape(self.shape)

    def check(self, given: torch.Tensor, path: Path) -> torch.Tensor:
        """The tensor that was given, if it is of this kind. Raises ValueError.

        NumPy has no bfloat16: float32 is taken for it, and rounded.
        """
        stored = torch.float32 if self.dtype is torch.bfloat16 else self.dtype
        if given.dtype is not stored:
            raise ValueError(f"inputs={path}: {self.name} holds {_name(given.dtype)}, the model takes {_name(stored)}")
        if tuple(given.shape) != self.shape:
            raise ValueError(f"inputs={path}: {self.name} is {tuple(given.shape)}, the model takes {self.shape}")
        return given.to(self.dtype)


def read_arrays(path: Path, names: Sequence[str]) -> dict[str, torch.Tensor]:
    """The tensors of an `.npz` file by name; `arr_0`, `arr_1` … get the names in order, of which there may be more.

    Never unpickles. Raises ValueError for another file, and for names that are none of these.
    """
    if not path.is_file():
        raise ValueError(f"inputs={path} is not there")
    if not zipfile.is_zipfile(path):
        raise ValueError(f"inputs={path} is no .npz file: write it with numpy.savez")
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: torch.from_numpy(file[name]) for name in file.files}
    except (ValueError, TypeError, OSError, zipfile.BadZipFile, KeyError) as error:
        raise ValueError(f"inputs={path} holds what is no array of numbers") from error
    ordered = [f"arr_{place}" for place in range(len(arrays))]
    if set(arrays) == set(ordered) and len(arrays) <= len(names):
        return {name: arrays[place] for name, place in zip(names, ordered, strict=False)}
    if not arrays.keys() <= set(names):
        raise ValueError(f"inputs={path} holds {', '.join(arrays)}; the model takes {', '.join(names)}")
    return arrays


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
