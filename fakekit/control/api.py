"""The control API over HTTP: a route for each operation in `fakekit.control.operations`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from http import HTTPStatus
from json import dumps
from typing import Any

from flask import Request, Response, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule

from fakekit.accounts.account import Account
from fakekit.accounts.account_key import KEY
from fakekit.accounts.journal import WAIT_SECONDS, Journal
from fakekit.accounts.redaction import without_secrets
from fakekit.accounts.registry import Accounts
from fakekit.api.body import BODY, BODY_BYTES
from fakekit.api.deferred import DEFERRED, Deferred
from fakekit.contract.strict_json import JsonError, read_json
from fakekit.control import ROOT
from fakekit.control.controls import Controls
from fakekit.control.gate import Gate, RejectedControlError
from fakekit.control.operations import BY_NAME, OPERATIONS, Operation
from fakekit.control.server_controls import BaselineFor, ServerControls
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
"""The operations that `ServerControls` implements; `Controls` implements the others."""


class ControlApi:
    """Handles the HTTP requests of the control API.

    accounts: the open accounts of the server.
    baseline_for: takes the settings in an "open" request and returns what the new account starts from.
    token: the control token of a server that is not bound to loopback; empty for one that is.
    """

    def __init__(self, accounts: Accounts, baseline_for: BaselineFor, token: str) -> None:
        self._accounts, self._gate = accounts, Gate(token)
        self._server_controls = ServerControls(accounts, baseline_for)
        rules = [
            Rule(ROOT + o.path.replace("{", "<").replace("}", ">"), endpoint=o.name, methods=[o.method])
            for o in OPERATIONS
        ]
        # No redirects: a path with a doubled or a trailing slash is an unknown path.
        self._rules = Map(rules, merge_slashes=False, strict_slashes=True).bind("")

    def handle(self, request: Request) -> Response:
        """Route a request below `ROOT` to its operation, run it and return the response.

        An unknown path gives a 404, a wrong method a 405. Every error becomes a response: nothing is raised.
        """
        try:
            name, path = self._rules.match(request.path, request.method)
        except MethodNotAllowed as error:
            methods = sorted({*(error.valid_methods or ())} - {"HEAD"})  # werkzeug adds HEAD to each GET
            message = f"fakekit's control API answers {', '.join(methods)} here"
            return _error_response(HTTPStatus.METHOD_NOT_ALLOWED, Problem("", message))
        except HTTPException:
            return _no_such_path(request.path)
        return _run_operation(lambda: self._run(BY_NAME[name], dict(path)))

    def _run(self, operation: Operation, path: dict[str, str]) -> Response:
        """Check and read Flask's current request, run the operation and return its success response.

        The account is locked while an operation that may change it runs.

        path: the parameters in the path: ``{"key": "fk_demo", "number": "3"}``; ``key`` is removed from it.

        Raises `RejectedControlError` for a request that is not allowed or not valid, `FakekitError` when the
        operation fails.
        """
        self._gate.check(request)
        if "key" in path and not KEY.fullmatch(path["key"]):
            message = "is not a key, which is fk_ and 1 to 64 of A-Z a-z 0-9 _ -"
            raise RejectedControlError(HTTPStatus.NOT_FOUND, "the key", message)
        arguments = {**_read_query(operation), **_read_body(operation)}
        if operation.name in _SERVER_OPERATIONS:
            call = partial(getattr(self._server_controls, operation.name), **path, **arguments)
            return _success(operation, _run_or_wait(call, arguments, self._accounts.unauthenticated))
        with ExitStack() as in_use:
            account = in_use.enter_context(self._account(operation, path.pop("key")))
            call = partial(getattr(Controls(account, self._accounts), operation.name), **path, **arguments)
            response = _success(operation, _run_or_wait(call, arguments, account.journal))
            deferred: Deferred | None = request.environ.get(DEFERRED)
            if deferred is not None and deferred.waits_for is not None:
                deferred.release = in_use.pop_all().close
            return response

    def _account(self, operation: Operation, key: str) -> AbstractContextManager[Account]:
        """Return a context manager that gives the account of `key`, and opens it if it is not open.

        Inside the block the account is not closed to make room for another. If the operation may change it
        (any method but GET), it is also locked for other writes.
        """
        return self._accounts.in_use(key) if operation.method == "GET" else self._accounts.open_for_write(key)


def _run_or_wait(method: Callable[..., Any], arguments: Mapping[str, Any], journal: Journal) -> Any:
    """Call `method` and return its result; one that waits for requests leaves that to a server of ours.

    It waits when `arguments` has a ``count``: until `journal` has so many requests that match. Under another
    server this thread blocks meanwhile. A server of ours is told by `Deferred.waits_for`, drops the result,
    and calls the app again when there is another request or the time is up.
    """
    count = arguments.get("count")
    deferred: Deferred | None = request.environ.get(DEFERRED)
    if count is None or deferred is None:
        return method()
    seen = journal.written
    result = method(timeout=0.0)
    if len(result["requests"]) < count and not deferred.is_expired:
        deferred.waits_for, deferred.seen = journal, seen
        deferred.seconds = arguments.get("timeout", WAIT_SECONDS)
    return result


def _no_such_path(path: str) -> Response:
    """Return the 404 for a path of no control operation; it suggests the most similar segment, ``faults``."""
    words = sorted({o.path.split("/")[2] for o in OPERATIONS if o.path.count("/") > 1})
    known = suggest("/".join(path.split("/")[4:5]), words)  # of /_fakekit/accounts/KEY/faults, "faults"
    message = "fakekit's control API has no such path"
    return _error_response(HTTPStatus.NOT_FOUND, Problem("", message, "", f"{ROOT}/KEY/... with {known}"))


def _run_operation(operation: Callable[[], Response]) -> Response:
    """Call `operation` and return its response, or the error response for anything that it raises.

    An error that is not one of fakekit's own gives a 500 and is logged.
    """
    try:
        return operation()
    except RejectedControlError as rejected:
        return _error_response(rejected.status, rejected.problem)
    except FakekitError as error:
        return _failure(error)
    except Exception as error:
        log_failure(error)
        return _error_response(
            HTTPStatus.INTERNAL_SERVER_ERROR, Problem("", "fakekit itself failed; its log says where")
        )


def _failure(error: FakekitError) -> Response:
    """Return the 404 for a `NoRecordError` or `SnapshotError`, the 503 for `AccountsFullError`, else a 422.

    For a failed operation. At most `LISTED` of its problems are in it, then one that says how many more.
    """
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if isinstance(error, NoRecordError | SnapshotError):
        status = HTTPStatus.NOT_FOUND
    elif isinstance(error, AccountsFullError):
        status = HTTPStatus.SERVICE_UNAVAILABLE
    first, remaining = error.problems[:LISTED], len(error.problems) - LISTED
    more = [Problem("", f"... and {remaining:,} more")] if remaining > 0 else []
    return _error_response(status, *first, *more, kind=type(error).__name__)


def _error_response(status: HTTPStatus, *problems: Problem, kind: str = ControlError.__name__) -> Response:
    """Return an error response of the control API as JSON: the class of the error and its problems.

    `fakekit.testing.remote` raises the same error from it. Anything that looks like a credential is hidden.
    kind: the name of the error's class: ``FaultError``; ``ControlError`` by default.
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


def _success(operation: Operation, result: Any) -> Response:
    """Return the response with a control operation's result: a string as text, anything else as JSON."""
    if isinstance(result, str):
        return Response(result, operation.status, mimetype=None, content_type=operation.media)
    return _json(result, operation.status)


def _json(body: Any, status: int) -> Response:
    """Return a JSON response of the control API; its headers forbid caching and guessing another type."""
    response = Response(dumps(body, ensure_ascii=False) + "\n", status, mimetype="application/json")
    # A record may hold HTML. A browser that guessed the type would run it as a page of this host.
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def _read_query(operation: Operation) -> dict[str, Any]:
    """Return the arguments in the current control request's query, validated by the operation's settings.

    Raises `RejectedControlError` (422) for a name that occurs twice or is unknown, and for an invalid value.
    """
    sent = request.args
    if any(len(sent.getlist(name)) > 1 for name in sent):
        raise RejectedControlError(HTTPStatus.UNPROCESSABLE_ENTITY, "the query", "has a name twice")
    return _load(operation, "query", sent.to_dict())


def _read_body(operation: Operation) -> dict[str, Any]:
    """Return the arguments in the current control request's body; empty for an operation without a body.

    Raises `RejectedControlError` for a body that is too large, not JSON by its Content-Type, or invalid, and
    for a body where the operation has none.
    """
    data: bytes | None = request.environ.get(BODY, b"")
    if data is None:
        message = f"is larger than the {BODY_BYTES:,} bytes that fakekit reads"
        raise RejectedControlError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body", message)
    if not operation.takes_body:
        if data.strip():
            raise RejectedControlError(HTTPStatus.BAD_REQUEST, "the body", "must be empty here")
        return {}
    if (request.mimetype or "") != "application/json":
        message = "must be JSON by its Content-Type"
        raise RejectedControlError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body", message, "Content-Type: application/json"
        )
    body = _parse_json(data)
    return {operation.body_argument: body} if operation.body_argument else _load(operation, "body", body)


def _parse_json(data: bytes) -> dict[str, Any]:
    """Parse the body of a control request and return its JSON object; an empty body gives ``{}``.

    Raises `RejectedControlError` (400) for other JSON, for invalid JSON or UTF-8, and for a name that occurs
    twice.
    """
    try:
        body = read_json(data or b"{}")
    except JsonError as error:
        message = error.message if error.name else "is not JSON"
        raise RejectedControlError(HTTPStatus.BAD_REQUEST, "the body", message) from None
    if not isinstance(body, dict):
        raise RejectedControlError(HTTPStatus.BAD_REQUEST, "the body", "must be a JSON object")
    return body


def _load(operation: Operation, part: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Validate the query or body of a control request by the operation's settings; return it as arguments.

    part: "query" or "body", which `values` are from.

    Raises `RejectedControlError` (422) for the first problem; it does not repeat an unknown name (maybe a
    secret).
    """
    known = operation.query if part == "query" else (operation.body or {})
    unknown = [name for name in values if name not in known]
    if unknown:
        write = suggest(unknown[0], known) if known else "nothing"
        raise RejectedControlError(
            HTTPStatus.UNPROCESSABLE_ENTITY, f"the {part}", "has an unknown name", write
        )
    try:
        return dict(operation.schema(part).load(values))
    except ValidationError as error:
        name, message_list = next(iter(error.messages_dict.items()))
        first = message_list[0] if isinstance(message_list, list) else str(message_list)
        message, write = (first.description, first.write) if isinstance(first, Problem) else (first, "")
        raise RejectedControlError(HTTPStatus.UNPROCESSABLE_ENTITY, str(name), message, write) from None
