"""`benchtop workloads` says of every parameter what it may be."""

from __future__ import annotations

from app.catalogue import catalogue_text


def test_what_a_run_cannot_do_without_is_marked() -> None:
    told = " ".join(catalogue_text(100).split())
    assert "(required; a path)" in told
    assert "train/digits (default none; a path)" in told
