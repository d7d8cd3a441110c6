"""Waits for modules to be imported, and calls back right behind that; imports nothing itself."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

_waiting: dict[str, Callable[[Any], None]] = {}


def when_imported(name: str, call: Callable[[Any], None]) -> None:
    """Call with the module once it is imported, at once where it is. `call` must not raise."""
    module = sys.modules.get(name)
    if module is not None and not getattr(getattr(module, "__spec__", None), "_initializing", False):
        call(module)
        return
    _waiting[name] = call
    if _Finder not in sys.meta_path:
        sys.meta_path.insert(0, _Finder)


def disarm() -> None:
    """Wait for nothing any more."""
    _waiting.clear()
    if _Finder in sys.meta_path:
        sys.meta_path.remove(_Finder)


def arm() -> None:
    """Listen to torch once the script imports it."""

    def listen(torch: Any) -> None:
        from .listening import listen as begin  # a script without torch must not pay for it

        begin(torch)

    when_imported("torch", listen)


class _Finder:
    """A finder of modules that finds none itself: it asks the others, and looks over the loader's shoulder."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: Any = None) -> Any:
        if name not in _waiting:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            if finder is _Finder or find is None:
                continue
            spec = find(name, path, target)
            if spec is not None:
                if spec.loader is not None and hasattr(spec.loader, "exec_module"):
                    spec.loader = _Loader(spec.loader)
                return spec
        return None


class _Loader:
    """Loads as the real loader does, which is back in its place before the module can see this one."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def create_module(self, spec: Any) -> Any:
        return self._real.create_module(spec) if hasattr(self._real, "create_module") else None

    def exec_module(self, module: Any) -> None:
        module.__spec__.loader = module.__loader__ = self._real
        self._real.exec_module(module)
        call = _waiting.pop(module.__spec__.name, None)
        if not _waiting:
            disarm()
        if call is not None:
            try:
                call(module)
            except Exception as error:
                sys.stderr.write(f"benchtop: nothing of this process is measured: {error!r}\n")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)
