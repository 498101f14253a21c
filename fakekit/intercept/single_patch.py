"""One function of the standard library that is replaced, and what others have put in its place."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType, MethodDescriptorType, WrapperDescriptorType
from typing import Any

from fakekit.intercept.policy import Policy

_METHODS = (FunctionType, MethodDescriptorType, WrapperDescriptorType)
"""What a class has as a method, in Python or in C; called with the instance as its first argument."""

Function = Callable[..., Any]
"""A function of the library, or what stands in its place; its arguments are the caller's."""

MakeReplacement = Callable[[Function], Function]
"""Takes the original function and returns its replacement."""


class Patch:
    """One function of a class or module that is replaced from now on, until `restore`.

    owner: the class or module.
    name: of the function in it.
    policy: the one that was installed last at that time.

    Raises AttributeError or TypeError when the function is missing or cannot be replaced.
    """

    def __init__(
        self, owner: object, name: str, make_replacement: MakeReplacement, policy: Policy | None
    ) -> None:
        self.owner, self.name, self.policy = owner, name, policy
        self.original = find_attribute(owner, name)
        self._has_original = name in vars(owner)
        self.replacement = functools.wraps(self.original)(
            make_replacement(_as_function(owner, self.original))
        )
        self.replacement._fakekit_patch = self  # type: ignore[attr-defined]
        setattr(owner, name, self.replacement)

    @property
    def functions(self) -> tuple[Function, Function]:
        """The function that was replaced, and ours."""
        return self.original, self.replacement

    def restore(self) -> None:
        """Put the original function back, unless someone else has replaced ours in the meantime."""
        if vars(self.owner).get(self.name) is not self.replacement:
            return
        if self._has_original:
            setattr(self.owner, self.name, self.original)
        else:  # the owner inherited it
            delattr(self.owner, self.name)


def find_attribute(owner: object, name: str) -> Any:
    """Return an attribute of a module, or of a class as the class has it: a static method, for example.

    Raises AttributeError when there is none.
    """
    for cls in owner.__mro__ if isinstance(owner, type) else ():
        if name in vars(cls):
            return vars(cls)[name]
    return getattr(owner, name)


def _as_function(owner: object, attribute: Any) -> Function:
    """Return what calls a function of a module, or a method of a class with its instance as first argument.

    A mock in the place of a method is no method: it does not get the instance.

    owner: the module or class.
    attribute: as `find_attribute` returns it.
    """
    if not isinstance(owner, type) or isinstance(attribute, _METHODS):
        function: Function = attribute
        return function

    def call(self: object, *args: object, **options: object) -> object:
        __tracebackhide__ = True
        bind = getattr(type(attribute), "__get__", None)
        return (bind(attribute, self, type(self)) if bind else attribute)(*args, **options)

    return call


def is_of_library(cls: type) -> bool:
    """Return whether a class is of the standard library, gevent or eventlet, and no other's in its place."""
    return cls.__module__.partition(".")[0] in ("socket", "ssl", "subprocess", "gevent", "eventlet")


def is_of_green_threads(value: object) -> bool:
    """Return whether a class or function is gevent's or eventlet's, which put theirs into the library."""
    return str(getattr(value, "__module__", "")).partition(".")[0] in ("gevent", "eventlet")
