"""A step is counted without anything of it being changed, and nothing is counted where that cannot be."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from workloads.hook.counter import counter
from workloads.hook.counting import Counting

X = torch.randn(4, 8, 9, 9)
QKV = torch.randn(2, 4, 6, 8, requires_grad=True)
LINEAR, LSTM = nn.Linear(9, 5), nn.LSTM(9, 4)
CONVOLUTIONS = {
    "plain": nn.Conv2d(8, 6, 3, padding=1),
    "strided": nn.Conv2d(8, 6, 3, stride=2),
    "transposed": nn.ConvTranspose2d(8, 6, 3, stride=2),
}


@pytest.fixture(autouse=True)
def no_mode_stays() -> Iterator[None]:
    entered = torch.autocast.__enter__, torch.inference_mode.__enter__, torch.inference_mode.__exit__, torch.compile
    yield
    now = torch.autocast.__enter__, torch.inference_mode.__enter__, torch.inference_mode.__exit__, torch.compile
    assert now == entered, "what was put in their places is gone"
    while torch._C._len_torch_dispatch_stack():
        torch._C._pop_torch_dispatch_stack(None)


def forward_and_backward(module: Any) -> Callable[[], object]:
    return lambda: torch.autograd.backward(module(X.clone().requires_grad_()).sum())


def counted(work: Callable[[], object]) -> Any:
    with counter(torch) as mode:
        work()
    assert not mode.failed
    return mode


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_convolutions_count_as_torch_counts_them(name: str) -> None:
    work = forward_and_backward(CONVOLUTIONS[name])
    with FlopCounterMode(display=False) as theirs:
        work()
    assert counted(work).flops == {torch.float32: theirs.get_total_flops()}


def test_each_group_of_a_convolution_meets_its_own_channels_alone() -> None:
    work = forward_and_backward(nn.Conv2d(8, 8, 3, groups=8, padding=1))
    assert counted(work).flops == {torch.float32: 3 * 2 * 4 * 8 * 9 * 9 * 9}


def test_attention_is_two_products_forward_and_five_backward() -> None:
    attend = nn.functional.scaled_dot_product_attention
    once = 2 * 2 * 4 * 6 * 6 * 8
    assert counted(lambda: torch.autograd.backward(attend(QKV, QKV, QKV).sum())).flops == {torch.float32: 7 * once}


def test_inference_mode_hides_nothing() -> None:
    @torch.inference_mode()
    def infer() -> None:
        LINEAR(X)

    assert counted(infer).flops == {torch.float32: 2 * 4 * 8 * 9 * 9 * 5}
    assert counted(infer).operators > 1


def test_arithmetic_without_a_formula_makes_flops_unknown() -> None:
    assert counted(lambda: LSTM(torch.zeros(3, 2, 9))).unknown
    assert not counted(lambda: nn.utils.clip_grad_norm_(LINEAR.parameters(), 1.0)).unknown


def trained(*, count: bool) -> list[bytes]:
    """Everything that a training with dropout, norms and an optimizer leaves behind, bit by bit."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layers = (nn.Conv2d(8, 8, 3), nn.BatchNorm2d(8), nn.GELU(), nn.Dropout(0.3), nn.MaxPool2d(2), nn.Flatten())
        model = nn.Sequential(*layers, nn.Linear(72, 16), nn.LayerNorm(16), nn.LSTM(16, 3))
        optimizer = torch.optim.AdamW(model.parameters())
        for step in range(3):
            mode = counter(torch)
            if count and step == 1:
                mode.__enter__()
            with torch.autocast("cpu", torch.bfloat16, enabled=step == 1):
                loss = nn.functional.cross_entropy(model(X)[0].float(), torch.randint(0, 3, (4,)))
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(model.parameters(), 0.5)
            optimizer.step()
            if count and step == 1:
                mode.__exit__(None, None, None)
        with torch.inference_mode():
            answer = model.eval()(X)[0]
        found = (*model.parameters(), *model.buffers(), answer, torch.rand(2))
        return [each.detach().clone().reshape(-1).view(torch.uint8).numpy().tobytes() for each in found]


def test_training_is_the_same_to_the_last_bit() -> None:
    assert trained(count=True) == trained(count=False)


def test_errors_are_the_scripts_own() -> None:
    with counter(torch) as mode, pytest.raises(RuntimeError, match="shapes cannot be multiplied") as raised:
        LINEAR(torch.zeros(3, 4))
    assert sys.excepthook == mode.tracebacks._print, "else it would be printed with more than it had"
    mode.tracebacks.clean(raised.value)
    last = traceback.extract_tb(raised.value.__traceback__)[-1]
    assert last.name == "forward"
    mode.tracebacks.back()
    assert sys.excepthook != mode.tracebacks._print


class Steps:
    """A hook and a script in one, as far as counting goes."""

    def __init__(self, phase: str = "warmup") -> None:
        self.told: list[dict[str, Any]] = []
        self.phases: list[str] = []
        self.loop = SimpleNamespace(
            steps=0,
            roots=None,
            capturing=None,
            compiled=0,
            in_backward=0,
            known=None,
            last_samples=3,
            phase=phase,
            tell=self.told.append,
        )
        self.loop.resume = self.phases.append
        self.counting = Counting(SimpleNamespace(torch=torch, loop=self.loop))  # type: ignore[arg-type]

    def make(self, *works: Callable[[], object], root: nn.Module = LINEAR) -> list[int]:
        """Steps of which each does that → operators of those that were told."""
        for work in works:
            if self.loop.roots is not None:
                self.loop.roots[id(root)] = root
            work()
            self.loop.steps += 1
            if self.counting.step(0):
                break
        return [told["operators"] for told in self.told]

    @property
    def on(self) -> int:
        return int(torch._C._len_torch_dispatch_stack())


def add() -> None:
    torch.zeros(3).add_(1)


def test_the_third_step_is_counted_and_no_other() -> None:
    steps = Steps()
    assert steps.make(lambda: None, add) == []
    assert steps.on == 1
    assert steps.make(add, add) == [2]
    assert (steps.on, steps.phases, steps.told[0]["samples"]) == (0, [], 3)
    assert "__enter__" in vars(torch.autocast)
    assert vars(torch.autocast)["__enter__"].__qualname__ == "autocast.__enter__"


def test_a_step_that_is_measured_is_left_out() -> None:
    steps = Steps("measure")
    assert steps.make(add, add, add) == [2]
    assert steps.phases == ["profile", "measure"]


def test_a_step_with_an_evaluation_in_it_is_none_like_the_others() -> None:
    steps = Steps()
    assert steps.make(add, add, steps.counting.spoil, add) == [2]


def test_what_must_not_be_seen_is_not_seen_from_there_on() -> None:
    steps = Steps()

    def cast() -> None:
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            assert steps.on == 0
            # Of a product that is made of others, these are cast.
            assert torch.einsum("ij,kj->ik", torch.ones(2, 3), torch.ones(2, 3)).dtype is torch.bfloat16

    assert steps.make(add, add, cast, add) == []
    assert steps.on == 0


def test_a_loss_that_is_another_where_a_mode_is_on_does_not_see_one(monkeypatch: pytest.MonkeyPatch) -> None:
    steps, logs, real = Steps(), torch.randn(6, 2, 5, requires_grad=True), torch.ctc_loss
    on: list[int] = []

    def seen(*args: Any) -> torch.Tensor:
        on.append(steps.on)
        return real(*args)

    def lose() -> None:
        lengths = torch.full((2,), 6), torch.full((2,), 3)
        torch.autograd.backward(nn.CTCLoss()(logs.log_softmax(-1), torch.ones(2, 3, dtype=torch.long), *lengths))

    monkeypatch.setattr(torch, "ctc_loss", seen)
    assert steps.make(add, add, lose) > [1]
    assert (on, steps.told[0]["flops"], torch.ctc_loss) == ([0], None, seen)


def test_a_request_in_an_inference_mode_of_its_own_is_counted() -> None:
    steps = Steps()
    entered = torch.inference_mode.__enter__

    def ask() -> None:
        """Each ends in the mode, as a forward does."""
        with torch.inference_mode():
            LINEAR(X)
            steps.make(lambda: None)
        torch.zeros(1).add_(1)

    for _ in range(3):
        ask()
    (told,) = steps.told
    assert told["flops"] == 2 * 4 * 8 * 9 * 9 * 5
    assert steps.on == 0
    assert torch.inference_mode.__enter__ is entered


@pytest.mark.parametrize("root", [nn.DataParallel(nn.Linear(2, 2)), nn.LazyLinear(2)])
def test_modules_that_may_do_other_things_then_are_not_counted(root: nn.Module) -> None:
    assert Steps().make(add, add, add, root=root) == []


def test_a_mode_of_the_scripts_own_stays_where_it_is() -> None:
    steps, theirs = Steps(), counter(torch)
    with theirs:
        assert steps.make(add, add, add) == []
    assert steps.on == 0

    steps = Steps()
    assert steps.make(add, add, theirs.__enter__) == []
    assert steps.on == 2
    theirs.__exit__(None, None, None)
    assert steps.make(add) == []
    assert steps.on == 0
