"""Replacing functions of the standard library while a policy is installed, and putting them back."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType

from fakekit.intercept.imports import ImportHook
from fakekit.intercept.policy import Policy
from fakekit.intercept.single_patch import (
    Function,
    MakeReplacement,
    Patch,
    find_attribute,
    is_of_green_threads,
    is_of_library,
)
from fakekit.unpatched import RLock

_SOCKET_MODULES = (
    "_socket",
    "socket",
    "gevent.socket",
    "gevent._socketcommon",
    "eventlet.green.socket",
    "eventlet.support.greendns",
)
"""The module `socket`, the C module beneath it, and those whose functions gevent and eventlet put into it.

All are patched where they are imported, since their functions call each other directly.
"""


class PatchSet:
    """The installed policies, and the patched functions that ask them. The one instance is `patches.PATCHES`.

    socket_functions: functions of `_SOCKET_MODULES` by name, with what makes the replacement of each.
    class_methods: for each class its module, its name, and its methods like `socket_functions`.
    skip_reasons: why a class or function could not be replaced, by name:
        ``{"subprocess.Popen": "it is a function here and no class"}``.
    """

    def __init__(
        self,
        socket_functions: Mapping[str, MakeReplacement],
        class_methods: Iterable[tuple[str, str, Mapping[str, MakeReplacement]]],
    ) -> None:
        self._socket_functions, self._class_methods = socket_functions, tuple(class_methods)
        self._lock = RLock()
        self._policy_stack: tuple[Policy, ...] = ()
        self._patches: dict[tuple[object, str], list[Patch]] = {}
        self._original_methods: dict[tuple[object, str], Function] = {}
        self._classes: dict[str, list[type]] = {}
        self._ignored: list[object] = []
        self._complete = False
        self.skip_reasons: dict[str, str] = {}
        self._import_hook = ImportHook(("ssl", "http.client", "subprocess"), self.apply_again)

    @property
    def policy(self) -> Policy | None:
        """The policy that decides about calls to the vendor's hosts: the latest installed one, or None."""
        stack = self._policy_stack  # one read: another thread may be removing it
        return stack[-1] if stack else None

    def install(self, policy: Policy) -> None:
        """Let a policy decide about calls to the vendor's hosts from now on, in all threads of the process.

        Patches the standard library if it is not patched yet. Of several installed policies the latest
        decides.
        """
        with self._lock:
            self._policy_stack = (*self._policy_stack, policy)
            self._complete = False
            self._import_hook.start()
            self.apply()

    def remove(self, policy: Policy) -> None:
        """Take a policy away; nothing happens when it is not installed. The other policies keep their order.

        The last policy takes all patches with it. Otherwise only a patch that was made for this policy over
        an older one is undone.
        """
        with self._lock:
            if policy not in self._policy_stack:
                return
            self._policy_stack = tuple(item for item in self._policy_stack if item is not policy)
            if not self._policy_stack:
                self._import_hook.stop()
                self._ignored.clear()
            for patches in self._patches.values():
                for patch in reversed(list(patches)):
                    if not self._policy_stack or (patch.policy is policy and patch is not patches[0]):
                        patch.restore()
                        patches.remove(patch)

    @contextmanager
    def installed(self, policy: Policy) -> Iterator[None]:
        """Install a policy during the block, and remove it afterwards."""
        self.install(policy)
        try:
            yield
        finally:
            self.remove(policy)

    def apply(self, *, force: bool = False) -> None:
        """Patch the functions that are not patched yet, of modules that the process has imported.

        Nothing happens without a policy. What cannot be patched is added to `skip_reasons`. Called by the
        patched functions themselves, until all were patched once.

        force: check again after that, and patch whatever stands in the place of ours: others may have
            replaced them, as plugins that block connections do. `skip_reasons` has only what it finds now.
        """
        if force:
            self.skip_reasons.clear()
        if not self._complete or force:
            self._apply(is_forced=force)

    def apply_again(self) -> None:
        """Patch again what lost our patches, but leave the mocks that `ignore_mocks` has found."""
        self._apply(is_forced=False)

    def ignore_mocks(self) -> None:
        """Leave what stands in the place of patched functions and classes now, for the fixture that put it.

        Called when a fixture that many tests share was set up. What gevent or eventlet put there is no mock,
        nor is an original function that was put back. `apply` with `force` patches mocks, too.
        """
        with self._lock:
            if not self._policy_stack:
                return
            for module, name, methods in self._class_methods:
                owner, known = (
                    getattr(sys.modules.get(module), name, None),
                    self._classes.get(f"{module}.{name}", ()),
                )
                if known and all(owner is not cls for cls in known):
                    self._ignore(owner)
                for method in methods:
                    self._ignore_function(owner, method)
            for module in filter(sys.modules.__contains__, _SOCKET_MODULES):
                for name in self._socket_functions:
                    self._ignore_function(sys.modules[module], name)

    def _ignore_function(self, owner: object, name: str) -> None:
        """Leave what stands in the place of a function, if it was patched before and is not ours."""
        patches = self._patches.get((owner, name), ())
        if patches and hasattr(owner, name):
            current = find_attribute(owner, name)
            if all(current is not function for patch in patches for function in patch.functions):
                self._ignore(current)

    def _ignore(self, mock: object) -> None:
        """Add a mock to those that `apply_again` leaves."""
        if not self._is_ignored(mock) and not is_of_green_threads(mock):
            self._ignored.append(mock)

    def _is_ignored(self, value: object) -> bool:
        """Return whether a function or class is a mock that `apply_again` leaves; compared by identity."""
        return any(value is mock for mock in self._ignored)

    def _apply(self, is_forced: bool) -> None:
        """Patch the functions of modules that the process has imported; see `apply` and `apply_again`."""
        with self._lock:
            if not self._policy_stack:
                return
            for module in _SOCKET_MODULES:
                if module in sys.modules:
                    self._replace_functions(module, is_forced)
            results = [self._replace_methods(*entry, is_forced) for entry in self._class_methods]
            self._complete = all(results)

    def _replace_functions(self, module: str, is_forced: bool) -> None:
        """Replace the functions of `socket` in an imported module: `socket` itself, or one in its place.

        module: its name, one of `_SOCKET_MODULES`.
        is_forced: whether ignored mocks are replaced, too.
        """
        owner = sys.modules[module]
        for name, make_replacement in self._socket_functions.items():
            if is_forced or not self._is_ignored(getattr(owner, name, None)):
                self._replace(module, owner, name, make_replacement)

    def _replace_methods(
        self, module: str, name: str, methods: Mapping[str, MakeReplacement], is_forced: bool
    ) -> bool:
        """Replace methods of the class `name` in a module; return whether the module is imported and has it.

        methods: their names, with what makes the replacement of each.
        is_forced: whether ignored mocks in the place of methods, or of the class, are replaced, too.
        """
        owner = getattr(sys.modules.get(module), name, None)
        if owner is None:
            return False
        if is_forced or not self._is_ignored(owner):
            known = self._classes.setdefault(f"{module}.{name}", [])
            known += [owner] if isinstance(owner, type) and all(owner is not cls for cls in known) else []
            for method, make_replacement in methods.items():
                if is_forced or not self._is_ignored(getattr(owner, method, None)):
                    self._replace(f"{module}.{name}", owner, method, make_replacement)
        return True

    def _replace(self, path: str, owner: object, name: str, make_replacement: MakeReplacement) -> None:
        """Replace the function `name` of a class or module, unless it is ours already or does not exist.

        When it cannot be replaced, the reason is stored in `skip_reasons`: a test suite may have put anything
        in the place of a class, as a function or a mock.

        path: full name of the owner, for the reason: ``socket.socket``.
        """
        if not isinstance(owner, type | ModuleType):
            self.skip_reasons[path] = f"it is a {type(owner).__name__} here and no class"
        elif hasattr(owner, name) and not self._is_replaced(owner, name):  # Windows has no sendmsg
            try:
                patch = Patch(owner, name, make_replacement, self.policy)
            except (AttributeError, TypeError) as error:
                self.skip_reasons[path] = f"its {name} cannot be replaced ({type(error).__name__})"
                return
            self._original_methods.setdefault((owner, name), patch.original)
            patches = self._patches.setdefault((owner, name), [])
            # Others may put the original back after every test: patches between the first and this are dead.
            patches[1:] = [*(old for old in patches[1:] if old.policy is not self.policy), patch]

    def library_method(self, instance: object, name: str, original: Function | None = None) -> Function:
        """Return the method `name` of the library's class of an object, as it was before any patch.

        Others may have replaced it, or the class: a mock, or a plugin that blocks connections. The object's
        own method is returned where its class is no subclass of the library's, or was not patched.

        original: what a replacement of ours was made for; returned if it is a method of the library. (The
            class of eventlet's TLS sockets calls that of Python's: each has an original of its own.)
        """
        classes = [cls for cls in type(instance).__mro__ if is_of_library(cls)]
        methods = [
            self._original_methods[cls, name] for cls in classes if (cls, name) in self._original_methods
        ]
        if not methods:
            methods.append(getattr(type(instance), name))
        return next((method for method in methods if method is original), methods[0])

    def _is_replaced(self, owner: type | ModuleType, name: str) -> bool:
        """Return whether `owner.name` is a replacement of ours, also one that a class inherits."""
        current = find_attribute(owner, name)
        return isinstance(getattr(current, "_fakekit_patch", None), Patch)  # a mock has any attribute
