"""What is done with each input: all that a person would do with a session, in this process.

Every function ends quietly, or raises what a command makes one line of: ValueError or OSError. Whatever else is raised
is a fault, and so is a text that is not plain.
"""

from __future__ import annotations

import io
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from app.analysis.compare.command import comparison_of, printed
from app.analysis.finishing.finish import finish
from app.analysis.load import load
from app.analysis.replay.__main__ import replay
from app.analysis.show import show
from app.analysis.tables.readable import readable
from app.analysis.why.document import why
from app.packing import pack_session
from app.session.live.session import LiveSession
from app.session.pack import cache
from app.session.shelf.listing import rows_json, session_row
from app.session.shelf.listing_text import sessions_text
from app.session.shelf.matching import found, haystack
from app.session.store.folder import SessionFolder, create_session, find_session
from app.ui.draw.sessions import SessionsLook, draw_sessions
from tests.analysis.journals import whole, write_journal
from tests.bench.fuzz.mutate import bytes_of, tree_of
from tests.hostile import hostile_frames
from tests.session.frames import PLAN
from tests.session.pack.letting_go import let_go
from workloads.wire.framing import HEADER, DamagedStream, FrameReader, frame_bytes, payload_bytes

Target = Callable[[random.Random], None]

SELDOM = 0.15
"""How many inputs go through everything, tables too; the others through what looks at every byte all the same."""


class Ground:
    """Sound sessions, of which damaged ones are made; all in one folder."""

    def __init__(self, place: Path) -> None:
        self.home = place / "sessions"
        self.sound = create_session(self.home, PLAN)
        frames = (*whole(), *hostile_frames(driving=False))
        write_journal(self.sound, frames)
        self.payloads = [frame_bytes(frame)[HEADER.size :] for frame in frames]
        self.journal = self.sound.journal.read_bytes()
        finish(self.sound)
        self.manifest = self.sound.manifest.read_bytes()
        self.tables = {path.name: path.read_bytes() for path in self.sound.path.glob("*.parquet")}
        target = place / "sound.zip"
        pack_session(self.sound, str(target), scrub=False, weights=False)
        self.pack = target.read_bytes()
        self.place = place / "tried"

    def fresh(self) -> SessionFolder:
        """An empty folder with a plan."""
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir(parents=True)
        folder = SessionFolder(self.place / "20260101-000000-tried")
        folder.path.mkdir()
        folder.write_plan(PLAN)
        return folder


def targets(ground: Ground) -> dict[str, Target]:
    """By the name of what is damaged."""
    return {
        "journal": lambda chance: journal(ground, chance),
        "manifest": lambda chance: manifest(ground, chance),
        "table": lambda chance: table(ground, chance),
        "pack": lambda chance: pack(ground, chance),
    }


def journal(ground: Ground, chance: random.Random) -> None:
    """Bytes that are wrong, and frames that are well framed but make no sense."""
    if chance.random() < 0.3:
        data = bytes_of(ground.journal, chance)
    else:
        payloads = list(ground.payloads)
        for _ in range(chance.choice((1, 2, 5))):
            place = chance.randrange(len(payloads))
            if chance.random() < 0.2:
                payloads[place] = bytes_of(payloads[place], chance)
            else:
                payloads[place] = msgspec.msgpack.encode(tree_of(msgspec.msgpack.decode(payloads[place]), chance))
        if chance.random() < 0.1:
            chance.shuffle(payloads)
        data = b"".join(map(payload_bytes, payloads))
    feed(data, chance)
    if chance.random() < SELDOM:
        folder = ground.fresh()
        folder.journal.write_bytes(data)
        if chance.random() < 0.5:
            finish(folder)
        look(folder, chance)


def manifest(ground: Ground, chance: random.Random) -> None:
    """A document that is damaged, or that says what cannot be; the tables beside it are sound."""
    folder = ground.fresh()
    if chance.random() < 0.1:
        data = bytes_of(ground.manifest, chance)
    else:
        data = msgspec.json.encode(tree_of(msgspec.json.decode(ground.manifest), chance))
    folder.manifest.write_bytes(data)
    check(sessions_text([session_row(folder)], 100))
    check(rows_json([session_row(folder)]))
    found = folder.read_manifest()
    LiveSession(found.plan)
    if chance.random() < SELDOM:
        for name, content in ground.tables.items():
            (folder.path / name).write_bytes(content)
        look(folder, chance)


def table(ground: Ground, chance: random.Random) -> None:
    """A damaged Parquet file in a sound session."""
    folder = ground.fresh()
    folder.manifest.write_bytes(ground.manifest)
    damaged = chance.choice(sorted(ground.tables))
    for name, content in ground.tables.items():
        (folder.path / name).write_bytes(bytes_of(content, chance) if name == damaged else content)
    look(folder, chance)


def pack(ground: Ground, chance: random.Random) -> None:
    """A damaged ZIP file, or a sound one with damage in it."""
    shutil.rmtree(ground.place, ignore_errors=True)
    ground.place.mkdir(parents=True)
    path = ground.place / "tried.zip"
    path.write_bytes(bytes_of(ground.pack, chance) if chance.random() < 0.7 else repacked(ground.pack, chance))
    try:
        opened = find_session(ground.home, str(path))
        if chance.random() < SELDOM:
            look(opened, chance)
        else:
            check(sessions_text([session_row(opened)], 100))
    finally:
        let_go()
        cache.clean(cache.cache_home({"BENCHTOP_HOME": str(ground.home.parent)}), kept_bytes=0)


def repacked(data: bytes, chance: random.Random) -> bytes:
    """The same archive with a member changed, renamed, twice, or compressed in another way."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        names = old.namelist()
        chosen = chance.choice(names)
        for name in names:
            content = old.read(name)
            called = name
            if name == chosen:
                match chance.randrange(4):
                    case 0:
                        called = chance.choice(
                            ("../x", "/x", "x/y", name.upper(), name + " ", "con", "screen.svg", "..")
                        )
                    case 1:
                        content = bytes_of(content, chance)
                    case 2:
                        content = b"[" * chance.choice((10, 100_000))
                    case _:
                        content = b""
            method = chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))
            new.writestr(called, content, compress_type=method if name == chosen else zipfile.ZIP_STORED)
    return made.getvalue()


def feed(data: bytes, chance: random.Random) -> None:
    """As a viewer reads a journal that grows, in pieces; what is damaged ends it."""
    session, reader = LiveSession(PLAN), FrameReader()
    try:
        for frame in reader.feed(data):
            session.feed(frame)
    except DamagedStream:
        pass
    all_of_it = chance.random() < 0.5
    view = session.view(session.newest_ns, whole=all_of_it)
    if chance.random() < SELDOM:
        plain(view)


def look(folder: SessionFolder, chance: random.Random) -> None:
    """Everything that a saved session is asked."""
    match chance.randrange(6):
        case 0:
            check(show(folder, as_json=False, width=100, runs=True))
        case 1:
            check(show(folder, as_json=True, width=100))
        case 2:
            check(why(folder, as_json=False, width=100, at=None))
        case 4:
            row = session_row(folder)
            found([haystack(row)], "tr di")
            look_at = SessionsLook(shown=[row], total=1, typed="tr di")
            check("".join(text for drawn in draw_sessions(look_at, 100, 30) for text, _ in drawn))
        case 3:
            session, reader = LiveSession(PLAN), FrameReader()
            with readable(folder):
                for frame in replay(load(folder)):
                    for read in reader.feed(frame_bytes(frame)):
                        session.feed(read)
            plain(session.view(session.newest_ns))
        case _:
            compared = comparison_of([(folder, 0), (folder, 0)], accepted=[], within=0.01, conditions="")
            check(printed(compared, as_json=False, width=100))


class NotPlain(Exception):
    """A text that a terminal would obey."""


def check(text: str) -> None:
    """A text that is printed."""
    bad = {character for character in text if not (character.isprintable() or character == "\n")}
    if bad:
        raise NotPlain(repr(bad))


def plain(value: Any) -> None:
    """All texts of a view."""
    match value:
        case str() if not value.isprintable():
            raise NotPlain(repr(value[:80]))
        case msgspec.Struct():
            for name in value.__struct_fields__:
                plain(getattr(value, name))
        case dict():
            for pair in value.items():
                plain(pair)
        case tuple() | list():
            for each in value:
                plain(each)
