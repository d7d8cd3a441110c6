"""Methods of `torch.Tensor`, heard without being replaced for anybody who looks them up.

Torch finds the function that it gives to `__torch_function__` by its name in `torch.Tensor`, and tables of functions
(of lazy modules, modes, tensor subclasses, `torch.overrides`) are asked for it. So `torch.Tensor.to` must be what it
was. What is put there is a descriptor that gives the method itself to all but plain tensors, and something that calls
it to these. `torch.compile` looks into the class's dictionary as well, so nothing is in there while it compiles.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import MethodType
from typing import TYPE_CHECKING, Any

from .arming import when_imported

if TYPE_CHECKING:
    from .listening import Listening

DYNAMO_TABLE = "torch._dynamo.variables.tensor"
"""Module of `torch.compile` with a copy of the class's dictionary, made when it is imported."""


class Method:
    """In the class's dictionary. Equals the method that it stands for, and hashes and looks like it."""

    __slots__ = ("_heard", "_method", "_modes", "_plain", "_unseen", "_worth")

    def __init__(
        self,
        method: Any,
        heard: Callable[..., Any],
        plain: tuple[type, ...],
        unseen: Unseen,
        worth: Callable[[Any], Any] | None,
    ) -> None:
        """`heard` is called as the method is, for tensors of `plain` types of which `worth` is true, if it is there."""
        self._method, self._heard, self._plain, self._worth = method, heard, plain, worth
        self._unseen, self._modes = unseen, unseen.modes

    def __get__(self, tensor: Any, owner: Any = None) -> Any:
        if type(tensor) in self._plain:
            worth = self._worth
            if worth is None or (self._unseen.ask(worth, tensor) if self._modes() else worth(tensor)):
                return MethodType(self._heard, tensor)
        return self._method.__get__(tensor, owner)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """As the method, for whoever took it out of the dictionary."""
        return self._method(*args, **kwargs)

    def __eq__(self, other: object) -> bool:
        return self is other or bool(self._method == other)

    def __hash__(self) -> int:
        return hash(self._method)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._method, name)

    def __reduce__(self) -> Any:
        return self._method.__reduce__()


class Methods:
    """Those of tensors that are heard in this process."""

    def __init__(self, here: Listening, unseen: Unseen) -> None:
        self._here, self._unseen = here, unseen
        self._tensor = here.torch.Tensor
        self._plain = (here.torch.Tensor, here.torch.nn.Parameter)
        self._put: dict[str, Method] = {}
        here.patches.also(self.aside)
        when_imported(DYNAMO_TABLE, here.guarded(self._clean))

    def hear(
        self, name: str, make: Callable[[Any], Callable[..., Any]], worth: Callable[[Any], Any] | None = None
    ) -> None:
        """Have `make(method)` called where the method of that name is called on a plain tensor: see `Method`."""
        if name in vars(self._tensor):
            return  # somebody else has put something there
        method = getattr(self._tensor, name)
        heard = make(method)
        heard.__name__, heard.__qualname__ = method.__name__, method.__qualname__
        heard.__doc__ = method.__doc__
        self._put[name] = Method(method, heard, self._plain, self._unseen, worth)
        setattr(self._tensor, name, self._put[name])

    def aside(self) -> None:
        """Nothing is heard, and the class's dictionary is as it was."""
        for name, method in self._put.items():
            if vars(self._tensor).get(name) is method:
                delattr(self._tensor, name)

    def again(self) -> None:
        """As before `aside`; what somebody else has put there meanwhile stays."""
        if self._here.on:
            for name, method in self._put.items():
                if name not in vars(self._tensor):
                    setattr(self._tensor, name, method)

    def _clean(self, module: Any) -> None:
        table = getattr(module, "all_tensor_attrs", None)
        if isinstance(table, dict):
            for name, method in self._put.items():
                if table.get(name) is method:
                    table[name] = method._method


class Unseen:
    """Whether tensors may be asked for what they are without anybody taking notice, and how."""

    def __init__(self, torch: Any) -> None:
        c = torch._C
        self.modes: Callable[[], int] = getattr(c, "_len_torch_function_stack", _none)
        """How many modes of the script's see the functions that it uses."""
        self._dispatches: Callable[[], int] = getattr(c, "_len_torch_dispatch_stack", _none)
        self._disabled = c.DisableTorchFunction
        self.tracing: Callable[[], Any] = c._get_tracing_state
        """Not None while `torch.jit.trace` writes down whatever is asked."""

    def ask(self, call: Callable[..., Any], *args: Any) -> Any:
        """Call with no mode of the script's seeing it."""
        if not self.modes():
            return call(*args)
        with self._disabled():
            return call(*args)

    @property
    def operators(self) -> bool:
        """Whether operators may be called: a mode that is given each sees these too."""
        return not self._dispatches() and self.tracing() is None


def _none() -> int:
    return 0


def call_place(depth: int) -> tuple[Any, int]:
    """Where in the script something is called, so many frames up."""
    caller = sys._getframe(depth + 1)
    return caller.f_code, caller.f_lasti
