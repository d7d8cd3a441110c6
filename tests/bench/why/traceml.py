"""The same scripts under traceml-ai, as its README asks: `traceml.init(mode="auto")`, `with traceml.trace_step(model):`
around the body of the training loop, `traceml run`, and, where a loop has no DataLoader, what its manual has for that:
`traceml.wrap_dataloader_fetch(…)` around what it iterates over.

The two lines are put into a copy of each script, which also ends by itself, since the diagnosis is made at the end.
Scripts without an optimizer are none that it is for. Its words are taken as ours where they can be meant so:
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.bench.why.entry import SCRIPTS, Device, Entry
from tests.bench.why.judged import Said
from tests.bench.why.watching import SLACK_S, beside

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "INPUT_BOUND": ("input-bound",),
    "H2D_BOUND": ("transfer-bound",),
    "COMPUTE_BOUND": ("compute-bound",),
    "STRAGGLER": ("straggler",),
    "INPUT_STRAGGLER": ("straggler",),
    "COMPUTE_STRAGGLER": ("straggler",),
    "H2D_STRAGGLER": ("straggler",),
    # "work outside traced phases, CPU stalls, logging, checkpointing, validation, or unobserved transfers"
    "RESIDUAL_HEAVY": ("periodic-stall", "garbage-collection", "sync-bound", "transfer-bound"),
    "LOW_GPU_UTILIZATION_UNEXPLAINED": ("launch-bound", "low-occupancy"),
    "CREEP_EARLY": ("memory-growth",),
    "CREEP_CONFIRMED": ("memory-growth",),
    "HIGH_PRESSURE": ("memory-nearly-full",),
    "HIGH_GPU_MEMORY": ("memory-nearly-full",),
    "VERY_HIGH_GPU_MEMORY": ("memory-nearly-full",),
    "HIGH_GPU_POWER": ("power-capped",),
    "HIGH_GPU_TEMPERATURE": ("thermally-throttled",),
    "HIGH_CPU": ("cpu-contention",),
}
"""Its kind → those of ours that it may mean. Where it may mean several, whichever was planted is taken."""

INFORMATION: Final = frozenset({"COMPUTE_BOUND", "LOW_GPU_UTILIZATION_UNEXPLAINED", "HIGH_CPU"})
"""No warnings. Without a GPU it is the processors that compute, and should be busy."""
SECTIONS: Final = ("step_time", "step_memory", "system", "process")


def supports(entry: Entry) -> bool:
    """Whether it is a training script."""
    return bool(entry.file) and _stepping(ast.parse((SCRIPTS / entry.file).read_text())) is not None


def diagnose(entry: Entry, device: Device, seconds: float, traceml: str, environment: Mapping[str, str]) -> Said:
    """Run a copy of the script under it, with more of an environment, and take its diagnosis as ours."""
    with tempfile.TemporaryDirectory(prefix="benchtop-traceml-") as folder, beside(entry):
        script = Path(folder) / Path(entry.file).name
        script.write_text(traced((SCRIPTS / entry.file).read_text(), seconds))
        command = [traceml, "run", str(script), "--logs-dir", folder, "--run-name", "run"]
        command += ["--nproc-per-node", str(entry.ranks)] if entry.ranks > 1 else []
        command += ["--args", *entry.called(device)[1:]]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                check=False,
                cwd=folder,
                timeout=seconds + 2 * SLACK_S,
                env={**os.environ, **environment, "PYTHONPATH": ""},
            )
        except subprocess.TimeoutExpired:
            return Said(failed="it did not end")
        summary = next(Path(folder).rglob("final_summary.json"), None)
        if summary is None:
            return Said(failed=next(iter(done.stderr.strip().splitlines()[-1:]), "no summary was written"))
        return understood(entry, json.loads(summary.read_text()))


def understood(entry: Entry, summary: dict[str, Any]) -> Said:
    """Its final summary → kinds of ours: the primary diagnosis, then those of its sections."""
    primary = str(summary.get("primary_diagnosis", {}).get("kind", ""))
    others = [
        str(issue.get("kind", ""))
        for section in SECTIONS
        for issue in _issues(summary.get("sections", summary).get(section, {}))
    ]
    kinds: list[str] = [_meant(entry, primary)] if primary in WORDS else []
    for other in others:
        if other in WORDS and (kind := _meant(entry, other)) not in kinds:
            kinds.append(kind)
    warned = [primary, *others]
    return Said(
        kinds=tuple(kinds) if primary in WORDS else ("nothing", *kinds),
        warnings=tuple({_meant(entry, each) for each in warned if each in WORDS and each not in INFORMATION}),
        at_the_end=(primary,),
    )


def _issues(section: dict[str, Any]) -> Iterator[dict[str, Any]]:
    diagnosis = section.get("diagnosis") or {}
    yield diagnosis
    yield from section.get("issues") or diagnosis.get("issues") or ()


def _meant(entry: Entry, word: str) -> str:
    meant = WORDS[word]
    return next((kind for kind in meant if kind in (entry.kind, *entry.also)), meant[0])


def traced(source: str, seconds: float) -> str:
    """The script with the two lines that the README asks for, and an end after so many seconds."""
    tree = ast.parse(source)
    body = _stepping(tree)
    if body is None:
        raise ValueError("no optimizer takes a step in this script")
    model = re.search(r"([\w.]+)\.parameters\(\)", source)
    name = model.group(1) if model else "__import__('torch').nn.Identity()"
    loop = next((node for node in ast.walk(tree) if isinstance(node, ast.For) and node.body is body), None)
    if loop is not None and "DataLoader" not in source:  # of those it hears by itself
        wrapped = ast.parse("traceml.wrap_dataloader_fetch(None)", mode="eval").body
        assert isinstance(wrapped, ast.Call)
        wrapped.args, loop.iter = [loop.iter], wrapped
    until = next((at for at, each in enumerate(body) if _yields(each)), len(body))
    inside = ast.parse(f"with traceml.trace_step({name}):\n    pass").body[0]
    assert isinstance(inside, ast.With)
    inside.body = body[:until]
    body[:until] = [inside]
    ends = (
        "import traceml_ai as traceml, signal, sys\n"
        'traceml.init(mode="auto")\n'
        "signal.signal(signal.SIGALRM, lambda *_: sys.exit(0))\n"
        f"signal.alarm({seconds:.0f})\n"
    )
    first = next(
        at for at, each in enumerate(tree.body) if not isinstance(each, ast.Import | ast.ImportFrom | ast.Expr)
    )
    tree.body[first:first] = ast.parse(ends).body
    return ast.unparse(ast.fix_missing_locations(tree))


def _stepping(tree: ast.AST) -> list[ast.stmt] | None:
    """The body of the innermost loop, or else of the function, that steps an optimizer."""
    found: list[ast.stmt] | None = None
    for node in ast.walk(tree):  # breadth first: what is found later lies deeper
        if isinstance(node, ast.For | ast.While) and any(map(_steps, node.body)):
            found = node.body
    if found is None:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name != "step" and any(map(_steps, node.body)):
                found = node.body
    return found


def _steps(statement: ast.stmt) -> bool:
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "step"
        and (ast.unparse(node.func.value) in ("optimizer", "opt", "scaler"))
        for node in ast.walk(statement)
    )


def _yields(statement: ast.stmt) -> bool:
    nodes: Sequence[ast.AST] = list(ast.walk(statement))
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in nodes)
