"""What two runs of one workload do not have in common, and which of it was meant.

Meant is what a person set otherwise: parameters of the plan, and how many ranks. Everything else was not, and makes two
results not comparable until it is accepted by name. What was not written down on one side can be neither.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from app.analysis.compare.effects import FOLLOWS, SET, effect_of
from app.analysis.compare.environment import Fact, Facts
from app.session.planning.plan import PlannedRun
from app.session.results.comparison import Difference, Standing

ALL: Final = "all"
"""What `--accept` calls everything."""
MAIN_PACKAGES: Final = 4
"""Once so many were all that a worker told, and no variables; one that tells more tells everything."""
FROM: Final = {
    "torch_threads": frozenset({"threads", "ranks"}),
    "data_sha256": frozenset({"corpus", "input", "inputs", "weights"}),
}
"""What differs because of what was set otherwise. The workload's own parameters that were not set always do: the same
benchtop fills them in from those that were."""
LENGTHS: Final = ("duration_s", "steps", "warmup")
"""What is missing of these was left to the workload."""


def differences(
    base: Facts,
    other: Facts,
    planned: tuple[PlannedRun | None, PlannedRun | None] = (None, None),
    accepted: Collection[str] = (),
) -> tuple[Difference, ...]:
    """Everything that differs: what was meant first, then what was not, then what is not known."""
    found = list(_differing(base, other, _set_otherwise(*planned), frozenset(accepted)))
    order: dict[Standing, int] = {"meant": 0, "not meant": 1, "accepted": 2, "not known": 3}
    return tuple(sorted(found, key=lambda difference: order[difference.standing]))


def _differing(base: Facts, other: Facts, meant: frozenset[str], accepted: frozenset[str]) -> Iterator[Difference]:
    for name in dict.fromkeys((*base, *other)):
        one, two = base.get(name), other.get(name)
        if one is not None and two is not None and one.text == two.text:
            continue
        group = (one or two or Fact("")).group
        known = None not in (one, two) or _says_what_is_not_there(name, group, base if one is None else other)
        standing = _standing(name, group, meant, accepted, known=known)
        yield Difference(
            name=name,
            base=one.text if one else None,
            other=two.text if two else None,
            effect=effect_of(name, group) if standing != "meant" else SET if name in meant else FOLLOWS,
            standing=standing,
            group=group,
        )


def _says_what_is_not_there(name: str, group: str, facts: Facts) -> bool:
    """Whether a name that is missing means that there was no such thing."""
    if group in ("packages", "environment"):
        return sum(fact.group == "packages" for fact in facts.values()) > MAIN_PACKAGES
    return name in LENGTHS or group == "parameters"


def _standing(name: str, group: str, meant: frozenset[str], accepted: frozenset[str], *, known: bool) -> Standing:
    if name in meant or (name in FROM and meant & FROM[name]) or (group == "parameters" and meant):
        return "meant"
    if accepted & {name, group, ALL}:
        return "accepted"
    return "not meant" if known else "not known"


def _set_otherwise(base: PlannedRun | None, other: PlannedRun | None) -> frozenset[str]:
    """Names of what a person set otherwise in the two plans."""
    if base is None or other is None:
        return frozenset()
    names = base.parameters.keys() | other.parameters.keys()
    meant = {name for name in names if base.parameters.get(name) != other.parameters.get(name)}
    return frozenset(meant | ({"ranks"} if base.ranks != other.ranks else set()))
