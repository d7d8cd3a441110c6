"""GPT: what it costs by formula and by counting, what it tells with a cache and without, and what is kept of it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from tests.workloads.here import run_here
from tests.workloads.process import start
from workloads.infer.gpt_decoder import Decoder, can_fuse, generation_flops, must_read
from workloads.train.gpt_net import GPT, SIZES, Size, loss_of, recomputed_flops, size_of, training_flops
from workloads.train.gpt_weights import load_gpt, save_gpt
from workloads.wire.columns import unpack_integers
from workloads.wire.frames import Log, Phase, Requests, RunStarted, Score, Value

SMALL = Size(layers=2, heads=2, width=16, vocab=256)
CONTEXT = 12
NARROW = {"threads": 1, "context": 16, "batch": 2, "warmup": 1}


def net(*, recompute: bool = False) -> GPT:
    torch.manual_seed(1)
    return GPT(SMALL, CONTEXT, recompute=recompute)


def texts(folder: Path) -> str:
    """A corpus of twenty small files."""
    folder.mkdir()
    for number in range(20):
        (folder / f"{number}.txt").write_text("the quick brown fox jumps over the lazy dog. " * 20)
    return str(folder)


def windows(batch: int = 3) -> torch.Tensor:
    return torch.randint(0, 256, (batch, CONTEXT + 1), dtype=torch.uint8, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize(("name", "weights"), [("small", 124_475_904), ("xl", 1_557_686_400)])
def test_sizes_are_those_of_gpt_2_with_a_padded_vocabulary(name: str, weights: int) -> None:
    with torch.device("meta"):
        made = GPT(SIZES[name], 1024)
    assert sum(weight.numel() for weight in made.parameters()) == weights


@pytest.mark.parametrize("recompute", [False, True])
def test_operations_by_formula_are_those_that_are_counted(recompute: bool) -> None:
    made, batch = net(recompute=recompute), windows()
    with sdpa_kernel([SDPBackend.MATH]), FlopCounterMode(display=False) as counted:
        loss_of(made, batch, torch.float32).backward()  # type: ignore[no-untyped-call]
    flops = training_flops(SMALL, CONTEXT)
    # Attention by plain products keeps its scores, so that what is done again is the blocks alone.
    again = recomputed_flops(SMALL, CONTEXT, recompute=recompute) - recomputed_flops(SMALL, CONTEXT, recompute=False)
    assert counted.get_total_flops() == batch.shape[0] * CONTEXT * (flops + again)


def test_recomputing_gives_the_same_gradients() -> None:
    kept, again = net(), net(recompute=True)
    for made in (kept, again):
        loss_of(made, windows(), torch.float32).backward()  # type: ignore[no-untyped-call]
    for one, other in zip(kept.parameters(), again.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad)


@torch.inference_mode()
def test_told_with_a_cache_is_what_is_told_without() -> None:
    made, prompt = net().eval(), windows()[:, :5].long()
    decoder = Decoder(made, batch=3, prompt=5, length=CONTEXT, graphs=False, compiled=False, fused=True)
    decoder.prompt.copy_(prompt)
    text = prompt
    for token in range(CONTEXT - 5):
        (decoder.tell if token else decoder.read)()
        expected = made.logits(made(text, torch.float32))[:, -1:].argmax(-1)
        assert torch.equal(decoder.token, expected), f"token {token}"
        text = torch.cat((text, expected), 1)
    assert not can_fuse(made, 1), "the kernels are for CUDA"


def test_what_generation_must_read_and_do() -> None:
    made = net()
    weights = 4 * (sum(weight.numel() for weight in made.parameters()) - CONTEXT * 16)
    a_token = 4 * 2 * 2 * 16  # keys and values of two layers
    each, step = must_read(made, batch=3, prompt=4, new=3)
    assert step == weights + 3 * a_token * (5 + 6) / 2
    assert each == (weights + 2 * step) / 3
    matrices, head = 2 * 12 * 16 * 16, 256 * 16
    seen = 1 + 2 + 3 + 4 + 5 + 6
    assert generation_flops(made, prompt=4, new=3) == 2 * (6 * matrices + 3 * head) + 4 * 2 * 16 * seen


def test_weights_come_back_with_the_split_that_they_belong_to(tmp_path: Path) -> None:
    made, path = net(), tmp_path / "weights-1.pt"
    save_gpt(path, made, seed=7, data_sha256="sum")
    trained = load_gpt(path)
    assert (trained.seed, trained.data_sha256, trained.net.size, trained.net.context) == (7, "sum", SMALL, CONTEXT)
    assert torch.equal(loss_of(trained.net, windows(), torch.float32), loss_of(made, windows(), torch.float32))


def test_a_batch_that_cannot_be_cut_into_equal_parts_is_refused(tmp_path: Path) -> None:
    for batch, accumulate, fits in ((4, 3, 4), (12, 5, 6), (2, 3, 2)):
        with pytest.raises(ValueError, match=f"accumulate={accumulate} does not cut .*: --set accumulate={fits}$"):
            run_here(start("train/gpt", tmp_path, batch=batch, accumulate=accumulate, threads=1))


def test_another_size_than_that_of_the_weights_is_refused_and_their_own_is_noted(tmp_path: Path) -> None:
    path, corpus = tmp_path / "weights.pt", texts(tmp_path / "corpus")
    torch.manual_seed(0)
    save_gpt(path, GPT(size_of("tiny", 512), 32), seed=0, data_sha256="")
    asked: dict[str, Value] = {"weights": str(path), "prompt": 4, "new": 2, "batch": 1, "threads": 1, "corpus": corpus}
    told = run_here(start("infer/gpt", tmp_path, steps=1, warmup=0, **asked))
    assert told.one(RunStarted).parameters["vocab"] == 512
    assert told.one(RunStarted).parameters["size"] == "tiny"
    with pytest.raises(ValueError, match=r"are of tiny, not of xl: leave size out"):
        run_here(start("infer/gpt", tmp_path, steps=1, size="xl", **asked))


def test_a_vocabulary_smaller_than_a_byte_is_refused() -> None:
    assert size_of("tiny", 512).vocab == 512
    with pytest.raises(ValueError, match=r"^vocab=100 is less than"):
        size_of("tiny", 100)


def test_trained_on_a_corpus_and_told_from_its_held_out_files(tmp_path: Path) -> None:
    corpus = texts(tmp_path / "corpus")
    trained = run_here(start("train/gpt", tmp_path, steps=6, corpus=corpus, evaluate_every=4, accumulate=2, **NARROW))
    started = trained.one(RunStarted)
    assert trained.column("samples") == [2] * 6
    assert trained.column("tokens") == [32] * 6
    assert started.flops_per_unit == 16 * training_flops(SIZES["tiny"], 16)
    assert (started.hardware_flops_per_unit or 0) > started.flops_per_unit
    assert trained.column("loss")[0] > trained.column("loss")[-1]
    scores = trained.of(Score)
    assert [(score.metric, score.step) for score in scores] == [("bits_per_byte", 4), ("bits_per_byte", 6)]
    assert 0 < scores[-1].value < math.log2(256) + 1

    weights = str(tmp_path / "weights-1.pt")
    asked = {"prompt": 6, "new": 4, "batch": 2, "threads": 1, "warmup": 1}
    told = run_here(start("infer/gpt", tmp_path, steps=3, weights=weights, corpus=corpus, **asked))
    assert told.column("tokens") == [4] * 6
    assert [phase.phase for phase in told.of(Phase)] == ["warmup", "measure", "cooldown", "evaluate"]
    assert told.of(Score)[-1].value == pytest.approx(scores[-1].value), "the same files are held out"
    for frame in told.of(Requests):
        gaps = unpack_integers(frame.itl_ns or b"")
        assert len(gaps) == 3 * len(unpack_integers(frame.done_ns))
        first, done = unpack_integers(frame.first_ns), unpack_integers(frame.done_ns)
        assert sum(gaps) == sum(done) - sum(first), "on the host, gaps fill the time from the first token to the last"
    assert told.one(RunStarted).bytes_per_decode_step is not None


def test_told_without_weights_claims_no_score_and_too_long_is_refused(tmp_path: Path) -> None:
    corpus = texts(tmp_path / "corpus")
    told = run_here(start("infer/gpt", tmp_path, steps=1, threads=1, warmup=0, prompt=4, new=2, batch=1, corpus=corpus))
    assert not told.of(Score)
    assert any(log.text.startswith("no weights: ") for log in told.of(Log))
    save_gpt(tmp_path / "weights.pt", net(), seed=0, data_sha256="")
    with pytest.raises(ValueError, match=r"know 12 places: --set new=4"):
        run_here(
            start(
                "infer/gpt", tmp_path, weights=str(tmp_path / "weights.pt"), prompt=8, new=5, threads=1, corpus=corpus
            )
        )
