"""Every package that this interpreter would import, with its version, read off the names of folders alone.

`importlib.metadata` opens a file of each package to learn its name; a listing of the folders on the path
takes a few milliseconds for hundreds of them. The name of such a folder is fixed: name, version, ending
(packaging.python.org, "Recording installed projects").
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Final

_FOLDER: Final = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)(?:-py[\d.]+(?:-.*)?)?\.(?:dist|egg)-info")


def installed(path: Iterable[str]) -> dict[str, str]:
    """The packages of the folders of a `sys.path`, in the order of their names; what stands first on it wins."""
    found: dict[str, str] = {}
    for folder in path:
        for name, version in _in_folder(folder):
            found.setdefault(name, version)
    return dict(sorted(found.items()))


def _in_folder(folder: str) -> list[tuple[str, str]]:
    try:
        with os.scandir(folder or ".") as entries:
            names = [entry.name for entry in entries]
    except OSError:
        return []
    matches = (_FOLDER.fullmatch(name) for name in names if name.endswith("-info"))
    return [(re.sub(r"[-_.]+", "-", match["name"]).lower(), match["version"]) for match in matches if match]
