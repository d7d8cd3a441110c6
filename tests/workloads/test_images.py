"""A folder of images: what is trained with and what is held out, and batches that come out the same every time."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from workloads.data.image_input import image_input
from workloads.data.images import split_folder
from workloads.data.loading import Loaded, Loading, Rounds
from workloads.data.pixels import DecodedPixels, Key, Labelled, Pixels, RandomPixels, centre_box, random_box
from workloads.wire.frames import Value

CPU = torch.device("cpu")
SETTINGS: dict[str, Value] = {"batch": 4, "image": 32, "workers": 0, "prefetch": 2, "pin": False}


def make_images(root: Path, **classes: int) -> Path:
    """So many images of each class, those of one class red and of the next blue."""
    for place, (name, count) in enumerate(classes.items()):
        (root / name).mkdir(parents=True)
        for number in range(count):
            pixels = np.zeros((40, 48, 3), np.uint8)
            pixels[..., 2 * (place % 2)] = 100 + number
            Image.fromarray(pixels).save(root / name / f"{number:02}.png")
    return root


def test_a_fifth_of_each_class_is_held_out_and_the_seed_draws_it(tmp_path: Path) -> None:
    root = make_images(tmp_path, blue=10, red=5, single=1)
    (root / "red" / "notes.txt").write_text("no image")
    folder, again, other = split_folder(root, 0), split_folder(root, 0), split_folder(root, 1)
    assert folder.classes == ("blue", "red", "single")
    assert Counter(p.label for p in folder.training) == {0: 8, 1: 4, 2: 1}
    assert Counter(p.label for p in folder.held_out) == {0: 2, 1: 1}
    assert not set(folder.training) & set(folder.held_out)
    assert folder == again
    assert set(folder.held_out) != set(other.held_out)
    assert folder.sha256 == other.sha256, "the same data, split in another way"
    (root / "red" / "04.png").unlink()
    assert split_folder(root, 0).sha256 != folder.sha256


def test_a_folder_that_is_split_already_stays_so(tmp_path: Path) -> None:
    make_images(tmp_path / "train", a=3, b=2)
    make_images(tmp_path / "val", a=1, b=2)
    folder = split_folder(tmp_path, 5)
    assert Counter(p.label for p in folder.training) == {0: 3, 1: 2}
    assert Counter(p.label for p in folder.held_out) == {0: 1, 1: 2}


def test_what_is_no_folder_of_images_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(ValueError, match="allowed: resident, synthetic, or a folder"):
        split_folder(tmp_path / "residnt", 0)
    with pytest.raises(ValueError, match="at least two subfolders"):
        split_folder(tmp_path, 0)
    (tmp_path / "b").mkdir()
    with pytest.raises(ValueError, match="0 images to train with and 0 to hold out"):
        split_folder(tmp_path, 0)


def test_a_file_that_is_no_image_is_named(tmp_path: Path) -> None:
    make_images(tmp_path, a=2, b=2)
    (tmp_path / "a" / "00.png").write_bytes(b"text")
    pictures = DecodedPixels(split_folder(tmp_path, 0).training[:1], 32, seed=None)
    (tmp_path / "a" / "01.png").write_bytes(b"text")
    with pytest.raises(ValueError, match=r"a/0[01]\.png cannot be read as an image"):
        pictures[1, 0]


@pytest.mark.parametrize("size", [(640, 480), (480, 640), (7, 1000), (1, 1)])
def test_a_crop_lies_in_the_image(size: tuple[int, int]) -> None:
    draw = np.random.default_rng(0)
    for left, top, right, bottom in [centre_box(*size), *(random_box(*size, draw) for _ in range(50))]:
        assert 0 <= left < right <= size[0]
        assert 0 <= top < bottom <= size[1]


def test_batches_begin_anew_in_the_same_order_whoever_makes_them(tmp_path: Path) -> None:
    root = make_images(tmp_path, blue=8, red=8)
    parameters = SETTINGS | {"input": str(root)}
    alone = image_input(parameters, CPU, seed=3, classes=1000)
    helped = image_input(parameters | {"workers": 1}, CPU, seed=3, classes=1000)
    before = children()  # the server that other tests fork from, it may be
    assert (alone.classes, alone.per_epoch, alone.epoch_of(3)) == (2, 3, 2)
    with closing(alone.training()) as own, closing(helped.training()) as made:
        first = [made.next() for _ in range(4)]
        (child,) = children() - before
        made.restart()
        again = [made.next() for _ in range(4)]
        assert children() == before | {child}, "the same process goes on"
        for (a, x), (b, y), (c, z) in zip(first, again, (own.next() for _ in range(4)), strict=True):
            assert a.shape == (4, 3, 32, 32)
            assert a.dtype == torch.uint8
            assert torch.equal(a, b)
            assert torch.equal(a, c)
            assert torch.equal(x, y)
            assert torch.equal(x, z)
    assert children() == before, "they end with the batches"


class Ending(Pixels):
    """Its process ends while it makes an image. Quietly: else torch raises, wherever this process is, once it hears."""

    def __getitem__(self, key: Key) -> Labelled:
        os._exit(0)


def reset(batch: int) -> list[torch.Tensor]:
    raise ConnectionResetError(f"while batch {batch} came")


def test_a_process_whose_socket_closes_is_missed_once_it_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    loading = Loading(workers=1, prefetch=1, pin=False)
    before = children()
    with closing(Loaded(Ending(), Rounds(8, 4), loading, torch.contiguous_format)) as loaded:
        loaded.restart()
        (child,) = children() - before
        monkeypatch.setattr(loaded, "_items", map(reset, (1,)))
        with pytest.raises(RuntimeError, match=rf"^DataLoader worker \(pid\(s\) {child}\) exited"):
            loaded.next()
    with closing(Loaded(RandomPixels(8, 2, 0), Rounds(8, 4), loading, torch.contiguous_format)) as loaded:
        loaded.next()
        monkeypatch.setattr("workloads.data.loading.ENDING_S", 0.01)
        monkeypatch.setattr(loaded, "_items", map(reset, (1,)))
        with pytest.raises(ConnectionResetError):
            loaded.next()


def test_random_images_differ_from_batch_to_batch_unless_they_stay_on_the_device() -> None:
    for source, same in (("synthetic", False), ("resident", True)):
        images = image_input(SETTINGS | {"input": source}, CPU, seed=0, classes=10)
        with closing(images.training()) as batches:
            (first, labels), (second, _) = batches.next(), batches.next()
        assert torch.equal(first, second) is same
        assert int(labels.max()) < 10
        assert images.epoch_of(7) is None
        assert list(images.held_out()) == []


def test_a_batch_larger_than_all_images_says_how_large_it_may_be(tmp_path: Path) -> None:
    root = make_images(tmp_path, a=3, b=2)
    with pytest.raises(ValueError, match="batch=4 is more than the 3 training images: --set batch=3"):
        image_input(SETTINGS | {"input": str(root)}, CPU, seed=0, classes=1000).training()


def children() -> set[str]:
    """Processes that this one has started and that are there."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())
