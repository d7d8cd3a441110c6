"""What the keys of a screen are for, as lines for its help."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from rich.text import Text

from app.ui.screens.styles import style
from app.ui.user_command import UserCommand


def command_lines(commands: Sequence[UserCommand], width: int, key_columns: int) -> Iterator[Text]:
    """Each command's key and its words, wrapped to `width` columns."""
    for command in commands:
        for number, line in enumerate(textwrap.wrap(command.help, width - key_columns)):
            key = command.shown if number == 0 else ""
            yield Text.assemble((f"{key:<{key_columns}}", style("key")), line)
