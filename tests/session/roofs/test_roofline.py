"""A roofline is the best of its probes, and a share of it is a number that can be checked by hand."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.session.roofs.roofline import (
    Measured,
    Roofline,
    combined,
    is_whole,
    ridge,
    roof_at,
    roofline_for,
    rooflines_of,
    shares,
)
from tests.session.frames import started
from workloads.wire.frames import RunStarted

ROOF = Roofline(device_name="a processor", host="here", kind="cpu", flops_per_s={"float32": 1000.0}, bytes_per_s=100.0)


def matmul(precision: str = "float32", **changes: object) -> RunStarted:
    return replace(started(), workload="probe/matmul", unit="product", precision=precision, **changes)


def copy(**changes: object) -> RunStarted:
    return replace(started(), workload="probe/copy", unit="copy", precision="uint8", flops_per_unit=None, **changes)


def test_the_best_run_of_each_precision_and_of_the_copy_make_the_roof() -> None:
    runs = (
        Measured(matmul(), "here", 300.0),
        Measured(matmul(), "here", 500.0),
        Measured(matmul("float64"), "here", 100.0),
        Measured(started(), "here", 1e9),
        Measured(copy(), "here", 10.0),
        Measured(copy(), "here", 9.0),
    )
    (found,) = rooflines_of(runs, "a-session", 5)
    # 2 FLOPs and 10 bytes a unit; a training run makes no roofline.
    assert found.flops_per_s == {"float32": 1000.0, "float64": 200.0}
    assert found.bytes_per_s == 100.0
    assert (found.device_name, found.host, found.kind) == ("a processor", "here", "cpu")
    assert (found.session, found.wall_ns) == ("a-session", 5)


def test_every_device_of_every_host_has_its_own() -> None:
    gpu = matmul(device="cuda:0", device_name="NVIDIA H200")
    found = rooflines_of((Measured(gpu, "a", 1.0), Measured(gpu, "b", 2.0), Measured(matmul(), "a", 3.0)), "", 0)
    assert [(each.host, each.device_name, each.kind) for each in found] == [
        ("a", "NVIDIA H200", "cuda"),
        ("b", "NVIDIA H200", "cuda"),
        ("a", "a processor", "cpu"),
    ]
    assert roofline_for(found, "NVIDIA H200", "b") is found[1]
    assert roofline_for(found, "NVIDIA H200", "c") is None, "another host's device is another device"


def test_what_moves_elsewhere_is_no_bandwidth_of_the_memory_and_what_was_not_counted_is_nothing() -> None:
    assert rooflines_of((Measured(copy(moves_over="host-link"), "here", 1.0),), "", 0) == ()
    assert rooflines_of((Measured(matmul(flops_per_unit=None), "here", 1.0),), "", 0) == ()


def test_several_ranks_are_as_many_gpus_but_the_same_processor() -> None:
    gpus = matmul(ranks=4, device="cuda:0")
    for run, hosts, peak in ((gpus, 1, 1000.0), (gpus, 2, 1000.0), (matmul(ranks=4), 1, 4000.0)):
        (found,) = rooflines_of((Measured(run, "here", 2000.0, hosts),), "", 0)
        assert found.flops_per_s == {"float32": peak}
    assert shares(started(), 250.0, ROOF).mfu_measured == 0.5
    assert shares(replace(started(), ranks=4, device="cuda:0"), 250.0, ROOF).mfu_measured == 0.125
    assert shares(replace(started(), ranks=4), 250.0, ROOF).mfu_measured == 0.5
    assert shares(replace(started(), ranks=4), 250.0, ROOF, hosts=2).mfu_measured == 0.25


def test_a_newer_roofline_counts_and_an_older_one_fills_in_what_it_lacks() -> None:
    newer = replace(ROOF, flops_per_s={"float32": 900.0}, bytes_per_s=None, session="new")
    older = replace(ROOF, flops_per_s={"float32": 1.0, "float64": 300.0}, session="old")
    assert combined((newer, older)) == (
        replace(newer, flops_per_s={"float32": 900.0, "float64": 300.0}, bytes_per_s=100.0, filled_from="old"),
    )
    assert combined((older, newer)) == (older,)
    assert not is_whole(newer)
    assert is_whole(older)


def test_shares_are_of_the_published_and_of_the_measured_limits() -> None:
    # 250 units a second: 500 FLOP/s of 1,000 published, 2,500 bytes a second of 100.
    share = shares(started(), 250.0, replace(ROOF, flops_per_s={"float32": 800.0}, bytes_per_s=5000.0))
    assert (share.mfu, share.mfu_measured, share.bandwidth_fraction, share.hfu) == (0.5, 0.625, 0.5, None)
    assert shares(replace(started(), hardware_flops_per_unit=3.0), 250.0, None).hfu == 0.75


@pytest.mark.parametrize(
    "begun",
    [None, replace(started(), precision="bfloat16"), replace(started(), flops_per_unit=None)],
)
def test_what_is_not_known_has_no_share(begun: RunStarted | None) -> None:
    assert shares(begun, 1.0, ROOF).mfu_measured is None
    assert shares(begun, None, ROOF).bandwidth_fraction is None
    broken = replace(ROOF, flops_per_s={"float32": 0.0, "bfloat16": -1.0}, bytes_per_s=0.0)
    assert shares(begun, 1.0, broken).mfu_measured is None


def test_bytes_that_move_over_a_link_are_no_share_of_the_memory() -> None:
    assert shares(replace(started(), moves_over="ranks"), 1.0, ROOF).bandwidth_fraction is None


def test_below_the_ridge_memory_is_the_roof_and_above_it_arithmetic() -> None:
    assert ridge(ROOF, "float32") == 10.0
    assert roof_at(ROOF, "float32", 2.0) == (200.0, "memory")
    assert roof_at(ROOF, "float32", 50.0) == (1000.0, "compute")
    assert roof_at(ROOF, "bfloat16", 2.0) is None
    assert ridge(replace(ROOF, bytes_per_s=None), "float32") is None
