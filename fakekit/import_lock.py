"""One lock for every import that is delayed until a request needs it.

Servers answer in several threads, so that request can be thirty requests at once. Two things went wrong
then: modules that import each other were seen half made, and CPython 3.11's ``ast`` module, which pytest
uses to rewrite assertions and werkzeug to compile routes, raises SystemError when two threads are in it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Generic, TypeVar

from fakekit.unpatched import RLock

T = TypeVar("T")

IMPORT_LOCK = RLock()
"""Held around each import inside a function that a request may call, and while routes are compiled.

One for the whole process, as ``sys.modules`` is. An RLock, because such an import may lead to another.
Whoever holds it imports, or makes what `Once` was given: it writes no log and takes no other lock,
which another thread could hold while it waits for this one.
"""


class Once(Generic[T]):
    """A function without arguments that calls `make` on its first call and returns that result on every call.

    `make` is called under `IMPORT_LOCK`, by one thread, while other callers wait for its result. If it
    raises, the call raises too, and the next one tries again. The class is used as a decorator.

    >>> made = Once(lambda: print("made") or 42)
    >>> made.is_made, made(), made(), made.is_made
    made
    (False, 42, 42, True)
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make, self._made = make, list[T]()
        update_wrapper(self, make)

    def __call__(self) -> T:
        """Return the result, made by this call if there is none yet; see the class for threads and errors."""
        if not self._made:
            with IMPORT_LOCK:
                if not self._made:
                    self._made.append(self._make())
        return self._made[0]

    @property
    def is_made(self) -> bool:
        """Whether the next call returns at once."""
        return bool(self._made)
