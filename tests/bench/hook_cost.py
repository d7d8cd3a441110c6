"""What it costs a script to be listened to: blocks of steps with the hook and without, in turn, in one process.

`python -m tests.bench.hook_cost` measures a loop of about 1,000 steps a second and one of about 20, each in a few
processes, against a listener that reads all of it. The interval is of the median over all pairs of blocks.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
from collections.abc import Iterator

from tests.bench.row import Row, markdown
from tests.workloads.hook.heard import hear

PROCESSES = 3
FLOOR = 0.98

SCRIPT = """
    import json, sys, time
    import torch
    from torch import nn
    from _benchtop_hook import listening, marks

    torch.manual_seed(0)
    torch.set_num_threads(1)
    step_ns, pairs, steps = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    model = nn.Sequential(*[part for _ in range(4) for part in (nn.Linear(64, 64), nn.ReLU())], nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    inputs, labels = torch.randn(4096, 64), torch.randint(0, 10, (4096,))
    data = torch.utils.data.TensorDataset(inputs, labels)
    weights = torch.randn(256, 256)

    def endless():
        while True:
            yield from torch.utils.data.DataLoader(data, batch_size=8)

    batches = endless()

    def step(padding):
        x, y = next(batches)
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        for _ in range(padding):
            torch.mm(weights, weights)

    def block(count):
        began = time.perf_counter()
        for _ in range(count):
            step(padding)
        return (time.perf_counter() - began) / count

    marks._here[0].off()
    padding = 0
    block(100)
    bare = min(block(20) for _ in range(10))
    padding = 200
    product = (min(block(2) for _ in range(5)) - bare) / padding
    padding = max(0, round((step_ns / 1e9 - bare) / product))
    found = []
    for pair in range(pairs):
        times = {}
        for on in ((True, False) if pair % 2 else (False, True)):
            listening.listen(torch)
            if not on:
                marks._here[0].off()
            # The interpreter has to get used to what has changed before it is as fast as it will be.
            block(max(2, steps // 3))
            times[on] = block(steps)
            marks._here[0].off()
        found.append((times[True], times[False]))
    print(json.dumps(found))
"""


def measure() -> Iterator[Row]:
    """Both loops."""
    yield _row("a loop of about 1,000 steps a second", 1_000_000, pairs=30, steps=150)
    yield _row("a loop of about 20 steps a second", 50_000_000, pairs=10, steps=10)


def _row(what: str, step_ns: int, *, pairs: int, steps: int) -> Row:
    found = []
    for _ in range(PROCESSES):
        heard = hear(SCRIPT, str(step_ns), str(pairs), str(steps))
        assert heard.status == 0, heard.err
        found += json.loads(heard.out)
    ratios = [off / on for on, off in found]
    middle, low, high = _interval(ratios)
    rate = 1 / statistics.median(off for _, off in found)
    return Row(
        what=f"{what}, listened to by the hook, against the same without",
        measured=f"{middle:.4f} ({low:.4f} to {high:.4f})",
        floor=f"{FLOOR}",
        reached=middle >= FLOOR,
        how=f"median of {len(ratios)} interleaved pairs of {steps} steps at {rate:.0f} a second, 95 % interval of it",
    )


def _interval(ratios: list[float], times: int = 2_000) -> tuple[float, float, float]:
    """The median, and the middle 95 % of the medians of samples drawn anew."""
    chance = random.Random(0)
    drawn = sorted(statistics.median(chance.choices(ratios, k=len(ratios))) for _ in range(times))
    return statistics.median(ratios), drawn[int(0.025 * times)], drawn[int(0.975 * times)]


if __name__ == "__main__":
    rows = list(measure())
    print(markdown(rows))
    sys.exit(0 if all(row.reached for row in rows) else 1)
