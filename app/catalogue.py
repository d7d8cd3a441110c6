"""`benchtop workloads`: the catalogue of workloads as text and as JSON."""

from __future__ import annotations

import textwrap

import msgspec

from app.session.planning import bundle
from workloads.catalog import CATALOG, ByDevice, Parameter, WorkloadEntry


def catalogue_text(width: int) -> str:
    """Every workload with its unit of work and its parameters, wrapped to `width` columns."""
    together = "\n".join((bundle.NAME, *_wrapped(bundle.HELP, "  ", width)))
    return "\n\n".join((*(_entry_text(entry, width) for entry in CATALOG), together))


def catalogue_json() -> str:
    """The same as one JSON document."""
    return msgspec.json.format(msgspec.json.encode(CATALOG)).decode()


def _entry_text(entry: WorkloadEntry, width: int) -> str:
    names = max(len(parameter.name) for parameter in entry.parameters)
    lines = [
        entry.name,
        *_wrapped(entry.help, "  ", width),
        *_wrapped(f"unit of work: {entry.unit_meaning}", "  ", width),
    ]
    for parameter in entry.parameters:
        text = f"{parameter.meaning} ({_default(parameter)}; {parameter.allowed})"
        first, *rest = _wrapped(text, " " * (names + 6), width)
        lines += [f"    {parameter.name:<{names}}  {first.strip()}", *rest]
    return "\n".join(lines)


def _default(parameter: Parameter) -> str:
    default = parameter.default
    if isinstance(default, ByDevice):
        return f"default {default.cpu} on CPU, {default.cuda} on CUDA"
    if parameter.required:
        return "required"
    return f"default {default}" if default != "" else "default none"


def _wrapped(text: str, indent: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 40), initial_indent=indent, subsequent_indent=indent)
