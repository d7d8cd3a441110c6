"""A run with verdicts, an experiment and a profile, to draw."""

from __future__ import annotations

import msgspec

from app.session.live.view import RunView, View
from tests.ui import samples
from workloads.wire.frames import Effect, Evidence, Missing, Operator, Profile, Verdict, Verdicts

SECOND = samples.SECOND
INPUT = Verdict(
    kind="input-bound",
    severity="critical",
    summary="input-bound: 58.2 % of the step waits for data",
    evidence=(
        Evidence(name="data wait", value=58.2, unit="%", limit=20.0, source="steps"),
        Evidence(name="worker CPU", value=101.0, unit="%", source="proc"),
        Evidence(name="step time", value=12.1e6, unit="ns", source="steps"),
    ),
    next="DataLoader(num_workers=8), as many as there are processors",
    bound=2.39,
    bound_because="no data wait would give at most 2.39×",
    confidence="high",
    from_ns=samples.NOW - 10 * SECOND,
    to_ns=samples.NOW,
    experiment="resident-batch",
)
TRANSFER = Verdict(
    kind="transfer-bound",
    severity="warning",
    summary="transfer-bound: 21.0 % of the step copies from pageable memory",
    evidence=(Evidence(name="pageable copies", value=1.2e9, unit="bytes/s", limit=1e8, source="steps"),),
    next='DataLoader(pin_memory=True) and batch.to("cuda", non_blocking=True)',
    bound=1.27,
    bound_because="no copies would give at most 1.27×",
    from_ns=samples.NOW - 10 * SECOND,
    to_ns=samples.NOW,
    experiment="pinned-copies",
)
COMPUTE = Verdict(
    kind="compute-bound",
    severity="info",
    summary="compute-bound: SMs are active 97.0 % of the time",
    evidence=(Evidence(name="SM active", value=97.0, unit="%", limit=90.0, source="gpm"),),
    next="a smaller model, or a faster device",
    from_ns=samples.NOW - 10 * SECOND,
    to_ns=samples.NOW,
)
MISSING = (Missing("power-capped", "no power reading: there is no GPU"), Missing("drift", "12 of 20 steps"))
EFFECT = Effect(
    run=1, at_ns=samples.NOW, experiment="resident-batch", setting="one resident batch again and again",
    plain=3, changed=3, ratio=2.21, low=1.98, high=2.44,
)  # fmt: skip
PROFILE = Profile(
    run=1,
    at_ns=samples.NOW,
    steps=10,
    file="profile-1.json.gz",
    size_bytes=3_400_000,
    window_ns=120_000_000,
    device_busy_ns=81_000_000,
    operators=(
        Operator(name="aten::mm", calls=120, host_ns=3_000_000, device_ns=41_000_000),
        Operator(name="aten::_fused_adam_", calls=10, host_ns=9_000_000, device_ns=22_000_000),
        Operator(name="aten::copy_", calls=40, host_ns=2_000_000, device_ns=3_000_000),
    ),
    gaps=((10_000_000, 14_000_000), (60_000_000, 9_000_000)),
)


def why_view(
    *verdicts: Verdict, missing: tuple[Missing, ...] = MISSING, whole: bool = False, **changes: object
) -> View:
    """A session whose present run has these verdicts."""
    said = Verdicts(run=1, at_ns=samples.NOW, verdicts=verdicts, missing=missing, whole=whole)
    return with_run(samples.cpu_view(), verdicts=said, **changes)


def with_run(view: View, **changes: object) -> View:
    """The same session, its present run changed."""
    assert view.current is not None
    run: RunView = msgspec.structs.replace(view.current, **changes)
    return msgspec.structs.replace(view, runs=(run, *view.runs[1:]), current=run)
