"""A plan whose workers and samplers run on other hosts: `--via`, `--nodes` and what belongs to them."""

from __future__ import annotations

import sys

from msgspec.structs import replace

from app.session.planning.plan import MODULE_COMMAND, Plan
from app.session.planning.request import RunRequest
from app.session.planning.via import VIA_NODES, parse_nodes, parse_rendezvous, parse_via

QUIET_BEHIND_S = 30.0
"""A worker on another host is silent for as long as a slow line keeps its frames."""


def elsewhere(plan: Plan, request: RunRequest) -> Plan:
    """The plan with its workers and samplers on other hosts, where that was asked for. Raises ValueError."""
    nodes = () if request.nodes is None else parse_nodes(request.nodes)
    if not nodes and request.rendezvous is not None:
        raise ValueError(f"--rendezvous {request.rendezvous}: it is for --nodes, which is not given")
    typed = request.via if request.via is not None else VIA_NODES if nodes else None
    if typed is None:
        if request.via_python is not None:
            raise ValueError(f"--via-python {request.via_python}: it is for --via or --nodes, none of which is given")
        return plan
    python = request.via_python if request.via_python is not None else sys.executable
    if not python.strip():
        raise ValueError("--via-python: give the path of a Python on the other host")
    module = (python, *MODULE_COMMAND[1:])
    return replace(
        plan,
        via=parse_via(typed, each_node=bool(nodes)),
        nodes=nodes,
        rendezvous=parse_rendezvous(request.rendezvous, nodes) if nodes else "",
        launcher=(*module, "workloads.ranks"),
        worker=(*module, "workloads.worker"),
        sampler=(*module, "app.telemetry"),
        quiet_s=QUIET_BEHIND_S,
    )
