"""What libraries do when they are imported, and ``fakekit serve`` can do without.

- marshmallow compiles a pattern for the domains of e-mail addresses, PyYAML one for characters that its own
  reader refuses. fakekit has a form of its own for e-mail addresses, and reads YAML by libyaml. This is 24 ms
  of a start of 200.
- Faker imports all of its providers, of which fakekit reads three, the names of people. This is 5 MB.

Each is done after all when something needs it. Here `re.compile` is replaced for a moment, and the package
``faker``: only a process of fakekit's own may do that.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

MODULES = ("marshmallow.validate", "yaml.reader")
"""The modules whose patterns are not compiled when they are imported."""


def import_partially(*, with_yaml: bool) -> None:
    """Import marshmallow and PyYAML without their patterns, and prepare Faker; no other thread may import.

    with_yaml: whether PyYAML will be needed at once; if not, it is imported later, and whole.
    """
    with _late_patterns():
        for module in MODULES if with_yaml else MODULES[:1]:
            import_module(module)
    spec = find_spec("faker")
    if "faker" not in sys.modules and spec is not None and spec.submodule_search_locations:
        faker = _LatePackage("faker")
        faker.__spec__, faker.__path__ = spec, list(spec.submodule_search_locations)
        sys.modules["faker"] = faker


class _LatePattern:
    """A regular expression that is compiled when its first attribute is asked for, such as ``match``."""

    def __init__(self, *arguments: Any) -> None:
        self._arguments = arguments

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        """The compiled pattern."""
        compiled: re.Pattern[str] = re.compile(*self._arguments)
        return compiled

    def __getattr__(self, name: str) -> object:
        """Return an attribute of the compiled pattern: ``match``, ``search``.

        Raises AttributeError for ``__isabstractmethod__``, which `abc.ABCMeta` looks for in whatever is in a
        class, and for any other name with two underscores.
        """
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._compiled, name)


@contextmanager
def _late_patterns() -> Iterator[None]:
    """Return a context manager in which `re.compile` returns a `_LatePattern` to the libraries' `MODULES`."""
    compile_now = re.compile

    def compile_late(*arguments: Any, **options: Any) -> Any:
        if options or sys._getframe(1).f_globals["__name__"] not in MODULES:
            return compile_now(*arguments, **options)
        return _LatePattern(*arguments)

    re.compile = compile_late
    try:
        yield
    finally:
        re.compile = compile_now


class _LatePackage(ModuleType):
    """A package whose own code runs when something asks for what it has; its modules can be imported before.

    Whoever makes it sets `__spec__` and `__path__`.
    """

    def __getattr__(self, name: str) -> object:
        """Run the package's code, and return what it defines under this name: ``Faker``.

        Called by Python for names that the package does not have yet. Raises AttributeError when it has none
        afterwards either, ImportError when its code cannot run.
        """
        if name.startswith("__") or self.__spec__ is None or self.__spec__.loader is None:
            raise AttributeError(name)
        self.__class__ = ModuleType  # type: ignore[assignment]
        self.__spec__.loader.exec_module(self)
        return getattr(self, name)
