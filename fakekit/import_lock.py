"""One lock for every import that is delayed until a request needs it.

Servers answer in several threads, so that request can be thirty requests at once. Two things went wrong
then: modules that import each other were seen half made, and CPython 3.11's ``ast`` module, which pytest
uses to rewrite assertions and werkzeug to compile routes, raises SystemError when two threads are in it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

T = TypeVar("T")

IMPORT_LOCK = threading.RLock()
"""Held around each import inside a function that a request may call, and while routes are compiled.

One for the whole process, as ``sys.modules`` is. An RLock, because such an import may lead to another.
Whoever holds it imports, or makes what `once` was given: it writes no log and takes no other lock,
which another thread could hold while it waits for this one.
"""


def once(make: Callable[[], T]) -> Callable[[], T]:
    """Return a function that calls `make` on its first call, and returns that result on every call.

    `make` is called under `IMPORT_LOCK`, by one thread, while other callers wait for its result. If it
    raises, the call raises too, and the next one tries again.

    >>> made = once(lambda: print("made") or 42)
    >>> made(), made()
    made
    (42, 42)
    """
    made: list[T] = []

    @wraps(make)
    def get() -> T:
        if not made:
            with IMPORT_LOCK:
                if not made:
                    made.append(make())
        return made[0]

    return get
