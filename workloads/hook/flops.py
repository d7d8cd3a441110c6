"""Floating-point operations of one call of an operator: of products, convolutions and attention. Imports no torch.

A multiplication and an addition are two. `torch.utils.flop_counter` counts the same; it is not used, for it imports
Triton where that is, and complains on stderr where that is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Formula = Callable[..., int]
"""Of the operator's arguments and of its `result`."""

ARITHMETIC = re.compile(
    r"(?:^|_|add|b|pack|s)mm(?:_|$)|matmul|(?:^|_)linear(?:_|$)|rnn|lstm|gru|attention|transformer_|_fft_"
    r"|conv(?:\d|_|olution)|^_trilinear$|^bilinear$|linalg_(?!vector_norm|cross|diagonal)"
)
"""Names of operators that do much arithmetic: of one that has no formula here, nobody knows how much."""
NONE = re.compile(r"upsample|_cell|flatten_weight|^_convert|linalg_check_errors")
"""Names that only look like these, or do it element by element."""


def formula(name: str) -> Formula | None:
    """Of an operator of `aten`, by its name without overload; None: it does no such arithmetic, or nobody knows."""
    return FORMULAS.get(name) or FORMULAS.get(name[:-1] if name.endswith("_") else "")


def is_unknown(name: str) -> bool:
    """Whether an operator of `aten` does such arithmetic, but has no formula."""
    return formula(name) is None and ARITHMETIC.search(name) is not None and NONE.search(name) is None


def _product(one: Any, other: Any, *_: Any, **__: Any) -> int:
    """[…, m, k] × […, k, n], and a matrix with a vector."""
    return 2 * int(one.numel()) * int(other.shape[-1] if other.dim() > 1 else 1)


def _added(_: Any, one: Any, other: Any, *__: Any, **___: Any) -> int:
    return _product(one, other)


def _convolution(x: Any, weight: Any, *more: Any, result: Any, **_: Any) -> int:
    """Each number of the output (of the input, where it is transposed) meets each weight of its group once."""
    return 2 * _places(x if _is_transposed(more) else result) * int(weight.numel())


def _convolution_backward(grad: Any, x: Any, weight: Any, *more: Any, **_: Any) -> int:
    """For the input and for the weights as much as forward, each."""
    places = _places(x if _is_transposed(more) else grad)
    return 2 * places * int(weight.numel()) * sum(map(bool, more[-1][:2]))


def _is_transposed(more: tuple[Any, ...]) -> bool:
    """As a convolution is told behind its weights."""
    return len(more) > 4 and more[4] is True


def _places(tensor: Any) -> int:
    """Of [batch, channels, …] all but the channels."""
    return int(tensor.numel()) // max(1, int(tensor.shape[1]))


def _attention(query: Any, key: Any, value: Any, *_: Any, **__: Any) -> int:
    """[batch, heads, sequence, width]: query × key and what comes of it × value; a mask leaves nothing out."""
    return 2 * _pairs(query, key) * (int(query.shape[-1]) + int(value.shape[-1]))


def _attention_backward(_: Any, query: Any, key: Any, value: Any, *__: Any, **___: Any) -> int:
    """Query × key once more, and the gradients of both products' factors."""
    return 2 * _pairs(query, key) * (3 * int(query.shape[-1]) + 2 * int(value.shape[-1]))


def _pairs(query: Any, key: Any) -> int:
    """Of a place in each sequence of queries and one in its keys."""
    return int(query.numel()) // max(1, int(query.shape[-1])) * int(key.shape[-2])


_KINDS = ("flash_attention", "efficient_attention", "cudnn_attention", "flash_attention_for_cpu")
FORMULAS: dict[str, Formula] = {
    **dict.fromkeys(("mm", "bmm", "mv", "dot", "vdot", "_int_mm", "_scaled_mm"), _product),
    **dict.fromkeys(("addmm", "baddbmm", "addmv", "_addmm_activation"), _added),
    **dict.fromkeys(("convolution", "_convolution"), _convolution),
    "convolution_backward": _convolution_backward,
    **{f"_scaled_dot_product_{kind}": _attention for kind in _KINDS},
    **{f"_scaled_dot_product_{kind}_backward": _attention_backward for kind in _KINDS},
}
