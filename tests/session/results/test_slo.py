"""What can be typed as an objective, and what is said of the rest."""

from __future__ import annotations

import pytest

from app.session.results.slo import Clause, parse_slo, slo_text


def test_latency_from_schedule_is_meant_where_no_metric_stands() -> None:
    assert parse_slo("p99<50ms") == (Clause(metric="latency", share=0.99, below_ns=50e6),)


def test_clauses_are_told_apart_by_commas_and_blanks_do_not_matter() -> None:
    assert parse_slo(" ttft p95 < 200 ms,TPOT p99.9<30us , from-send max<1.5s") == (
        Clause(metric="ttft", share=0.95, below_ns=200e6),
        Clause(metric="tpot", share=0.999, below_ns=30e3),
        Clause(metric="from-send", share=1.0, below_ns=1.5e9),
    )


@pytest.mark.parametrize("text", ["p99<50ms", "ttft p95<200ms, tpot p95<30ms", "queue p99.9<750us", "itl max<1.5s"])
def test_an_objective_is_written_as_it_is_typed(text: str) -> None:
    assert slo_text(parse_slo(text)) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "write it as"),
        ("p99", "write it as"),
        ("p99<50", "write it as"),
        ("mean<50ms", "write it as"),
        ("p99<50ms,", "write it as"),
        ("p99>50ms", "write it as"),
        ("tfft p99<50ms", "did you mean ttft"),
        ("speed p99<50ms", "there are latency, from-send"),
        ("p0<50ms", "between p0 and p100"),
        ("p100<50ms", "max is the slowest"),
        ("p9.9.9<50ms", "9.9.9 is no number"),
        ("p99<50min", "in us, ms or s"),
        ("p99<0ms", "more than 0"),
    ],
)
def test_a_refusal_says_what_to_do_in_one_line(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"^--slo ") as refused:
        parse_slo(text)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
