"""Views of two sessions, one of which is faster."""

from __future__ import annotations

from msgspec.structs import replace

from app.session.live.view import DeviceView, Parts, Quantiles, Reading, RunView, Series, View
from app.session.playing.paired import PairView
from workloads.wire.frames import Verdict, Verdicts

SECOND = 1_000_000_000
RUN = RunView(
    run=1, workload="train/digits", title="train/digits", state="running", phase="measure", kind="steps", steps=100,
    measured_s=10.0, samples_per_s=1000.0, loss=0.5, times=Quantiles(1e7, 2e7, 3e7, 4e7, 2000),
    parts=Parts(forward=4e6, backward=5e6, wall=1e7),
    verdicts=Verdicts(
        at_ns=1,
        verdicts=(Verdict(kind="drift", severity="warning", summary="drift: slower", evidence=(), next="", bound=1.5),),
    ),
)  # fmt: skip
HOST = DeviceView(
    device="host",
    readings={"cpu_percent": Reading(50.0, "psutil", 1), "memory_used_bytes": Reading(1e9, "psutil", 1)},
    series={"cpu_percent": Series(SECOND, 9, tuple(float(n) for n in range(10)))},
)
ONE = View(name="20300102-030405-one", now_ns=10 * SECOND, state="running", current=RUN, runs=(RUN,), host_device=HOST)
FAST = replace(RUN, samples_per_s=1250.0, times=Quantiles(8e6, 1.6e7, 2.4e7, 3.2e7, 2000), verdicts=None)
TWO = replace(
    ONE,
    name="20300102-030405-two",
    current=FAST,
    runs=(FAST,),
    host_device=replace(HOST, readings={**HOST.readings, "cpu_percent": Reading(62.5, "psutil", 1)}),
)
PAIR = PairView(first=ONE, second=TWO)
