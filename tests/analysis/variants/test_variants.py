"""The repeats of each variant together: their interval, and how `show` puts them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.analysis.judging.told_cautions import told_cautions
from app.analysis.load import load
from app.analysis.summary.making import summarise
from app.analysis.summary.report import Summary
from app.analysis.summary.text import summary_text
from tests.analysis.repeated import plan_of, repeated
from workloads.wire.frames import Finding

RATES = {1: (100.0, 102.0, 98.0), 2: (200.0, 200.0)}


def summary(home: Path, **options: object) -> Summary:
    """Of a session of three rounds, the last of which was not needed for its second variant."""
    return summarise(load(repeated(home, plan_of(3), RATES, ended=True)))


def test_a_variant_has_the_mean_median_and_interval_of_its_runs(tmp_path: Path) -> None:
    first, second = summary(tmp_path).variants
    assert (first.title, first.parameters) == ("train/digits batch=4", {"batch": 4})
    assert (first.metric, first.unit, first.done, first.planned) == ("samples_per_s", "samples/s", 3, 3)
    assert [repeat.value for repeat in first.repeats] == pytest.approx([100.0, 102.0, 98.0], rel=1e-6)
    assert first.median is not None
    assert first.median.value == pytest.approx(100.0, rel=1e-6)
    assert first.median.low is not None
    assert first.mean is not None
    # Student's interval of three values: 4.303 · 2 / √3 = 4.97.
    assert (first.mean.low, first.mean.high) == pytest.approx((95.03, 104.97), rel=1e-2)
    assert second.mean is not None
    assert (second.done, second.mean.low) == (2, None)
    assert [repeat.outcome for repeat in second.repeats] == ["done", "done", "skipped"]


def test_every_metric_that_all_repeats_measured_has_an_interval(tmp_path: Path) -> None:
    first, _ = summary(tmp_path).variants
    means = {each.name: each.mean for each in first.metrics}
    assert means["step_p50_ms"].value == pytest.approx(10.0, rel=1e-3)
    assert "latency_p50_ms" not in means


def test_what_was_measured_once_has_no_variants(tmp_path: Path) -> None:
    folder = repeated(tmp_path, plan_of(1, variants=1), {1: (100.0,)}, ended=True)
    assert summarise(load(folder)).variants == ()


def test_show_has_a_table_of_variants_and_a_line_for_each_run(tmp_path: Path) -> None:
    text = summary_text(summary(tmp_path), 120).splitlines()
    head = next(number for number, line in enumerate(text) if line.startswith("variant"))
    assert re.fullmatch(
        r"train/digits batch=4 +throughput 100 samples/s +±[45]\.\d\d % +3 +9\d\.\d to 10\d samples/s", text[head + 1]
    )
    assert text[head + 2].split()[-4:] == ["2", "of", "3", "–"]
    assert "  3  train/digits batch=4 #2  102 samples/s  +2.00 %  done" in [line.replace("   ", "  ") for line in text]
    assert not any("configuration" in line for line in text)


def test_show_tells_of_every_run_in_full_when_asked(tmp_path: Path) -> None:
    text = summary_text(summary(tmp_path), 120, runs=True)
    assert text.count("configuration") == 5


def test_a_sweep_without_repeats_has_a_table_and_every_run_in_full(tmp_path: Path) -> None:
    folder = repeated(tmp_path, plan_of(1), {1: (100.0,), 2: (200.0,)}, ended=True)
    text = summary_text(summarise(load(folder)), 120)
    assert "train/digits batch=8  throughput" in text
    assert text.count("configuration") == 2


def test_what_the_judge_warned_of_is_told_once_and_of_whom(tmp_path: Path) -> None:
    of = summary(tmp_path)
    wrong = [(variant.title, caution.kind) for variant in of.variants for caution in variant.cautions]
    assert wrong == [("train/digits batch=4", "too-few-repeats"), ("train/digits batch=8", "too-few-repeats")]
    said = Finding(at_ns=0, kind="too-few-repeats", message="train/digits batch=4: 3 repeats say little")
    other = Finding(at_ns=0, kind="telemetry-gap", message="the sampler was started again")
    text = " ".join(summary_text(replace(of, findings=(said, other)), 120).split())
    assert text.count("3 repeats say little") == 1
    assert "note the sampler was started again" in text


def test_a_caution_that_variants_share_is_told_once(tmp_path: Path) -> None:
    alike = repeated(tmp_path, plan_of(2), {1: (100.0, 100.0), 2: (200.0, 200.0)}, ended=True)
    ((who, caution),) = told_cautions(summarise(load(alike)).variants)
    assert (who, caution.kind) == ("train/digits batch=4 and train/digits batch=8", "too-few-repeats")
