"""A fake that runs elsewhere (a child process, a container), controlled by HTTP. See ``docs/control.md``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from json import loads
from typing import Any
from urllib.parse import quote, urlencode

from fakekit import errors
from fakekit.accounts.account_key import DEMO_KEY, check_key
from fakekit.addresses import read_origin, serve_hint
from fakekit.control import HEADER, ROOT
from fakekit.control.arguments import RequestParts, find_operation, split_arguments
from fakekit.control.operations import Operation
from fakekit.control.runner import for_handle
from fakekit.errors import ControlError, FakekitError, Problem, SettingsError, show
from fakekit.faults.callback import needs_this_process
from fakekit.faults.settings import MAX_SECONDS
from fakekit.settings.table import BY_NAME
from fakekit.testing.account_control import ControlledServer, account_control
from fakekit.testing.connection import send_request
from fakekit.testing.handle import Handle
from fakekit.unpatched import call_blocking
from fakekit.world.pinned import check_world_version

TIMEOUT = 10.0
"""How many seconds a response may take, in addition to the time that an operation is to wait."""


def connect(url: str, api_key: str = DEMO_KEY, token: str | None = None) -> Handle:
    """Return a handle of an account on a fake that runs elsewhere. Sends one request, to check the server.

    Raises `fakekit.SettingsError` for a malformed address or key or the real service's host, and
    `fakekit.ControlError` when nothing answers there, or something that is not fakekit.

    url: what ``fakekit serve`` printed: the origin or the base URL.
    api_key: the account's key; the account is opened if it is not open yet.
    token: the control token that ``fakekit serve`` printed; not needed if it listens on loopback.

    >>> import fakekit
    >>> with fakekit.FakeServer() as server:
    ...     xtrakit = fakekit.connect(server.origin, "fk_mine")
    ...     xtrakit.customer(1)["customer_name"]
    'Jane Doe'
    """
    server = RemoteServer(url, token)
    handle = server.account(api_key)
    about = server.do("about", key=api_key)
    if not isinstance(about, dict) or "seed" not in about:
        description = f"answers, but not as fakekit does{serve_hint(server.origin, None)}"
        raise ControlError(Problem(server.origin, description))
    return handle


class RemoteServer(ControlledServer):
    """A fake that runs elsewhere, controlled over HTTP. Nothing is sent when it is made.

    Raises `fakekit.SettingsError` for a malformed address or token, or the real service's host.

    url: its origin or base URL: ``http://127.0.0.1:4310/api/v1``.
    token: its control token; None for a server that listens on loopback.
    origin: the URL without a path.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        if not isinstance(url, str):
            raise SettingsError(Problem("url", "must be text", show(url), '"http://127.0.0.1:4310"'))
        super().__init__()
        self.origin = read_origin(url)
        # By the rule of the server's own option, which compares it in UTF-8.
        self._headers = {HEADER: BY_NAME["control_token"].read(token, "token") if token else "1"}

    def account(self, api_key: str, settings: Mapping[str, object] | None = None) -> Handle:
        """Return a handle of the account of a key. Sends no request unless there are settings.

        Raises `fakekit.SettingsError` for a malformed key. With settings, raises the server's error for a
        wrong one, and `ControlError` when the server cannot be reached.

        settings: values of the operation ``open``, which give the account a world, assumptions, faults or a
            clock of its own; an account that is open under the key is deleted first.
        """
        check_key(api_key)
        if settings:
            self.do("open", **{"key": api_key, **settings})
        return Handle(self.origin, api_key, account_control(partial(self.do, key=api_key)))

    def close_account(self, api_key: str) -> None:
        """Delete the account of a key and all that is in it; nothing happens when it is not open.

        One that a handle in the server's process holds is reset instead, and its journal is emptied.
        Raises `ControlError` when the server cannot be reached.
        """
        self.do("close", key=api_key)

    def stop(self) -> None:
        """Do nothing: the server was started by somebody else, and runs on. `ChildServer` overrides it."""

    def do(self, operation: str, /, **values: object) -> Any:
        """Run a control operation by a request, and return its result; see `ControlledServer.do`.

        Raises the `FakekitError` that the operation raises in the server, `FaultError` for a function of a
        test, which that cannot call, and `ControlError` when it cannot be reached.
        """
        try:
            row = find_operation(operation)
            parts = split_arguments(row, values)
            if parts.callback is not None:
                raise needs_this_process()
        except FakekitError as error:
            raise for_handle(error) from None
        seconds = values.get("timeout", 0)
        # The server refuses what is no time; `min` takes NaN for the maximum only in this order.
        wait_seconds = max(0, min(MAX_SECONDS, seconds)) if isinstance(seconds, int | float) else MAX_SECONDS
        return self._send(
            row.method,
            _target(row, parts),
            timeout=TIMEOUT + wait_seconds,
            body=parts.body if row.takes_body else None,
            is_json=row.media == "application/json",
        )

    def check_world(self, expected: str | None) -> None:
        """Raise `SettingsError` if a project relies on another world than the server generates.

        expected: the value of the setting ``world``; None sends no request. Raises `ControlError` when the
            server cannot be reached.
        """
        if expected is not None:
            health = self._send("GET", "/_fakekit/health")
            generator = f"fakekit {health.get('version')} at {self.origin}"
            check_world_version(expected, str(health.get("world")), generator)

    def _send(
        self,
        method: str,
        target: str,
        *,
        timeout: float = TIMEOUT,
        body: bytes | None = None,
        is_json: bool = True,
    ) -> Any:
        """Send a request, and return the body of the response: what its JSON says, or its text.

        target: path and query, percent-encoded. timeout: in seconds. body: JSON; None for no body.

        Raises `ControlError` when the server cannot be reached, and the error that its response describes.
        """
        headers = self._headers | ({} if body is None else {"Content-Type": "application/json"})
        try:
            reply = call_blocking(
                lambda: send_request(self.origin, method, target, timeout=timeout, body=body, headers=headers)
            )
            if reply.status < 300:
                return loads(reply.body) if is_json else reply.body.decode()
        except (OSError, ValueError) as error:
            description = f"cannot be reached over HTTP ({error}){serve_hint(self.origin, error)}"
            raise ControlError(Problem(self.origin, description)) from None
        raise _read_error(reply.body, reply.status, self.origin)


def _target(operation: Operation, parts: RequestParts) -> str:
    """Return the target (path and query, percent-encoded) of the request that calls an operation."""
    path = operation.path.format_map({name: quote(text, safe="") for name, text in parts.path.items()})
    return f"{ROOT}{path}{'?' + urlencode(parts.query) if parts.query else ''}"


def _read_error(data: bytes, status: int, origin: str) -> FakekitError:
    """Return the error that a response of the control API describes, of the class raised on the server.

    Return a `ControlError` when the response is not one of fakekit's.

    data: the body. status: of the response. origin: of the server, for the message.
    """
    try:
        parsed = loads(data)
        kind: type[object] = getattr(errors, str(parsed["error"]))
        problems = [
            Problem(str(p["where"]), str(p["what"]), str(p["found"]), str(p.get("python", p["write"])))
            for p in parsed["problems"]
        ]
        if issubclass(kind, FakekitError):
            error: FakekitError = kind(problems, status)
            return error
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    description = f"answers, but not as fakekit does (HTTP {status}){serve_hint(origin, None)}"
    return ControlError(Problem(origin, description))
