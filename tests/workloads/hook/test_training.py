"""Training scripts that know nothing of benchtop, in processes of their own, with the hook and without."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tests.workloads.hook.heard import SITE, Heard, hear, run

SCRIPT = """
    import gc, os, random, sys, threading, multiprocessing
    import torch
    from torch import nn
    import benchtop

    torch.set_num_threads(1)
    torch.manual_seed(0)

    class Data(torch.utils.data.Dataset):
        def __len__(self): return 40
        def __getitem__(self, i): return nn.Identity()(torch.full((8,), float(i))), i % 2

    def train(steps):
        model = nn.Linear(8, 2)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(steps):
            model(torch.ones(3, 8)).sum().backward()
            optimizer.step()

    def main():
        model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Sequential(nn.Linear(16, 2)))
        optimizer = torch.optim.Adam(model.parameters())
        batches = torch.utils.data.DataLoader(Data(), batch_size=4, shuffle=True, num_workers=1)
        for epoch in range(2):
            benchtop.mark(f"epoch {epoch}")
            for x, y in batches:
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(x), y)
                loss.backward()
                optimizer.step()
            with torch.no_grad():
                for x, y in batches:
                    model(x)
            torch.save(model.state_dict(), "weights.pt")
        print(loss.item(), torch.rand(1).item(), random.Random(0).random())
        print(sorted(name for name in os.environ if name.startswith("PYTHON")))
        print([each.name for each in threading.enumerate() if "Feeder" not in each.name])
        print(type(model).__call__.__name__, torch.save.__module__)
        scaler = torch.amp.GradScaler("cpu")
        other = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(3):
            for each in (optimizer, other):
                scaler.scale(model(x).sum()).backward()
                scaler.step(each)
            scaler.update()
        child = multiprocessing.get_context("fork").Process(target=train, args=(7,))
        child.start()
        child.join()
        # Hidden behind the last step, and an error that the hook must not show up in.
        sys.stdout.flush()
        model(torch.zeros(3, 5))

    if __name__ == "__main__":
        main()
"""


@pytest.fixture(scope="module")
def heard() -> Heard:
    return hear(SCRIPT)


def test_script_is_what_it_was(heard: Heard, tmp_path: Path) -> None:
    program = tmp_path / "train.py"
    program.write_text(textwrap.dedent(SCRIPT))
    # PYTHONPATH has to be there in both, and `benchtop` to be found: without a listener the hook does nothing.
    plain = run(program, PYTHONPATH=str(SITE))
    assert heard.out == plain.stdout
    assert heard.err == plain.stderr.replace(str(tmp_path), "")
    assert heard.status == plain.returncode == 1


def test_steps_are_what_happened(heard: Heard) -> None:
    assert len(heard.lines) == 2, "the script and its child have a line each, a DataLoader's worker has none"
    assert heard.column("samples", line=1) == [3] * 7
    assert heard.of("hello", 1)[-1]["ppid"] == heard.of("hello")[-1]["pid"]
    assert heard.lines[1][-1][0]["kind"] == "done"
    hello = heard.of("hello")[-1]
    assert (hello["device"], hello["precision"], hello["threads"], hello["rank"]) == ("cpu", "float32", 1, None)
    wall, samples = heard.column("wall_ns"), heard.column("samples")
    # Ten batches an epoch; then two optimizers three times, of which the first cycle only teaches which comes last.
    assert len(wall) == len(samples) >= 20
    assert samples[:20] == [4] * 20
    starts = heard.column("start_ns")
    assert all(start + took == after for start, took, after in zip(starts, wall, starts[1:], strict=False))
    parts = [heard.column(f"{part}_ns") for part in ("data_wait", "forward", "backward", "optimizer")]
    for whole, *each in zip(wall, *parts, strict=True):
        assert sum(each) <= whole
        assert all(part > 0 for part in each[1:])
    assert [header["phase"] for header in heard.of("phase")] == ["warmup", "measure"]
    assert heard.column("device_ns") == heard.column("syncs") == []


def test_one_step_of_each_process_is_counted(heard: Heard) -> None:
    (work,), (of_child,) = heard.of("work"), heard.of("work", 1)
    # Products of 4 × 8 × 16 and 4 × 16 × 2, for the output and the weights, and the second for its input as well.
    assert (work["samples"], work["flops"]) == (4, 2 * 2 * (4 * 8 * 16 + 4 * 16 * 2) + 2 * 4 * 16 * 2)
    assert work["precision"] == of_child["precision"] == "float32"
    assert work["operators"] > of_child["operators"] > 10
    assert (of_child["samples"], of_child["flops"]) == (3, 2 * 2 * 3 * 8 * 2)


def test_events_say_what_happened(heard: Heard) -> None:
    assert [header["text"] for header in heard.events("evaluation")] == ["10 passes without gradients"] * 2
    saved = heard.events("checkpoint")
    assert [header["text"].split(",")[0] for header in saved] == ["weights.pt"] * 2
    assert all(header["wall_ns"] > 0 for header in saved)
    assert [header["text"] for header in heard.events("mark")] == ["epoch 0", "epoch 1"]
    assert heard.of("log") == []
    assert heard.lines[0][-1][0]["kind"] == "done"
