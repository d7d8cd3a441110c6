"""What a program saved by torch.export may hold: only what can be loaded and called without running code of the file's.

`torch.export.load` reads a file that can run anything, in more ways than one (torch 2.11 to 2.13):

- pickles: weights, constants and example inputs that it loads with `weights_only=False`, custom objects;
- compiled libraries of AOTInductor, which it opens;
- sizes, which sympy reads with `eval`;
- names of inputs and nodes, which become lines of the Python code that torch writes for the graph;
- operators by name, which can be any function that torch's modules know, `os.system` for one;
- the shape of inputs and outputs, whose containers may name a module to import.

So a file is read with torch's own reader and everything in it that is not known to be harmless is refused, before
torch.export sees it. Guards, which are code too, may stay: `module(check_guards=False)` leaves them text.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import torch
from torch.export.pt2_archive import PT2ArchiveReader

_RECORDS: Final = re.compile(
    r"archive_format|archive_version|byteorder|\.data/.*|models/model\.json|data/sample_inputs/model\.pt|extra/.*"
    r"|data/weights/(weight_\d+|model_weights_config\.json)|data/constants/(tensor_\d+|model_constants_config\.json)"
)
"""Files in the archive: tensors as plain bytes, JSON, and example inputs, which are loaded with `weights_only=True`."""

_SYMBOLIC: Final = (
    r"(_operator\.(eq|ne|le|ge|lt|gt|neg|pos|mul|add|sub|floordiv|truediv|mod|pow|and_|or_|lshift|rshift)"
    r"|math\.trunc|torch\.sym_(not|int|float|ite|max|min|sqrt|sum))"
)
_ATEN: Final = (
    r"torch\.ops\.(aten|prims)\.(?!from_file\b)([A-Za-z]\w*|_[A-Za-z]\w*|__i?(and|or|xor|lshift|rshift)__)\.[A-Za-z]\w*"
)
_HIGHER_ORDER: Final = (
    r"torch\.ops\.higher_order\.(wrap_with_set_grad_enabled|wrap_with_autocast|cond|while_loop|scan|associative_scan"
    r"|map_impl|flex_attention|invoke_subgraph)"
)
_OPERATOR: Final = re.compile(f"{_ATEN}|{_SYMBOLIC}|{_HIGHER_ORDER}", re.ASCII)
"""torch's own operators on tensors and sizes. Not `from_file`, which opens a file of its argument's name."""

_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_KNOWN: Final = re.compile(
    r"[a-z]{1,4}[0-9]+|Symbol|Integer|Float|Rational|Half|One|Zero|NegativeOne|Infinity|NegativeInfinity|Add|Mul|Pow|Mod"
    r"|Max|Min|Abs|FloorDiv|ModularIndexing|Where|PythonMod|CleanDiv|CeilToInt|FloorToInt|CeilDiv|LShift|RShift"
    r"|PowByNatural|FloatPow|FloatTrueDiv|IntTrueDiv|IsNonOverlappingAndDenseIndicator|TruncToFloat|TruncToInt"
    r"|RoundToInt|RoundDecimal|ToFloat|Identity|Equality|Unequality|GreaterThan|LessThan|StrictGreaterThan"
    r"|StrictLessThan|Eq|Ne|Ge|Le|Gt|Lt|And|Or|Not|floor|ceiling|Piecewise|ExprCondPair|BooleanTrue|BooleanFalse|true"
    r"|false|True|False|precision|integer|positive|nonnegative|negative|zero|nonzero|finite|real"
)
"""Words in sizes, as sympy writes them; a symbol is a few small letters and a number."""
_MARKS: Final = re.compile(r"[A-Za-z_0-9\s()+\-*/%,.<>=&|~']*")

_NAME: Final = re.compile(r"([A-Za-z_][A-Za-z_0-9]*)?")
_PATH: Final = re.compile(r"[A-Za-z_0-9.\-]*")
_PATHS: Final = frozenset(
    ("parameter_name", "buffer_name", "tensor_constant_name", "user_input_name", "fqn", "path_name", "class_fqn")
)
_FREE: Final = frozenset(
    ("stack_trace", "nn_module_stack", "source_fn_stack", "torch_fn", "custom", "from_node", "guards_code")
).union(("as_string", "as_strings", "as_float", "as_floats", "torch_version"))
"""Texts that nobody runs: where a node comes from, arguments of operators, and guards, which are not used."""

_ONLY: Final = "TORCH_FORCE_WEIGHTS_ONLY_LOAD"
_NOT_ONLY: Final = "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"


class Refused(ValueError):
    """The file holds what could run code. One line, without the file's name."""


def check_program(path: Path) -> None:
    """Refuse a file that is no program of torch.export, or could run code. Raises ValueError, one line."""
    if not path.is_file():
        raise ValueError(f"path={path} is not there")
    if not zipfile.is_zipfile(path):
        raise ValueError(f"path={path} is no program of torch.export, which is a zip archive")
    try:
        with PT2ArchiveReader(str(path)) as archive:
            _check_archive(archive)
    except Refused as reason:
        raise ValueError(f"path={path} is refused, since loading it could run code: {reason}") from reason
    except (RuntimeError, AssertionError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"path={path} is no program that torch.export.save of torch 2.8 or later wrote") from error


@contextmanager
def without_pickled_code() -> Iterator[None]:
    """Make `torch.load` load nothing but tensors and plain containers, whatever its callers say."""
    before = {name: os.environ.pop(name, None) for name in (_ONLY, _NOT_ONLY)}
    os.environ[_ONLY] = "1"
    try:
        yield
    finally:
        del os.environ[_ONLY]
        os.environ.update({name: value for name, value in before.items() if value is not None})


def _check_archive(archive: PT2ArchiveReader) -> None:
    for record in archive.get_file_names():
        if not _RECORDS.fullmatch(record):
            raise Refused(f"it holds {record}, which is no part of a plain program")
    for tensors in ("weights", "constants"):
        config = json.loads(archive.read_string(f"data/{tensors}/model_{tensors}_config.json"))
        for name, payload in config["config"].items():
            if payload["use_pickle"] is not False:
                raise Refused(f"its {name} is pickled")
        _check(config, "")
    _check(json.loads(archive.read_string("models/model.json")), "")
    _check_examples(archive.read_bytes("data/sample_inputs/model.pt"))


def _check_examples(content: bytes) -> None:
    """Where torch.export cannot load them with `weights_only=True`, it tries without."""
    try:
        if content:
            torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except (RuntimeError, pickle.UnpicklingError, EOFError, ValueError, LookupError) as error:
        raise Refused("its example inputs hold more than tensors and plain containers") from error


def _check(value: Any, key: str) -> None:
    """Look at every text under a key of the program's JSON; a list's items stand under the list's key."""
    if isinstance(value, dict):
        for name, item in value.items():
            _check(item, name)
    elif isinstance(value, list):
        for item in value:
            _check(item, key)
    elif isinstance(value, str) and key not in _FREE and not _harmless(value, key):
        raise Refused(f"{key} is {value[:60]!r}")


def _harmless(text: str, key: str) -> bool:
    if key in ("target", "as_operator"):
        return _OPERATOR.fullmatch(text) is not None
    if key == "expr_str":
        return _MARKS.fullmatch(text) is not None and all(map(_KNOWN.fullmatch, _WORD.findall(text)))
    if key in ("in_spec", "out_spec"):
        return _plain_tree(json.loads(text))
    return (_PATH if key in _PATHS else _NAME).fullmatch(text) is not None


def _plain_tree(spec: Any) -> bool:
    """Whether a tree of containers has plain keys alone, and names nothing that torch would import."""
    if isinstance(spec, dict):
        known = all(map(_plain_tree, spec)) and "__enum__" not in spec
        return known and all(_plain_tree(_context(v) if k == "context" else v) for k, v in spec.items())
    if isinstance(spec, list):
        return all(map(_plain_tree, spec))
    return not isinstance(spec, str) or (_PATH.fullmatch(spec) is not None and spec != "collections.defaultdict")


def _context(value: Any) -> Any:
    """A container's keys: JSON within JSON, or the name of a named tuple."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value
