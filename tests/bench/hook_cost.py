"""What it costs a script to be listened to: processes with the hook and without, in turn.

`python -m tests.bench.hook_cost` measures a loop of about 1,000 steps a second and one of about 20, against a listener
that reads all of it. A loop has a DataLoader, nine layers, backward and an optimizer; products of matrices fill it up
to its step time. The machine should have nothing else to do.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

from tests.bench.row import Row, markdown
from tests.workloads.hook.heard import hear, run

PAIRS = 12
FLOOR = 0.98

SCRIPT = """
    import sys, time
    import torch
    from torch import nn

    torch.manual_seed(0)
    torch.set_num_threads(1)
    step_s, padding, blocks, steps = float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    model = nn.Sequential(*[part for _ in range(4) for part in (nn.Linear(64, 64), nn.ReLU())], nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    data = torch.utils.data.TensorDataset(torch.randn(4096, 64), torch.randint(0, 10, (4096,)))
    weights = torch.randn(128, 128)

    def endless():
        while True:
            yield from torch.utils.data.DataLoader(data, batch_size=8)

    batches = endless()

    def block(count, padding):
        began = time.perf_counter()
        for _ in range(count):
            x, y = next(batches)
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            for _ in range(padding):
                torch.mm(weights, weights)
        return (time.perf_counter() - began) / count

    block(100, 0)
    if padding < 0:
        bare = min(block(20, 0) for _ in range(20))
        product = (min(block(2, 200) for _ in range(20)) - bare) / 200
        print(max(0, round((step_s - bare) / product)))
    else:
        block(steps, padding)
        print(sorted(block(steps, padding) for _ in range(blocks))[blocks // 4])
"""


def measure() -> Iterator[Row]:
    """Both loops."""
    yield _row("a loop of about 1,000 steps a second", 0.001, blocks=20, steps=100)
    yield _row("a loop of about 20 steps a second", 0.05, blocks=10, steps=6)


def _row(what: str, step_s: float, *, blocks: int, steps: int) -> Row:
    padding = _plain(step_s, -1, blocks, steps)
    pairs = []
    for pair in range(PAIRS):
        if pair % 2:
            on = _heard(step_s, padding, blocks, steps)
            pairs.append((on, _plain(step_s, padding, blocks, steps)))
        else:
            off = _plain(step_s, padding, blocks, steps)
            pairs.append((_heard(step_s, padding, blocks, steps), off))
    middle, low, high = _interval([off / on for on, off in pairs])
    rate = 1 / statistics.median(off for _, off in pairs)
    return Row(
        what=f"{what}, listened to by the hook, against the same without",
        measured=f"{middle:.4f} ({low:.4f} to {high:.4f})",
        floor=f"{FLOOR}",
        reached=middle >= FLOOR,
        how=f"median of {PAIRS} interleaved pairs of processes, {rate:.0f} steps a second without; 95 % interval of it",
    )


def _heard(*how: float) -> float:
    heard = hear(SCRIPT, *map(str, how))
    assert heard.status == 0, heard.err
    assert len(heard.lines) == 1
    return float(heard.out)


def _plain(*how: float) -> float:
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "train.py"
        program.write_text(textwrap.dedent(SCRIPT))
        done = run(program, *map(str, how))
    assert done.returncode == 0, done.stderr
    return float(done.stdout) if how[1] >= 0 else int(done.stdout)


def _interval(ratios: list[float], times: int = 2_000) -> tuple[float, float, float]:
    """The median, and the middle 95 % of the medians of samples drawn anew."""
    chance = random.Random(0)
    drawn = sorted(statistics.median(chance.choices(ratios, k=len(ratios))) for _ in range(times))
    return statistics.median(ratios), drawn[int(0.025 * times)], drawn[int(0.975 * times)]


if __name__ == "__main__":
    rows = list(measure())
    print(markdown(rows))
    sys.exit(0 if all(row.reached for row in rows) else 1)
