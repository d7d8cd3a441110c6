"""Where workers and samplers run: here, or behind a command that forwards stdio, such as `ssh host`.

Words in, words out; nothing is started here.
"""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from app.session.planning.plan import Plan, PlannedRun
from workloads.wire.clock import ALIGN

CACHE = "~/.cache/benchtop"
"""Where a worker on another host leaves its files; under the home of whoever it runs as there."""

JOINS = frozenset({"ssh"})
"""Programs that join their arguments with blanks, for a shell on the other side to split again."""

NODE = "{node}"
"""Stands for each host of --nodes in --via."""

VIA_NODES = f"ssh {NODE}"
"""How the hosts of --nodes are reached, unless --via says it."""

PORT = 29400
"""Of the rendezvous; torchrun's own default."""

LISTENER_AND_GUARD = 2
"""Generations above a command of the user's."""

LADDER_S = 15.0
"""A command of the user's is asked to end three times, ever more firmly: see `workloads.exec.stopping`."""


@dataclass(frozen=True)
class Place:
    """Where one process runs."""

    command: tuple[str, ...]
    """All of it."""
    via: tuple[str, ...] = ()
    """What stands in front; empty here."""
    python: str = ""
    """The interpreter, there."""
    above: int = 0
    """Generations of processes that are benchtop's own; the workload's are what they started."""
    grace_s: float = 0.0
    """So much longer than others it may take to end when it is asked to."""


def parse_via(text: str, *, each_node: bool = False) -> tuple[str, ...]:
    """What was typed after --via → its words. Raises ValueError of one line.

    `each_node`: it is a pattern, for every host of --nodes.
    """
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise ValueError(f"--via {text}: {error}; close the quotes") from None
    if not words:
        raise ValueError('--via: give a command that forwards stdio, such as --via "ssh host"')
    if shutil.which(words[0]) is None:
        raise ValueError(f"--via {text}: there is no command {words[0]!r} on this host; install it or give its path")
    if each_node and NODE not in text:
        raise ValueError(f'--via {text}: write {NODE} where each host of --nodes belongs, as in --via "{VIA_NODES}"')
    if not each_node and NODE in text:
        raise ValueError(f"--via {text}: {NODE} is for --nodes, which is not given")
    return words


def parse_nodes(text: str) -> tuple[str, ...]:
    """What was typed after --nodes → hosts. Raises ValueError of one line."""
    nodes = tuple(node.strip() for node in text.split(","))
    if not all(nodes) or any(len(node.split()) > 1 for node in nodes):
        raise ValueError(f"--nodes {text}: write hosts with a comma between them, as in --nodes one,two")
    twice = next((node for node in nodes if nodes.count(node) > 1), None)
    if twice is not None:
        raise ValueError(f"--nodes {text}: {twice} is there twice; --ranks says how many workers each host has")
    return nodes


def parse_rendezvous(text: str | None, nodes: Sequence[str]) -> str:
    """What was typed after --rendezvous, or a port of the first host → HOST:PORT. Raises ValueError of one line."""
    if text is None:
        return f"{nodes[0].rpartition('@')[2]}:{PORT}"
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise ValueError(f"--rendezvous {text}: give HOST:PORT, an address of the first node that the others reach")
    return text


def behind(via: Sequence[str], command: Sequence[str]) -> tuple[str, ...]:
    """A command as the process that stands in front of it takes it."""
    joins = bool(via) and PurePath(via[0]).name in JOINS
    return (*via, *(map(shlex.quote, command) if joins else command))


def worker_places(plan: Plan, planned: PlannedRun) -> tuple[Place, ...]:
    """Where the workers of a run are started, one place on each host."""
    if not plan.nodes:
        place = _place(plan.via, plan.command(planned))
        return (replace(place, above=LISTENER_AND_GUARD, grace_s=LADDER_S) if planned.command else place,)
    ranks = (*plan.launcher, "--ranks", str(planned.ranks), "--nodes", str(len(plan.nodes)))
    return tuple(
        _place(_to(plan.via, node), (*ranks, "--node", str(number), "--rendezvous", plan.rendezvous))
        for number, node in enumerate(plan.nodes)
    )


def sampler_places(plan: Plan) -> tuple[Place, ...]:
    """Where samplers are started, one on each host. Devices of the second host and on bear its name: `node2:gpu0`."""
    command = (*plan.sampler, "--hz", f"{plan.telemetry_hz:g}")
    if not plan.nodes:
        return (_place(plan.via, command),)
    return tuple(
        _place(_to(plan.via, node), (*command, *(("--node", f"node{number}") if number > 1 else ())))
        for number, node in enumerate(plan.nodes, start=1)
    )


def folder_there(session: str) -> str:
    """The folder of a session on the other host."""
    return f"{CACHE}/{session}"


def _place(via: tuple[str, ...], command: tuple[str, ...]) -> Place:
    return Place(behind(via, (*command, ALIGN)) if via else command, via, command[0])


def _to(via: tuple[str, ...], node: str) -> tuple[str, ...]:
    return tuple(word.replace(NODE, node) for word in via)
