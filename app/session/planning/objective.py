"""`--slo`: whether what was asked of requests can be told of the workloads of the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.session.results.slo import OF_TOKENS, parse_slo
from workloads.catalog import WorkloadEntry

NEW_TOKENS: Final = "new"
"""Requests that are answered with tokens say how many."""


def objective(typed: str | None, entries: Sequence[WorkloadEntry]) -> str:
    """The objective as typed; empty: there is none. Raises ValueError, one line."""
    if typed is None:
        return ""
    clauses = parse_slo(typed)
    serving = [entry for entry in entries if entry.kind == "inference"]
    if not serving:
        raise ValueError(f"--slo {typed}: it is for infer/*, and none of them is in this run")
    untold = next((clause.metric for clause in clauses if clause.metric in ("ttft", *OF_TOKENS)), None)
    if untold is not None and not any(entry.takes(NEW_TOKENS) for entry in serving):
        raise ValueError(f"--slo {typed}: {untold} is of requests that are answered with tokens, such as infer/gpt's")
    return typed
