"""An import hook that reports when a module is imported, without importing it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType
from typing import Any


class Imports:
    """An import finder, first in line, that reports when certain modules have been imported.

    names: of these modules.
    on_import: called after each of them was imported; what it raises does not fail the import.
    """

    def __init__(self, names: tuple[str, ...], on_import: Callable[[], None]) -> None:
        self._names, self._on_import = names, on_import

    def start(self) -> None:
        """Report imports from now on; nothing more happens when it does already."""
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def stop(self) -> None:
        """Take the finder out of the import system; nothing happens when it is not there."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(self, name: str, path: Any = None, target: ModuleType | None = None) -> Any:
        """Return what the next finder finds for a watched name; None ("ask the next one") for others."""
        if name not in self._names:
            return None
        for finder in [item for item in sys.meta_path if item is not self and hasattr(item, "find_spec")]:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                self._follow(spec.loader)
                return spec
        return None

    def _follow(self, loader: Any) -> None:
        """Wrap this one module's loader, so that it reports; a class loads many modules and is left."""
        if loader is None or isinstance(loader, type):
            return
        run = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            run(module)
            with suppress(Exception):
                self._on_import()

        loader.exec_module = exec_module
