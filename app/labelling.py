"""`benchtop tag` and `benchtop note`: what a person says of a session."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.session.plain import plain
from app.session.shelf.labels import changed_tags, read_note, read_tags, require_writable, write_note, write_tags
from app.session.store.folder import SessionFolder


def tag_session(folder: SessionFolder, changes: Sequence[str]) -> str:
    """Give it tags and take some away → those that it has then, in a line. Raises ValueError and OSError."""
    tags = read_tags(folder)
    if changes:
        tags = write_tags(folder, changed_tags(tags, changes))
    return f"{plain(folder.name)}  {' '.join(f'#{tag}' for tag in tags) or 'no tags'}"


def note_session(folder: SessionFolder, words: Sequence[str], *, editor: Sequence[str] | None) -> str:
    """Add a line to its note; without words have it edited, or without an editor told → the note.

    Raises ValueError and OSError.
    """
    note = read_note(folder)
    if words:
        write_note(folder, f"{note.rstrip()}\n{' '.join(words)}")
    elif editor is not None:
        require_writable(folder)
        edited = _edited(note, editor)
        if edited != note:
            write_note(folder, edited)
    return "\n".join(map(plain, read_note(folder).splitlines())) or f"{plain(folder.name)} has no note"


def editor_of(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The person's: `$VISUAL`, else `$EDITOR`, else vi. Raises ValueError for one that cannot be taken apart."""
    asked = environment.get("VISUAL") or environment.get("EDITOR") or "vi"
    try:
        return tuple(shlex.split(asked)) or ("vi",)
    except ValueError as error:
        raise ValueError(f"$EDITOR {asked!r} cannot be taken apart: {error}") from error


def _edited(text: str, editor: Sequence[str]) -> str:
    """In a file elsewhere: what an editor leaves beside it has no place in a session."""
    with tempfile.TemporaryDirectory(prefix="benchtop-") as place:
        path = Path(place) / "notes.md"
        path.write_text(text)
        try:
            done = subprocess.run((*editor, str(path)), check=False)
        except OSError as error:
            raise ValueError(
                f"the editor {editor[0]!r} cannot be started: {os.strerror(error.errno or 0)}; set $EDITOR"
            ) from error
        if done.returncode:
            raise ValueError(f"the editor {editor[0]!r} ended with status {done.returncode}: the note is as it was")
        return path.read_text(errors="replace")
