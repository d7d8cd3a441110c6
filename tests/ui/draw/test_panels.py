"""Panels: what each shows of a view, what goes first when room is short, and that none ever overflows."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.session.live.view import EMPTY, DeviceView, LoadView, Parts, Quantiles, RankView, Slowest, View
from app.ui.draw.palette import NAMES
from app.ui.draw.panel import PanelKind, Shape, shape
from app.ui.draw.rows import row_width
from tests.ui import samples
from tests.ui.draw.text import panel_rows, panel_text
from workloads.wire.frames import RunStarted

KINDS: tuple[PanelKind, ...] = ("device", "memory", "throughput", "time")
GPU, CPU = samples.h200_view(), samples.cpu_view()


def with_run(view: View, **changes: object) -> View:
    assert view.current is not None
    return msgspec.structs.replace(view, current=msgspec.structs.replace(view.current, **changes))


def without_gpm() -> View:
    device = DeviceView(
        device="gpu0",
        facts=samples.FACTS,
        readings=samples.readings(samples.NOW, "nvml", utilization_percent=99.0, memory_busy_percent=24.0),
        series={"utilization_percent": samples.series(samples.NOW, 90)},
    )
    return msgspec.structs.replace(GPU, gpus=(device, device))


def test_the_gpu_panel_says_how_much_works_and_what_holds_it_back() -> None:
    text = panel_text("device", GPU, 70, 18)
    for part in ("╭ GPU ─", "NVIDIA H200 ─╮", "SM active 92 %", "─ tensor 61 %", "occupancy 38 %", "util 99 %"):
        assert part in text
    for part in ("power 676 of 700 W", "62 °C", "1 process", "clock 1,445 of 1,980 MHz", "⚠ power cap"):
        assert part in text


def test_a_gpu_without_gpm_charts_utilization_and_leaves_sm_activity_open() -> None:
    text = panel_text("device", without_gpm(), 70, 12, gpu=1)
    assert "GPU 1 of 2" in text
    assert "█ util 99 %" in text
    assert "SM active –" in text
    assert "power – of 700 W" in text


def test_a_gpu_that_is_not_there_is_the_last_one_that_is() -> None:
    assert panel_text("device", GPU, 70, 12, gpu=3) == panel_text("device", GPU, 70, 12)


def test_without_a_gpu_the_device_panel_is_the_cpus_and_says_so() -> None:
    text = panel_text("device", CPU, 70, 18)
    for part in ("CPU: no GPU here", "8 processors", "load 82 %", "each ", "worker 186 %", "RSS 512 MiB", "threads 7"):
        assert part in text
    for part in ("clock 3,400 MHz", "pressure CPU 4 %", "memory 0 %", "I/O 0.3 %"):
        assert part in text


def test_before_anything_was_read_nobody_says_that_there_is_no_gpu() -> None:
    assert "no GPU" not in panel_text("device", EMPTY, 70, 18)


def test_measured_bandwidth_has_its_source_its_share_and_its_limit_as_a_line() -> None:
    text = panel_text("memory", GPU, 70, 18)
    for part in (
        "DRAM 3,389 GB/s",
        "70 % of 4,814",
        "gpm",
        "4,814 ┄┄",
        "used 31.2 of 140.4 GiB",
        "PCIe in 209 MB/s out",
    ):
        assert part in text


def test_where_nothing_measures_it_the_counted_bandwidth_is_shown_as_counted() -> None:
    for part in ("traffic 2.18 GB/s", "counted", "used 11.4 of 31.2 GiB", "swap 0 B", "available 19.4 GiB"):
        assert part in panel_text("memory", CPU, 70, 18)
    assert "busy 24 %" in panel_text("memory", without_gpm(), 70, 18)


def test_throughput_is_in_the_unit_of_the_workload() -> None:
    text = panel_text("throughput", GPU, 70, 18)
    for part in ("534,735 samples/s", "MFU 46.2 %", "loss 0.326", "step 1,280", "accuracy 98.1 % of 360"):
        assert part in text
    matmul = samples.started("probe/matmul", unit="product", flops_per_unit=1.1e12, limit_flops_per_s=989e12)
    text = panel_text("throughput", with_run(GPU, started=matmul, flops_per_s=668.3e12, samples_per_s=608.0), 70, 18)
    assert "668 TFLOP/s" in text
    assert "608 products/s" in text
    copy = samples.started("probe/copy", unit="copy", device="cuda:0")
    view = with_run(GPU, started=copy, bytes_per_s=4266e9, samples_per_s=993.2, loss=None)
    view = msgspec.structs.replace(view, bytes_per_s=samples.series(samples.NOW, 4266e9, 0.01))
    text = panel_text("throughput", view, 70, 18)
    for part in ("4,266 GB/s", "993 copies/s", "4,814 "):
        assert part in text
    assert "loss" not in text


def of_cases(view: View, started: RunStarted, **changes: object) -> View:
    return with_run(view, started=started, case="pinned, to device, 64 MiB", cases=3, loss=None, **changes)


def test_a_run_of_cases_says_which_one_the_numbers_are_of() -> None:
    call = samples.started("probe/attention", unit="call", flops_per_unit=None, limit_flops_per_s=989e12)
    view = msgspec.structs.replace(of_cases(GPU, call), flops_per_s=samples.series(samples.NOW, 9e14, 0.01))
    text = panel_text("throughput", view, 70, 18)
    for part in ("427 TFLOP/s", "calls/s", "case 3 pinned, to device, 64 MiB", "989T ┄"):
        assert part in text
    ended = with_run(view, state="done")
    assert "best of 3 cases pinned, to device, 64 MiB" in panel_text("throughput", ended, 70, 18)
    assert "│ best pinned, to device, 64 MiB" in panel_text("throughput", ended, 40, 9)


def test_a_commands_bytes_are_nobodys_to_count() -> None:
    view = msgspec.structs.replace(with_run(CPU, workload="exec", bytes_per_s=None), bytes_per_s=None)
    assert "nobody counts the bytes of a command" in panel_text("memory", view, 70, 18)


def test_what_goes_over_the_link_is_held_against_the_link_and_is_no_memory_traffic() -> None:
    facts = msgspec.structs.replace(samples.FACTS, pcie_generation=5, pcie_width=16)
    gpus = (msgspec.structs.replace(without_gpm().gpus[0], facts=facts),)
    copy = samples.started("probe/transfer", unit="copy", device="cuda:0", moves_over="host-link")
    moved = samples.series(samples.NOW, 55e9, 0.1)
    view = msgspec.structs.replace(of_cases(GPU, copy, bytes_per_s=55.2e9), gpus=gpus, bytes_per_s=moved)
    text = panel_text("throughput", view, 70, 18)
    for part in ("55.2 GB/s", "88 % of the link", "  63G ", "┄"):
        assert part in text
    assert "traffic –" in panel_text("memory", view, 70, 18)
    between = with_run(view, started=msgspec.structs.replace(copy, unit="collective", moves_over="ranks"))
    assert "┄" not in panel_text("throughput", between, 70, 18)


def test_tokens_are_shown_where_there_are_any() -> None:
    assert "538,427 tokens/s" in panel_text("throughput", with_run(GPU, tokens_per_s=538_427.0), 70, 18)


def test_the_limit_of_mfu_is_a_line_once_it_is_near() -> None:
    started = samples.started(flops_per_unit=1e9, limit_flops_per_s=6.5e14)
    assert "650k ┄" in panel_text("throughput", with_run(GPU, started=started), 70, 18)


def test_step_time_has_quantiles_in_one_unit_and_its_parts() -> None:
    text = panel_text("time", GPU, 70, 18)
    for part in (
        "Step time",
        "p50 12.2 ms",
        "p95 12.3",
        "p99 13.1",
        "max 18.9",
        "of 1,280 steps",
        "on the device 11.8 ms",
    ):
        assert part in text
    for part in ("wait 2 % ▎", "h2d 3 % ", "fwd 32 % ", "bwd 59 % ", "opt 3 % "):
        assert part in text


def test_a_first_step_that_compiles_lays_no_other_on_the_axis() -> None:
    times = GPU.time_p50
    assert times is not None
    compiled = msgspec.structs.replace(times, values=(*times.values[:-60], 27e9, *times.values[-59:]))
    view = msgspec.structs.replace(GPU, time_p50=compiled, time_p99=compiled)
    assert panel_text("time", view, 140, 18).splitlines()[2].startswith("│    15 ")
    assert panel_text("time", with_run(view, times=None), 140, 18).splitlines()[2].startswith("│   30k ")
    slower = msgspec.structs.replace(times, values=tuple(5 * value for value in times.values if value is not None))
    held = msgspec.structs.replace(GPU, time_p50=slower, time_p99=slower)
    assert panel_text("time", held, 140, 18).splitlines()[2].startswith("│    70 "), "an experiment is no outlier"


def test_parts_that_a_workload_does_not_have_are_left_out_and_the_rest_is_named() -> None:
    text = panel_text("time", with_run(GPU, parts=Parts(forward=6e6, wall=12e6)), 70, 18)
    assert "wait" not in text
    assert "fwd 50 %" in text
    assert "other 50 %" in text


def test_the_chart_keeps_its_height_while_numbers_are_away() -> None:
    text = panel_text("time", with_run(GPU, parts=None, times=None, phase="evaluate"), 70, 18).splitlines()
    assert [line[2:9] for line in text[-3:-1]] == ["parts –", "mean – "]
    assert [line[:8] for line in text[2:-3]] == [
        line[:8] for line in panel_text("time", GPU, 70, 18).splitlines()[2:-3]
    ]


def test_a_probe_has_a_mean_and_no_parts() -> None:
    probe = samples.started("probe/copy", unit="copy")
    text = panel_text("time", with_run(GPU, started=probe, parts=Parts(wall=1.6e6, device=1.5e6)), 70, 18)
    assert "mean 1.60 ms" in text
    assert "parts" not in text


def test_requests_have_a_latency() -> None:
    times = Quantiles(380e3, 512e3, 733e3, 1.2e6, 123_456)
    text = panel_text("time", with_run(GPU, kind="requests", parts=None, times=times), 70, 18)
    for part in ("Latency", "p50 380.0 µs", "max 1,200", "of 123,456 requests", "⣿"):
        assert part in text


@pytest.mark.parametrize(
    ("lag_ns", "late", "words"),
    [(0.02e6, False, "● generator on time p99 0.02"), (3.2e6, True, "generator late 3.20 ms")],
)
def test_a_schedule_has_a_light_for_its_generator_and_says_how_many_wait(lag_ns: float, late: bool, words: str) -> None:
    worker = DeviceView(device="worker", readings=samples.readings(samples.NOW, "counted", queue_requests=1234))
    view = msgspec.structs.replace(
        with_run(GPU, kind="requests", load=LoadView(lag_p99=lag_ns, late=late)), worker_device=worker
    )
    text = panel_text("throughput", view, 70, 18)
    assert words in text
    assert "waiting 1,234" in text
    assert "generator" not in panel_text("throughput", GPU, 70, 18)


@pytest.mark.parametrize(
    ("phase", "word"), [("warmup", "warm-up"), ("evaluate", "evaluate"), ("cooldown", "cool-down")]
)
def test_a_phase_that_does_not_count_is_named(phase: str, word: str) -> None:
    view = with_run(GPU, phase=phase, times=None)
    for kind in ("throughput", "time"):
        assert f"· {word} ─" in panel_text(kind, view, 70, 18)
    assert "p50 –" in panel_text("time", view, 70, 18)
    assert word not in panel_text("throughput", with_run(GPU, phase="measure"), 70, 18)


def test_before_the_first_frame_everything_is_a_dash() -> None:
    for kind in KINDS:
        assert "–" in panel_text(kind, EMPTY, 70, 18)


def test_when_a_panel_is_short_the_chart_goes_first_then_the_last_rows_of_numbers() -> None:
    assert [shape(2, height) for height in (16, 7, 6, 4, 3, 2, 1)] + [shape(0, 5)] == [
        Shape(2, 13), Shape(2, 4), Shape(1, 4), Shape(1, 2), Shape(2, 0), Shape(1, 0), Shape(0, 0), Shape(0, 4),
    ]  # fmt: skip


def test_the_smallest_panel_still_has_its_two_most_important_numbers() -> None:
    assert panel_text("device", GPU, 12, 4).splitlines()[1:3] == ["│92 %      │", "│util 99 % │"]
    assert panel_text("time", GPU, 12, 4).splitlines()[1:3] == ["│12.2 ms   │", "│bwd 59 %  │"]


@given(
    st.sampled_from(KINDS),
    st.sampled_from((GPU, CPU, EMPTY, without_gpm())),
    st.integers(12, 200),
    st.integers(4, 50),
)
def test_no_panel_ever_overflows_and_each_names_styles_that_there_are(
    kind: PanelKind, view: View, width: int, height: int
) -> None:
    rows = panel_rows(kind, view, width, height)
    assert len(rows) == height
    assert {row_width(row) for row in rows} == {width}
    assert {style for row in rows for _, style in row} <= NAMES


def test_what_probes_measured_is_a_row_of_its_own_at_every_size() -> None:
    view = samples.probed_view()
    wide = panel_text("throughput", view, 70, 18)
    for part in ("MFU 43.5 %", "58.0 % of measured peak", "50.5 % of measured bandwidth", "HFU 49.0 %"):
        assert part in wide
    assert "58.0 % of measured  50.5 % bandwidth" in panel_text("throughput", view, 40, 10)
    warming = panel_text("throughput", with_run(view, mfu_measured=None, bandwidth_fraction=None, hfu=None), 70, 18)
    assert "– of measured peak  " in warming
    assert "measured" not in panel_text("throughput", GPU, 70, 18)


def two_ranks(**changes: object) -> View:
    begun = samples.started(ranks=2)
    ranks = (RankView(rank=0, own=11.2e6), RankView(rank=1, own=12.4e6))
    slowest = Slowest(rank=1, own=12.4e6, median=11.8e6)
    return with_run(CPU, **{"started": begun, "ranks": ranks, "slowest": slowest, **changes})


def test_of_several_ranks_the_panels_say_so_and_who_is_slowest() -> None:
    assert "sum of 2 ranks ─╮" in panel_text("throughput", two_ranks(), 40, 10)
    together = samples.started(ranks=2, unit="collective", moves_over="ranks")
    assert "between 2 ranks ─╮" in panel_text("throughput", two_ranks(started=together), 40, 10)
    assert "of 1,280 steps of 2 ranks ─╮" in panel_text("time", two_ranks(), 44, 12)
    assert "steps ─╮" in panel_text("time", CPU, 40, 12)
    assert "slowest rank 1: 12.4 ms  median 11.8" in panel_text("time", two_ranks(), 40, 12)
    assert "slowest 1: 12.4 ms median 11.8" in panel_text("time", two_ranks(), 36, 12), "the median never gives way"
    assert "slowest rank –" in panel_text("time", two_ranks(slowest=None), 70, 12)
    assert "rank" not in panel_text("time", CPU, 70, 12) + panel_text("throughput", CPU, 70, 12)


def test_a_run_on_several_devices_is_held_against_all_and_a_device_against_its_part() -> None:
    started = samples.started(flops_per_unit=1e9, limit_flops_per_s=3.25e14, device="cuda:0", ranks=2)
    view = with_run(without_gpm(), started=started, devices=2, bytes_per_s=4814e9)
    assert "650k ┄" in panel_text("throughput", view, 70, 18)
    assert "50 % of 4,814" in panel_text("memory", view, 70, 18)
    assert "100 % of 4,814" in panel_text("memory", with_run(view, devices=1), 70, 18)


def test_communication_is_a_piece_of_its_own_and_no_longer_backwards() -> None:
    parts = Parts(data_wait=1e6, forward=3e6, backward=5e6, optimizer=1e6, wall=10e6, comm=2e6)
    text = panel_text("time", two_ranks(parts=parts), 90, 12)
    for part in ("wait 10 %", "fwd 30 %", "bwd 30 %", "comm 20 %", "opt 10 %"):
        assert part in text
    assert "other" not in text
