"""The control API over HTTP: the table of operations as routes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from http import HTTPStatus
from json import dumps, loads
from typing import Any

from flask import Request, Response, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule

from fakekit.accounts.account import Account
from fakekit.accounts.redaction import without_secrets
from fakekit.accounts.registry import Accounts
from fakekit.api.authentication import KEY
from fakekit.api.body import BODY, BODY_BYTES
from fakekit.api.waiting import Waiting
from fakekit.api.wire import wire_of
from fakekit.control import ROOT
from fakekit.control.controls import BaselineFor, Controls, ServerControls
from fakekit.control.gate import Gate, RefusedControlError
from fakekit.control.operations import BY_NAME, OPERATIONS, Operation
from fakekit.errors import (
    LISTED,
    AccountsFullError,
    ControlError,
    FakekitError,
    NoRecordError,
    Problem,
    SnapshotError,
    suggest,
)
from fakekit.log import log_failure

_SERVER_OPERATIONS = ("accounts", "open", "strangers", "close", "end_alias")
"""The operations that `ServerControls` does: they concern the server, or an account as a whole."""


class ControlApi:
    """Answers the requests of the control API, by the table of operations.

    accounts: the open accounts of the server.
    baseline_for: makes, of the settings in a request, what a new account starts from.
    waiting: limits how many requests may wait for others at once.
    token: the control token of a server that is not bound to loopback; empty where it is.
    """

    def __init__(self, accounts: Accounts, baseline_for: BaselineFor, waiting: Waiting, token: str) -> None:
        self._accounts, self._waiting, self._gate = accounts, waiting, Gate(token)
        self._server_controls = ServerControls(accounts, baseline_for)
        rules = [
            Rule(ROOT + o.path.replace("{", "<").replace("}", ">"), endpoint=o.name, methods=[o.method])
            for o in OPERATIONS
        ]
        self._rules = Map(rules, merge_slashes=False, strict_slashes=True).bind("")

    def handle(self, request: Request) -> Response:
        """Return the response to a request below `ROOT`, also if its path is no operation. Never raises."""
        try:
            name, path = self._rules.match(request.path, request.method)
        except MethodNotAllowed as error:
            methods = sorted({*(error.valid_methods or ())} - {"HEAD"})
            what = f"fakekit's control API answers {', '.join(methods)} here"
            return _error_response(HTTPStatus.METHOD_NOT_ALLOWED, Problem("", what))
        except HTTPException:
            return _no_such_path(request.path)
        return _run_operation(lambda: self._run(BY_NAME[name], dict(path)))

    def _run(self, operation: Operation, path: dict[str, str]) -> Response:
        """Check that the request may control the server, and do the operation.

        Raises `RefusedControlError` and `FakekitError`.
        """
        self._gate.check(request)
        if "key" in path and not KEY.fullmatch(path["key"]):
            what = "is not a key, which is fk_ and 1 to 64 of A-Z a-z 0-9 _ -"
            raise RefusedControlError(HTTPStatus.NOT_FOUND, "the key", what)
        arguments = {**_read_query(operation), **_read_body(operation)}
        if operation.name in _SERVER_OPERATIONS:
            method = getattr(self._server_controls, operation.name)
            return _sent(operation, self._run_when_possible(lambda: method(**path, **arguments), arguments))
        with self._account(operation, path.pop("key")) as account:
            method = getattr(Controls(account, self._accounts), operation.name)
            return _sent(operation, self._run_when_possible(lambda: method(**path, **arguments), arguments))

    def _account(self, operation: Operation, key: str) -> AbstractContextManager[Account]:
        """Give the account of a key, held by this request if the operation may change it.

        While it is in use, it is not forgotten to make room for another.
        """
        return self._accounts.in_use(key) if operation.method == "GET" else self._accounts.open_for_write(key)

    def _run_when_possible(self, method: Callable[[], Any], arguments: Mapping[str, Any]) -> Any:
        """Do an operation; one that waits for requests (`count`) needs a place to wait in.

        Raises `RefusedControlError` (503) when all places are taken.
        """
        if arguments.get("count") is None:
            return method()
        with self._waiting.slot() as has_slot:
            if not has_slot:
                raise RefusedControlError(
                    HTTPStatus.SERVICE_UNAVAILABLE, "count", self._waiting.limit_message
                )
            with wire_of(request.environ).waiting():
                return method()


def _no_such_path(path: str) -> Response:
    """Return the 404 for a path that is no operation, with the nearest one."""
    words = sorted({o.path.split("/")[2] for o in OPERATIONS if o.path.count("/") > 1})
    known = suggest("/".join(path.split("/")[4:5]), words)
    what = "fakekit's control API has no such path"
    return _error_response(HTTPStatus.NOT_FOUND, Problem("", what, "", f"{ROOT}/KEY/... with {known}"))


def _run_operation(operation: Callable[[], Response]) -> Response:
    """Return what `operation` returns, with every error turned into a response."""
    try:
        return operation()
    except RefusedControlError as refused:
        return _error_response(refused.status, refused.problem)
    except FakekitError as error:
        return _failure(error)
    except Exception as error:
        log_failure(error)
        return _error_response(
            HTTPStatus.INTERNAL_SERVER_ERROR, Problem("", "fakekit itself failed; its log says where")
        )


def _failure(error: FakekitError) -> Response:
    """Return the response to an error of an operation, with at most `LISTED` of its problems."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if isinstance(error, NoRecordError | SnapshotError):
        status = HTTPStatus.NOT_FOUND
    elif isinstance(error, AccountsFullError):
        status = HTTPStatus.SERVICE_UNAVAILABLE
    listed, remaining = error.problems[:LISTED], len(error.problems) - LISTED
    more = [Problem("", f"... and {remaining:,} more")] if remaining > 0 else []
    return _error_response(status, *listed, *more, kind=type(error).__name__)


def _error_response(status: HTTPStatus, *problems: Problem, kind: str = ControlError.__name__) -> Response:
    """Return the error body that `fakekit.testing.remote` raises again: the error's class and its problems.

    Anything in it that looks like a credential is hidden.
    """
    problems_as_json = [
        {
            "where": without_secrets(p.where),
            "what": without_secrets(p.description),
            "found": without_secrets(p.found),
            "write": without_secrets(p.write),
        }
        for p in problems
    ]
    return _json({"error": kind, "problems": problems_as_json}, status)


def _sent(operation: Operation, result: Any) -> Response:
    """Return the response of an operation: text as it is, anything else as JSON."""
    if isinstance(result, str):
        return Response(result, operation.status, mimetype=None, content_type=operation.media)
    return _json(result, operation.status)


def _json(body: Any, status: int) -> Response:
    """Return a JSON response that a browser neither caches nor takes for something else."""
    response = Response(dumps(body, ensure_ascii=False) + "\n", status, mimetype="application/json")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def _read_query(operation: Operation) -> dict[str, Any]:
    """Return the query's values as the operation's settings read them. Raises `RefusedControlError`."""
    sent = request.args
    repeated = [name for name in sent if len(sent.getlist(name)) > 1]
    if repeated:
        raise RefusedControlError(HTTPStatus.UNPROCESSABLE_ENTITY, "the query", "has a name twice")
    return _loaded(operation, "query", sent.to_dict())


def _read_body(operation: Operation) -> dict[str, Any]:
    """Return the body's values by argument; empty for an operation without a body.

    Raises `RefusedControlError` for a body that is too large, of another type, or not what the operation
    takes.
    """
    data: bytes | None = request.environ.get(BODY, b"")
    if data is None:
        what = f"is larger than the {BODY_BYTES:,} bytes that fakekit reads"
        raise RefusedControlError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body", what)
    if not operation.takes_body:
        if data.strip():
            raise RefusedControlError(HTTPStatus.BAD_REQUEST, "the body", "is not read here", "nothing")
        return {}
    if (request.mimetype or "") != "application/json":
        what = "must be JSON by its Content-Type"
        raise RefusedControlError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body", what, "Content-Type: application/json"
        )
    body = _parsed(data)
    return {operation.whole: body} if operation.whole else _loaded(operation, "body", body)


def _parsed(data: bytes) -> dict[str, Any]:
    """Parse a body that must be a JSON object; an empty one is ``{}``. Raises `RefusedControlError`."""
    try:
        text = data.decode("utf-8-sig") or "{}"
        body = loads(text, object_pairs_hook=_once, parse_constant=_reject_constant)
        if "\\u" in text:
            dumps(body, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError):
        raise RefusedControlError(HTTPStatus.BAD_REQUEST, "the body", "is not JSON") from None
    if not isinstance(body, dict):
        raise RefusedControlError(HTTPStatus.BAD_REQUEST, "the body", "must be a JSON object")
    return body


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object's pairs as a dict; unlike `json`, refuse a name that stands twice."""
    values = dict(pairs)
    if len(values) < len(pairs):
        raise RefusedControlError(HTTPStatus.BAD_REQUEST, "the body", "has a name twice")
    return values


def _reject_constant(name: str) -> Any:
    """Refuse NaN and Infinity, which `json` reads by default. Raises ValueError."""
    raise ValueError(name)


def _loaded(operation: Operation, part: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as the settings of an operation's query or body read them.

    part: "query" or "body".

    Raises `RefusedControlError` for the first problem; it repeats nothing of an unknown name.
    """
    known = operation.query if part == "query" else (operation.body or {})
    unknown = [name for name in values if name not in known]
    if unknown:
        write = suggest(unknown[0], known) if known else "nothing"
        raise RefusedControlError(
            HTTPStatus.UNPROCESSABLE_ENTITY, f"the {part}", "has a name that is not read here", write
        )
    try:
        return dict(operation.schema(part).load(values))
    except ValidationError as error:
        name, message_list = next(iter(error.messages_dict.items()))
        message = message_list[0] if isinstance(message_list, list) else str(message_list)
        what, write = (message.description, message.write) if isinstance(message, Problem) else (message, "")
        raise RefusedControlError(HTTPStatus.UNPROCESSABLE_ENTITY, str(name), what, write) from None
