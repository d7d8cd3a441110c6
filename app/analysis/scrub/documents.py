"""Plan and manifest without names: every text by its class, at whatever depth."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import msgspec

from app.analysis.scrub.classes import Class, class_of
from app.analysis.scrub.commands import scrubbed_command
from app.analysis.scrub.replacing import Replacing

_Document = TypeVar("_Document", bound=msgspec.Struct)

_DROPPED: Final = {"environment": "environment variable", "uuid": "serial number"}
_GIT: Final = "git revision"


def scrubbed_document(document: _Document, replacing: Replacing) -> _Document:
    """The same with tokens in the place of names."""
    fields = {
        name: _field(f"{type(document).__name__}.{name}", getattr(document, name), replacing)
        for name in document.__struct_fields__
    }
    return msgspec.structs.replace(document, **fields)


def _field(field: str, value: Any, replacing: Replacing) -> Any:
    if value is None:
        return None
    kind = class_of(field)
    if kind is None:
        return _inner(value, replacing)
    if kind == "drop":
        name = field.partition(".")[2]
        if value or isinstance(value, str):
            replacing.drop(_DROPPED.get(name, _GIT), len(value) if isinstance(value, dict) else 1)
        return {} if isinstance(value, dict) else None
    if kind == "command":
        return scrubbed_command(value, replacing)
    return _texts(value, kind, replacing)


def _inner(value: Any, replacing: Replacing) -> Any:
    """Where a field has no text of its own, structures may have."""
    match value:
        case msgspec.Struct():
            return scrubbed_document(value, replacing)
        case tuple():
            return tuple(_inner(each, replacing) for each in value)
        case dict():
            return {key: _inner(each, replacing) for key, each in value.items()}
        case _:
            return value


def _texts(value: Any, kind: Class, replacing: Replacing) -> Any:
    match value:
        case str():
            return _text(value, kind, replacing)
        case tuple():
            return tuple(_texts(each, kind, replacing) for each in value)
        case dict():
            return {_texts(key, kind, replacing): _texts(each, kind, replacing) for key, each in value.items()}
        case _:
            return _inner(value, replacing)


def _text(text: str, kind: Class, replacing: Replacing) -> str:
    match kind:
        case "host" | "path":
            return replacing.whole(kind, text)
        case "lines":
            return replacing.lines(text)
        case "text":
            return replacing.text(text)
        case _:
            return text
