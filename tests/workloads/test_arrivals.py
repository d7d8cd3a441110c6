"""When requests are due: a true Poisson process, bursts, traces; the seed's, and never stretched."""

from __future__ import annotations

from array import array
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloads.infer.load import arrivals as module
from workloads.infer.load.arrivals import arrivals, gamma_gaps, poisson_gaps
from workloads.trace import read_trace, write_trace

SEED = (0, 1)


def gaps_s(due: array[int]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.diff(np.array([0, *due])) / 1e9


@pytest.mark.parametrize("rate", [3.0, 500.0])
def test_gaps_of_poisson_are_exponential_and_independent(rate: float) -> None:
    gaps = gaps_s(arrivals(poisson_gaps(rate, SEED), count=40_000, duration_s=None)) * rate
    assert gaps.mean() == pytest.approx(1, abs=0.03)
    assert gaps.std() == pytest.approx(1, abs=0.03)
    for beyond in (0.5, 1, 2, 4):  # an exponential gap is longer than x with probability e⁻ˣ
        assert (gaps > beyond).mean() == pytest.approx(np.exp(-beyond), abs=0.01)
    assert abs(np.corrcoef(gaps[:-1], gaps[1:])[0, 1]) < 0.02


@pytest.mark.parametrize("burstiness", [0.25, 1.0, 4.0])
def test_gaps_of_burst_have_the_rate_and_the_shape(burstiness: float) -> None:
    gaps = gaps_s(arrivals(gamma_gaps(50.0, burstiness, SEED), count=80_000, duration_s=None)) * 50
    assert gaps.mean() == pytest.approx(1, abs=0.05)
    assert gaps.std() / gaps.mean() == pytest.approx(burstiness**-0.5, rel=0.05)


def test_what_was_drawn_is_not_stretched_to_end_on_time() -> None:
    drawn = [arrivals(poisson_gaps(100.0, (seed, 1)), count=None, duration_s=2.0) for seed in range(200)]
    counts = np.array([len(due) for due in drawn])
    assert counts.mean() == pytest.approx(200, abs=4)
    assert counts.std() == pytest.approx(200**0.5, rel=0.2), "of a Poisson process the number itself is random"
    assert all(due[-1] < 2e9 for due in drawn)
    more = arrivals(poisson_gaps(100.0, (3, 1)), count=None, duration_s=4.0)
    assert more[: len(drawn[3])] == drawn[3], "a longer run begins like a shorter one"


def test_arrivals_are_those_of_the_seed_and_each_repeat_has_its_own() -> None:
    first, again, other, repeat = (
        arrivals(poisson_gaps(10.0, seed), count=20, duration_s=None) for seed in ((7, 1), (7, 1), (8, 1), (7, 2))
    )
    assert first == again
    assert first != other
    assert first != repeat
    assert len(arrivals(poisson_gaps(10.0, SEED), count=20, duration_s=0.5)) < 20


def test_more_than_can_be_kept_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 1_000)
    monkeypatch.setattr(module, "AT_ONCE", 1_000)
    with pytest.raises(ValueError, match=r"^these are more than 1,000 requests"):
        arrivals(poisson_gaps(1e6, SEED), count=None, duration_s=60.0)


@given(st.lists(st.integers(0, 7 * 86_400 * 10**9), min_size=1).map(sorted))
def test_what_was_kept_is_replayed_to_the_nanosecond(tmp_path_factory: pytest.TempPathFactory, due: list[int]) -> None:
    path = tmp_path_factory.getbasetemp() / "arrivals.txt"
    write_trace(path, due, "when requests were due")
    assert list(read_trace(path)) == due


def test_the_first_column_of_a_csv_file_will_do(tmp_path: Path) -> None:
    path = tmp_path / "trace.csv"
    path.write_text("arrival_s,tokens\n0,5\n# a comment\n\n0.25,7  # another\n0.25,8\n1e0\n")
    assert list(read_trace(path)) == [0, 250_000_000, 250_000_000, 1_000_000_000]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "has no due times"),
        ("# nothing\n", "has no due times"),
        ("0.5\nsoon\n", "line 2: 'soon' is no time in seconds"),
        ("-1\n", "line 1: '-1' is before the start"),
        ("2\n1\n", "line 2: '1' is earlier than the line before"),
        ("1764118800.5\n", "more than a week after the start"),
        ("0\nnan\n", "'nan' is no time"),
        ("0\ninf\n", "'inf' is no time"),
        (b"\xff\xfe0", "is no text"),
    ],
)
def test_what_is_no_trace_is_refused_in_one_line(tmp_path: Path, text: str | bytes, told: str) -> None:
    path = tmp_path / "trace.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match=r"^trace=[^\n]+$") as refusal:
        read_trace(path)
    assert told in str(refusal.value)
