"""What the parameter `input` of the image workloads means: `resident`, `synthetic`, or a folder of images."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import torch

from workloads.data.images import ImageFolder, split_folder
from workloads.data.loading import Epochs, Loaded, Loading, Rounds, once
from workloads.data.pixels import DecodedPixels, Key, Pixels, RandomPixels
from workloads.data.resident import Resident
from workloads.device import image_layout
from workloads.wire.frames import Value

RESIDENT: Final = "resident"
SYNTHETIC: Final = "synthetic"
_ENDLESS: Final = 1 << 31
"""Random images before the first one comes again, and steps in their epoch."""

_OWN: Final = 1_000_003
"""Between the seeds of two ranks."""

Batch = tuple[torch.Tensor, torch.Tensor]
"""Pixels uint8 (N, 3, H, W) and labels int64 (N,)."""


@dataclass(frozen=True, kw_only=True)
class ImageInput:
    """Where images come from."""

    folder: ImageFolder | None
    """None: they are random."""
    resident: bool
    classes: int
    batch: int
    image: int
    """Height and width, pixels."""
    seed: int
    device: torch.device
    loading: Loading
    rank: int = 0
    ranks: int = 1
    """That share the images of an epoch; random ones are each rank's own."""

    @property
    def per_epoch(self) -> int:
        """Steps in an epoch of training, which random images never come to the end of."""
        return _ENDLESS if self.folder is None else len(self.folder.training) // self.ranks // self.batch

    @property
    def prefetched(self) -> int:
        """Batches that may be ready beforehand, beside those that are being made."""
        if self.resident or not self.loading.workers:
            return 0
        return self.loading.workers * (self.loading.prefetch + 1)

    def changed(self, *, batch: int | None = None, workers: int | None = None, pin: bool | None = None) -> ImageInput:
        """The same images, made ready in another way; None: as now."""
        loading = replace(
            self.loading,
            workers=self.loading.workers if workers is None else workers,
            pin=self.loading.pin if pin is None else pin,
        )
        return replace(self, batch=self.batch if batch is None else batch, loading=loading)

    def epoch_of(self, step: int) -> int | None:
        """The epoch that a step belongs to, counted from 1 (steps from 0); None where there are none."""
        return None if self.folder is None else step // self.per_epoch + 1

    @property
    def sha256(self) -> str:
        """Of the data; empty where it is random."""
        return "" if self.folder is None else self.folder.sha256

    def training(self) -> Resident[Batch] | Loaded:
        """Batches to train with. Raises ValueError where a batch is more than all images."""
        if self.folder is None:
            return self._random()
        if not self.per_epoch:
            count = len(self.folder.training) // self.ranks
            of_rank = "" if self.ranks == 1 else f" of each of {self.ranks} ranks"
            raise ValueError(
                f"batch={self.batch} is more than the {count} training images{of_rank}: --set batch={count}"
            )
        pixels = DecodedPixels(self.folder.training, self.image, seed=self.seed)
        epochs = Epochs(len(self.folder.training), self.batch, self.seed, rank=self.rank, ranks=self.ranks)
        return self._loaded(pixels, epochs)

    def requests(self) -> Resident[Batch] | Loaded:
        """Batches to be classified: the held-out images in turn."""
        if self.folder is None:
            return self._random()
        pixels = DecodedPixels(self.folder.held_out, self.image, seed=None)
        return self._loaded(pixels, Rounds(len(self.folder.held_out), self.batch))

    def held_out(self) -> Loaded:
        """Every held-out image once; none where they are random."""
        pictures, loading = (self.folder.held_out, self.loading) if self.folder else ((), Loading(0, 1, pin=False))
        pixels = DecodedPixels(pictures, self.image, seed=None)
        return Loaded(pixels, once(len(pictures), self.batch), loading, image_layout(self.device))

    def empty(self) -> torch.Tensor:
        """Pixels uint8 (N, 3, H, W) of a batch on the device, without contents."""
        shape = (self.batch, 3, self.image, self.image)
        return torch.empty(shape, dtype=torch.uint8, device=self.device, memory_format=image_layout(self.device))

    def _random(self) -> Resident[Batch] | Loaded:
        if not self.resident:
            pixels = RandomPixels(self.image, self.classes, self._own_seed)
            return self._loaded(pixels, Rounds(_ENDLESS, self.batch))
        generator = torch.Generator().manual_seed(self._own_seed)
        shape = (self.batch, 3, self.image, self.image)
        images = torch.randint(256, shape, dtype=torch.uint8, generator=generator)
        labels = torch.randint(self.classes, (self.batch,), generator=generator)
        return Resident((images.to(self.device, memory_format=image_layout(self.device)), labels.to(self.device)))

    @property
    def _own_seed(self) -> int:
        return self.seed + self.rank * _OWN

    def _loaded(self, pixels: Pixels, keys: Iterable[list[Key]]) -> Loaded:
        return Loaded(pixels, keys, self.loading, image_layout(self.device))


def image_input(
    parameters: Mapping[str, Value], device: torch.device, *, seed: int, classes: int, rank: int = 0, ranks: int = 1
) -> ImageInput:
    """The images that the parameters of a run mean; `classes` are those of random labels.

    Reads the names of a folder's images, of which there may be a million. Raises ValueError, one line.
    """
    source = str(parameters["input"])
    random = source in (RESIDENT, SYNTHETIC)
    folder = None if random else split_folder(Path(source).expanduser(), seed)
    pin = bool(parameters["pin"])
    if pin and device.type != "cuda":
        raise ValueError(f"pin=true needs CUDA, and the run is on {device}: --set pin=false")
    return ImageInput(
        folder=folder,
        resident=source == RESIDENT,
        classes=classes if folder is None else len(folder.classes),
        batch=int(parameters["batch"]),
        image=int(parameters["image"]),
        seed=seed,
        device=device,
        loading=Loading(int(parameters["workers"]), int(parameters["prefetch"]), pin),
        rank=rank,
        ranks=ranks,
    )
