"""Parameters of workloads: what can be set, to what, and what a wrong setting is told.

Standard library and msgspec only. Knows no workload, and never guesses what a user meant: a wrong
name or value is a ValueError of one line that names the near misses, the range or the choices.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from workloads.wire.frames import Value

DeviceKind = Literal["cpu", "cuda"]

_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


SPELLINGS = {
    "fp64": "float64",
    "fp32": "float32",
    "fp16": "float16",
    "bf16": "bfloat16",
}
"""Other names that people know choices by; taken where the name itself is no choice."""


class ByDevice(msgspec.Struct, frozen=True):
    """A default that suits each kind of device."""

    cpu: Value
    cuda: Value


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that `--set name=value` changes. Its type is the type of its default."""

    name: str
    default: Value | ByDevice
    meaning: str
    """One line: what it is, with its unit."""
    minimum: float | None = None
    """Smallest value, itself allowed; None: no limit."""
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    """The texts that are allowed; empty: any, or what `pattern` matches."""
    pattern: str | None = None
    """Regular expression that a text matches wholly, where the choices are a family such as `cuda:N`."""
    takes_memory: bool = False
    """Whether a smaller value takes less memory: what an out-of-memory failure says to set smaller."""
    required: bool = False
    """Whether a run cannot be planned without it: there is no default that could serve."""
    file: bool = False
    """Whether it names a file or folder, or is one of the choices; planning takes it from where the user stands."""

    @property
    def kind(self) -> type[Value]:
        """`bool`, `int`, `float` or `str`."""
        return type(self.default.cpu if isinstance(self.default, ByDevice) else self.default)

    @property
    def allowed(self) -> str:
        """In words what can be set: `from 1 to 4096`, `float32, bfloat16`."""
        if self.choices:
            return ", ".join((*self.choices, "a path") if self.file else self.choices)
        if self.kind is bool:
            return "true, false"
        if self.file:
            return "a path"
        low, high = self.minimum, self.maximum
        if low is not None and high is not None:
            return f"from {low:g} to {high:g}"
        return f"at least {low:g}" if low is not None else f"at most {high:g}" if high is not None else "any text"

    @property
    def holds_commas(self) -> bool:
        """Whether a value may have commas in it, so that one does not part two values: a path, a free text, a list."""
        if self.kind is not str:
            return False
        return "," in self.pattern if self.pattern is not None else self.file or not self.choices

    def default_for(self, device: DeviceKind) -> Value:
        """The default on that kind of device."""
        if isinstance(self.default, ByDevice):
            return self.default.cpu if device == "cpu" else self.default.cuda
        return self.default

    def parse(self, text: str) -> Value:
        """A user's text → a checked value. Raises ValueError with the range or the choices."""
        text = text.strip()
        if text not in self.choices and SPELLINGS.get(text) in self.choices:
            return SPELLINGS[text]
        try:
            return self.check(_from_text(self.kind, text))
        except _WrongText as error:
            raise ValueError(f"{self.name}={text} is no {_NAMES[self.kind]}; allowed: {self.allowed}") from error

    def parse_several(self, text: str) -> tuple[Value, ...]:
        """A user's text → the values of a sweep, with a comma between them; most often one. Raises ValueError.

        Where a value may itself have commas in it (see `holds_commas`), the whole is one, unless its parts are all
        choices.
        """
        parts = text.split(",")
        if self.holds_commas and not all(part.strip() in self.choices for part in parts):
            return (self.parse(text),)
        values = tuple(map(self.parse, parts))
        if len(set(values)) < len(values):
            raise ValueError(f"{self.name}={text} names a value twice; --repeats N measures each of them N times")
        return values

    def check(self, value: Value) -> Value:
        """A value of the right kind and in range, or ValueError. A whole number is taken for a float."""
        if self.kind is float and type(value) is int:
            value = float(value)
        if type(value) is not self.kind or not self._permits(value):
            raise ValueError(f"{self.name}={value} is not allowed; allowed: {self.allowed}")
        return value

    def _permits(self, value: Value) -> bool:
        if isinstance(value, str):
            if self.pattern is not None:
                return re.fullmatch(self.pattern, value) is not None
            return self.file or not self.choices or value in self.choices
        return (self.minimum is None or value >= self.minimum) and (self.maximum is None or value <= self.maximum)


def named_near(given: str, known: Iterable[str], what: str) -> str:
    """The line for a name that is not known: its near misses, and all there are."""
    names = list(known)
    near = difflib.get_close_matches(given, names, n=3, cutoff=0.5)
    meant = f"; did you mean {' or '.join(near)}?" if near else ";"
    return f"no {what} {given!r}{meant} there are: {', '.join(names)}"


class _WrongText(ValueError):
    """The text is of another kind than the parameter."""


_NAMES = {bool: "yes or no", int: "whole number", float: "number", str: "text"}


def _from_text(kind: type[Value], text: str) -> Value:
    if kind is bool:
        if text.lower() not in (*_TRUE, *_FALSE):
            raise _WrongText
        return text.lower() in _TRUE
    try:
        value = kind(text)
    except ValueError as error:
        raise _WrongText from error
    if isinstance(value, float) and not math.isfinite(value):
        raise _WrongText
    return value
