"""Counts what one piece of work costs, by doing it once before anything is measured, or on paper."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

import torch
from torch import nn
from torch._guards import active_fake_mode
from torch._subclasses.fake_tensor import FakeCopyMode, FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode, sdpa_flop_count

from workloads.bytecount import ByteCounter
from workloads.run import Work

_Model = TypeVar("_Model", bound=nn.Module)


def _attention(query: torch.Size, key: torch.Size, value: torch.Size, *_: object, **__: object) -> int:
    return int(sdpa_flop_count(query, key, value))  # type: ignore[no-untyped-call]


UNLISTED: Final = {torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: _attention}  # noqa: SLF001
"""Operators whose formula torch has, and does not use for them."""


_FUSED_SGD: Final = "aten::_fused_sgd_"
_META: Final = torch.library.Library("aten", "IMPL", "Meta")  # type: ignore[no-untyped-call]
if not torch._C._dispatch_has_kernel_for_dispatch_key(_FUSED_SGD, "Meta"):  # noqa: SLF001 - torch has no other way
    # It only changes what it is given. Untold so, torch would do it on the device, with zeros of the same size.
    _META.impl(_FUSED_SGD, lambda *_, **__: None)  # type: ignore[no-untyped-call]


def count_work(work: Callable[[], object], *, units: int, precision: str) -> Work:
    """Do `work`, which is `units` units of it, and count floating-point operations and bytes of one unit.

    FLOPs are those of matrix products, convolutions and attention, a multiplication and an addition counted as two
    (`torch.utils.flop_counter`); for the bytes see `bytecount`.
    """
    with FlopCounterMode(display=False, custom_mapping=UNLISTED) as flops, ByteCounter() as moved:
        work()
    return Work(precision, (flops.get_total_flops() / units) or None, (moved.total / units) or None)


def count_on_paper(
    prepare: Callable[[], Iterable[tuple[Callable[[], object], int]]], *, units: int, precision: str
) -> Work:
    """As `count_work`, with tensors that have shapes and no content: it takes neither memory nor the device's time.

    `prepare` builds what is needed (or takes a `copy_on_paper` of it) and gives pieces of work, each with how often it
    is done for `units` units. Nothing in it may ask for a tensor's values.
    """
    flops, moved = 0, 0
    with FakeTensorMode(allow_non_fake_inputs=True):
        for work, times in prepare():
            with FlopCounterMode(display=False, custom_mapping=UNLISTED) as counted, ByteCounter() as counter:
                work()
            flops += counted.get_total_flops() * times
            moved += counter.total * times
    return Work(precision, (flops / units) or None, (moved / units) or None)


def copy_on_paper(model: _Model) -> _Model:
    """A copy of a model without contents, for the `prepare` of `count_on_paper`."""
    paper = active_fake_mode()
    assert paper is not None
    with FakeCopyMode(paper):
        return copy.deepcopy(model)
