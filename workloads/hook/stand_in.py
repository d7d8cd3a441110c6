"""A Python function once more, with a call before and behind it, and no frame more: tracebacks stay what they were.

The function's source is parsed, its body put between the two calls, and compiled under its own file name and lines. So
an error in it is printed as ever, and `torch.compile` passes over it as it passes over the original.
"""

from __future__ import annotations

import ast
import copy
import inspect
import textwrap
import types
from typing import Any

_ENTER, _LEAVE, _AT, _RESULT = "_benchtop_enter", "_benchtop_leave", "_benchtop_at", "_benchtop_result"
_GIVEN = "_benchtop_given"
"""Stands for the function's arguments."""


def stand_in(
    function: Any,
    before: str = f"{_AT} = {_ENTER}({_GIVEN})",
    behind: str = f"if {_AT} is not None: {_LEAVE}({_AT}, {_RESULT})",
    *,
    unless: str = "",
    **names: Any,
) -> Any:
    """`at = enter(*args, **kwargs)` before it; `leave(at, result)` behind it, with None where it raised.

    `before` and `behind` are statements in the place of these two; a call less each, where the script has done other
    things meanwhile, is as much as what it does. `unless` is an expression: while it is true the function is as it
    was, and this is all that it costs. All see the function's arguments and `names`.
    ValueError, OSError or TypeError: it cannot be done with this function.
    """
    if function.__closure__ or hasattr(function, "__wrapped__") or inspect.isgeneratorfunction(function):
        raise ValueError("it is more than a plain function")
    lines, first = inspect.getsourcelines(function)
    tree = ast.parse(textwrap.dedent("".join(lines)))
    node = tree.body[0]
    if not isinstance(node, ast.FunctionDef) or node.decorator_list:
        raise ValueError("it is more than a plain function")
    indent = len(lines[0]) - len(lines[0].lstrip())
    ast.increment_lineno(tree, first - 1)
    for inner in ast.walk(tree):
        for name in ("col_offset", "end_col_offset"):
            if getattr(inner, name, None) is not None:
                setattr(inner, name, getattr(inner, name) + indent)
    body = node.body
    head = _parsed(before.replace(_GIVEN, _given(node.args)), body[0])
    tail = _parsed(behind, node)
    untouched = copy.deepcopy(body)
    kept = body
    if _RESULT in behind:
        head = [*_parsed(f"{_RESULT} = None", body[0]), *head]
        keep = _Returns()
        kept = [part for statement in body for part in keep.statements(statement)]
    attempt = ast.copy_location(ast.Try(body=kept, handlers=[], orelse=[], finalbody=tail), body[0])
    node.body = [*head, attempt]
    if unless:
        (either,) = _parsed(f"if {unless}: pass", body[0])
        assert isinstance(either, ast.If)
        either.body, either.orelse = untouched, node.body
        node.body = [either]
    outer = _parsed(f"def factory({', '.join(names)}):\n    return None", node)[0]
    assert isinstance(outer, ast.FunctionDef)
    node.returns = None
    for argument in ast.walk(node.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    outer.body = [node]
    outer.body += _parsed(f"return {node.name}", node)
    node.args.defaults = [ast.copy_location(ast.Constant(None), each) for each in node.args.defaults]
    node.args.kw_defaults = [each and ast.copy_location(ast.Constant(None), each) for each in node.args.kw_defaults]
    tree.body = [outer]
    ast.fix_missing_locations(tree)
    made: dict[str, Any] = {}
    exec(compile(tree, function.__code__.co_filename, "exec", dont_inherit=True), function.__globals__, made)  # noqa: S102
    new: types.FunctionType = made["factory"](**names)
    new.__defaults__, new.__kwdefaults__ = function.__defaults__, function.__kwdefaults__
    new.__doc__, new.__module__, new.__qualname__ = function.__doc__, function.__module__, function.__qualname__
    new.__annotations__ = function.__annotations__
    new.__dict__.update(function.__dict__)
    return new


def _given(arguments: ast.arguments) -> str:
    given = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    if arguments.vararg:
        given.append(f"*{arguments.vararg.arg}")
    given += [f"{argument.arg}={argument.arg}" for argument in arguments.kwonlyargs]
    if arguments.kwarg:
        given.append(f"**{arguments.kwarg.arg}")
    return ", ".join(given)


def _parsed(text: str, at: ast.AST) -> list[ast.stmt]:
    """Statements, every part of which is where `at` is."""
    statements = ast.parse(text).body
    for statement in statements:
        for part in ast.walk(statement):
            ast.copy_location(part, at)
    return statements


class _Returns:
    """Keeps what is returned in a variable, outside of functions within."""

    def statements(self, node: ast.stmt) -> list[ast.stmt]:
        if isinstance(node, ast.Return):
            if node.value is None:
                return [node]
            kept, back = _parsed(f"{_RESULT} = None", node)[0], ast.Return(ast.Name(_RESULT, ast.Load()))
            assert isinstance(kept, ast.Assign)
            kept.value = node.value
            return [kept, ast.fix_missing_locations(ast.copy_location(back, node))]
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for name in ("body", "orelse", "finalbody"):
                inner = getattr(node, name, None)
                if inner:
                    setattr(node, name, [part for statement in inner for part in self.statements(statement)])
            for handler in getattr(node, "handlers", []):
                handler.body = [part for statement in handler.body for part in self.statements(statement)]
        return [node]
