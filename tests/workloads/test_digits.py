"""The digits and what they are cut into."""

from __future__ import annotations

import hashlib

import pytest
import torch

from workloads.data.digits import HELD_OUT, TRAINING, split_digits
from workloads.train.batches import DigitBatches

CPU = torch.device("cpu")


def test_the_split_is_disjoint_and_has_every_image() -> None:
    digits = split_digits(0)
    training, held_out = set(digits.training.rows), set(digits.held_out.rows)
    assert not training & held_out
    assert len(training) == TRAINING
    assert len(held_out) == HELD_OUT
    assert training | held_out == set(range(1797))


def test_the_split_is_stratified() -> None:
    digits = split_digits(0)
    share = torch.bincount(digits.held_out.labels) / (
        torch.bincount(digits.held_out.labels) + torch.bincount(digits.training.labels)
    )
    assert (share - 0.2).abs().max() < 0.005


def test_the_split_is_the_seeds_and_the_data_set_has_one_sum() -> None:
    first, again, other = split_digits(1), split_digits(1), split_digits(2)
    assert first.held_out.rows == again.held_out.rows
    assert first.held_out.rows != other.held_out.rows
    assert first.sha256 == other.sha256
    assert len(first.sha256) == 64


def test_a_seed_means_the_split_that_it_always_meant() -> None:
    """Saved weights name no more than their seed, and must never be tested with what they were trained on."""
    digits = split_digits(7)
    assert digits.sha256 == "f6d9e39f37dc45d327f6db33428ee58970ccceabb2535a5c179de35886b70443"
    rows = repr((digits.training.rows, digits.held_out.rows)).encode()
    assert hashlib.sha256(rows).hexdigest() == "55775d1a460ee93926a4cbf72bd51b2503fad876a39696ceb411e4a16d480095"


def test_pixels_are_centred_and_belong_to_their_labels() -> None:
    images = split_digits(0).training
    assert images.pixels.shape == (TRAINING, 1, 8, 8)
    assert (images.pixels.min().item(), images.pixels.max().item()) == (-0.5, 0.5)
    assert images.pixels.dtype is torch.float32


def test_an_epoch_is_an_order_of_its_own_and_the_same_every_time() -> None:
    images = split_digits(0).training

    batches = DigitBatches(images, 64, seed=5, device=CPU)

    def epoch() -> torch.Tensor:
        return torch.cat([batches.next()[0].clone() for _ in range(batches.per_epoch)])

    warmup, still_warmup = epoch(), epoch()
    batches.restart()
    first, second = epoch(), epoch()
    batches.restart()
    assert torch.equal(warmup, still_warmup)
    assert torch.equal(first, epoch())
    assert not torch.equal(first, second)
    assert not torch.equal(first, warmup)
    assert len(first) == TRAINING // 64 * 64


def test_ranks_share_every_epoch_without_an_image_twice() -> None:
    images = split_digits(0).training
    alone = DigitBatches(images, 1, seed=5, device=CPU)
    three = [DigitBatches(images, 4, seed=5, device=CPU, rank=rank, ranks=3) for rank in range(3)]
    assert {batches.per_epoch for batches in three} == {TRAINING // 12}
    shared = [batches.next()[0].clone() for batches in three]
    order = torch.cat([alone.next()[0].clone() for _ in range(12)])
    for rank, pixels in enumerate(shared):
        assert torch.equal(pixels, order[rank::3])


def test_ranks_that_take_more_than_there_is_are_told_what_fits() -> None:
    with pytest.raises(ValueError, match="--set batch=718"):
        DigitBatches(split_digits(0).training, 1000, seed=0, device=CPU, ranks=2)
