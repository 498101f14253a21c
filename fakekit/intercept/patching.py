"""Replacing functions of the standard library while a policy is installed, and putting them back."""

from __future__ import annotations

import functools
import socket
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import RLock
from types import ModuleType
from typing import Any

from fakekit.intercept.imports import Imports
from fakekit.intercept.policy import Policy

MakeReplacement = Callable[[Callable[..., Any]], Callable[..., Any]]
"""Makes the replacement of a function."""


class _Patch:
    """One function of one class or module, replaced."""

    def __init__(
        self, owner: Any, name: str, make_replacement: MakeReplacement, policy: Policy | None
    ) -> None:
        self.owner, self.name, self.policy = owner, name, policy
        self.original = getattr(owner, name)
        self._was_own = name in vars(owner)
        self.replacement = functools.wraps(self.original)(make_replacement(self.original))
        setattr(owner, name, self.replacement)

    def restore(self) -> None:
        """Put back what was there; but what others have put over it since is theirs, and stays."""
        if vars(self.owner).get(self.name) is not self.replacement:
            return
        if self._was_own:
            setattr(self.owner, self.name, self.original)
        else:
            delattr(self.owner, self.name)


class PatchSet:
    """The policies that are installed, and the functions that ask them. There is one: `patches.PATCHES`.

    socket_functions: what is replaced of the module `socket`, by name.
    class_methods: what is replaced of classes: their module, their name, and what by name.
    skipped: what could not be replaced, by name: ``{"subprocess.Popen": "a function"}``.
    """

    def __init__(
        self,
        socket_functions: Mapping[str, MakeReplacement],
        class_methods: Iterable[tuple[str, str, Mapping[str, MakeReplacement]]],
    ) -> None:
        self._socket_functions, self._class_methods = socket_functions, tuple(class_methods)
        self._lock = RLock()
        self._policies: tuple[Policy, ...] = ()
        self._patches: list[_Patch] = []
        self._complete = False
        self.skipped: dict[str, str] = {}
        self._imports = Imports(
            ("ssl", "http.client", "subprocess"), lambda: self.replace_imported(again=True)
        )

    @property
    def policy(self) -> Policy | None:
        """The one that decides: the latest that is still installed."""
        policies = self._policies  # one read: another thread may be removing it
        return policies[-1] if policies else None

    def install(self, policy: Policy) -> None:
        """Ask this policy from now on, until it is removed or another one is installed."""
        with self._lock:
            self._policies = (*self._policies, policy)
            self._complete = False
            self._imports.start()
            self.replace_imported()

    def remove(self, policy: Policy) -> None:
        """Ask this policy no longer; the others stay in their order. One that is not installed is ignored."""
        with self._lock:
            if policy not in self._policies:
                return
            self._policies = tuple(item for item in self._policies if item is not policy)
            if not self._policies:
                self._imports.stop()
            for patch in reversed(list(self._patches)):
                if not self._policies or (patch.policy is policy and self._stays_replaced(patch)):
                    patch.restore()
                    self._patches.remove(patch)

    @contextmanager
    def installed(self, policy: Policy) -> Iterator[None]:
        """Ask this policy inside of the block."""
        self.install(policy)
        try:
            yield
        finally:
            self.remove(policy)

    def replace_imported(self, *, again: bool = False) -> None:
        """Replace what is not replaced yet of the modules that the process has imported.

        again: look once more, since somebody may have put something over it for good, as gevent does.
        """
        if self._complete and not again:
            return
        with self._lock:
            if not self._policies:
                return
            for name, make_replacement in self._socket_functions.items():
                self._replace("socket", socket, name, make_replacement)
            imported = [self._replace_all(*entry) for entry in self._class_methods]
            self._complete = all(imported)

    def _replace_all(self, module: str, name: str, functions: Mapping[str, MakeReplacement]) -> bool:
        """Replace functions of a class; whether the process has imported its module."""
        owner = getattr(sys.modules.get(module), name, None)
        if owner is not None:
            for function, make_replacement in functions.items():
                self._replace(f"{module}.{name}", owner, function, make_replacement)
        return owner is not None

    def _replace(self, path: str, owner: object, name: str, make_replacement: MakeReplacement) -> None:
        """Replace one function, unless it is replaced; where that cannot be, remember it in `skipped`.

        A suite may have put anything in the place of a class: a function, a mock.
        """
        if not isinstance(owner, type | ModuleType):
            self.skipped[path] = f"it is a {type(owner).__name__} here and no class"
        elif hasattr(owner, name) and not self._is_replaced(owner, name):  # Windows has no sendmsg
            try:
                self._patches.append(_Patch(owner, name, make_replacement, self.policy))
            except (AttributeError, TypeError) as error:
                self.skipped[path] = f"its {name} cannot be replaced ({type(error).__name__})"

    def _is_replaced(self, owner: type | ModuleType, name: str) -> bool:
        """Whether what stands under a name is a replacement of ours, also one that a class inherits."""
        owners = owner.__mro__ if isinstance(owner, type) else (owner,)
        current = next((vars(holder)[name] for holder in owners if name in vars(holder)), None)
        return any(current is patch.replacement for patch in self._patches)

    def _stays_replaced(self, patch: _Patch) -> bool:
        """Whether the function stays replaced when this layer is lifted."""
        same = [item for item in self._patches if (item.owner, item.name) == (patch.owner, patch.name)]
        return same[0] is not patch
