"""Python imports this as it starts, where this folder is on PYTHONPATH: it makes the hook wait for torch.

Then it passes on to the `sitecustomize` that Python would have imported without it.
"""

import os
import sys


def _hook() -> None:
    from importlib.util import module_from_spec, spec_from_file_location

    name, folder = "_benchtop_hook", os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
    spec = spec_from_file_location(
        name,
        os.path.join(folder, "__init__.py"),  # noqa: PTH118
        submodule_search_locations=[folder],
    )
    assert spec is not None
    assert spec.loader is not None
    package = module_from_spec(spec)
    sys.modules[name] = package
    try:
        spec.loader.exec_module(package)
        from _benchtop_hook.arming import arm

        arm()
    except Exception:
        sys.modules.pop(name, None)
        raise


def _next() -> None:
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
    others = [entry for entry in sys.path if os.path.abspath(entry) != here]  # noqa: PTH100
    spec = PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        module = module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


if os.environ.get("BENCHTOP_HOOK"):
    try:
        _hook()
    except Exception as error:  # the script must go on, whatever this was
        sys.stderr.write(f"benchtop: nothing of this process is measured: {error!r}\n")
_next()
