"""The names that a session says of itself: hosts, users, files of its command lines. They are looked for everywhere."""

from __future__ import annotations

import getpass
import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from app.analysis.scrub.classes import class_of
from app.analysis.scrub.commands import files_named
from app.analysis.scrub.replacing import Kind
from app.session.store.folder import slug

_HOME: Final = re.compile(r"(?:/home|/Users|/export/home|[A-Za-z]:\\Users)[/\\]([A-Za-z][\w.-]+)")
_AT: Final = re.compile(r"\b([A-Za-z][\w.-]*)@([\w.-]+)")
_LOGIN: Final = frozenset(("root", "git"))
"""Names that say nothing of whose they are."""
_EVERYWHERE: Final = frozenset(("localhost", "localhost.localdomain", ""))

_SHORTEST_SLUG: Final = 4
"""Names of sessions are made of slugs; a shorter one is a word."""

Known = dict[str, tuple[Kind, str]]
"""As `Replacing` takes them."""


def known_names(documents: Iterable[msgspec.Struct], more: Iterable[str] = ()) -> Known:
    """Of these documents; `more`: other texts of the session in which users may be named."""
    fields = list(dict.fromkeys(pair for document in documents for pair in texts_of(document)))
    commands = [text for field, text in fields if class_of(field) == "command"]
    known: Known = {}
    for name in files_named(commands):
        known[name] = ("argument", Path(name).name)
    for user in _users([*(text for _, text in fields), *more]):
        if user not in _LOGIN and len(user) > 1:
            known[user] = ("user", user)
    for host in _hosts(fields, commands):
        thing = host if re.fullmatch(r"[\d.:]+", host) else host.partition(".")[0]
        known[host] = known[thing] = ("host", thing)
    home = str(Path.home())
    if home not in ("/", "/root"):
        known[home] = ("path", home)
    slugs = {slug(name): meant for name, meant in known.items() if len(slug(name)) > _SHORTEST_SLUG}
    return slugs | known


def _hosts(fields: Iterable[tuple[str, str]], commands: Iterable[str]) -> Iterable[str]:
    """In the order in which they are named, each once."""
    found = [text for field, text in fields if class_of(field) == "host"]
    found += [text.rpartition(":")[0] for field, text in fields if field == "Plan.rendezvous"]
    found += [match[2] for text in commands for match in _AT.finditer(text)]
    found.append(socket.gethostname())
    return [host for host in dict.fromkeys(found) if host not in _EVERYWHERE]


def _users(texts: Iterable[str]) -> Iterator[str]:
    with suppress(OSError, KeyError):
        yield getpass.getuser()
    for text in texts:
        yield from (match[1] for match in _HOME.finditer(text))
        yield from (match[1] for match in _AT.finditer(text))


def texts_of(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """Every text in it with the field that holds it."""
    match value:
        case str():
            yield field, value
        case msgspec.Struct():
            for name in value.__struct_fields__:
                yield from texts_of(getattr(value, name), f"{type(value).__name__}.{name}")
        case dict():
            for key, item in value.items():
                yield from texts_of(key, field)
                yield from texts_of(item, field)
        case tuple():
            for item in value:
                yield from texts_of(item, field)
