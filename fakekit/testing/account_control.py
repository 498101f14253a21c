"""Calling operations by typed methods, whatever runs them: a server in this process, or one over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from fakekit.control.operations import BY_NAME

if TYPE_CHECKING:
    from fakekit.control.controls import Controls
    from fakekit.control.server_controls import ServerControls

__tracebackhide__ = True

RunOperation = Callable[[str, Mapping[str, object]], Any]
"""Takes the name of an operation and its arguments, and returns its result. Raises `FakekitError`."""


def account_control(run: RunOperation) -> Controls:
    """Return an object with a method for each operation on an account, which takes keyword arguments.

    run: runs an operation on the account. Raises RuntimeError once the account or its server is gone.
    """
    return cast("Controls", _Methods(run))


def server_control(run: RunOperation) -> ServerControls:
    """Return an object with a method for each operation on a server, which takes keyword arguments.

    run: runs an operation on the server.
    """
    return cast("ServerControls", _Methods(run))


class _Methods:
    """Has a method for each operation of the table, which calls `run` with its name and its arguments."""

    def __init__(self, run: RunOperation) -> None:
        self._run = run

    def __getattr__(self, name: str) -> Callable[..., object]:
        """Return the method of an operation. Raises AttributeError for a name that is no operation."""
        if name not in BY_NAME:
            raise AttributeError(name)
        run = self._run
        return lambda **values: run(name, values)
