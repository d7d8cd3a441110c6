"""What `torch.compile` compiles, and why again: from the callbacks and the guards' failures of its front end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .arming import when_imported

if TYPE_CHECKING:
    from .listening import Listening

REASONS = ("get_and_maybe_log_recompilation_reasons", "get_and_maybe_log_recompilation_reason")
"""The function that says why compiled code did not fit, by its names of different versions of torch."""


def listen(here: Listening) -> None:
    """Hear of every compilation, once the script comes to compile something."""
    when_imported("torch._dynamo.convert_frame", lambda module: here.guarded(_listen)(here, module))


def _listen(here: Listening, module: Any) -> None:
    from torch._dynamo.callback import callback_handler as handler

    loop, clock = here.loop, here.loop.clock
    under_way = [0, 0]
    why: list[str] = []

    def starts(*_: Any) -> None:
        under_way[0] += 1
        if under_way[0] == 1:
            under_way[1] = clock()
            loop.compiled += 1
            here.uncount()
            if here.methods is not None:
                here.methods.aside()

    def ends(*_: Any) -> None:
        under_way[0] = max(0, under_way[0] - 1)
        if not under_way[0] and under_way[1]:
            kind = "recompile" if why else "compile"
            loop.event(kind, under_way[1], clock() - under_way[1], "; ".join(why)[:400])
            why.clear()
            under_way[1] = 0
            if here.methods is not None:
                here.methods.again()

    def asked(entries: Any, frame: Any, *_: Any, **__: Any) -> Any:
        return frame.f_code

    def answered(code: Any, reasons: Any) -> None:
        given = [reasons] if isinstance(reasons, str) else list(reasons or ())
        first = str(given[0]).split("\n")[0].strip() if given else "no guard is known that failed"
        why.append(f"{code.co_name} ({code.co_filename}:{code.co_firstlineno}): {first}")

    start, end = here.guarded(starts), here.guarded(ends)

    def register(*_: Any) -> None:
        handler.register_start_callback(start)
        handler.register_end_callback(end)

    clear, again = handler.clear, here.guarded(register)

    def cleared() -> None:
        """`torch.compiler.reset()` forgets everybody's callbacks."""
        clear()
        again()

    register()
    here.patches.put(handler, "clear", cleared)
    here.patches.also(lambda: handler.remove_start_callback(start))
    here.patches.also(lambda: handler.remove_end_callback(end))
    for name in REASONS:
        if hasattr(module, name):
            here.patches.around(module, name, here.guarded(asked), here.guarded(answered))
            break
