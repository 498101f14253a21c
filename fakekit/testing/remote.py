"""A fake that runs elsewhere (a child process, a container), controlled by HTTP. See ``docs/control.md``."""

from __future__ import annotations

from collections.abc import Mapping
from json import dumps, loads
from typing import Any
from urllib.parse import quote, urlencode

from fakekit import errors
from fakekit.accounts.account_key import DEMO_KEY, check_key
from fakekit.addresses import read_origin
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
from fakekit.testing.connection import send_request
from fakekit.testing.handle import Handle
from fakekit.unpatched import call_blocking

TIMEOUT = 10.0
"""How many seconds a response may take, in addition to the time that an operation is to wait."""

__tracebackhide__ = True


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
        raise ControlError(Problem(server.origin, "answers, but not as fakekit does"))
    return handle


class RemoteServer:
    """A fake that runs elsewhere, controlled over HTTP. Nothing is sent when it is made.

    Raises `fakekit.SettingsError` for a malformed address or token, or the real service's host.

    url: its origin or base URL: ``http://127.0.0.1:4310/api/v1``.
    token: its control token; None for a server that listens on loopback.
    origin: the URL without a path.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        self.origin = read_origin(url)
        if token and not (token.isascii() and token.isprintable()):
            raise SettingsError(Problem("token", "is not a control token: it must be printable ASCII"))
        self._headers = {HEADER: token or "1"}

    def account(self, api_key: str, settings: Mapping[str, Any] | None = None) -> Handle:
        """Return a handle of the account of a key. Sends no request unless there are settings.

        Raises `fakekit.SettingsError` for a malformed key. With settings, raises the server's error for a
        wrong one, and `ControlError` when the server cannot be reached.

        settings: values of the operation ``open``, which give the account a world, assumptions, faults or a
            clock of its own; an account that is open under the key is deleted first.
        """
        check_key(api_key)
        if settings:
            self.do("open", **{"key": api_key, **settings})
        return Handle(self.origin, api_key, lambda name, /, **values: self.do(name, key=api_key, **values))

    def alias(self, alias: str, api_key: str | None) -> None:
        """Let requests with the key `alias` reach the account of `api_key` from now on; None ends that.

        Raises `AccountsFullError` for one too many, and `ControlError` when the server cannot be reached.
        """
        if api_key is None:
            self.do("end_alias", key=alias)
        else:
            self.do("alias", key=api_key, alias=alias)

    def close_account(self, api_key: str) -> None:
        """Delete the account of a key and all that is in it; nothing happens when it is not open.

        One that the server holds (``--changes``, or a handle in its process) is reset instead, and its
        journal is emptied. Raises `ControlError` when the server cannot be reached.
        """
        self.do("close", key=api_key)

    def stop(self) -> None:
        """Do nothing: the server was started by somebody else, and runs on. `ChildServer` overrides it."""

    def do(self, name: str, /, **values: Any) -> Any:
        """Carry out an operation of the control API by a request, and return its result: JSON, or text.

        Raises the `FakekitError` that the operation raised on the server, and `ControlError` when the server
        cannot be reached or is not fakekit.

        name: of the operation in `fakekit.control.operations`, as ``"add_fault"``.
        values: its path parameters, query and body by name.
        """
        operation = BY_NAME[name]
        target, body = _build_request(operation, values)
        headers = self._headers | ({} if body is None else {"Content-Type": "application/json"})
        timeout = TIMEOUT + float(values.get("timeout") or 0)
        try:
            reply = call_blocking(
                lambda: send_request(
                    self.origin, operation.method, target, timeout=timeout, body=body, headers=headers
                )
            )
            if reply.status < 300:
                return _read_response(operation, reply.body)
        except (OSError, ValueError) as error:
            raise ControlError(Problem(self.origin, f"cannot be reached over HTTP ({error})")) from None
        raise _read_error(reply.body, reply.status, self.origin)


def _build_request(operation: Operation, values: Mapping[str, Any]) -> tuple[str, bytes | None]:
    """Return the target (path and query) and the body that a client sends for a control operation.

    The body is None for an operation without one. Raises `FakekitError` for a value that cannot be sent,
    before anything is.

    values: the operation's path parameters, query and body by name.
    """
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
    """Return a value percent-encoded, as one segment of the path of a control request.

    Raises `SnapshotError` for a snapshot's name (the parameter ``name``), else `NoRecordError`, if the value
    is empty or has a slash: nothing has such a name, and the path would mean another operation.

    name: of the operation's parameter that gets the value.
    """
    if not value or "/" in value:
        kind = SnapshotError if name == "name" else NoRecordError
        raise kind(Problem(value, "does not exist: a name is not empty and has no slash"))
    return quote(value, safe="", errors="replace")


def _dump_body(operation: Operation, body: Any) -> bytes:
    """Return the body that a client sends for a control operation, as the bytes of its JSON.

    A fault that is given as text (``"fail=503"``) is parsed here. Raises `FaultError` for a wrong one, and
    `ControlError` for a value that JSON does not have.
    """
    if operation.body_argument == "fault" and isinstance(body, str):
        with IMPORT_LOCK:
            from fakekit.faults.registry import read_fault

        body = read_fault(body, "fault").as_json()
    try:
        return dumps(body, allow_nan=False).encode()  # JSON has no NaN (RFC 8259, 6)
    except (TypeError, ValueError):
        raise ControlError(Problem(operation.name, "takes only values that JSON has")) from None


def _read_response(operation: Operation, data: bytes) -> Any:
    """Return the result of a control operation from the server's response: parsed JSON, or text.

    Raises ValueError when the body cannot be decoded.
    """
    return loads(data) if operation.media == "application/json" else data.decode()


def _read_error(data: bytes, status: int, origin: str) -> FakekitError:
    """Return the error that a response of the control API describes, of the class raised on the server.

    Return a `ControlError` when the response is not one of fakekit's.

    data: the body. status: of the response. origin: of the server, for the message.
    """
    try:
        parsed = loads(data)
        kind: type[Any] = getattr(errors, str(parsed["error"]))
        problems = [
            Problem(*(str(p[n]) for n in ("where", "what", "found", "write"))) for p in parsed["problems"]
        ]
        if issubclass(kind, FakekitError):
            error: FakekitError = kind(problems)
            return error
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    return ControlError(Problem(origin, f"answers, but not as fakekit does (HTTP {status})"))
