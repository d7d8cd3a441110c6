"""A Hugging Face model folder: loaded from safetensors alone, without code of the folder's and without the network."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import torch

from workloads.device import DTYPES
from workloads.infer.inputs import read_arrays
from workloads.infer.loaded import Loaded, precision_of
from workloads.infer.vetting import without_pickled_code
from workloads.run import Run

BATCH: Final = 8
SEQUENCE: Final = 128
_INDEX: Final = "model.safetensors.index.json"


def load_folder(folder: Path, run: Run) -> Loaded:
    """The model on the run's device, in the precision that was asked for, and its inputs. Raises ValueError."""
    _check_folder(folder)
    model = _read(folder)
    wanted = DTYPES.get(run.text("precision"))
    model = model.to(device=run.device, dtype=wanted).eval()
    if hasattr(model.config, "use_cache"):
        model.config.use_cache = False  # what a cache would keep for a next token is no part of a single call
    precision = precision_of(model.parameters())
    inputs, sizes = _inputs(model, run)
    floating = getattr(torch, precision)
    placed = {
        name: tensor.to(run.device, floating if tensor.dtype.is_floating_point else tensor.dtype)
        for name, tensor in inputs.items()
    }
    return Loaded(module=model, args=(), kwargs=placed, items=sizes["batch"], precision=precision, sizes=sizes)


def _check_folder(folder: Path) -> None:
    """Refuse what is no model folder, whose weights are pickled, or that asks for more code. Raises ValueError."""
    config = _json(folder / "config.json", f"path={folder} is no Hugging Face model folder: it has no config.json")
    shards = {"model.safetensors"}
    if (folder / _INDEX).is_file():
        shards = set(_json(folder / _INDEX, f"path={folder}: {_INDEX} cannot be read").get("weight_map", {}).values())
    if not all(
        name.endswith(".safetensors") and Path(name).name == name and (folder / name).is_file() for name in shards
    ):
        pickled = next((file.name for kind in ("*.bin", "*.pt", "*.pth") for file in folder.glob(kind)), None)
        found = f"pickled weights ({pickled}), which can run code" if pickled else "no weights"
        raise ValueError(f"path={folder} has {found}; needed is model.safetensors, which save_pretrained writes")
    if (folder / "adapter_config.json").exists():
        raise ValueError(f"path={folder} holds an adapter: merge it into its model and save that")
    if any("/" in json.dumps(value) for name, value in config.items() if name.endswith("_implementation")):
        raise ValueError(f"path={folder}: its config.json asks for a kernel from the Hub, which is code: take it out")


def _json(path: Path, otherwise: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (OSError, ValueError) as error:
        raise ValueError(otherwise) from error


def _read(folder: Path) -> Any:
    os.environ["HF_HUB_OFFLINE"] = "1"  # read once, on import
    try:
        import safetensors  # noqa: F401, PLC0415 - the folder's only format; an extra
        import transformers  # noqa: PLC0415 - takes seconds; an extra
    except ImportError as error:
        raise ValueError(
            "a Hugging Face folder needs packages more: pip install 'benchtop[hf]', or transformers and safetensors"
        ) from error
    transformers.utils.logging.disable_progress_bar()
    try:
        with without_pickled_code():
            config = transformers.AutoConfig.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
            return _class_of(transformers, config).from_pretrained(
                folder, config=config, use_safetensors=True, local_files_only=True, dtype="auto"
            )
    except (OSError, ImportError, ValueError, RuntimeError, LookupError, TypeError, AttributeError) as error:
        said = next(iter(str(error).splitlines()), type(error).__name__)
        raise ValueError(
            f"path={folder} cannot be loaded by transformers {transformers.__version__}: {said}"
        ) from error


def _class_of(transformers: Any, config: Any) -> Any:
    """The class that the model was saved from, head included; without one that transformers has, the bare model."""
    named = getattr(transformers, next(iter(config.architectures or ()), ""), None)
    known = inspect.isclass(named) and issubclass(named, transformers.PreTrainedModel)
    return named if known else transformers.AutoModel


def _inputs(model: Any, run: Run) -> tuple[dict[str, torch.Tensor], dict[str, int]]:
    """Inputs by name on the CPU, and the sizes that they have."""
    if run.text("inputs"):
        return _given(model.forward, Path(run.text("inputs")), run)
    config, batch = model.config, run.integer("batch") or BATCH
    generator = torch.Generator().manual_seed(run.order.seed)
    kinds: Mapping[str, Callable[[], tuple[dict[str, torch.Tensor], dict[str, int]]]] = {
        "input_ids": lambda: _tokens(config, batch, run.integer("sequence") or _usual_length(config), generator),
        "pixel_values": lambda: _pixels(config, batch, run.integer("sequence"), generator),
    }
    several = getattr(config, "is_encoder_decoder", False) or any(
        hasattr(config, part) for part in ("vision_config", "audio_config")
    )
    if several or model.main_input_name not in kinds:
        raise ValueError(
            f"{type(model).__name__} takes more than text or images: give its inputs, --set inputs=FILE.npz"
        )
    return kinds[model.main_input_name]()


def _tokens(
    config: Any, batch: int, length: int, generator: torch.Generator
) -> tuple[dict[str, torch.Tensor], dict[str, int]]:
    longest = getattr(config, "max_position_embeddings", None)
    if longest is not None and length > longest:
        raise ValueError(f"sequence={length}: the model takes at most {longest} tokens")
    shape = (batch, length)
    ids = torch.randint(config.vocab_size, shape, generator=generator)
    return {"input_ids": ids, "attention_mask": torch.ones(shape, dtype=torch.int64)}, {
        "batch": batch,
        "sequence": length,
    }


def _usual_length(config: Any) -> int:
    return int(min(SEQUENCE, getattr(config, "max_position_embeddings", None) or SEQUENCE))


def _pixels(
    config: Any, batch: int, length: int, generator: torch.Generator
) -> tuple[dict[str, torch.Tensor], dict[str, int]]:
    if length:
        raise ValueError(f"sequence={length}: the model takes images")
    size = getattr(config, "image_size", None)
    if size is None:
        raise ValueError("its config.json has no image_size: give its inputs, --set inputs=FILE.npz")
    height, width = (size, size) if isinstance(size, int) else size.values() if isinstance(size, dict) else size
    shape = (batch, getattr(config, "num_channels", 3), height, width)
    return {"pixel_values": torch.randn(shape, generator=generator)}, {"batch": batch}


def _given(forward: Callable[..., Any], path: Path, run: Run) -> tuple[dict[str, torch.Tensor], dict[str, int]]:
    """Arrays of the user's, each an argument of the model's; all have the batch as their first dimension."""
    arrays = read_arrays(path, list(inspect.signature(forward).parameters))
    sizes = {array.shape[:1] for array in arrays.values()}
    if len(sizes) != 1 or sizes == {()}:
        raise ValueError(f"inputs={path}: the arrays do not agree on their first dimension, the batch")
    (batch,) = sizes.pop()
    if run.integer("batch") not in (0, batch):
        raise ValueError(f"batch={run.integer('batch')}: inputs={path} holds batches of {batch}")
    return arrays, {"batch": batch}
