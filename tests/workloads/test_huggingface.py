"""Hugging Face folders, with tiny random models; without transformers there is nothing to test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.workloads.here import run_here
from tests.workloads.process import Talk, start
from workloads.wire.frames import RunStarted, Value

transformers: Any = pytest.importorskip("transformers")

SMALL = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("folders")
    text = transformers.BertConfig(vocab_size=50, max_position_embeddings=20, **SMALL)
    transformers.BertForSequenceClassification(text).save_pretrained(folder / "text")
    images = transformers.ViTConfig(image_size=16, patch_size=8, **SMALL)
    transformers.ViTForImageClassification(images).save_pretrained(folder / "images")
    both = transformers.T5Config(vocab_size=50, d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2)
    transformers.T5ForConditionalGeneration(both).save_pretrained(folder / "both")
    return {path.name: str(path) for path in folder.iterdir()}


def serve(path: str, **settings: Value) -> Talk:
    return run_here(start("infer/model", "", **{"steps": 2, "warmup": 1, "threads": 1, "path": path, **settings}))


@pytest.mark.parametrize(
    ("kind", "settings", "sizes"),
    [
        ("text", {}, (8, 20, "float32")),
        ("text", {"batch": 2, "sequence": 5, "precision": "bfloat16"}, (2, 5, "bfloat16")),
        ("images", {"batch": 3}, (3, 0, "float32")),
    ],
)
def test_a_folder_is_served_with_inputs_of_its_kind(
    folders: dict[str, str], kind: str, settings: dict[str, Value], sizes: tuple[int, int, str]
) -> None:
    served = serve(folders[kind], **settings)
    started = served.one(RunStarted)
    assert (started.parameters["batch"], started.parameters["sequence"], started.precision) == sizes
    assert started.flops_per_unit
    assert served.column("samples") == [sizes[0]] * 2


@pytest.mark.parametrize(
    ("kind", "settings", "told"),
    [
        ("text", {"sequence": 21}, "sequence=21: the model takes at most 20 tokens"),
        ("images", {"sequence": 5}, "sequence=5: the model takes images"),
        ("both", {}, "give its inputs, --set inputs=FILE.npz"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(
    folders: dict[str, str], kind: str, settings: dict[str, Value], told: str
) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$") as refusal:
        serve(folders[kind], **settings)
    assert told in str(refusal.value)


def test_inputs_of_the_users_own_reach_any_model(folders: dict[str, str], tmp_path: Path) -> None:
    np.savez(tmp_path / "both.npz", input_ids=np.ones((3, 4), np.int64), decoder_input_ids=np.ones((3, 2), np.int64))
    assert serve(folders["both"], inputs=str(tmp_path / "both.npz")).column("samples") == [3, 3]


def test_code_in_the_folder_is_not_run(folders: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(
        '{"model_type": "own", "auto_map": {"AutoConfig": "own.Config", "AutoModel": "own.Model"}}'
    )
    (tmp_path / "own.py").write_text(f"open({str(tmp_path / 'marker')!r}, 'w')")
    (tmp_path / "model.safetensors").write_bytes((Path(folders["text"]) / "model.safetensors").read_bytes())
    with pytest.raises(ValueError, match=r"^path=[^\n]+ cannot be loaded by transformers"):
        serve(str(tmp_path))
    assert not (tmp_path / "marker").exists()
