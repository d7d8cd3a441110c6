"""What the environment tells of the terminal. Pure, and nothing is asked of the terminal itself."""

from __future__ import annotations

TYPE_CHECKING = False  # the first picture needs this module, and has no time for `typing`
if TYPE_CHECKING:
    from collections.abc import Mapping

TRUE_COLOUR = 1 << 24
WEB_DRIVER = "textual.drivers.web_driver:WebDriver"
"""What textual-serve puts into TEXTUAL_DRIVER."""
CANNOT_DRAW = frozenset({"", "dumb"})
"""TERM of what is no screen."""
_FEW_COLOURS = ("linux", "ansi", "cygwin", "vt", "sun", "cons25")
"""How TERM begins for terminals of 16 colours. Everybody else has had 256 for decades, whatever TERM says."""
_FEW_CHARACTERS = ("linux", "vt", "sun", "cons25")
"""And for terminals whose character set has no braille."""


def in_browser(environment: Mapping[str, str]) -> bool:
    """Whether the screen is a page, whatever TERM says of the terminal that its server was started on."""
    return environment.get("TEXTUAL_DRIVER") == WEB_DRIVER


def colours(environment: Mapping[str, str]) -> int:
    """How many colours may be sent; 0 for none, as NO_COLOR wants it. SSH does not pass COLORTERM on."""
    name = environment.get("TERM", "")
    if environment.get("NO_COLOR"):
        return 0
    if in_browser(environment):
        return TRUE_COLOUR
    if name in CANNOT_DRAW:
        return 0
    if environment.get("COLORTERM", "").lower() in ("truecolor", "24bit") or name.endswith("-direct"):
        return TRUE_COLOUR
    return 16 if name.startswith(_FEW_COLOURS) and "256" not in name else 256


def shows_unicode(environment: Mapping[str, str]) -> bool:
    """Whether nothing says that the terminal cannot; a locale names its character set, or says nothing."""
    if in_browser(environment):
        return True
    if environment.get("TERM", "").startswith(_FEW_CHARACTERS):
        return False
    locale = next(filter(None, (environment.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))), "")
    charset = locale.partition(".")[2].partition("@")[0]
    return charset.lower().replace("-", "") in ("", "utf8")
