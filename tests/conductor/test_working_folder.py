"""The folder in which a session was started, as git sees it."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from app.conductor.working_folder import WorkingFolder, working_folder


def git(path: Path, *words: str) -> str:
    command = ("git", "-c", "user.name=n", "-c", "user.email=e", *words)
    return subprocess.run(command, cwd=path, check=True, capture_output=True, text=True).stdout.strip()


def look(path: Path) -> WorkingFolder:
    return asyncio.run(working_folder(path))


def test_a_folder_of_no_repository_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert look(tmp_path) == WorkingFolder()


def test_the_commit_and_a_sum_of_what_is_not_committed(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "code.py").write_text("a = 1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    commit = git(tmp_path, "rev-parse", "HEAD")
    assert look(tmp_path) == WorkingFolder(commit, "")
    (tmp_path / "code.py").write_text("a = 2\n")
    changed = look(tmp_path)
    assert changed.commit == commit
    assert changed.changes
    (tmp_path / "code.py").write_text("a = 3\n")
    assert look(tmp_path).changes not in ("", changed.changes)


def test_without_git_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert look(tmp_path) == WorkingFolder()
