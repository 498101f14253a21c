"""What errors suggest for names that a handle lacks and other libraries have: ``create_customer``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import wraps
from inspect import signature
from typing import ParamSpec, TypeVar

from fakekit.errors import FaultError, Problem, nearest, show

P = ParamSpec("P")
T = TypeVar("T")

__tracebackhide__ = True  # pytest shows the line of the test, not ours


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

_ARGUMENTS = _by_name(
    {
        "json": "body data",
        "times": "call_count count n",
        "query": "params query_params",
        "timeout": "seconds",
        "status": "status_code",
        "path": "url",
    }
)
"""What to write instead of the names that other libraries have for an argument."""


def suggest_attribute(name: str, known: Collection[str]) -> str:
    """Return what to write instead of a name that a handle lacks; empty when nothing is near.

    known: the names that it has.

    >>> suggest_attribute("create_customer", ()), suggest_attribute("update_sales", ())
    ('add_customer(...)', 'change("sales", 1, ...)')
    """
    if name in _METHODS:
        return _METHODS[name]
    verb, _, noun = name.partition("_")
    resource = _NOUNS.get(noun) or _NOUNS.get(noun.removesuffix("s"), "" if noun else "customers")
    if verb in _VERBS and resource:
        written = _VERBS[verb].format(resource=resource)
        return _SHORT_FORMS.get((written.partition("(")[0], resource), written)
    return nearest(name, known) or ""


def checked_names(function: Callable[P, T]) -> Callable[P, T]:
    """Decorate a method so that the TypeError for an unknown argument says which name to write instead.

    >>> checked_names(lambda times: times)(count=1)
    Traceback (most recent call last):
    TypeError: <lambda>() has no argument 'count'; write times
    """
    known = [name for name in signature(function).parameters if name != "self"]

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        for name in kwargs:
            if name not in known:
                alias = _ARGUMENTS.get(name)
                write = alias if alias in known else nearest(name, known) or f"one of {', '.join(known)}"
                raise TypeError(f"{function.__name__}() has no argument {name!r}; write {write}")
        return function(*args, **kwargs)

    return call


def check_fail(what: object, settings: Collection[str]) -> None:
    """Check the arguments of `Handle.fail` for what another method does, or what it spells otherwise.

    settings: the names of the further arguments.

    Raises `FaultError` for a status in quotes, a time-out, and a body, which only `Handle.respond` takes.
    """
    if isinstance(what, str) and what.isdecimal():
        raise FaultError(Problem("fail", "takes a status as a number", show(what), f"fail({what})"))
    if what in ("timeout", "delay", "latency"):
        raise FaultError(Problem("fail", "has no such fault", show(what), "delay(seconds), up to 60"))
    for name in ("json", "text", "headers", "body"):
        if name in settings and isinstance(what, int):
            argument = "json" if name == "body" else name
            write = f'respond("GET", "customers/1", status={what}, {argument}=...)'
            raise FaultError(Problem(f"fail: {name}", "is not a setting of a failure", "", write))
