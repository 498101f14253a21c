"""What errors suggest for names that a handle lacks and other libraries have: ``create_customer``."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from inspect import signature
from typing import ParamSpec, TypeVar

from fakekit.errors import FaultError, Problem, nearest, show

P = ParamSpec("P")
T = TypeVar("T")

__tracebackhide__ = True  # pytest shows the line of the test, not ours

_METHODS = {
    "assert_called": 'assert_requested("GET", "customers/1")',
    "assert_called_once": 'assert_requested("GET", "customers/1", times=1)',
    "assert_called_with": 'assert_requested("POST", "customers/add", json={...})',
    "assert_not_called": 'assert_requested("GET", "customers/1", times=0)',
    "assert_not_requested": 'assert_requested("GET", "customers/1", times=0)',
    "base": "base_url",
    "call_count": "len(requests)",
    "called": "requests",
    "calls": "requests",
    "freeze": "clock.freeze(...)",
    "history": "requests",
    "host": "origin",
    "key": "api_key",
    "mock": 'respond("GET", "customers/1", json={...})',
    "register": 'respond("GET", "customers/1", json={...})',
    "request_history": "requests",
    "sleep": "delay(seconds)",
    "stub": 'respond("GET", "customers/1", json={...})',
    "timeout": "delay(seconds)",
    "token": "api_key",
    "travel": "clock.advance(seconds)",
    "when": 'respond("GET", "customers/1", json={...})',
}
"""What to write instead of names that other libraries have for the same."""

_VERBS = {
    "add": 'add("{resource}", ...)',
    "create": 'add("{resource}", ...)',
    "new": 'add("{resource}", ...)',
    "make": 'add("{resource}", ...)',
    "get": 'record("{resource}", 1)',
    "fetch": 'record("{resource}", 1)',
    "read": 'record("{resource}", 1)',
    "update": 'change("{resource}", 1, ...)',
    "edit": 'change("{resource}", 1, ...)',
    "set": 'change("{resource}", 1, ...)',
    "change": 'change("{resource}", 1, ...)',
    "patch": 'change("{resource}", 1, ...)',
    "delete": 'remove("{resource}", 1)',
    "remove": 'remove("{resource}", 1)',
}
"""By the verb of a name such as ``create_sale``, what to write."""

_NOUNS = {
    "customer": "customers",
    "group": "customer_groups",
    "customer_group": "customer_groups",
    "sale": "sales",
    "invoice": "sales",
    "item": "items",
    "product": "items",
    "category": "item_categories",
    "item_category": "item_categories",
    "expense": "expenses",
}
"""The resource that a noun in such a name means; the plural is the same."""

_SHORT_FORMS = {
    ("add", "customers"): "add_customer(...)",
    ("record", "customers"): "customer(1)",
    ("add", "customer_groups"): "add_group(...)",
    ("record", "customer_groups"): "group(1)",
}
"""The methods that exist for one resource, by the general method and the resource."""

_ARGUMENTS = {
    "body": "json",
    "call_count": "times",
    "count": "times",
    "data": "json",
    "n": "times",
    "params": "query",
    "query_params": "query",
    "seconds": "timeout",
    "status_code": "status",
    "url": "path",
}
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
