"""`benchtop report`: what is asked for, checked, written, and told in a line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from app.recovery import recovered
from app.session.pack.about import packed_name
from app.session.plain import plain
from app.session.results.variant_names import named_variants
from app.session.store.files import placed, require_new, write_whole
from app.session.store.folder import find_session
from app.text.numbers import bytes_text

PACKAGES: Final = {"altair": "altair", "vl_convert": "vl-convert-python"}
"""Module and package of each that a page needs."""
LONGEST_ISSUE: Final = 65_536
"""Characters that GitHub takes."""


def make_report(names: Sequence[str], home: Path, output: str | None, *, md: bool, accepted: Sequence[str]) -> str:
    """Make it → the line that says where it is, or the Markdown itself. Raises ValueError and OSError."""
    missing = [package for module, package in PACKAGES.items() if find_spec(module) is None]
    if missing and not md:
        packages = "a package" if len(missing) == 1 else "two packages"
        raise ValueError(f"`benchtop report` needs {packages} more: pip install {' '.join(missing)}; --md needs none")
    asked = named_variants(names, lambda name: recovered(find_session(home, name)))
    from app.analysis.reporting.command import as_markdown, as_page  # noqa: PLC0415 - Polars, for who reports alone

    name = packed_name(asked[0][0].name)
    target = placed(output, f"{name}.{'md' if md else 'html'}")
    if not md or output is not None:
        require_new(target)
    if not md:
        return _written(as_page(asked, accepted), target)
    text = as_markdown(asked, accepted)
    if len(text) > LONGEST_ISSUE:
        print(f"benchtop: {len(text):,} characters; an issue on GitHub takes {LONGEST_ISSUE:,}", file=sys.stderr)
    return text.rstrip() if output is None else _written(text, target)


def _written(text: str, target: Path) -> str:
    write_whole(target, [text.encode()])
    return f"{plain(str(target))}  {bytes_text(len(text.encode()))}"
