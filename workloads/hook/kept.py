"""A copy of what a training script has learned, to be put back behind an experiment: as if that had not been.

Weights, buffers, the state of optimizers and all random states. What the script counts itself goes on: its steps, its
learning-rate schedule, and where it is in its data.
"""

from __future__ import annotations

import copy
import random
import sys
from collections.abc import Iterable
from typing import Any


class Kept:
    """The state at one instant, on the host."""

    def __init__(self, torch: Any, modules: Iterable[Any], optimizers: Iterable[Any]) -> None:
        self._torch = torch
        tensors = {}
        for module in modules:
            for tensor in (*module.parameters(), *module.buffers()):
                tensors[id(tensor)] = tensor
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                for tensor in group["params"]:
                    tensors[id(tensor)] = tensor
        self._tensors = [(tensor, _copy(tensor)) for tensor in tensors.values()]
        self._optimizers = [(each, self._state(each)) for each in optimizers]
        self._random = random.getstate()
        self._torch_random = torch.get_rng_state()
        cuda = torch.version.cuda is not None and torch.cuda.is_initialized()
        self._cuda_random = torch.cuda.get_rng_state_all() if cuda else None
        numpy = sys.modules.get("numpy")
        self._numpy_random = numpy.random.get_state() if numpy is not None and hasattr(numpy, "random") else None

    def put_back(self) -> None:
        """Everything as it was; tensors stay where they are in memory."""
        torch = self._torch
        with torch.no_grad():
            for tensor, value in self._tensors:
                tensor.copy_(value)
            for optimizer, (states, groups) in self._optimizers:
                _put_back(torch, optimizer, states)
                for group, values in zip(optimizer.param_groups, groups):
                    group.update(values)
        random.setstate(self._random)
        torch.set_rng_state(self._torch_random)
        if self._cuda_random is not None:
            torch.cuda.set_rng_state_all(self._cuda_random)
        if self._numpy_random is not None:
            sys.modules["numpy"].random.set_state(self._numpy_random)

    def _state(self, optimizer: Any) -> tuple[dict[Any, dict[Any, Any]], list[dict[str, Any]]]:
        is_tensor = self._torch.is_tensor
        states = {
            parameter: {
                name: _copy(value) if is_tensor(value) else copy.deepcopy(value) for name, value in state.items()
            }
            for parameter, state in optimizer.state.items()
        }
        groups = [
            {name: copy.deepcopy(value) for name, value in group.items() if name != "params"}
            for group in optimizer.param_groups
        ]
        return states, groups


def _copy(tensor: Any) -> Any:
    return tensor.detach().to("cpu", copy=True)


def _put_back(torch: Any, optimizer: Any, states: dict[Any, dict[Any, Any]]) -> None:
    for parameter in list(optimizer.state):
        if parameter not in states:
            del optimizer.state[parameter]
            continue
        state = optimizer.state[parameter]
        for name, value in states[parameter].items():
            if torch.is_tensor(value) and torch.is_tensor(state.get(name)):
                state[name].copy_(value)
            else:
                state[name] = value
