"""Text: which files it takes, how it is split, and the batches that are cut from it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from workloads.data.text import HELD_OUT, read_text
from workloads.train.text_batches import TextBatches, held_out_windows

CPU = torch.device("cpu")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    for number in range(30):
        (tmp_path / f"{number:02}.txt").write_bytes(bytes([65 + number]) * 100)
    (tmp_path / "image.png").write_bytes(b"\x89PNG\0\0")
    (tmp_path / ".hidden").write_text("hidden")
    return tmp_path


def test_whole_files_are_held_out_and_none_is_in_both(corpus: Path) -> None:
    text = read_text(str(corpus), seed=3)
    training, held_out = set(text.training.tolist()), set(text.held_out.tolist())
    assert text.files == 30
    assert not training & held_out
    assert training | held_out == set(range(65, 95))
    assert HELD_OUT * 3000 <= len(text.held_out) < HELD_OUT * 3000 + 100


def test_the_split_is_the_seeds_and_the_corpus_has_one_sum(corpus: Path) -> None:
    first, again, other = (read_text(str(corpus), seed) for seed in (1, 1, 2))
    assert torch.equal(first.held_out, again.held_out)
    assert not torch.equal(first.held_out, other.held_out)
    assert first.sha256 == other.sha256
    (corpus / "00.txt").rename(corpus / "renamed.txt")
    assert read_text(str(corpus), 1).sha256 != first.sha256


def test_a_folder_without_text_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"is no folder: give one with text files in it, or leave it out$"):
        read_text(str(tmp_path / "nowhere"), 0)
    with pytest.raises(ValueError, match=r"has 0 files of text: at least two are needed"):
        read_text(str(tmp_path), 0)


def test_batches_are_windows_of_the_text_in_an_order_that_begins_anew() -> None:
    text = torch.arange(200, dtype=torch.uint8)
    batches = TextBatches(text, 4, 8, seed=1, device=CPU)
    first, second = batches.next()[0].clone(), batches.next()[0].clone()
    batches.restart()
    assert torch.equal(batches.next()[0], first)
    assert not torch.equal(first, second)
    assert torch.equal(first, first[:, :1] + torch.arange(9, dtype=torch.uint8))
    other = TextBatches(text, 4, 8, seed=1, device=CPU, rank=1)
    assert not torch.equal(other.next()[0], first)


def test_held_out_windows_tell_every_byte_once() -> None:
    text = torch.arange(30, dtype=torch.uint8)
    cut = held_out_windows(text, 7, 100)
    assert cut[:, 1:].flatten().tolist() == list(range(1, 29))
    assert len(held_out_windows(text, 7, 2)) == 2
    with pytest.raises(ValueError, match="less than one window: context=40"):
        held_out_windows(text, 40, 1)
    with pytest.raises(ValueError, match="less than one window: context=40"):
        TextBatches(text, 1, 40, seed=0, device=CPU)
