"""The judge: `python -P -m app.analysis.judging.judge SESSION_PATH RUN`, between two runs of a session that goes on.

Reads what was measured so far and says on stdout, as one JSON document (`app.session.results.judgement`), what the
repeats of each variant come to, and whether and with which parameters RUN is to be started; 0 is the end of the plan.
The conductor starts it, and waits for it: nothing is measured meanwhile. It writes nothing: what it would have to read
again goes into the document, and comes back on stdin.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import polars as pl

from app.analysis.judging.caution_policy import warn
from app.analysis.judging.fit_policy import fit
from app.analysis.judging.policy import Decision, Policy, Situation
from app.analysis.judging.search_judging import search
from app.analysis.judging.until_policy import until
from app.analysis.summary.ended_runs import Ended, ended_runs
from app.analysis.tables.readable import first_line
from app.analysis.variants.making import variant_summaries
from app.analysis.variants.report import VariantSummary
from app.session.plain import plain
from app.session.results.judgement import Judgement
from app.session.store.folder import SessionFolder
from workloads.wire.frames import Estimate

POLICIES: Final[tuple[Policy, ...]] = (fit, until, search, warn)
"""Asked in this order. The first that wants the run skipped has its way; parameters and findings are those of all."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge → exit status."""
    parser = argparse.ArgumentParser(prog="python -m app.analysis.judging.judge")
    parser.add_argument("session", type=Path)
    parser.add_argument("run", type=int, help="the run that is to be started; 0: there is none any more")
    given = parser.parse_args(arguments)
    try:
        judgement = judge(SessionFolder(given.session), given.run, _remembered())
    except (ValueError, OSError, pl.exceptions.PolarsError) as error:
        print(plain(first_line(error)), file=sys.stderr)
        return 1
    sys.stdout.buffer.write(msgspec.json.encode(judgement))
    return 0


def judge(folder: SessionFolder, run: int, memory: bytes = b"") -> Judgement:
    """What there is to say before a run. `memory`: that of the last judgement.

    Raises ValueError, OSError and PolarsError for what cannot be read.
    """
    plan = folder.read_plan()
    ended = ended_runs(folder, plan, msgspec.msgpack.decode(memory, type=Ended) if memory else Ended())
    variants = variant_summaries(plan, ended.runs, every_metric=False)
    planned = next((each for each in plan.runs if each.run == run), None)
    situation = Situation(plan=plan, next=planned, over=ended.runs, variants=variants)
    judgement = _together([policy(situation) for policy in POLICIES], variants, time.monotonic_ns())
    return msgspec.structs.replace(judgement, memory=msgspec.msgpack.encode(ended))


def _remembered() -> bytes:
    """What a conductor gives back; a person who tries the judge has nothing to say."""
    return b"" if sys.stdin.isatty() else sys.stdin.buffer.read()


def _together(decisions: Sequence[Decision], variants: Sequence[VariantSummary], at_ns: int) -> Judgement:
    skipping = next((decision for decision in decisions if decision.skip is not None), Decision())
    return Judgement(
        skip=skipping.skip,
        rest=skipping.rest,
        parameters={name: value for decision in decisions for name, value in decision.parameters.items()},
        estimates=tuple(estimate for variant in variants if (estimate := _estimate(variant, at_ns)) is not None),
        findings=tuple(
            msgspec.structs.replace(finding, at_ns=at_ns) for decision in decisions for finding in decision.findings
        ),
    )


def _estimate(variant: VariantSummary, at_ns: int) -> Estimate | None:
    mean = variant.mean
    if mean is None or mean.value is None:
        return None
    return Estimate(
        at_ns=at_ns,
        variant=variant.variant,
        metric=variant.metric,
        value=mean.value,
        repeats=mean.count,
        low=mean.low,
        high=mean.high,
        confidence=mean.confidence,
    )


if __name__ == "__main__":
    sys.exit(main())
