"""The arguments of an operation: split into the parts of a request, and read from these parts.

Each call passes both functions, so that all ways to an operation accept and reject the same. A handle splits
its arguments; the parts are read at once if the account is in this process, else by the server that gets
them over HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from http import HTTPStatus
from json import dumps
from typing import NamedTuple
from uuid import UUID

from marshmallow import Schema, ValidationError

from fakekit.accounts.account_key import KEY, KEY_FORM
from fakekit.api.body import BODY_BYTES
from fakekit.api.event_stream import EVENT_STREAM
from fakekit.contract.strict_json import JsonError, read_json
from fakekit.control.controls import Controls
from fakekit.control.operations import BY_NAME, Operation
from fakekit.control.server_controls import ServerControls
from fakekit.errors import (
    ClockError,
    ControlError,
    FakekitError,
    FaultError,
    NoRecordError,
    Problem,
    RefusedRecordError,
    SnapshotError,
    show,
    suggest,
)
from fakekit.faults.settings import SettingField, first_message

_JSON_ERRORS: Mapping[str, type[FakekitError]] = {
    "fields": RefusedRecordError,
    "fault": FaultError,
    "stub": FaultError,
    "settings": ClockError,
}
"""The error for a value that is not JSON, by the argument that has it; for others it is `ControlError`."""


class RequestParts(NamedTuple):
    """The parts of the HTTP request that calls an operation.

    path, query: the parameters by name, decoded.
    body: its bytes, empty for none; None for one that was too large to be read.
    callback: the function of a stub, which no request can carry; None for none.
    """

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes | None
    callback: object = None


def find_operation(name: str) -> Operation:
    """Return the operation with a name, for a caller in Python.

    Raises `ControlError` for an unknown name, with the nearest one, and for a stream, which has no end.
    """
    if name not in BY_NAME:
        raise ControlError(Problem(name, "is not an operation", "", suggest(name, BY_NAME)))
    if BY_NAME[name].media == EVENT_STREAM:
        raise ControlError(
            Problem(name, "is a stream for HTTP clients", "", "requests, with since and count")
        )
    return BY_NAME[name]


def split_arguments(operation: Operation, values: Mapping[str, object]) -> RequestParts:
    """Return the parts of the request that calls an operation with these arguments.

    values: by name; None for a parameter of the query counts as not given. An unknown name is rejected when
        the parts are read.

    Raises a `FakekitError` for what a request cannot carry: `NoRecordError` (`SnapshotError` for a snapshot)
    for an id or a name that is not a segment of a path, and the operation's error for a value that is not
    JSON.
    """
    remaining = dict(values)
    path: dict[str, str] = {}
    for name in operation.parameters:
        path[name] = _path_segment(name, remaining.pop(name, None), path.get("resource", ""))
    body, callback = b"", None
    if operation.body_argument:
        given = remaining.pop(operation.body_argument, {})
        if operation.has_callback and isinstance(given, Mapping) and callable(given.get("callback")):
            callback = given["callback"]
            given = {name: value for name, value in given.items() if name != "callback"}
        body = _dump_body(operation, given, path)
    elif operation.has_body:
        body, remaining = _dump_body(operation, remaining, path), {}
    query = {name: _to_text(value) for name, value in remaining.items() if value is not None}
    return RequestParts(path, query, body, callback)


def _path_segment(name: str, value: object, resource: str) -> str:
    """Return an argument as a segment of a path; an id may be an int or text.

    name: of the parameter. resource: the one in the path before it, for the message; empty for none.

    Raises `ControlError` for an invalid key, `SnapshotError` for the parameter ``name`` of a snapshot,
    otherwise `NoRecordError`, unless the value is an int or text that is not empty and has no slash.
    """
    if name == "key":
        return check_key(value)
    error = SnapshotError if name == "name" else NoRecordError
    if type(value) not in (int, str):  # not isinstance: True is an int
        raise error(Problem(f"{resource} {show(value)}".strip(), "is not an id", "", "a whole number"))
    text = _to_text(value)
    if not text or "/" in text:
        # A path with it would mean another operation.
        raise error(Problem(text, "does not exist: a name is not empty and has no slash"))
    return text


def check_key(value: object) -> str:
    """Return an account's key unchanged. Raises `ControlError` (404) for anything else, and repeats none."""
    if not isinstance(value, str) or not KEY.fullmatch(value):
        raise ControlError(Problem("the key", f"is not a key, which is {KEY_FORM}"), HTTPStatus.NOT_FOUND)
    return value


def _to_text(value: object) -> str:
    """Return a value as the text of a path or query, with ``?`` for half of a surrogate pair."""
    return str(value).encode(errors="replace").decode()


def _dump_body(operation: Operation, body: object, path: Mapping[str, str]) -> bytes:
    """Return the body of a request that calls an operation, as the bytes of its JSON.

    Raises the operation's error, see `_JSON_ERRORS`, for a value that JSON does not have: NaN, a date, a
    list in itself.
    """
    try:
        return dumps(body, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        error = _JSON_ERRORS.get(operation.body_argument, ControlError)
    where, found = path.get("resource", operation.body_argument or operation.name), body
    for name, value in body.items() if isinstance(body, Mapping) else ():
        if not _is_json(value):
            where, found = f"{where}.{name}", value
            break
    write = f'"{found}"' if isinstance(found, date | Decimal | UUID) else ""
    raise error(Problem(where, "must be a value that JSON has", show(found), write))


def _is_json(value: object) -> bool:
    """Return whether a value can be written as JSON (RFC 8259, 6: not NaN and not infinity)."""
    try:
        dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def read_arguments(operation: Operation, parts: RequestParts) -> dict[str, object]:
    """Validate the parts of a request and return the arguments of the operation's method.

    Raises `ControlError` for the first problem; its `status` is that of the response over HTTP. An unknown
    name is not repeated, as it may be a secret. What `Operation.body_argument` names is only parsed: the
    method validates it.
    """
    if "key" in parts.path:
        check_key(parts.path["key"])
    arguments = {**parts.path, **_load(operation, "query", parts.query)}
    if parts.body is None or len(parts.body) > BODY_BYTES:
        message = f"is larger than the {BODY_BYTES:,} bytes that fakekit reads"
        raise ControlError(Problem("the body", message), HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if operation.takes_body:
        body = _parse_json(parts.body)
        name = operation.body_argument
        body |= {} if parts.callback is None else {"callback": parts.callback}
        return {**arguments, **({name: body} if name else _load(operation, "body", body))}
    if parts.body.strip():
        raise ControlError(Problem("the body", "must be empty here"), HTTPStatus.BAD_REQUEST)
    return arguments


def _load(operation: Operation, part: str, values: Mapping[str, object]) -> dict[str, object]:
    """Validate the query or body of a call by the operation's fields; return it as arguments.

    part: "query" or "body", which `values` are from.

    Raises `ControlError` for the first problem; it does not repeat an unknown name.
    """
    known = fields_of(operation) if operation.takes_body == (part == "body") else {}
    unknown = [name for name in values if name not in known]
    if unknown:
        write = suggest(unknown[0], known) if known else "nothing"
        raise ControlError(Problem(f"the {part}", "has an unknown name", "", write))
    try:
        return dict(_schema(operation.name).load(values)) if known else {}
    except ValidationError as error:
        error.__traceback__ = None  # as in `RecordSchema.read`
        name, messages = next(iter(error.messages_dict.items()))
        message, write = first_message(messages)
        raise ControlError(Problem(str(name), message, "", write)) from None


@cache
def _schema(name: str) -> Schema:
    """Return the marshmallow schema that validates the arguments of the operation with this name."""
    return Schema.from_dict(dict(fields_of(BY_NAME[name])), name=name)()


def fields_of(operation: Operation) -> Mapping[str, SettingField]:
    """Return the fields of an operation's arguments by name, as `takes` declares them; empty without any."""
    return getattr(method_of(operation), "fields", {})


def method_of(operation: Operation) -> Callable[..., object]:
    """Return the function that implements an operation: a method of `ServerControls` or of `Controls`."""
    owner = ServerControls if hasattr(ServerControls, operation.name) else Controls
    method: Callable[..., object] = getattr(owner, operation.name)
    return method


def _parse_json(data: bytes) -> dict[str, object]:
    """Parse the body of a call and return its JSON object; an empty body gives ``{}``.

    Raises `ControlError` (400) for other JSON, for invalid JSON or UTF-8, and for a name that occurs twice.
    """
    try:
        body = read_json(data or b"{}")
    except JsonError as error:
        message = error.message if error.name else "is not JSON"
        raise ControlError(Problem("the body", message), HTTPStatus.BAD_REQUEST) from None
    if not isinstance(body, dict):
        raise ControlError(Problem("the body", "must be a JSON object"), HTTPStatus.BAD_REQUEST)
    return body
