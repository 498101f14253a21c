"""A fake that runs elsewhere: in a child process, a container, on another port. See ``docs/control.md``."""

from __future__ import annotations

from collections.abc import Mapping
from json import dumps, loads
from typing import Any
from urllib.parse import quote, urlencode

from fakekit import errors
from fakekit.addresses import read_origin
from fakekit.api.authentication import DEMO_KEY, check_key
from fakekit.control import HEADER, ROOT
from fakekit.control.operations import BY_NAME, Operation
from fakekit.errors import (
    ControlError,
    FakekitError,
    NoRecordError,
    Problem,
    SettingsError,
    SnapshotError,
)
from fakekit.import_lock import IMPORT_LOCK
from fakekit.testing.connection import ask
from fakekit.testing.handle import Handle

TIMEOUT = 10.0
"""How many seconds a response may take, beyond the time that an operation was told to wait."""

__tracebackhide__ = True


def connect(url: str, api_key: str = DEMO_KEY, token: str | None = None) -> Handle:
    """Return the handle of an account on a fake that runs elsewhere; it asks the server once.

    url: what ``fakekit serve`` printed, the origin or the base URL.
    api_key: the account's key; the account is opened if it was not.
    token: what it printed as its control token, if it is bound wider than loopback.

    Raises `fakekit.SettingsError` for what is no address or the real service, `fakekit.ControlError` when
    nothing answers there, or not as fakekit does.

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
        raise ControlError(Problem(server.origin, "answers, but not as fakekit does"))
    return handle


class RemoteServer:
    """A running fake elsewhere, controlled over HTTP.

    url: its origin or base URL.
    token: its control token, if it is not on loopback; None else.
    origin: the address without a path.

    Raises `fakekit.SettingsError` for what is no address, the real service, or no token. Asks nothing yet.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        self.origin = read_origin(url)
        if token and not (token.isascii() and token.isprintable()):
            raise SettingsError(Problem("token", "is not a control token, which is printable ASCII"))
        self._headers = {HEADER: token or "1"}

    def account(self, api_key: str, settings: Mapping[str, Any] | None = None) -> Handle:
        """Return the handle of a key; nothing is asked unless there are settings.

        settings: a world, assumptions, faults or a clock of its own (see `Operation` ``open``); an account
            that is open under the key is forgotten then.

        Raises `fakekit.SettingsError` for what is not a key, and what `do` raises.
        """
        check_key(api_key)
        if settings:
            self.do("open", **{"key": api_key, **settings})
        return Handle(self.origin, api_key, lambda name, /, **values: self.do(name, key=api_key, **values))

    def alias(self, alias: str, api_key: str | None) -> None:
        """Let requests with the key `alias` reach the account of `api_key`; None ends that."""
        if api_key is None:
            self.do("end_alias", key=alias)
        else:
            self.do("alias", key=api_key, alias=alias)

    def close_account(self, api_key: str) -> None:
        """Forget a key's account and all that is in it; nothing happens when it is not open."""
        self.do("close", key=api_key)

    def stop(self) -> None:
        """Do nothing: the server was started by somebody else, and runs on."""

    def do(self, name: str, /, **values: Any) -> Any:
        """Do an operation of `fakekit.control.operations` by name, and return its result.

        Raises the error that it raised on the server, and `ControlError` when the server cannot be reached or
        does not answer as fakekit does.
        """
        operation = BY_NAME[name]
        target, body = _build_request(operation, values)
        headers = self._headers | ({} if body is None else {"Content-Type": "application/json"})
        timeout = TIMEOUT + float(values.get("timeout") or 0)
        try:
            reply = ask(self.origin, operation.method, target, timeout=timeout, body=body, headers=headers)
            if reply.status < 300:
                return _read_response(operation, reply.body)
        except (OSError, ValueError) as error:
            raise ControlError(Problem(self.origin, f"cannot be asked ({error})")) from None
        raise _read_error(reply.body, reply.status, self.origin)


def _build_request(operation: Operation, values: Mapping[str, Any]) -> tuple[str, bytes | None]:
    """Return the target (path and query) and body of an operation's request; None for no body."""
    remaining = dict(values)
    path = operation.path
    for name in operation.parameters:
        path = path.replace(f"{{{name}}}", _quote_segment(name, str(remaining.pop(name))))
    query = {name: remaining.pop(name) for name in operation.query if remaining.get(name) is not None}
    target = f"{ROOT}{path}{'?' + urlencode(query) if query else ''}"
    if not operation.takes_body:
        return target, None
    return target, _dump_body(
        operation, remaining.pop(operation.body_argument) if operation.body_argument else remaining
    )


def _quote_segment(name: str, value: str) -> str:
    """Return a value as a segment of a path.

    Raises `SnapshotError` or `NoRecordError` for one that cannot be a segment, and so names nothing.
    """
    if not value or "/" in value:
        kind = SnapshotError if name == "name" else NoRecordError
        raise kind(Problem(value, "does not exist: no name is empty or has a slash in it"))
    return quote(value, safe="", errors="replace")


def _dump_body(operation: Operation, body: Any) -> bytes:
    """Return a body as JSON; a fault given as text is read here. Raises `ControlError`, `FaultError`."""
    if operation.body_argument == "fault" and isinstance(body, str):
        with IMPORT_LOCK:
            from fakekit.faults.registry import read_fault

        body = read_fault(body, "fault").as_json()
    try:
        return dumps(body, allow_nan=False).encode()
    except (TypeError, ValueError):
        raise ControlError(Problem(operation.name, "takes what JSON can carry")) from None


def _read_response(operation: Operation, data: bytes) -> Any:
    """Return what an operation answered: the parsed JSON, or text."""
    return loads(data) if operation.media == "application/json" else data.decode()


def _read_error(data: bytes, status: int, origin: str) -> FakekitError:
    """Return the error that the server answered with, as it would have been raised there.

    A `ControlError` when the answer is not fakekit's.
    """
    try:
        document = loads(data)
        kind: type[Any] = getattr(errors, str(document["error"]))
        problems = [
            Problem(*(str(p[name]) for name in ("where", "what", "found", "write")))
            for p in document["problems"]
        ]
        if issubclass(kind, FakekitError):
            error: FakekitError = kind(problems)
            return error
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    return ControlError(Problem(origin, f"answers, but not as fakekit does (HTTP {status})"))
