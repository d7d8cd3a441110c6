"""Names → tokens, one for one, wherever they stand in a text; and what looks like a name that nobody knew. Pure.

Patterns are for what benchtop, drivers, compilers and Python print. They would rather take out too much.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

Kind = str
"""`host`, `user`, `path` … in the singular, as in the token `host-1`."""

_WORD: Final = r"[^\s'\"`;,<>()\[\]{}|*?=]"
_ENDINGS: Final = (
    "py|pyc|ipynb|sh|c|cc|cpp|cu|h|so|csv|tsv|json|jsonl|yaml|yml|toml|cfg|ini|txt|log|md|pt|pth|ckpt|bin|safetensors|"
    "npz|npy|parquet|arrow|h5|hdf5|onnx|pkl|tar|gz|zip|zst|db|sqlite|env|pem|key"
)
_PATTERNS: Final[tuple[tuple[Kind, re.Pattern[str]], ...]] = (
    ("address", re.compile(r"\b[a-zA-Z][\w+.-]*://[^\s'\"<>)\]]+")),
    ("address", re.compile(r"[\w.+-]+@[\w.-]+(?::[\w./~-]+)?")),
    ("serial number", re.compile(r"(?:GPU-|MIG-)?\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE)),
    ("serial number", re.compile(r"\b[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]\b", re.IGNORECASE)),
    (
        "serial number",
        re.compile(r"(?<=serial)(?:[ _-]?(?:number|no\.?))?\s*[:=#]?\s*(?=[\w-]*\d)[\w-]{5,}", re.IGNORECASE),
    ),
    ("address", re.compile(r"\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b", re.IGNORECASE)),
    ("address", re.compile(r"(?<=\benx)[0-9a-f]{12}\b")),
    ("address", re.compile(r"(?<![\w.])(?!127\.|0\.0\.0\.0)(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)")),
    (
        "address",
        re.compile(r"(?<![\w:])(?:fe80|f[cd][0-9a-f]{2}|2[0-9a-f]{3})(?::[0-9a-f]{0,4}){2,7}(?!\w)", re.IGNORECASE),
    ),
    (
        "variable",
        re.compile(r"(?<=\b[A-Z][A-Z0-9_])[A-Z0-9_]*=(?![-+\d.]+(?:e[-+]?\d+)?\b)(?:\"[^\"]*\"|'[^']*'|[^\s;,)]+)"),
    ),
    ("path", re.compile(r"(?<!\w)[A-Za-z]:\\" + _WORD + "+")),
    (
        "path",
        re.compile(
            r"(?:(?<![\w/.~)-])|(?<=-[A-Za-z]))"
            r"(?!/(?:proc|sys)/|/dev/(?:null|shm|nvidia))"
            r"(?:~[\w.-]*|\.{1,2})?/" + _WORD + r"*[\w.-]" + _WORD + "*"
        ),
    ),
    ("path", re.compile(rf"(?<![\w/.~-])[\w.~-]+(?:/[\w.@+-]+)*/[\w.@+-]+\.(?:{_ENDINGS})\b", re.IGNORECASE)),
)
_SHORTEST_PATH: Final = 4
"""Characters: `/s` is a unit."""


class Replacing:
    """Remembers which token stands for what, and counts what it took out."""

    def __init__(self, known: Mapping[str, tuple[Kind, str]]) -> None:
        """`known`: a name as it stands in texts → its kind, and what it is a name of: names of one thing share a token.

        A name that is a part of a longer one is found only where it stands by itself.
        """
        self.removed: Counter[Kind] = Counter()
        """By kind, how many places."""
        self._tokens: dict[tuple[Kind, str], str] = {}
        self._numbers: Counter[Kind] = Counter()
        self._known = {name.casefold(): meant for name, meant in known.items()}
        longest_first = sorted(known, key=len, reverse=True)
        self._names = (
            re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, longest_first))})(?![A-Za-z0-9])", re.IGNORECASE)
            if known
            else None
        )
        for kind, thing in known.values():
            self.token(kind, thing)

    def token(self, kind: Kind, thing: str) -> str:
        """What stands for it; nothing is counted."""
        key = (kind, thing)
        if key not in self._tokens:
            self._numbers[kind] += 1
            self._tokens[key] = f"{kind.partition(' ')[0]}-{self._numbers[kind]}"
        return self._tokens[key]

    def whole(self, kind: Kind, text: str) -> str:
        """A text that is one name altogether; nothing stays nothing."""
        if not text:
            return text
        self.removed[kind] += 1
        known = self._known.get(text.casefold())
        return self.token(*known) if known else self.token(kind, text)

    def drop(self, kind: Kind, count: int = 1) -> None:
        """So many were taken out, and nothing stands for them."""
        self.removed[kind] += count

    def text(self, text: str) -> str:
        """A text with tokens in the place of names."""
        if self._names is not None:
            text = self._names.sub(self._name, text)
        for kind, pattern in _PATTERNS:
            text = pattern.sub(lambda match, kind=kind: self._found(kind, match.group()), text)  # type: ignore[misc]
        return text

    def lines(self, text: str, instead: str = "[taken out]") -> str:
        """The same, but a line that has any name in it goes whole."""
        return "\n".join(self._line(line, instead) for line in text.split("\n"))

    def _line(self, line: str, instead: str) -> str:
        before = self.removed.copy()
        if self.text(line) == line:
            return line
        self.removed = before
        self.removed["log line"] += 1
        return instead

    def _name(self, match: re.Match[str]) -> str:
        kind, thing = self._known[match.group().casefold()]
        self.removed[kind] += 1
        return self.token(kind, thing)

    def _found(self, kind: Kind, text: str) -> str:
        if kind == "path":
            if len(text) < _SHORTEST_PATH and "~" not in text:
                return text
            text, rest = _without_end(text)
        else:
            rest = ""
        self.removed[kind] += 1
        if kind == "variable":
            return f"{text.partition('=')[0]}=…{rest}"
        return self.token(kind, text) + rest


def _without_end(path: str) -> tuple[str, str]:
    """A path, and what is the sentence's: `/a/b.py:12:` → `/a/b.py` and `:12:`."""
    match = re.search(r"(?::\d+)*[:.…!]*$", path)
    cut = match.start() if match else len(path)
    return path[:cut], path[cut:]
