"""train/resnet and infer/resnet: the nets are the published ones, and what is claimed is what was measured."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own name for it
from torch.utils.flop_counter import FlopCounterMode

from tests.workloads.forked import ForkedWorker
from tests.workloads.here import run_here
from tests.workloads.process import WORKER, Talk, start
from tests.workloads.test_images import make_images
from workloads.bare import told
from workloads.counting import copy_on_paper, count_on_paper, count_work
from workloads.infer.bare_resnet import serve
from workloads.infer.classifier import for_inference
from workloads.train.bare_resnet import train
from workloads.train.resnet_net import ResNet, build_optimizer, build_resnet
from workloads.wire.frames import Failure, Log, Phase, RunStarted, Score, Value
from workloads.wire.framing import FrameReader, frame_bytes

CPU = torch.device("cpu")
TINY: dict[str, Value] = {"image": 32, "batch": 4, "threads": 1}
FLAGS = ("--image", "32", "--device", "cpu", "--warmup", "1", "--steps", "2")


@pytest.mark.parametrize(
    ("name", "parameters", "products"), [("resnet18", 11_689_512, 1.814e9), ("resnet50", 25_557_032, 4.089e9)]
)
def test_the_nets_have_the_published_size(name: str, parameters: int, products: float) -> None:
    with torch.device("meta"), FlopCounterMode(display=False) as flops:
        net = ResNet(name)
        net(torch.empty(1, 3, 224, 224, dtype=torch.uint8))
    assert sum(parameter.numel() for parameter in net.parameters()) == parameters
    assert flops.get_total_flops() == pytest.approx(2 * products, rel=1e-3)


def test_a_still_net_adds_nothing_in_any_block_and_another_does() -> None:
    features = torch.rand(1, 64, 4, 4)
    for still in (True, False):
        block = build_resnet("resnet18", CPU, seed=0, still=still).eval().blocks[1]
        assert torch.equal(block(features), features) is still


def test_folding_changes_nothing_but_rounding() -> None:
    net = build_resnet("resnet18", CPU, seed=0, classes=10, still=False)
    pixels = torch.randint(256, (2, 3, 32, 32), dtype=torch.uint8)
    net(pixels)  # statistics that are not those of the start
    with torch.inference_mode():
        plain = for_inference(net, precision="float32", fold=False)(pixels)
        folded = for_inference(net, precision="float32", fold=True)(pixels)
        halved = for_inference(net, precision="bfloat16", fold=True)(pixels)
    assert torch.allclose(plain, folded, rtol=1e-3, atol=1e-3)
    assert halved.dtype == torch.bfloat16
    assert not any("norm" in name for name in net.state_dict())


def test_a_step_on_paper_costs_what_it_costs() -> None:
    net = build_resnet("resnet18", CPU, seed=0)
    before = [parameter.clone() for parameter in net.parameters()]

    def step_of(net: ResNet):  # type: ignore[no-untyped-def]
        optimizer = build_optimizer(net, learning_rate=0.1, momentum=0.9, weight_decay=0.0)
        pixels, labels = torch.zeros((2, 3, 32, 32), dtype=torch.uint8), torch.zeros(2, dtype=torch.int64)

        def step() -> None:
            F.cross_entropy(net(pixels), labels).backward()  # type: ignore[no-untyped-call]
            optimizer.step()

        return step

    on_paper = count_on_paper(lambda: [(step_of(copy_on_paper(net)), 1)], units=2, precision="float32")
    assert all(map(torch.equal, before, net.parameters())), "nothing was done"
    assert on_paper == count_work(step_of(net), units=2, precision="float32")


def test_random_images_train_the_same_whatever_the_warm_up_and_claim_no_accuracy(tmp_path: Path) -> None:
    first = run_here(start("train/resnet", tmp_path, steps=3, warmup=2, **TINY))
    again = run_here(start("train/resnet", tmp_path, steps=3, warmup=0, **TINY))
    assert first.column("loss") == again.column("loss")
    assert len(first.column("loss", "warmup")) == 2
    assert set(first.column("samples")) == {4}
    assert [phase.phase for phase in first.of(Phase)] == ["warmup", "measure", "cooldown"]
    assert not first.of(Score)
    assert first.one(RunStarted).flops_per_unit
    assert first.one(RunStarted).bytes_per_unit


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_images(tmp_path_factory.mktemp("images"), blue=10, red=10)


@pytest.fixture(scope="module")
def trained(images: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Talk]:
    folder = tmp_path_factory.mktemp("session")
    order = start("train/resnet", folder, input=str(images), workers=0, steps=9, seed=1, warmup=1, **TINY)
    return folder / "weights-1.pt", run_here(order)


def test_a_folder_is_learnt_and_tested_after_every_epoch(trained: tuple[Path, Talk]) -> None:
    scores = trained[1].of(Score)
    assert [(score.epoch, score.step, score.samples) for score in scores] == [(1, 4, 4), (2, 8, 4), (3, 9, 4)]
    assert [phase.mark for phase in trained[1].of(Phase) if phase.phase == "measure"] == [
        "epoch 1", "epoch 2", "epoch 3",
    ]  # fmt: skip


def test_serving_tests_the_same_images_with_the_same_weights(trained: tuple[Path, Talk], images: Path) -> None:
    weights, training = trained
    settings: dict[str, Value] = {"weights": str(weights), "input": str(images), "workers": 0, "warmup": 1, "steps": 3}
    served = run_here(start("infer/resnet", "", **settings | TINY | {"seed": 8}))
    assert (served.one(Score).value, served.one(Score).samples) == (training.of(Score)[-1].value, 4)
    assert served.one(RunStarted).parameters["concurrency"] == 8, "two batches"
    assert len(served.column("done_ns")) == 3 * 4
    with pytest.raises(ValueError, match="are of resnet18, not of resnet50: --set model=resnet18"):
        run_here(start("infer/resnet", "", model="resnet50", **settings))


def test_serving_without_weights_claims_no_accuracy(images: Path) -> None:
    served = run_here(start("infer/resnet", "", image=32, input=str(images), workers=0, steps=2, threads=1))
    assert not served.of(Score)
    assert served.one(RunStarted).parameters["concurrency"] == 1
    assert any(log.text.startswith("no weights") for log in served.of(Log))


def test_what_needs_cuda_says_how_to_go_without() -> None:
    with pytest.raises(ValueError, match="--set graphs=false"):
        run_here(start("infer/resnet", "", image=32, graphs=True, threads=1))
    with pytest.raises(ValueError, match="--set pin=false"):
        run_here(start("train/resnet", "", pin=True, threads=1))


def test_the_bare_loops_do_the_same_work() -> None:
    trained = train(told("train/resnet", (*FLAGS, "--batch", "2"), steps=9, warmup={"cpu": 0}))
    assert trained["samples"] == 2 * 2
    served = serve(told("infer/resnet", FLAGS, steps=9, warmup={"cpu": 0}))
    assert served["samples"] == 2
    assert served["ms_per_request"] == pytest.approx(served["seconds"] * 1e3 / 2)


def test_a_process_that_loads_and_dies_is_one_line_and_none_is_left(tmp_path: Path) -> None:
    order = start("train/resnet", tmp_path, input="synthetic", duration_s=600, **TINY)
    with ForkedWorker(WORKER) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(frame_bytes(order))
        process.stdin.flush()
        reader, loaders, failures = FrameReader(), set[int](), list[Failure]()
        while data := os.read(process.stdout.fileno(), 65_536):
            for frame in reader.feed(data):
                if isinstance(frame, Phase) and frame.phase == "measure":
                    loaders = children_of(process.pid)
                    os.kill(min(loaders), signal.SIGKILL)
                if isinstance(frame, Failure):
                    failures.append(frame)
        (failure,) = failures
        assert failure.kind == "killed", failure
        # torch says of a process that is gone how it ended only where it hears that first.
        assert failure.message.startswith(f"a process that loads data (pid {min(loaders)}) ")
        assert process.wait() == 1
    assert len(loaders) == 1


def children_of(pid: int) -> set[int]:
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
