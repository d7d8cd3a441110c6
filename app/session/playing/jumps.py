"""What a person types to get to another instant → that instant. Pure."""

from __future__ import annotations

import re
from typing import Final

from app.session.playing.playback import Playback

_CLOCK: Final = re.compile(r"(?:(\d+):)?(\d+):(\d{1,2}(?:\.\d+)?)")
_AMOUNT: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|min|h)?")
_SECONDS: Final = {None: 1.0, "ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
EXAMPLES: Final = "1:23, +30s, -5m, 50%, start or end"


def is_time(text: str) -> bool:
    """Whether that is meant as an instant, and not as a part of a name."""
    text = text.strip().lower()
    return text in ("start", "end") or text[:1] in ("+", "-") or text[:1].isdigit()


def jump_ns(text: str, playback: Playback, now_ns: int) -> int:
    """`1:23` and `83` from the beginning, `+30s` and `-5m` from where one is, `50%` of all, `start`, `end`.

    Beyond an end it is that end. Raises ValueError, one line.
    """
    typed = text.strip().lower()
    if typed in ("start", "end"):
        return playback.began_ns if typed == "start" else playback.ended_ns
    if typed.endswith("%"):
        return playback.began_ns + round((playback.ended_ns - playback.began_ns) * _share(typed[:-1]))
    sign = {"+": 1, "-": -1}.get(typed[:1], 0)
    gone_ns = round(_seconds(typed[abs(sign) :].strip()) * 1e9)
    target = now_ns + sign * gone_ns if sign else playback.began_ns + gone_ns
    return max(playback.began_ns, min(playback.ended_ns, target))


def _share(text: str) -> float:
    if not re.fullmatch(r"\d+(?:\.\d+)?\s*", text) or float(text) > 100:
        raise ValueError("give a part of the session from 0% to 100%")
    return float(text) / 100


def _seconds(text: str) -> float:
    if (clock := _CLOCK.fullmatch(text)) is not None:
        hours, minutes, seconds = clock.groups()
        return 3600 * int(hours or 0) + 60 * int(minutes) + float(seconds)
    if (amount := _AMOUNT.fullmatch(text)) is not None:
        return float(amount[1]) * _SECONDS[amount[2]]
    raise ValueError(f"give a time such as {EXAMPLES}")
