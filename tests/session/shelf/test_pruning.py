"""Which sessions go when room is to be made, and how one goes."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.analysis.finishing.finish import finish
from app.pruning import prune, rules_of
from app.session.shelf.labels import write_tags
from app.session.shelf.pruning import Rules, Saved, pruned, saved_sessions
from app.session.shelf.removal import HIDDEN, SessionLookedAt, looked_at, remove_left_behind, remove_session
from app.session.store.folder import SessionFolder, create_session, list_sessions
from app.session.store.journal import JournalWriter
from app.session.store.lock import SessionBusy, alone_at_tables, hold_lock
from tests.session.frames import PLAN, hello
from workloads.wire.framing import frame_bytes

DAY_NS = 86_400 * 10**9
NOW_NS = 1_700_000_000 * 10**9


def saved(age_days: int, size: int = 100, stays: str = "") -> Saved:
    """A session that is named after its age."""
    return Saved(name=f"{age_days}", path="", created_ns=NOW_NS - age_days * DAY_NS, size_bytes=size, stays=stays)


def going(rules: Rules, *sessions: Saved) -> list[str]:
    """The names of those that go."""
    return [each.name for each in pruned(sessions, rules, NOW_NS).removed]


FIVE = (saved(0), saved(1), saved(10), saved(40), saved(50))


def made(home: Path, age_days: int = 0, *, begun: bool = True) -> SessionFolder:
    """A finished session of nothing that began so long ago."""
    folder = create_session(home, replace(PLAN, created_ns=NOW_NS - age_days * DAY_NS))
    if begun:
        journal = JournalWriter(folder.journal)
        journal.append(frame_bytes(hello()))
        journal.close()
        finish(folder)
    return folder


def test_the_oldest_go_and_the_newest_stay() -> None:
    assert going(Rules(older_than_s=30 * 86_400), *FIVE) == ["50", "40"]
    assert going(Rules(keep=2), *FIVE) == ["50", "40", "10"]
    assert going(Rules(keep=0), *FIVE) == ["50", "40", "10", "1", "0"]
    assert going(Rules(keep_bytes=250), *FIVE) == ["50", "40", "10"]
    assert going(Rules(keep_bytes=500), *FIVE) == []


def test_of_the_newest_none_goes_whatever_else_is_asked() -> None:
    assert going(Rules(older_than_s=0.5 * 86_400, keep=4), *FIVE) == ["50"]
    assert going(Rules(keep_bytes=0, keep=3), *FIVE) == ["50", "40"]
    assert going(Rules(older_than_s=45 * 86_400, keep_bytes=300), *FIVE) == ["50", "40"]


def test_behind_one_that_does_not_fit_all_go() -> None:
    assert going(Rules(keep_bytes=250), saved(0), saved(1, 200), saved(2, 10)) == ["2", "1"]


def test_those_that_stay_take_their_room_and_are_named() -> None:
    sessions = (saved(0), saved(1), saved(40, 150, stays="it is running"))
    assert going(Rules(keep_bytes=250), *sessions) == ["1"]
    old = pruned(sessions, Rules(older_than_s=86_400 * 30), NOW_NS)
    assert (old.removed, [each.name for each in old.left]) == ((), ["40"])


def test_what_is_no_session_is_not_seen_and_what_must_not_go_stays(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "sessions", tmp_path / "elsewhere"
    done, running, begun, broken, foreign, tagged = (made(home, age, begun=age != 3) for age in range(1, 7))
    write_tags(tagged, ("keep", "h200"))
    broken.manifest.write_text("{")
    (foreign.path / "mine").mkdir()
    linked = made(elsewhere)
    (home / "linked").symlink_to(linked.path)
    (home / "no-session").mkdir()
    (home / "no-session" / "notes.md").write_text("mine")
    with hold_lock(running):
        saved = saved_sessions(home, time.time_ns())
    found = {each.name: each.stays for each in saved}
    assert found[done.name] == ""
    assert found[running.name] == "it is running"
    assert found[tagged.name] == "it is tagged to be kept"
    assert found[begun.name] == "it has just begun"
    assert found[broken.name] == "", "it goes by its age and size as others do"
    assert {each.name for each in saved if each.unreadable} == {broken.name}
    assert "not benchtop's" in found[foreign.name]
    assert set(found) == {folder.name for folder in (done, running, begun, broken, foreign, tagged)}


def test_nothing_goes_until_it_is_asked_for(tmp_path: Path) -> None:
    kept, old = made(tmp_path, 1), made(tmp_path, 40)
    told = prune(tmp_path, rules_of(None, None, 1), yes=False, as_json=False)
    assert old.name in told
    assert kept.name not in told
    assert "would remove 1 of 2 sessions" in told
    assert "--yes" in told
    assert len(list_sessions(tmp_path)) == 2
    document = json.loads(prune(tmp_path, rules_of(None, None, 1), yes=True, as_json=True))
    assert [each["name"] for each in document["chosen"]] == [old.name]
    assert document["done"]
    assert list(tmp_path.iterdir()) == [kept.path]
    assert "nothing to remove" in prune(tmp_path, rules_of(None, "1TB", None), yes=False, as_json=False)


@pytest.mark.parametrize("rules", [(None, None, None), ("30", None, None), (None, "many", None), (None, None, -1)])
def test_rules_that_cannot_be_are_said(rules: tuple[str | None, str | None, int | None]) -> None:
    with pytest.raises(ValueError, match=r"say which|is no age|is no size|can be kept"):
        rules_of(*rules)


def test_links_go_and_what_they_lead_to_stays(tmp_path: Path) -> None:
    folder = made(tmp_path / "sessions")
    outside = tmp_path / "precious"
    outside.write_text("mine")
    (folder.path / "link").symlink_to(outside)
    remove_session(folder)
    assert not folder.path.exists()
    assert outside.read_text() == "mine"
    (tmp_path / "link").symlink_to(made(tmp_path / "elsewhere").path)
    with pytest.raises(ValueError, match="link"):
        remove_session(SessionFolder(tmp_path / "link"))


def test_who_is_at_a_session_keeps_it(tmp_path: Path) -> None:
    folder = made(tmp_path)
    with hold_lock(folder), pytest.raises(SessionBusy):
        remove_session(folder)
    with alone_at_tables(folder), pytest.raises(SessionBusy):
        remove_session(folder)
    with looked_at(folder), looked_at(folder), pytest.raises(SessionLookedAt):
        remove_session(folder)
    told = prune(tmp_path, rules_of(None, None, 0), yes=False, as_json=False)
    assert "would remove 1" in told
    remove_session(folder)
    remove_session(folder)
    assert not folder.path.exists()


def test_one_that_died_at_it_leaves_no_session_and_is_tidied_up_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made(tmp_path)
    with monkeypatch.context() as died:
        died.setattr("shutil.rmtree", lambda _: (_ for _ in ()).throw(OSError("died")))
        with pytest.raises(OSError, match="died"):
            remove_session(folder)
    assert not list_sessions(tmp_path)
    assert [path.name.startswith(HIDDEN) for path in tmp_path.iterdir()] == [True]
    assert remove_left_behind(tmp_path) == 1
    assert not list(tmp_path.iterdir())
