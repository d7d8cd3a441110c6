"""A player over a session too large for memory, or whose end comes in sums: which replay it asks, what it shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from app.analysis.finishing.finish import finish
from app.session.live.view import View
from app.session.playing import player as playing
from app.session.playing import tape as taping
from app.session.playing.playback import moved, toggled
from app.session.playing.player import Player
from app.session.store.folder import SessionFolder
from tests.analysis.journals import journalled
from tests.session.frames import SECOND
from tests.session.playing.test_tape import as_it_was, session, summary
from workloads.wire.frames import AnyFrame


class FakeReplay:
    """All frames, a few at a look, as a process gives them that is asked for the end or for the middle."""

    asked: list[int | None] = []  # noqa: RUF012 - one list for all of them
    closed = 0
    damage = left_out = ""

    def __init__(self, command: Sequence[str]) -> None:
        from_ns = next((int(word.partition("=")[2]) for word in command if word.startswith("--from-ns")), None)
        FakeReplay.asked.append(from_ns)
        self._frames: list[AnyFrame] = session()

    def slices(self) -> Iterator[list[AnyFrame]]:
        while self._frames:
            yield [self._frames.pop(0) for _ in range(min(3, len(self._frames)))]

    @property
    def at_end(self) -> bool:
        return not self._frames

    def close(self) -> None:
        FakeReplay.closed += 1


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SessionFolder:
    folder = journalled(tmp_path, session())
    finish(folder)
    monkeypatch.setattr(playing, "Replay", FakeReplay)
    monkeypatch.setattr(taping, "COPY_AT", 4)
    monkeypatch.setattr(FakeReplay, "asked", [])
    monkeypatch.setattr(FakeReplay, "closed", 0)
    return folder


def settled(player: Player, now_ns: int = 0) -> View:
    """Look until what is wanted is there; each look is as short as can be."""
    for _ in range(500):
        view = player.look(now_ns, budget_s=0.0)
        if view.catching_up is None and view.played is not None and not view.played.seeking:
            return view
    raise AssertionError("it never came")


def jump(player: Player, to_ns: int) -> View:
    assert player.playback is not None
    player.playback = moved(player.playback, 0, to_ns)
    return settled(player)


def test_of_a_large_session_a_stretch_is_read_for_each_place(
    folder: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playing, "LARGE_TABLE_BYTES", 0)
    monkeypatch.setattr(playing, "FAR_NS", 10 * SECOND)
    player = Player(folder, lambda: 0)
    assert settled(player).state == "done"
    places = (20 * SECOND, 16 * SECOND, 8 * SECOND, 9 * SECOND, 25 * SECOND)
    for at_ns in places:
        assert summary(jump(player, at_ns)) == summary(as_it_was(session(), at_ns))
    lead_ns = playing.LEAD_NS
    assert FakeReplay.asked == [28 * SECOND, 20 * SECOND - lead_ns, 8 * SECOND - lead_ns, 25 * SECOND - lead_ns]
    player.close()
    assert FakeReplay.closed == len(FakeReplay.asked)


def test_a_session_whose_end_came_in_sums_is_read_whole_behind_it(folder: SessionFolder) -> None:
    folder.rollups.touch()
    player = Player(folder, lambda: 0)
    end = settled(player)
    assert FakeReplay.asked == [28 * SECOND, None]
    for at_ns in (20 * SECOND, 3 * SECOND, 27 * SECOND):
        assert summary(jump(player, at_ns)) == summary(as_it_was(session(), at_ns))
    assert FakeReplay.asked == [28 * SECOND, None], "it is in memory"
    assert summary(jump(player, 28 * SECOND)) == summary(end)
    player.close()
    assert FakeReplay.closed == 2


def test_what_cannot_be_fed_as_fast_as_it_is_played_is_shown_all_the_same(folder: SessionFolder) -> None:
    player = Player(folder, lambda: 0)
    settled(player)
    assert player.playback is not None
    player.playback = toggled(player.playback, 0)
    seen = [player.look(second * SECOND, budget_s=0.0) for second in range(28)]
    shown = [view.now_ns for view in seen if view.played is not None and not view.played.seeking]
    assert len(set(shown)) > 1
    assert shown == sorted(shown)
    player.close()


def test_a_finished_session_that_cannot_be_read_to_its_end_is_not_taken_for_one_that_nobody_ended(
    folder: SessionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeReplay, "damage", "steps.parquet is cut")
    monkeypatch.setattr(FakeReplay, "slices", lambda self: iter(()))
    monkeypatch.setattr(FakeReplay, "at_end", True)
    player = Player(folder, lambda: 0)
    view = settled(player)
    assert view.state == "done"
    assert "steps.parquet is cut" in view.notices[0]
    player.close()
