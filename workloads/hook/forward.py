"""Top-level forwards, those of a module that no other module calls, and backwards.

`Module.__call__` has a stand-in that asks one thing more of a module within another: whether its thread is in a forward
already. Hooks of modules would cost every module far more, and would be seen by `torch.compile`.
"""

from __future__ import annotations

import _thread
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .generating import find, within_generate
from .notes import MOST

if TYPE_CHECKING:
    from .listening import Listening

WITHIN = (
    "_benchtop_notes.inside or _benchtop_inside and _benchtop_ident() in _benchtop_inside"
    " or _benchtop_loop.loading or _benchtop_tracing() is not None"
)
BEFORE = """
_benchtop_at = _benchtop_enter() if _benchtop_notes.prompt else _benchtop_clock()
_benchtop_me = _benchtop_ident()
_benchtop_alone = _benchtop_me == _benchtop_first and _benchtop_threads() <= _benchtop_line.running
if _benchtop_alone: _benchtop_notes.inside = True
else: _benchtop_in(_benchtop_me)
"""
BEHIND = """
if _benchtop_alone: _benchtop_notes.inside = False
else: _benchtop_out(_benchtop_me)
if _benchtop_notes.prompt or kwargs or not _benchtop_notes.fed or not _benchtop_grad():
    _benchtop_leave(_benchtop_at, self, args, kwargs)
else:
    _benchtop_notes.fed = False
    _benchtop_note((
        _benchtop_done, _benchtop_at, _benchtop_clock(), _benchtop_id(self), 0, None, True,
        _benchtop_loop.h2d_ns + _benchtop_loop.sync_ns + _benchtop_loop.emptied_ns,
    ))
"""
"""Of `Module.__call__`. Modules within others ask for one attribute, where the line's thread is the only other one;
else for their thread in a set, which takes four times as long (and what is a thread's own six times). Behind a module
that was given a batch of a DataLoader, which said how large it is, there is no call either."""

BACKWARD_BEFORE = """
_benchtop_note((_benchtop_begins, _benchtop_clock()))
if _benchtop_notes.prompt: _benchtop_catch_up()
"""
BACKWARD_BEHIND = """
_benchtop_note((_benchtop_done, _benchtop_clock()))
if _benchtop_notes.prompt: _benchtop_ended()
"""


def listen(here: Listening) -> None:
    """Hear of every top-level forward and of every backward."""
    torch, loop = here.torch, here.loop
    clock, notes, forward_done = loop.clock, here.notes, loop.forward_done
    note = notes.add
    told = here.guarded(_telling(here))
    settle = here.settle
    grad_enabled, tensor, seen = torch.is_grad_enabled, torch.Tensor, here.seen

    def enter() -> int:
        if loop.at_end is not None and loop.evaluates(grad_enabled()):
            settle()
        began = clock()
        if loop.ends is not None and loop.line.inference and loop.generation is None:
            loop.ends.begins(began)
        return began

    def leave(began: int | None, module: Any, args: Any, kwargs: Any) -> None:
        now, grad = clock(), grad_enabled()
        if notes.prompt or not (grad or type(module) in seen):
            here.clean()
            told(began, now, module, args, kwargs, grad)
            return
        try:
            samples, tokens = (0, None) if notes.fed and not kwargs else _size(args, kwargs, tensor)
            notes.fed = False
            device_ns = loop.h2d_ns + loop.sync_ns + loop.emptied_ns
            note((forward_done, began, now, id(module), samples, tokens, grad, device_ns))
            if not grad and len(notes.waiting) > MOST:
                notes.catch_up()
        except Exception as error:
            here.failed(error)

    def ended() -> None:
        here.clean()
        here.catch_up()

    here.patches.within(
        torch.nn.Module,
        "__call__",
        BEFORE,
        BEHIND,
        unless=WITHIN,
        _benchtop_loop=loop,
        _benchtop_notes=notes,
        _benchtop_clock=clock,
        _benchtop_ident=_thread.get_ident,
        _benchtop_first=_thread.get_ident(),
        _benchtop_threads=_thread._count,
        _benchtop_line=here.line,
        _benchtop_inside=here.inside,
        _benchtop_in=here.inside.add,
        _benchtop_out=here.inside.discard,
        _benchtop_grad=grad_enabled,
        _benchtop_id=id,
        _benchtop_note=note,
        _benchtop_done=forward_done,
        _benchtop_tracing=torch._C._get_tracing_state,
        _benchtop_enter=here.guarded(enter),
        _benchtop_leave=leave,
    )
    here.patches.within(
        torch.autograd,
        "backward",
        BACKWARD_BEFORE,
        BACKWARD_BEHIND,
        _benchtop_notes=notes,
        _benchtop_clock=clock,
        _benchtop_note=note,
        _benchtop_begins=loop.backward_begins,
        _benchtop_done=loop.backward_done,
        _benchtop_catch_up=here.catch_up,
        _benchtop_ended=ended,
    )


def _telling(here: Listening) -> Callable[..., None]:
    """Tells of a forward whatever the script is, at once."""
    torch, loop, notes, seen = here.torch, here.loop, here.notes, here.seen
    tensor, graph_module = torch.Tensor, torch.fx.GraphModule

    def tell(began: int | None, now: int, module: Any, args: Any, kwargs: Any, grad: bool) -> None:  # noqa: PLR0917
        notes.catch_up()
        if began is None:
            return
        generation = loop.generation
        if generation is not None and generation.seen_late and not grad and not within_generate():
            notes.at_once(loop.generation_ends)
        if not grad:
            if loop.trains and isinstance(module, graph_module):
                return  # compiled code of something else, such as an optimizer
            if type(module) not in seen:
                if not isinstance(module, graph_module):
                    seen.add(type(module))
                find(here, module, began)
        if loop.roots is not None:
            loop.roots[id(module)] = module
        if loop.known is None:
            loop.meet(next(module.parameters(), None))
        samples, tokens = (0, None) if loop.waiting_samples and not kwargs else _size(args, kwargs, tensor)
        notes.fed = False
        device_ns = loop.h2d_ns + loop.sync_ns + loop.emptied_ns
        notes.at_once(loop.forward_done, began, now, id(module), samples, tokens, grad, device_ns)

    return tell


def _size(args: tuple[Any, ...], kwargs: dict[str, Any], tensor: Any) -> tuple[int, int | None]:
    """Samples (the first dimension of the first tensor) and tokens (of `input_ids`) that a forward is given."""
    for value in args:
        if isinstance(value, tensor):
            return (value.shape[0] if value.dim() else 1), None
        if isinstance(value, (list, tuple)) and value and isinstance(value[0], tensor) and value[0].dim():
            return value[0].shape[0], None
    ids = kwargs.get("input_ids") if kwargs else None
    if isinstance(ids, tensor) and ids.dim() == 2:
        return ids.shape[0], ids.numel()
    for value in kwargs.values():
        if isinstance(value, tensor):
            return (value.shape[0] if value.dim() else 1), None
    return 1, None
