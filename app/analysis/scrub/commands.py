"""A command line without what it says of a person's files: programs that everybody has, options and numbers stay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Final

from app.analysis.scrub.replacing import Replacing

_PROGRAMS: Final = re.compile(
    r"python[\d.]*|torchrun|accelerate|deepspeed|benchtop|bash|sh|env|uv|srun|mpirun|ssh|docker|podman|kubectl|nsys|ncu"
)
_OPTION: Final = re.compile(r"--?[A-Za-z][\w-]*")
_PLAIN: Final = re.compile(
    r"[-+]?[\d.]+(?:e[-+]?\d+)?[a-zA-Z%]{0,2}|true|false|none|auto|run|exec|launch|--", re.IGNORECASE
)
_OWN: Final = re.compile(r"(?:app|workloads)(?:\.\w+)+|\{node\}")


def scrubbed_command(command: Sequence[str], replacing: Replacing) -> tuple[str, ...]:
    """All its arguments, each kept or with a token in its place."""
    return tuple(_argument(place, argument, replacing) for place, argument in enumerate(command))


def files_named(command: Iterable[str]) -> Iterable[str]:
    """The arguments that look like a file, as they are and without their folder: a log may name them."""
    for argument in command:
        value = argument.partition("=")[2] if argument.startswith("-") else argument
        if "/" in value or re.fullmatch(r"[\w-]{2,}\.[A-Za-z]\w{0,10}", value):
            name = PurePath(value).name
            if not (_OWN.fullmatch(value) or _PROGRAMS.fullmatch(name)):
                yield from {value, name} - {"", "."}


def _argument(place: int, argument: str, replacing: Replacing) -> str:
    name = PurePath(argument).name
    if place == 0 and _PROGRAMS.fullmatch(name):
        if name != argument:
            replacing.drop("path")
        return name
    option, sign, value = argument.partition("=")
    if sign and _OPTION.fullmatch(option):
        return f"{option}={_value(value, replacing)}"
    return _value(argument, replacing)


def _value(value: str, replacing: Replacing) -> str:
    if not value or _PLAIN.fullmatch(value) or _OPTION.fullmatch(value) or _OWN.fullmatch(value):
        return value
    found = replacing.text(value)
    return found if re.fullmatch(r"(?:[a-z]+-\d+[@:,]?)+", found) else replacing.whole("argument", value)
