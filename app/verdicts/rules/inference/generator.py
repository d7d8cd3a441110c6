"""generator-limited: what asks is too late or too slow, so that times are not the server's alone."""

from __future__ import annotations

from typing import Final

from app.session.live.generator import FEWEST, LATE_NS
from app.text.numbers import milliseconds
from app.verdicts.rules.inference.serving import loading_share, serves, serving_share
from app.verdicts.rules.telling import limit, lost, share_evidence, share_text, too_few, verdict
from app.verdicts.window import RequestSums, Window
from workloads.wire.frames import Evidence, Missing, Verdict

SERVES: Final = 0.75
"""Of the time. Where something is served for less of it, a third more could be answered than is asked. What a loop
does with an answer (a class, a sum) takes a few per cent."""


def generator_limited(window: Window) -> Verdict | Missing | None:
    """A schedule is not kept (the light of the live screen), or a script does other things a quarter of the time."""
    requests = serves(window)
    if requests is None:
        return None
    if window.load == "open":
        return _late(window, requests)
    return _slow(window, requests) if window.hooked else None


def _late(window: Window, requests: RequestSums) -> Verdict | Missing | None:
    if requests.count < FEWEST:
        return Missing("generator-limited", f"{requests.count} requests were sent, {FEWEST} are needed for a p99")
    if requests.lag_p99_ns < limit(window, "generator-limited", LATE_NS):
        return None
    return verdict(
        window,
        "generator-limited",
        severity="warning",
        says=f"requests are sent {milliseconds(requests.lag_p99_ns / 1e6)} late at p99; "
        f"{milliseconds(LATE_NS / 1e6)} is allowed",
        evidence=(
            Evidence(name="lag p99", value=requests.lag_p99_ns, unit="ns", limit=LATE_NS, source="requests"),
            Evidence(name="mean lag", value=requests.lag_ns / requests.count, unit="ns", source="requests"),
            *(
                (Evidence(name="due", value=requests.due_per_s, unit="1/s", source="requests"),)
                if requests.due_per_s is not None
                else ()
            ),
        ),
        try_this="offer less (--load poisson:rate=…), or leave the generator a processor of its own: --set "
        f"{window.started.workload if window.started else 'infer/…'}.threads=N with fewer threads than processors",
        confidence="high",
    )


def _slow(window: Window, requests: RequestSums) -> Verdict | Missing | None:
    if missing := too_few(window, "generator-limited"):
        return missing
    share = serving_share(window, requests)
    if share is None:
        return None
    loads = loading_share(window, 1 - share)
    if share + loads >= SERVES:
        return None
    return lost(
        window,
        "generator-limited",
        share=1 - share - loads,
        without="no time between requests",
        says=f"the model answers {share_text(share)} of the time; for the rest of it nobody asks",
        evidence=(
            share_evidence("time in answers", share, limit=SERVES, source="requests"),
            Evidence(name="latency p50", value=requests.latency_median_ns, unit="ns", source="requests"),
        ),
        try_this="ask before the last answer is there: make inputs in a thread or a DataLoader(num_workers=…), "
        "and collect several into a batch",
        confidence="medium",
    )
