"""The first picture: the session's name and the panels' frames, there before anything heavy is imported.

Written with one system call. Whoever draws next takes the terminal over from here; whatever is said instead,
by whomever, takes the skeleton away first and so stands on the shell's own screen. Imports next to nothing.
"""

from __future__ import annotations

import os
import sys

from app.session.store.whereabouts import home_path, newest_held
from app.ui.layout import arrangement, verdict_rows
from app.ui.terminal.capabilities import shows_unicode

TYPE_CHECKING = False  # importing `typing` for its own would take as long as all the rest
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, TextIO

ENTER = "\x1b[?1049h"
"""The alternate screen; the shell's cursor is kept, once."""

_LEAVE = "\x1b[0m\x1b[?1049l\x1b[?25h"
_ROUND, _PLAIN = tuple("╭─╮│╰╯"), tuple("+-+|++")

_NO_SCREEN = frozenset({"--headless", "--json", "-h", "--help"})


class FirstPicture:
    """The terminal between the start of the program and the first real picture. There is one: `FIRST_PICTURE`."""

    def __init__(self) -> None:
        self._modes: list[Any] | None = None
        self._up = False
        self.size = 0
        """Bytes of it."""

    def show(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        """Draw it, if these arguments are about to show a session on a terminal that can."""
        if environment.get("TERM", "dumb") in ("", "dumb") or not (os.isatty(0) and os.isatty(1)):
            return
        name = session_name(arguments, environment)
        if name is None:
            return
        rows = picture(name, *os.get_terminal_size(1), plain="--ascii" in arguments or not shows_unicode(environment))
        if not rows:
            return
        self.size = os.write(1, (ENTER + "\x1b[?25l\x1b[2J\x1b[2m" + "".join(rows)).encode())
        self._up = True
        sys.stdout, sys.stderr = _GivingWay(sys.stdout, self), _GivingWay(sys.stderr, self)
        self._quieten()

    def take_away(self) -> None:
        """Give the shell its screen back, if it is still covered."""
        if self._up:
            modes = self.hand_over()
            os.write(1, _LEAVE.encode())
            if modes is not None:
                _set_modes(modes)

    def hand_over(self) -> list[Any] | None:
        """Whoever draws from now on leaves the terminal itself → its modes before; None where nothing was shown."""
        if not self._up:
            return None
        self._up = False
        sys.stdout, sys.stderr = _original(sys.stdout), _original(sys.stderr)
        return self._modes

    @property
    def up(self) -> bool:
        """Whether it is what the terminal shows."""
        return self._up

    def _quieten(self) -> None:
        """Keys that are typed meanwhile wait for the screen, unseen; a signal leaves the terminal whole."""
        import signal  # noqa: PLC0415 - imported once the picture stands
        import termios  # noqa: PLC0415

        def end(number: int, _: object) -> None:
            self.take_away()
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

        for number in (signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, end)
        self._modes = termios.tcgetattr(0)
        quiet = termios.tcgetattr(0)
        quiet[3] &= ~(termios.ECHO | termios.ICANON)
        _set_modes(quiet)


class _GivingWay:
    """A stream that takes the skeleton away before anything is said on it."""

    def __init__(self, stream: TextIO, picture: FirstPicture) -> None:
        self.stream = stream
        self._picture = picture

    def write(self, text: str) -> int:
        """Say it where it can be read afterwards."""
        self._picture.take_away()
        return self.stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def session_name(arguments: Sequence[str], environment: Mapping[str, str]) -> str | None:
    """What the session is called, as far as these arguments tell; None when they do not lead to a live screen."""
    place = list(arguments).index("--") if "--" in arguments else len(arguments)
    command, *rest = arguments[:place] or ("",)
    if _NO_SCREEN.intersection(rest) or command not in ("run", "exec", "attach", "open"):
        return None
    if command == "exec":
        name = _value_of(rest, "--name") or " ".join(arguments[place + 1 :])[:60]
    elif command == "run":
        name = _value_of(rest, "--name") or "  ".join(each for each in rest if "/" in each and "=" not in each)
    else:
        given = (each for each in rest if each[:1] != "-" and not each.isdecimal())
        name = next(given, None) or newest_held(home_path(environment)) or ""
    return "".join(character for character in name if character.isprintable()) or None


def _value_of(arguments: Sequence[str], option: str) -> str | None:
    if option in arguments[:-1]:
        return arguments[arguments.index(option) + 1]
    return next((each.partition("=")[2] for each in arguments if each.startswith(f"{option}=")), None)


def picture(name: str, columns: int, rows: int, *, plain: bool = False) -> list[str]:
    """The skeleton for a terminal of that size, in escape sequences and text; nothing where nothing fits."""
    form = arrangement(columns, rows)
    if form == "nothing":
        return []
    status = f" benchtop  {name}  starting"[: columns - 1]
    verdict = verdict_rows(columns, rows)
    top, bottom = (2 if form == "grid" else 3) + verdict, rows - 2
    if form == "tabs":
        return [_at(0, 0, status), *_frame(0, top, columns, bottom - top, plain)]
    left, upper = columns // 2, (bottom - top) // 2
    spans = ((0, left), (left, columns - left))
    lines = ((top, upper), (top + upper, bottom - top - upper))
    frames = [_frame(x, y, width, height, plain) for y, height in lines for x, width in spans]
    if verdict > 2:
        frames.append(_frame(0, 2, columns, verdict, plain))
    return [_at(0, 0, status), *(row for frame in frames for row in frame)]


def _frame(x: int, y: int, width: int, height: int, plain: bool) -> list[str]:
    left_top, across, right_top, side, left_low, right_low = _PLAIN if plain else _ROUND
    middle = [_at(x, y + row, side) + _at(x + width - 1, y + row, side) for row in range(1, height - 1)]
    edge = across * (width - 2)
    return [_at(x, y, left_top + edge + right_top), *middle, _at(x, y + height - 1, left_low + edge + right_low)]


def _at(x: int, y: int, text: str) -> str:
    return f"\x1b[{y + 1};{x + 1}H{text}"


def _original(stream: Any) -> TextIO:
    return stream.stream if isinstance(stream, _GivingWay) else stream


def _set_modes(modes: list[Any]) -> None:
    import termios  # noqa: PLC0415

    try:
        termios.tcsetattr(0, termios.TCSANOW, modes)
    except termios.error:  # the terminal is gone
        return


FIRST_PICTURE = FirstPicture()
