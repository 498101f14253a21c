"""An import hook that calls back when a module was imported, without importing it itself."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec


class ImportHook:
    """A finder at the front of `sys.meta_path` that reports the first import of certain modules.

    names: the full names of these modules: ``("ssl", "http.client")``.
    on_import: called after one of them was imported, in the importing thread; its exceptions are dropped.
    """

    def __init__(self, names: tuple[str, ...], on_import: Callable[[], None]) -> None:
        self._names, self._on_import = names, on_import

    def start(self) -> None:
        """Put the finder into `sys.meta_path`, so that imports are reported; once there, it stays as is."""
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def stop(self) -> None:
        """Take the finder out of `sys.meta_path`; nothing happens when it is not there."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the module spec that the other finders have for a watched module; None for other modules.

        The import system calls this for every module that is not loaded yet, and asks the next finder on
        None. The loader of a watched module's spec is changed so that it calls `on_import` once it has run.
        """
        if name not in self._names:
            return None
        for other in [item for item in sys.meta_path if item is not self and hasattr(item, "find_spec")]:
            spec = other.find_spec(name, path, target)
            if spec is not None:
                self._wrap_loader(spec.loader)
                return spec
        return None

    def _wrap_loader(self, loader: Any) -> None:
        """Replace `exec_module` of one module's loader by one that calls `on_import` afterwards.

        A loader that is a class (of built-in and frozen modules) loads many modules, and is left alone:
        `on_import` is not called for its modules.
        """
        if loader is None or isinstance(loader, type):
            return
        run = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            run(module)
            with suppress(Exception):
                self._on_import()

        loader.exec_module = exec_module
