"""What a person can do on a screen: its keys and its words."""

from __future__ import annotations

import msgspec


class UserCommand(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a person can do."""

    action: str
    """`action_…` of the screen."""
    keys: tuple[str, ...]
    """As Textual names them; the first is the one that is shown."""
    shown: str
    """The key as a person reads it."""
    label: str
    """One word for the key line."""
    title: str
    """A few words for the palette."""
    help: str
    """One sentence for the help screen."""
    footer: bool = True
    """Whether the key line has it."""
    looking: str = ""
    """One word for the key line while charts are frozen or of all of the session; empty: it is not there then."""
