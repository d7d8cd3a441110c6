"""What a command is called."""

from __future__ import annotations

import pytest

from workloads.exec.naming import short_command


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("/usr/bin/python3", "train.py", "--epochs", "3"), "python3 train.py --epochs 3"),
        (("python", "data/train.py"), "python data/train.py"),
        (("python", "experiments/second/long/train.py", "--lr", "1"), "python train.py --lr 1"),
        (("python", "train.py", "--data=/a/very/long/folder/of/mine"), "python train.py --data=/a/very/…"),
        (("python", "-c", "print(1)\nprint(2)"), "python -c 'print(1) print(2)'"),
    ],
)
def test_folders_give_way_before_words_do(command: tuple[str, ...], name: str) -> None:
    assert short_command(command) == name
