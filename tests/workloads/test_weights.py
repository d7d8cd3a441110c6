"""Weights come back as they were left, and any other file is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from workloads.train.digits_net import build_net
from workloads.train.digits_weights import load_digits, save_digits

CPU = torch.device("cpu")
ANOTHER_NET = {"kind": "gpt", "facts": {}, "state": {}}


def test_weights_come_back_with_the_split_that_they_belong_to(tmp_path: Path) -> None:
    net, path = build_net(4, CPU, seed=3), tmp_path / "weights-1.pt"
    save_digits(path, net, seed=3, data_sha256="sum")
    loaded = load_digits(path, CPU)
    images = torch.randn(5, 1, 8, 8)
    assert (loaded.seed, loaded.data_sha256) == (3, "sum")
    assert torch.equal(loaded.net(images), net.eval()(images))
    assert [file.name for file in tmp_path.iterdir()] == ["weights-1.pt"]


@pytest.mark.parametrize("content", [None, b"", b"text\n", {"other": 1}, ANOTHER_NET, [1, 2], torch.zeros(3)], ids=str)
def test_another_file_is_refused_in_one_line(tmp_path: Path, content: object) -> None:
    path = tmp_path / "weights.pt"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        torch.save(content, path)
    with pytest.raises(ValueError, match=r"^weights=[^\n]+$"):
        load_digits(path, CPU)


def test_a_file_that_would_run_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    torch.save({"width": 4, "state": Path}, path)
    with pytest.raises(ValueError, match="cannot be read as weights"):
        load_digits(path, CPU)
