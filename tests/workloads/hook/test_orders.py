"""Experiments and profiles in running scripts, asked for over the line."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from tests.workloads.hook.heard import hear

TRAINING = """
    import sys
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.Linear(16, 2))
    optimizer = torch.optim.Adam(model.parameters())
    data = torch.utils.data.TensorDataset(torch.randn(32, 8), torch.randint(0, 2, (32,)))

    def batches():
        while True:
            yield from torch.utils.data.DataLoader(data, batch_size=4)

    # The loop goes on until the hook has said what became of the order.
    line, said = sys.modules["_benchtop_hook.marks"]._here[0].line, set()
    put = line.put
    line.put = lambda item: (said.add(type(item) is dict and item["kind"]), put(item))
    made = 0
    for x, y in batches():
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
        optimizer.zero_grad()
        made += 1
        if made > 50_000 or "effect" in said:
            break
    state = optimizer.state[next(model.parameters())]
    print(made, int(state["step"]), int(model[1].num_batches_tracked))
"""

GENERATING = """
    import sys
    import torch
    from torch import nn

    torch.set_num_threads(1)

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding, self.head = nn.Embedding(50, 32), nn.Linear(32, 50)

        def forward(self, ids):
            return self.head(self.embedding(ids))

        @torch.no_grad()
        def generate(self, ids, tokens):
            for _ in range(tokens):
                ids = torch.cat([ids, self(ids)[:, -1:].argmax(-1)], 1)
            return ids

    model = Model()
    line, said = sys.modules["_benchtop_hook.marks"]._here[0].line, set()
    put = line.put
    line.put = lambda item: (said.add(type(item) is dict and item["kind"]), put(item))
    calls = 0
    while calls < 20 or "profile" not in said and calls < 50_000:
        model.generate(torch.zeros(2, 5, dtype=torch.long), 6)
        calls += 1
"""


def test_steps_of_an_experiment_are_undone_and_said_to_be_some() -> None:
    heard = hear(TRAINING, say={"kind": "try", "experiment": "resident-batch", "blocks": 3, "steps": 4}, forked=True)
    assert heard.status == 0, heard.err
    made, stepped, normalised = map(int, heard.out.split())
    assert made - stepped == made - normalised == 3 * 2 * 4
    phases = [(header["phase"], header["case"]) for header in heard.of("phase")]
    assert [each for each in phases if each[0] == "experiment"] == [
        ("experiment", "plain"),
        ("experiment", "resident-batch"),
    ] * 3
    assert phases[-1][0] in {"measure", "warmup"}
    (effect,) = heard.of("effect")
    assert (effect["experiment"], effect["over"], effect["reason"]) == ("resident-batch", True, "")


def test_calls_of_generate_are_requests_and_a_profile_is_taken_of_them(tmp_path: Path) -> None:
    heard = hear(GENERATING, say={"kind": "profile", "steps": 3, "folder": str(tmp_path)}, forked=True)
    assert (heard.status, heard.err) == (0, "")
    tokens, gaps = heard.column("tokens", "requests"), heard.column("itl_ns", "requests")
    assert set(tokens) == {6}
    assert len(tokens) >= 2 * 20
    assert len(gaps) == 5 * len(tokens)
    assert all(gap > 0 for gap in gaps)
    sent, first, done = (heard.column(f"{name}_ns", "requests") for name in ("sent", "first", "done"))
    assert all(a < b < c for a, b, c in zip(sent, first, done, strict=True))
    assert all(before <= after for before, after in pairwise(sent))
    assert all(header["inference"] for header in heard.of("steps"))
    (profile,) = heard.of("profile")
    assert (profile["steps"], profile["reason"]) == (3, "")
    assert (tmp_path / profile["file"]).stat().st_size == profile["size_bytes"] > 0
    assert any(name.startswith("aten::") for name, *_ in profile["operators"])
    assert "profile" in [header["phase"] for header in heard.of("phase")]
