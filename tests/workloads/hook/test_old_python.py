"""The hook runs in the script's own interpreter, which may be old."""

from __future__ import annotations

import ast
import shutil
import subprocess
from pathlib import Path

import pytest

import workloads.hook
from tests.workloads.hook.heard import hear

FOLDER = Path(workloads.hook.__file__).parent
TRAINS = """
    import torch
    model = torch.nn.Linear(4, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(10):
        model(torch.ones(3, 4)).sum().backward()
        optimizer.step()
"""


def test_every_file_is_python_3_9() -> None:
    files = sorted(FOLDER.rglob("*.py"))
    assert len(files) > 10
    for file in files:
        ast.parse(file.read_text(), str(file), feature_version=(3, 9))


@pytest.mark.parametrize("python", [f"python3.{minor}" for minor in (9, 10, 11, 12, 13, 14)])
def test_every_python_that_is_here_with_torch(python: str) -> None:
    if shutil.which(python) is None:
        pytest.skip(f"no {python}")
    if subprocess.run((python, "-c", "import torch"), capture_output=True, check=False).returncode:
        pytest.skip(f"no torch for {python}")
    heard = hear(TRAINS, python=python)
    assert (heard.status, heard.err, len(heard.column("wall_ns"))) == (0, "", 10)
