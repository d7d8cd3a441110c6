"""A session of a stranger is told in plain text, whatever is in it and however it is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.analysis.reporting.markdown import JOINER
from app.cli import main
from app.session.pack import cache
from app.session.store.folder import SessionFolder, create_session
from tests.analysis.journals import write_journal
from tests.hostile import hostile_frames, hostile_manifest, write_hostile

NAME = "20260101-000000-from-a-stranger"
COMMANDS = (
    ("show", NAME),
    ("show", NAME, "--runs"),
    ("show", NAME, "--json"),
    ("why", NAME),
    ("why", NAME, "--json"),
    ("why", NAME, "--at", "1"),
    ("ls",),
    ("ls", "--json"),
    ("compare", NAME, NAME, "--text"),
    ("compare", NAME, "--json"),
    ("compare", f"{NAME}#1", f"{NAME}#2"),
    ("compare", NAME, "--train-vs-test"),
    ("compare", NAME, "--train-vs-test", "--json"),
    ("report", NAME, "--md"),
    ("open", NAME),
    ("pack", NAME, "-o", "plain.zip"),
    ("pack", NAME, "-o", "scrubbed.zip", "--scrub"),
    ("show", "plain.zip"),
    ("export", NAME, "--format", "csv", "-o", "csv"),
    ("export", "plain.zip", "--format", "perfetto", "-o", "trace.json.gz"),
    ("export", NAME, "--format", "prometheus", "-o", "-"),
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BENCHTOP_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cache, "_open", {})
    return tmp_path / "sessions"


def check(given: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> str:
    main(given)
    out, err = capsys.readouterr()
    for said in (out, err):
        # Of no width: it keeps a stranger's names in Markdown from being mentions.
        fine = "\n" + (JOINER if "--md" in given else "")
        bad = {character for character in said if not (character.isprintable() or character in fine)}
        assert not bad, (given, bad)
        assert not [line for line in said.splitlines() if line.lstrip().startswith("FORGED")], given
    return out + err


@pytest.mark.parametrize("driving", [False, True])
def test_no_command_says_anything_but_plain_text(home: Path, capsys: pytest.CaptureFixture[str], driving: bool) -> None:
    write_hostile(SessionFolder(home / NAME), driving=driving)
    said = [check(given, capsys) for given in COMMANDS]
    assert "cannot be read" not in said[0]
    assert "marked" in said[0]


@pytest.mark.parametrize("driving", [False, True])
def test_nor_of_a_session_that_nobody_ended(home: Path, capsys: pytest.CaptureFixture[str], driving: bool) -> None:
    plan = hostile_manifest(driving=driving).plan
    folder = create_session(home, plan)
    write_journal(folder, hostile_frames(driving=driving))
    folder.path.rename(home / NAME)
    for given in COMMANDS:
        check(given, capsys)
