"""Training beside inference of one model (`benchtop compare --train-vs-test`): what each environment needs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from app.analysis.compare.brief import brief
from app.analysis.compare.figures import FIGURES, Figure, Measured
from app.analysis.compare.groups import Group, groups_of
from app.analysis.compare.sides import OpenSide
from app.session.results.environments import Environment, Environments, Row, TrainVsTest

TRAIN, INFER = "train/", "infer/"


def train_vs_test(sides: Sequence[OpenSide]) -> Environments:
    """Every model that was trained in one of the sessions and served in one of them.

    Raises ValueError where there is none.
    """
    groups = [group for side in sides for group in groups_of(side)]
    trained = _models(groups, TRAIN)
    served = _models(groups, INFER)
    both = [model for model in trained if model in served]
    if not both:
        has = ", ".join(dict.fromkeys(group.workload for group in groups)) or "no run that was done"
        raise ValueError(
            f"no model was both trained and served; there is {has}: `benchtop run train/digits infer/digits` does both"
        )
    return Environments(
        sessions=tuple((side.side.label, side.side.session) for side in sides),
        models=tuple(_table(model, _in_turns(trained[model], served[model])) for model in both),
    )


def _models(groups: Sequence[Group], kind: str) -> dict[str, list[Group]]:
    found: dict[str, list[Group]] = {}
    for group in groups:
        if group.workload.startswith(kind):
            found.setdefault(group.workload.removeprefix(kind), []).append(group)
    return found


def _in_turns(trained: Sequence[Group], served: Sequence[Group]) -> list[Group]:
    """Each beside its counterpart, so that the first two columns, the ones that always fit, are one of each."""
    return [group for both in zip_longest(trained, served) for group in both if group is not None]


def _table(model: str, groups: Sequence[Group]) -> TrainVsTest:
    columns = [Measured(group, [brief(group.of.loaded, record) for record in group.records]) for group in groups]
    rows = (_row(figure, columns) for figure in FIGURES)
    return TrainVsTest(
        model=model,
        environments=tuple(
            Environment(workload=group.workload, title=group.title, label=group.side.label, runs=len(group.records))
            for group in groups
        ),
        rows=tuple(row for row in rows if any(value not in (None, "") for value in row.values)),
    )


def _row(figure: Figure, columns: Sequence[Measured]) -> Row:
    values = tuple(figure.read(column) for column in columns)
    return Row(section=figure.section, name=figure.name, label=figure.label, values=values)
