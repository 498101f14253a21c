"""Replacing functions of the standard library while a rule is installed, and putting them back."""

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
from fakekit.intercept.policy import Rule

Make = Callable[[Callable[..., Any]], Callable[..., Any]]
"""Makes the replacement of a function."""


class _Layer:
    """One function of one class or module, replaced."""

    def __init__(self, owner: Any, name: str, make: Make, rule: Rule | None) -> None:
        self.owner, self.name, self.rule = owner, name, rule
        self.original = getattr(owner, name)
        self._own = name in vars(owner)
        self.replacement = functools.wraps(self.original)(make(self.original))
        setattr(owner, name, self.replacement)

    def lift(self) -> None:
        """Put back what was there; but what others have put over it since is theirs, and stays."""
        if vars(self.owner).get(self.name) is not self.replacement:
            return
        if self._own:
            setattr(self.owner, self.name, self.original)
        else:
            delattr(self.owner, self.name)


class Seam:
    """The rules that are installed, and the functions that ask them. There is one: `patches.SEAM`.

    of_socket: what is replaced of the module `socket`, by name.
    of_classes: what is replaced of classes: their module, their name, and what by name.
    skipped: what could not be replaced, by name: ``{"subprocess.Popen": "a function"}``.
    """

    def __init__(
        self, of_socket: Mapping[str, Make], of_classes: Iterable[tuple[str, str, Mapping[str, Make]]]
    ) -> None:
        self._of_socket, self._of_classes = of_socket, tuple(of_classes)
        self._lock = RLock()
        self._rules: tuple[Rule, ...] = ()
        self._layers: list[_Layer] = []
        self._complete = False
        self.skipped: dict[str, str] = {}
        self._imports = Imports(("ssl", "http.client", "subprocess"), lambda: self.reach(anew=True))

    @property
    def rule(self) -> Rule | None:
        """The one that decides: the latest that is still installed."""
        rules = self._rules  # one read: another thread may be removing it
        return rules[-1] if rules else None

    def install(self, rule: Rule) -> None:
        """Ask this rule from now on, until it is removed or another one is installed."""
        with self._lock:
            self._rules = (*self._rules, rule)
            self._complete = False
            self._imports.watch()
            self.reach()

    def remove(self, rule: Rule) -> None:
        """Ask this rule no longer; the others stay in their order. One that is not installed is ignored."""
        with self._lock:
            if rule not in self._rules:
                return
            self._rules = tuple(one for one in self._rules if one is not rule)
            if not self._rules:
                self._imports.stop()
            for layer in reversed(list(self._layers)):
                if not self._rules or (layer.rule is rule and self._beneath(layer)):
                    layer.lift()
                    self._layers.remove(layer)

    @contextmanager
    def installed(self, rule: Rule) -> Iterator[None]:
        """Ask this rule inside of the block."""
        self.install(rule)
        try:
            yield
        finally:
            self.remove(rule)

    def reach(self, *, anew: bool = False) -> None:
        """Replace what is not replaced yet of the modules that the process has imported.

        anew: look once more, since somebody may have put something over it for good, as gevent does.
        """
        if self._complete and not anew:
            return
        with self._lock:
            if not self._rules:
                return
            for name, make in self._of_socket.items():
                self._place("socket", socket, name, make)
            found = [self._place_all(*each) for each in self._of_classes]
            self._complete = all(found)

    def _place_all(self, module: str, name: str, functions: Mapping[str, Make]) -> bool:
        """Replace functions of a class; whether the process has imported its module."""
        owner = getattr(sys.modules.get(module), name, None)
        if owner is not None:
            for function, make in functions.items():
                self._place(f"{module}.{name}", owner, function, make)
        return owner is not None

    def _place(self, path: str, owner: object, name: str, make: Make) -> None:
        """Replace one function, unless it is replaced; where that cannot be, remember it in `skipped`.

        A suite may have put anything in the place of a class: a function, a mock.
        """
        if not isinstance(owner, type | ModuleType):
            self.skipped[path] = f"it is a {type(owner).__name__} here and no class"
        elif hasattr(owner, name) and not self._is_replaced(owner, name):  # Windows has no sendmsg
            try:
                self._layers.append(_Layer(owner, name, make, self.rule))
            except (AttributeError, TypeError) as error:
                self.skipped[path] = f"its {name} cannot be replaced ({type(error).__name__})"

    def _is_replaced(self, owner: type | ModuleType, name: str) -> bool:
        """Whether what stands under a name is a replacement of ours, also one that a class inherits."""
        places = owner.__mro__ if isinstance(owner, type) else (owner,)
        there = next((vars(place)[name] for place in places if name in vars(place)), None)
        return any(there is layer.replacement for layer in self._layers)

    def _beneath(self, layer: _Layer) -> bool:
        """Whether the function stays replaced when this layer is lifted."""
        same = [one for one in self._layers if (one.owner, one.name) == (layer.owner, layer.name)]
        return same[0] is not layer
