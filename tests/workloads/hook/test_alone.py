"""The hook stands alone in somebody else's program, and says what the rest of benchtop says."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import workloads.hook
from workloads.entries.experiments import SETTINGS
from workloads.hook import experiments
from workloads.hook.changes import CHANGES
from workloads.hook.line import REQUEST, STEP
from workloads.rows import RequestRow, StepRow
from workloads.wire.commands import BLOCK_NS

FOLDER = Path(workloads.hook.__file__).parent


def imported(file: Path) -> Iterator[str]:
    """What a file imports, wherever in it; what is relative to itself is its own."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 1, f"{file} reaches out of the hook"


def test_it_imports_its_own_parts_and_the_standard_library() -> None:
    known = sys.stdlib_module_names | {"torch"}
    for file in FOLDER.glob("*.py"):
        assert {name for name in imported(file) if name.split(".")[0] not in known} == set(), file


def test_its_experiments_are_those_of_the_catalogue() -> None:
    assert CHANGES.keys() <= SETTINGS.keys()
    assert experiments.BLOCK_NS == BLOCK_NS


def test_its_rows_have_columns_of_the_rows_of_a_worker_in_their_order() -> None:
    for names, row in ((STEP, StepRow), (REQUEST, RequestRow)):
        assert names == tuple(name for name in row._fields if name in names)
        assert set(names) >= set(row._fields) - row._field_defaults.keys()
