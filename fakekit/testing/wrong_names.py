"""What errors suggest for names that a handle lacks and other libraries have: ``create_customer``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import wraps
from http import HTTPStatus
from inspect import signature
from types import FunctionType
from typing import ParamSpec, TypeVar

from fakekit.errors import ArgumentError, FaultError, Problem, nearest, show

P = ParamSpec("P")
T = TypeVar("T")


def _by_name(names_by_text: Mapping[str, str]) -> dict[str, str]:
    """Return by name what to write instead. names_by_text: the names that a text is for, with spaces."""
    return {name: text for text, names in names_by_text.items() for name in names.split()}


_METHODS = _by_name(
    {
        'assert_requested("GET", "customers/1")': "assert_called",
        'assert_requested("GET", "customers/1", times=1)': "assert_called_once",
        'assert_requested("POST", "customers/add", json={...})': "assert_called_with",
        'assert_requested("GET", "customers/1", times=0)': "assert_not_called assert_not_requested",
        "base_url": "base",
        "len(requests)": "call_count",
        "requests": "called calls history request_history",
        "clock.freeze(...)": "freeze",
        "origin": "host",
        "api_key": "key token",
        'respond("GET", "customers/1", json={...})': "mock register stub when",
        "delay(seconds)": "sleep timeout",
        "clock.advance(seconds)": "travel",
    }
)
"""What to write instead of names that other libraries have for the same."""

_VERBS = _by_name(
    {
        'add("{resource}", ...)': "add create new make",
        'record("{resource}", 1)': "get fetch read",
        'change("{resource}", 1, ...)': "update edit set change patch",
        'remove("{resource}", 1)': "delete remove",
    }
)
"""By the verb of a name such as ``create_sale``, what to write."""

_NOUNS = _by_name(
    {
        "customers": "customer",
        "customer_groups": "group customer_group",
        "sales": "sale invoice",
        "items": "item product",
        "item_categories": "category item_category",
        "expenses": "expense",
    }
)
"""The resource that a noun in such a name means; the plural is the same."""

_SHORT_FORMS = {
    ("add", "customers"): "add_customer(...)",
    ("record", "customers"): "customer(1)",
    ("add", "customer_groups"): "add_group(...)",
    ("record", "customer_groups"): "group(1)",
}
"""The methods that exist for one resource, by the general method and the resource."""

_ARGUMENTS = {
    "at": "to time now",
    "by": "seconds delta time",
    "json": "body data",
    "key": "id code name record_id",
    "query": "params query_params",
    "path": "url",
    "seconds": "delay duration time timeout",
    "status": "status_code code error fault kind name what",
    "timeout": "seconds",
    "times": "call_count count n",
}
"""By the name of an argument, the names that other libraries have for it, with spaces."""


def suggest_attribute(name: str, known: Collection[str]) -> str:
    """Return what to write instead of a name that a handle lacks; empty when nothing is near.

    known: the names that it has.

    >>> suggest_attribute("create_customer", ()), suggest_attribute("update_sales", ())
    ('add_customer(...)', 'change("sales", 1, ...)')
    """
    if name in _METHODS:
        return _METHODS[name]
    action, _, noun = name.partition("_")
    resource = _NOUNS.get(noun) or _NOUNS.get(noun.removesuffix("s"), "" if noun else "customers")
    if action in _VERBS and resource:
        written = _VERBS[action].format(resource=resource)
        return _SHORT_FORMS.get((written.partition("(")[0], resource), written)
    return nearest(name, known) or ""


def check_arguments(cls: type[T]) -> type[T]:
    """Decorate a class so that each of its public methods has the errors of `checked_names`."""
    for name, function in list(vars(cls).items()):
        if isinstance(function, FunctionType) and not name.startswith("_"):
            setattr(cls, name, checked_names(function))
    return cls


def checked_names(function: Callable[P, T]) -> Callable[P, T]:
    """Decorate a method so that the error for a wrong argument says which one to write instead.

    The error is an `ArgumentError`, which is a TypeError. A TypeError that the method raises with arguments
    that fit stays as it is.

    >>> checked_names(lambda times: times)(count=1)
    Traceback (most recent call last):
    fakekit.errors.ArgumentError: <lambda>() has no argument 'count'; write <lambda>(1)
    """

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            try:
                signature(function).bind(*args, **kwargs)
            except TypeError:
                problem = _find_wrong_argument(function, args, kwargs) or Problem("", str(error))
            else:
                raise
        raise ArgumentError(problem)

    return call


def _find_wrong_argument(
    function: Callable[..., object], args: Sequence[object], kwargs: Mapping[str, object]
) -> Problem | None:
    """Return which argument of a call has a wrong name, and what to write; None when no name is to blame.

    args, kwargs: of the call, which do not fit; a method's first one is its object.
    """
    parameters = signature(function).parameters
    free = [p for p in list(parameters.values())[len(args) :] if p.name not in kwargs]
    if any(p.kind is p.VAR_KEYWORD for p in free):  # any name may be a setting: only a missing one is wrong
        free = [p for p in free if p.kind is not p.VAR_KEYWORD and p.default is p.empty]
    name = next((name for name in kwargs if name not in parameters), None)
    if name is None or not free:
        return None
    names = [p.name for p in free]
    known = next((known for known in names if name in _ARGUMENTS.get(known, "").split()), None)
    known = known or nearest(name, names)
    write = known or (names[0] if len(names) == 1 else f"one of {', '.join(names)}")
    if known == names[0] and free[0].kind is not free[0].KEYWORD_ONLY:  # the next one can go without a name
        given = args[1:] if "self" in parameters else args
        write = f"{function.__name__}({', '.join(map(show, (*given, kwargs[name])))})"
    return Problem("", f"{function.__name__}() has no argument {name!r}", "", write)


def check_fail(status: object, settings: Collection[str]) -> None:
    """Check the arguments of `Handle.fail` for what another method does, or what it spells otherwise.

    status: its first argument, a status or the name of a fault.
    settings: the names of the further arguments.

    Raises `FaultError` for a status in quotes, a time-out, and a body, which only `Handle.respond` takes.
    """
    if isinstance(status, str) and status.isdecimal():
        raise FaultError(Problem("fail", "takes a status as a number", show(status), f"fail({status})"))
    phrase = status.upper().replace(" ", "_") if isinstance(status, str) else ""
    if phrase in HTTPStatus.__members__:  # unauthorized, "not found"
        write = f"fail({HTTPStatus[phrase].value})"
        raise FaultError(Problem("fail", "takes a status as a number", show(status), write))
    if status in ("timeout", "delay", "latency"):
        raise FaultError(Problem("fail", "has no such fault", show(status), "delay(seconds), up to 60"))
    for name in ("json", "text", "headers", "body"):
        if name in settings and isinstance(status, int):
            argument = "json" if name == "body" else name
            write = f'respond("GET", "customers/1", status={status}, {argument}=...)'
            raise FaultError(Problem(f"fail: {name}", "is not a setting of a failure", "", write))
