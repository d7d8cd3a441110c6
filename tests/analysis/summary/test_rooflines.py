"""A session that probed keeps its roofline, closes with it, and holds its runs and later ones against it."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from app.analysis.finishing.finish import finish
from app.analysis.load import Loaded, load
from app.analysis.summary.making import summarise
from app.analysis.summary.rooflines import roofline_reports
from app.analysis.summary.text import summary_text
from app.session.live.session import LiveSession
from app.session.live.view import View
from app.session.planning.plan import Plan, PlannedRun
from app.session.roofs.roofline import Roofline
from app.session.store.folder import create_session
from app.session.store.manifest import Manifest
from tests.analysis.journals import write_journal
from tests.session.frames import SECOND, hello, measuring, started, steps
from workloads.wire.frames import SESSION, AnyFrame, DeviceFacts, Done, Fingerprint, RunStarted

WORKLOADS = ("probe/matmul", "probe/copy", "train/digits")
EARLIER = Roofline(
    device_name="a processor",
    host="here",
    kind="cpu",
    flops_per_s={"float32": 160.0, "float64": 50.0},
    bytes_per_s=4000.0,
    session="earlier",
)
PLAN = Plan(
    name="probes",
    runs=tuple(PlannedRun(run=number, workload=name) for number, name in enumerate(WORKLOADS, start=1)),
    created_ns=0,
    rooflines=(EARLIER,),
)


def begun(number: int, workload: str) -> RunStarted:
    """One run at 2 FLOPs and 10 bytes a unit; the training computes 3."""
    if workload == "probe/copy":
        return replace(started(number), workload=workload, unit="copy", flops_per_unit=None)
    if workload == "train/digits":
        return replace(started(number), hardware_flops_per_unit=3.0)
    return replace(started(number), workload=workload, unit="product")


def frames(host: str = "here") -> list[AnyFrame]:
    """Two seconds of each run: 80, 40 and 20 units a second."""
    made: list[AnyFrame] = [hello()]
    for number, workload in enumerate(WORKLOADS, start=1):
        begins = number * 10 * SECOND
        made += [
            replace(hello("worker", run=number, at_ns=begins), host=host),
            replace(begun(number, workload), at_ns=begins),
            measuring(number, begins),
            steps(begins, 20, run=number, samples=16 >> number),
            Done(run=number, at_ns=begins + 2 * SECOND),
        ]
    return [*made, Done(run=SESSION, at_ns=40 * SECOND)]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    folder = create_session(tmp_path_factory.mktemp("home"), PLAN)
    write_journal(folder, frames())
    before = load(folder).manifest.rooflines
    manifest = finish(folder)
    assert manifest.rooflines == before, "an unfinished session has it too"
    return load(folder)


def seen(frames: list[AnyFrame]) -> View:
    session = LiveSession(PLAN)
    for frame in frames:
        session.feed(frame)
    return session.view(40 * SECOND)


def test_the_manifest_keeps_what_the_probes_measured(loaded: Loaded) -> None:
    (found,) = loaded.manifest.rooflines
    assert (found.flops_per_s, found.bytes_per_s) == ({"float32": 160.0}, 400.0)
    assert (found.host, found.session, found.wall_ns) == ("here", loaded.name, 1040 * SECOND)


def test_runs_are_held_against_the_sessions_own_roofline_and_probes_against_an_earlier_one(loaded: Loaded) -> None:
    matmul, copy, train = summarise(loaded).runs
    assert (matmul.mfu_measured, matmul.measured_by) == (1.0, "earlier")
    assert (copy.mfu_measured, copy.bandwidth_fraction) == (None, 0.1)
    assert (train.mfu, train.hfu, train.mfu_measured) == (0.04, 0.06, 0.25)
    assert (train.bandwidth_fraction, train.measured_by) == (0.5, loaded.name)


def test_the_screen_says_the_same_as_show(loaded: Loaded) -> None:
    view = seen(frames())
    for shown, told in zip(view.runs, summarise(loaded).runs, strict=True):
        assert (shown.mfu, shown.hfu) == (told.mfu, told.hfu)
        assert (shown.mfu_measured, shown.bandwidth_fraction) == (told.mfu_measured, told.bandwidth_fraction)
    (roofline,) = view.rooflines
    assert roofline.flops_per_s == {"float32": 160.0, "float64": 50.0}, "an older one fills in what is missing"
    assert (roofline.bytes_per_s, roofline.session) == (400.0, "")


def test_before_a_probe_is_over_the_roof_is_the_earlier_one() -> None:
    assert seen(frames()[:4]).rooflines == (EARLIER,)


def test_a_worker_on_another_host_does_not_take_this_hosts_roofline() -> None:
    train = seen([*frames("far")[:1], *frames("far")[11:]]).current
    assert train is not None
    assert train.host == "far"
    assert (train.mfu, train.mfu_measured) == (0.04, None)


def test_show_closes_with_the_roof_and_the_shares_of_data_sheet_and_memory(loaded: Loaded) -> None:
    facts = DeviceFacts(device="gpu0", name="NVIDIA H200", dram_limit_bytes_per_s=5e12)
    roofline = replace(
        EARLIER, device_name="NVIDIA H200", flops_per_s={"float32": 60e12, "bfloat16": 742.05e12}, bytes_per_s=4e12
    )
    manifest: Manifest = replace(
        loaded.manifest,
        rooflines=(roofline,),
        hellos=(*loaded.manifest.hellos, replace(hello("sampler"), fingerprint=Fingerprint(devices=(facts,)))),
    )
    (report,) = roofline_reports(manifest)
    assert [peak.precision for peak in report.peaks] == ["bfloat16", "float32"]
    assert report.peaks[0].published_fraction == pytest.approx(0.75)
    assert (report.peaks[1].ridge_flops_per_byte, report.dram_limit_fraction) == (15.0, 0.8)
    summary = summarise(replace_manifest(loaded, manifest))
    close = " ".join(summary_text(summary, 140).partition("\nroofline  ")[2].split())
    for words in (
        "NVIDIA H200 on here",
        "bfloat16 742 TFLOP/s, 75.0 % of 989 TFLOP/s (NVIDIA H200 data sheet, SXM, dense); ridge 186 FLOP/byte",
        "memory 4,000 GB/s read plus written, 80.0 % of 5,000 GB/s (memory clock × bus width)",
    ):
        assert words in close
    assert msgspec.json.decode(msgspec.json.encode(summary))["rooflines"][0]["peaks"][1]["ridge_flops_per_byte"] == 15.0


def replace_manifest(loaded: Loaded, manifest: Manifest) -> Loaded:
    return Loaded(loaded.name, manifest, loaded.tables)


def test_show_says_the_measured_shares_of_a_run(loaded: Loaded) -> None:
    text = summary_text(summarise(loaded), 100).partition("train/digits  done")[2]
    for words in (
        "HFU 6.0 %, with all operations that are done",
        "25.0 % of the measured peak",
        "50.0 % of the measured bandwidth",
        "float32         160 FLOP/s; ridge 0.4 FLOP/byte",
    ):
        assert words in text, text
