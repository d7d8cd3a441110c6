"""The text of `show`: every number with its unit, within the width, and nothing from a stranger that moves a cursor."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.analysis.finishing.finish import finish
from app.analysis.load import load
from app.analysis.summary.gauge_summary import GaugeSummary
from app.analysis.summary.making import summarise
from app.analysis.summary.report import Summary
from app.analysis.summary.text import summary_text
from tests.analysis.journals import journalled, whole
from workloads.wire.frames import DeviceFacts, Failure, Finding


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    folder = journalled(tmp_path_factory.mktemp("home"), whole())
    finish(folder)
    return summarise(load(folder))


def test_every_measured_number_is_there_with_its_unit(summary: Summary) -> None:
    text = summary_text(summary, 100)
    for words in (
        "38 samples/s  (76 in 2.0 s measured)",
        "76.0 FLOP/s  MFU 7.6 %",
        "380 B/s counted by the workload",
        "p50 100  p90 – (needs 64)  p95 – (needs 130)  p99 – (needs 662)",
        "p99.9 – (needs 6,636)  max 100 ms",
        "at most p50 100 ms with 99 % confidence (early stopping; needs 11)",
        "mean 100 ms, from all 19",
        "data wait 10.0 ms",
        "10.0 % of step time",
        "top-1 98.0 % of 360 held out",
        "0.07 of 360",
        "0.500 nats at the last measured step",
        "gpu0 60.0 J, 0.789 J a sample ±11.7 % (by energy counter)",
        "gpu0 power cap, 100.0 % of the readings",
        "mean         35 W  peak         40 W  nvml",
        "batch=4 seed=0",
        "3 samples came faster",
    ):
        assert words in text, text


def test_latency_and_failed_requests_are_told(summary: Summary) -> None:
    lines = summary_text(summary, 100).splitlines()
    assert any(line.split()[:3] == ["latency", "p50", "7.50"] for line in lines)
    assert any(line.split() == ["failed", "requests", "1"] for line in lines)


def test_what_was_not_measured_is_not_mentioned(summary: Summary) -> None:
    serving = summary_text(summary, 100).partition("infer/digits  done")[2]
    assert "tokens" not in serving
    assert "accuracy" not in serving
    assert "None" not in serving
    assert "nan" not in serving


def test_on_an_accelerator_its_dram_gauge_stands_beside_the_counted_rate(summary: Summary) -> None:
    run = summary.runs[0]
    assert run.started is not None
    dram = GaugeSummary(device="gpu0", source="gpm", name="dram_bytes_per_s", mean=4.264e12, peak=4.3e12, readings=40)
    copying = replace(run, counted_bytes_per_s=4.266e12, gauges=(dram,))
    on_gpu = replace(copying, started=replace(run.started, device="cuda:0"))
    together = "4,266 GB/s counted by the workload, gpu0 4,264 GB/s (gpm)"
    assert together in summary_text(replace(summary, runs=(on_gpu,)), 100)
    assert together not in summary_text(replace(summary, runs=(copying,)), 100)


@pytest.mark.parametrize("width", [60, 80, 140])
def test_no_line_is_wider_than_the_terminal_and_no_number_is_parted_from_its_name(summary: Summary, width: int) -> None:
    long = Finding(at_ns=1, kind="x", message="a very long sentence " * 20, remedy="do something")
    lines = summary_text(replace(summary, findings=(long,)), width).splitlines()
    assert max(map(len, lines)) <= width
    assert not [line for line in lines if line.rstrip().endswith(("p50", "p99.9", "max", "data wait"))]


def test_devices_findings_and_failures_stand_at_the_top(summary: Summary) -> None:
    told = replace(
        summary,
        devices=(DeviceFacts(device="gpu0", name="NVIDIA H200", memory_bytes=150_754_820_096, driver="580.1"),),
        findings=(Finding(at_ns=1, kind="gap", message="no reading for 12 s", remedy="see the doctor"),),
        failure=Failure(at_ns=1, kind="disk-full", message="the disk is full", remedy="free space"),
    )
    head = summary_text(told, 80).partition("train/digits")[0]
    for words in (
        "NVIDIA H200, 140 GiB, driver 580.1",
        "no reading for 12 s; see the doctor",
        "the disk is full; free",
    ):
        assert words in head


def test_nothing_that_a_journal_says_reaches_the_terminal_as_a_command(summary: Summary) -> None:
    evil = Finding(at_ns=1, kind="x", message="\x1b[2J\x07\r\x9b1mhello\nworld")
    text = summary_text(replace(summary, findings=(evil,)), 80)
    assert all(letter.isprintable() or letter == "\n" for letter in text)
