"""Calling operations by typed methods, whatever runs them: a server in this process, or one over HTTP."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from fakekit.control.operations import BY_NAME
from fakekit.errors import FakekitError

if TYPE_CHECKING:
    from fakekit.control.controls import Controls
    from fakekit.control.results import InterceptPort
    from fakekit.control.server_controls import ServerControls


RunOperation = Callable[..., object]
"""Takes the name of an operation and, by name, its arguments; returns its result. Raises `FakekitError`."""

LAST = 10**15
"""A request number that no server reaches: no request comes after it."""


def account_control(run: RunOperation) -> Controls:
    """Return an object with a method for each operation on an account, which takes keyword arguments.

    run: runs an operation on the account. Raises `fakekit.errors.ClosedError` once the account or its server
        is gone.
    """
    return cast("Controls", _Methods(run))


class ControlledServer(ABC):
    """A server as a test controls it, in this process or elsewhere.

    control: has the control operations on the server as methods; `do` runs one by its name.
    """

    def __init__(self) -> None:
        self.control = cast("ServerControls", _Methods(self.do))

    @abstractmethod
    def do(self, operation: str, /, **values: object) -> Any:
        """Run a control operation and return its result, as the control API answers it in JSON; or text.

        Raises the `fakekit.errors.FakekitError` of the operation, and `ControlError` for a server that cannot
        be reached or is not fakekit.

        operation: its name in `fakekit.control.operations`, as ``"add_fault"``.
        values: its arguments by name; ``key`` is the account's.
        """

    def alias(self, alias: str, api_key: str | None) -> None:
        """Let requests with the key `alias` reach the account of `api_key` from now on; None ends that.

        The pytest plugin uses it for variables that are set once for all tests (``fakekit_env``). Raises
        `AccountsFullError` for one too many, and `ControlError` when the server cannot be reached.
        """
        if api_key is None:
            self.control.end_alias(key=alias)
        else:
            self.do("alias", key=api_key, alias=alias)

    @contextmanager
    def intercepted(self, api_key: str, strict: bool) -> Iterator[InterceptPort]:
        """Have the server serve the vendor's hosts for an account during the block, and give the port.

        Raises `ControlError` when the server cannot be reached. A server that has ended meanwhile is no
        error at the end of the block.

        strict: whether the client's own key counts; otherwise `api_key` replaces every key.
        """
        port = self.control.intercept(key=api_key, strict=strict)
        try:
            yield port
        finally:
            with suppress(FakekitError):
                self.control.end_intercept(key=api_key)

    @property
    def last_number(self) -> int:
        """The number of the latest request that was answered; 0 before the first one.

        Raises `ControlError` when the server cannot be reached.
        """
        return self.control.strangers(since=LAST)["last_number"]


class _Methods:
    """Has a method for each operation of the table, which calls `run` with its name and its arguments."""

    def __init__(self, run: RunOperation) -> None:
        self._run = run

    def __getattr__(self, name: str) -> Callable[..., object]:
        """Return the method of an operation. Raises AttributeError for a name that is no operation."""
        if name not in BY_NAME:
            raise AttributeError(name)
        return partial(self._run, name)
