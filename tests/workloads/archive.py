"""Programs of torch.export for tests: saved, and put together again with something else in them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

MODEL = "models/model.json"
WEIGHTS = "data/weights/model_weights_config.json"


def save_program(path: Path, module: torch.nn.Module, *args: torch.Tensor, **options: Any) -> Path:
    """Export the module and save it; `options` are torch.export's."""
    torch.export.save(torch.export.export(module.eval(), args, **options), path)
    return path


def repacked(source: Path, target: Path, records: dict[str, bytes]) -> Path:
    """The archive with other content for some records, or more of them; names are without the archive's own."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        root = old.namelist()[0].partition("/")[0]
        held = {name: old.read(name) for name in old.namelist()}
        for name, content in (held | {f"{root}/{name}": content for name, content in records.items()}).items():
            new.writestr(name, content)
    return target


def edited(source: Path, record: str, edit: Callable[[Any], None]) -> dict[str, bytes]:
    """A record that is JSON, after the edit."""
    with zipfile.ZipFile(source) as archive:
        root = archive.namelist()[0].partition("/")[0]
        content = json.loads(archive.read(f"{root}/{record}"))
    edit(content)
    return {record: json.dumps(content).encode()}
