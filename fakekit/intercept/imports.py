"""Being told when a module is imported, without importing it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType
from typing import Any


class Imports:
    """A finder before the others, which finds what they find; it can be told once a module has run.

    names: of the modules that are waited for.
    on_import: called after each of them was imported; what it raises is no reason for the import to fail.
    """

    def __init__(self, names: tuple[str, ...], on_import: Callable[[], None]) -> None:
        self._names, self._on_import = names, on_import

    def start(self) -> None:
        """Wait for them from now on. Again does nothing more."""
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def stop(self) -> None:
        """Wait no longer."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(self, name: str, path: Any = None, target: ModuleType | None = None) -> Any:
        """What the next finder finds, to be told of; None, as for "ask the next one", for other names."""
        if name not in self._names:
            return None
        for finder in [item for item in sys.meta_path if item is not self and hasattr(item, "find_spec")]:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                self._follow(spec.loader)
                return spec
        return None

    def _follow(self, loader: Any) -> None:
        """Let this one module's loader tell; a class loads many, and is left alone."""
        if loader is None or isinstance(loader, type):
            return
        run = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            run(module)
            with suppress(Exception):
                self._on_import()

        loader.exec_module = exec_module
