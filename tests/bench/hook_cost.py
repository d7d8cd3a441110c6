"""What it costs a script to be listened to: blocks of steps with the hook and without, in turn in one process.

`python -m tests.bench.hook_cost` measures a loop of about 1,000 steps a second and one of about 20, against a listener
that reads all of it, in about two minutes. A loop has a DataLoader, nine layers, backward and an optimizer; products of
matrices fill it up to its step time. The machine should have nothing else to do: where it has, the processor time of
the script's thread says more than its rate.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Iterator

from app.analysis.statistics.intervals import median_interval
from tests.bench.row import Row, markdown
from tests.workloads.hook.heard import hear

FLOOR = 0.98

SCRIPT = """
    import json, sys, time
    import torch
    from torch import nn

    torch.manual_seed(0)
    torch.set_num_threads(1)
    step_s, pairs, steps = float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    model = nn.Sequential(*[part for _ in range(4) for part in (nn.Linear(64, 64), nn.ReLU())], nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    data = torch.utils.data.TensorDataset(torch.randn(4096, 64), torch.randint(0, 10, (4096,)))
    weights = torch.randn(128, 128)

    def endless():
        while True:
            yield from torch.utils.data.DataLoader(data, batch_size=8)

    batches = endless()

    def block(count, padding):
        began, cpu = time.perf_counter(), time.thread_time()
        for _ in range(count):
            x, y = next(batches)
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            for _ in range(padding):
                torch.mm(weights, weights)
        return (time.perf_counter() - began) / count, (time.thread_time() - cpu) / count

    # The hook, taken out and put in as it does itself at its end and its beginning.
    listening = sys.modules["_benchtop_hook.listening"]
    here = sys.modules["_benchtop_hook.marks"]._here[0]
    parts = [part for part in listening.PARTS if part is not listening.orders]

    def switch(on):
        here.patches.back()
        if on:
            here.line.every_second.clear()
            here.line.every_tick.clear()
            for part in parts:
                part.listen(here)

    block(200, 0)
    switch(False)
    bare = min(block(20, 0)[0] for _ in range(20))
    product = (min(block(2, 200)[0] for _ in range(20)) - bare) / 200
    padding = max(0, round((step_s - bare) / product))
    found = []
    for pair in range(pairs):
        took = {}
        for on in (pair % 2 == 0, pair % 2 == 1):
            switch(on)
            block(max(2, steps // 20), padding)
            took[on] = block(steps, padding)
            time.sleep(0.3)  # what is still to be sent belongs to no block
        found.append((*took[False], *took[True]))
    switch(True)
    block(1, padding)
    print(json.dumps(found))
"""


def measure() -> Iterator[Row]:
    """Both loops."""
    yield _row("a loop of about 1,000 steps a second", 0.001, pairs=30, steps=800)
    yield _row("a loop of about 20 steps a second", 0.05, pairs=12, steps=12)


def _row(what: str, step_s: float, *, pairs: int, steps: int) -> Row:
    heard = hear(SCRIPT, str(step_s), str(pairs), str(steps))
    assert (heard.status, heard.err) == (0, ""), heard.err
    assert len(heard.column("wall_ns")) > pairs * steps
    found = json.loads(heard.out)
    middle, low, high = _interval([plain / on for plain, _, on, _ in found])
    rate = 1 / statistics.median(plain for plain, *_ in found)
    cost, least, most = (1e6 * each for each in _interval([on - plain for _, plain, _, on in found]))
    return Row(
        what=f"{what}, listened to by the hook, against the same without",
        measured=f"{middle:.4f} ({low:.4f} to {high:.4f})",
        floor=f"{FLOOR}",
        reached=middle >= FLOOR,
        how=f"median of {pairs} pairs of blocks in turn in one process, {rate:.0f} steps a second without, 95 % "
        f"interval of it; the script's thread computes {cost:.0f} µs a step more ({least:.0f} to {most:.0f})",
    )


def _interval(values: list[float]) -> tuple[float, float, float]:
    """The median, and the ends of its interval."""
    found = median_interval(values)
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    return found.value, found.low, found.high


if __name__ == "__main__":
    rows = list(measure())
    print(markdown(rows))
    reached = all(row.reached for row in rows)
    print("reached" if reached else f"NOT reached: at least {FLOOR} of the rate", *[row.measured for row in rows])
    sys.exit(0 if reached else 1)
