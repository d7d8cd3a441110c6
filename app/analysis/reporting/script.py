"""The JavaScript that draws charts: Vega, Vega-Lite and its embedding, bundled by vl-convert from what it has inside.

Nothing is fetched, when it is made or when the page is opened. With Vega's expression interpreter in it, so that a page
may forbid the evaluation of strings.
"""

from __future__ import annotations

import functools
from typing import Final

import vl_convert

ENTRY: Final = "window.benchtopEmbed = vegaEmbed;"


@functools.cache
def bundle() -> str:
    """About 900 kB, which can stand in a page as it is. Takes two seconds."""
    return inline(vl_convert.javascript_bundle(snippet=ENTRY))


def inline(script: str) -> str:
    """A script that cannot end the element that it stands in. Raises ValueError for one that would."""
    script = script.replace("\r\n", "\n").replace("\r", "\n")
    for end in ("</script", "<script", "<!--"):
        script = script.replace(end, f"\\x3c{end[1:]}")
    return script
