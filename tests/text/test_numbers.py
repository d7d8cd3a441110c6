"""How numbers read."""

from __future__ import annotations

import subprocess
import sys

import pytest

from app.text.numbers import bytes_text, count, duration, flops, milliseconds, percent, rate, short, significant


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (12345, "12,345"),
        (12.34, "12.3"),
        (1.234, "1.23"),
        (12345.6, "12,346"),
        (9.9951, "10.0"),
        (64.0, "64"),
    ],
)
def test_counts_have_thousands_separators_and_three_digits(number: float, text: str) -> None:
    assert count(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.01234, "0.0123"),
        (99.94, "99.9"),
        (99.96, "100"),
        (0.99951, "1.00"),
        (0.00001234, "1.2e-05"),
        (-1234.5, "-1,234"),
    ],
)
def test_at_least_three_digits_are_kept(number: float, text: str) -> None:
    assert significant(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "00:00"), (42.9, "00:42"), (61, "01:01"), (3723, "1:02:03"), (-3, "00:00"), (90000, "25:00:00")],
)
def test_durations_read_as_a_clock(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_percentage_has_one_decimal() -> None:
    assert percent(46.54) == "46.5 %"
    assert percent(100) == "100.0 %"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (512, "512 B"),
        (1024, "1.00 KiB"),
        (1536, "1.50 KiB"),
        (150_754_820_096, "140 GiB"),
        (1 << 60, "1,024 PiB"),
    ],
)
def test_memory_counts_in_powers_of_1024(number: float, text: str) -> None:
    assert bytes_text(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(4.266e12, "4,266 GB/s"), (12_340_000, "12.3 MB/s"), (5, "5.00 B/s"), (0, "0 B/s"), (999_600, "1.00 MB/s")],
)
def test_rates_count_in_powers_of_1000_up_to_giga(number: float, text: str) -> None:
    assert rate(number) == text


@pytest.mark.parametrize(
    ("number", "text"), [(4.594e14, "459 TFLOP/s"), (1.979e15, "1,979 TFLOP/s"), (12.34e9, "12.3 GFLOP/s")]
)
def test_arithmetic_counts_in_powers_of_1000_up_to_tera(number: float, text: str) -> None:
    assert flops(number) == text


def test_times_are_milliseconds_whatever_their_size() -> None:
    assert milliseconds(1.2345) == "1.23 ms"
    assert milliseconds(0.03123) == "0.0312 ms"
    assert milliseconds(1234.5) == "1,234 ms"


@pytest.mark.parametrize(
    ("number", "text"), [(999, "999"), (1234, "1.23k"), (12_345_678, "12.3M"), (4.2664e12, "4.27T")]
)
def test_short_numbers_fit_into_an_axis(number: float, text: str) -> None:
    assert short(number) == text


def test_only_the_standard_library_is_loaded() -> None:
    code = "import sys; before = set(sys.modules); import app.text.numbers; print(*set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert {name.split(".")[0] for name in done.stdout.split()} - sys.stdlib_module_names == {"app"}
