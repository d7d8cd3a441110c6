"""FLOPs and bytes that are counted are those that a person counts by hand."""

from __future__ import annotations

import pytest
import torch

from workloads.bytecount import ByteCounter
from workloads.counting import count_work
from workloads.hook.operands import tensor_bytes
from workloads.train.digits_net import DigitsNet


def test_a_matrix_product_is_two_operations_a_pair_and_three_matrices() -> None:
    a, b = torch.randn(24, 24), torch.randn(24, 24)
    out = torch.empty_like(a)
    work = count_work(lambda: torch.mm(a, b, out=out), units=1, precision="float32")
    assert work.flops_per_unit == 2 * 24**3
    assert work.bytes_per_unit == 3 * 24 * 24 * 4


def test_the_nets_forward_pass_is_what_its_docstring_says() -> None:
    w, net = 4, DigitsNet(4).eval()
    images = torch.zeros(6, 1, 8, 8)
    work = count_work(lambda: net(images), units=6, precision="float32")
    assert work.flops_per_unit == 1_152 * w + 2_304 * w * w + 2_304 * w * w + 1_280 * w


def test_a_training_step_is_three_times_the_forward_pass_less_what_no_gradient_is_needed_of() -> None:
    w, net = 4, DigitsNet(4)
    images = torch.zeros(6, 1, 8, 8)
    work = count_work(lambda: net(images).sum().backward(), units=6, precision="float32")
    forward = 1_152 * w + 2_304 * w * w + 2_304 * w * w + 1_280 * w
    assert work.flops_per_unit == 3 * forward - 1_152 * w, "the images themselves need no gradient"


@pytest.mark.parametrize(
    ("do", "read", "written"),
    [
        (lambda a, b: a.copy_(b), 400, 400),
        (lambda a, b: a + b, 800, 400),
        (lambda a, b: a.add_(b), 800, 400),
        (lambda a, b: torch.add(a, b, out=b), 800, 400),
        (lambda a, _: a.zero_(), 0, 400),
        (lambda a, _: a.view(10, 10).t()[:5], 0, 0),
        (lambda a, _: torch.empty_like(a), 0, 0),
        (lambda a, _: a[:1].expand(100).sum(), 4, 4),
        (lambda a, b: torch._foreach_add_([a, b], 1.0), 800, 800),
    ],
    ids=["copy", "add", "add in place", "out", "zero", "views", "empty", "expanded", "foreach"],
)
def test_operators_read_what_they_take_and_write_what_they_make(do, read: int, written: int) -> None:  # type: ignore[no-untyped-def]
    a, b = torch.zeros(100), torch.ones(100)
    with ByteCounter() as counter:
        do(a, b)
    assert (counter.read, counter.written) == (read, written)


def test_an_expanded_tensor_is_as_large_as_its_memory() -> None:
    assert tensor_bytes(torch.zeros(3, 1).expand(3, 1_000)) == 12
    assert tensor_bytes(torch.zeros(0, 5)) == 0
