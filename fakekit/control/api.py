"""The control API over HTTP: a rule of Flask's for each operation in `fakekit.control.operations`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from http import HTTPStatus
from typing import Any

from flask import Request, Response, request
from werkzeug.exceptions import MethodNotAllowed

from fakekit.accounts.journal import WAIT_SECONDS, Journal
from fakekit.api.body import decode_body
from fakekit.api.deferred import DEFERRED, Deferred
from fakekit.api.event_stream import EVENT_STREAM, FIRST_BYTES, MAX_STREAMS, EventStream
from fakekit.api.request_errors import InvalidError, RejectedRequestError
from fakekit.api.response import json_body
from fakekit.contract.refusals import TOO_LARGE
from fakekit.control import LAST_EVENT_ID, PATHS, ROOT
from fakekit.control.arguments import RequestParts, read_arguments
from fakekit.control.gate import check_access
from fakekit.control.operations import OPERATIONS, Operation
from fakekit.control.runner import OperationRunner, for_caller
from fakekit.errors import ControlError, FakekitError, Problem, suggest
from fakekit.log import log_failure
from fakekit.unpatched import Lock

_HEADERS = {
    # A record may hold HTML. A browser that guessed the type would run it as a page of this host.
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class ControlApi:
    """Handles the HTTP requests of the control API.

    runner: runs the operations on the accounts of the server.
    token: the control token of a server that is not bound to loopback; empty for one that is.
    """

    def __init__(self, runner: OperationRunner, token: str) -> None:
        self._runner, self._token = runner, token
        self._streams: set[EventStream] = set()
        self._streams_lock = Lock()

    def handle(self, operation: Operation, path: Mapping[str, str]) -> Response:
        """Run the operation that Flask's current request calls, and return the response.

        Every error becomes a response, and nothing is raised: one that is not fakekit's own is logged and
        gives a 500.

        path: the parameters in the path: ``{"key": "fk_demo", "number": "3"}``.
        """
        try:
            check_access(request, self._token)
            return self._run(operation, read_arguments(operation, _parts_of(request, operation, path)))
        except FakekitError as error:
            return error_response(error)
        except Exception as error:
            log_failure(error)
            problem = Problem("", "fakekit itself failed; its log says where")
            return error_response(ControlError(problem, HTTPStatus.INTERNAL_SERVER_ERROR))

    def _run(self, operation: Operation, arguments: dict[str, object]) -> Response:
        """Run an operation and return its success response.

        While the request waits for others, under a server of ours, and during a stream, the account is kept
        open.

        Raises `FakekitError` when the operation fails.
        """
        with ExitStack() as in_use:
            target = in_use.enter_context(self._runner.target(operation, arguments))
            call = partial(getattr(target, operation.name), **arguments)
            result = _run_or_wait(call, arguments, target.journal)
            if isinstance(result, EventStream):
                return self._start_stream(result, in_use)
            response = _success(operation, result)
            deferred: Deferred | None = request.environ.get(DEFERRED)
            if deferred is not None and deferred.waits_for is not None:
                deferred.release = in_use.pop_all().close
            return response

    def _start_stream(self, stream: EventStream, in_use: ExitStack) -> Response:
        """Return the response that a stream of events is the body of; a HEAD only gets its headers.

        Under a server of ours, its event loop sends the events. Another one would need a thread for as long
        as somebody looks on: there the stream ends with the events that there are, and the client connects
        again.

        in_use: what is to be closed when the stream ends.

        Raises `ControlError` (503) where `MAX_STREAMS` are open.
        """
        deferred: Deferred | None = request.environ.get(DEFERRED)
        if deferred is None:
            return Response(FIRST_BYTES + stream.take(), content_type=EVENT_STREAM, headers=_HEADERS)
        response = Response(iter(()), content_type=EVENT_STREAM, headers=_HEADERS)
        if request.method == "HEAD":
            return response
        with self._streams_lock:
            if len(self._streams) >= MAX_STREAMS:
                message = f"{MAX_STREAMS} streams are open, the most that there may be"
                raise ControlError(Problem("", message, "", "fewer"), HTTPStatus.SERVICE_UNAVAILABLE)
            self._streams.add(stream)
        in_use.callback(self._streams.discard, stream)
        stream.close = in_use.pop_all().close
        deferred.stream = stream
        return response

    def reject(self, request: Request) -> Response:
        """Return the 405 for a path of fakekit's own that does not have the request's method, else the 404.

        Flask's routing has found nothing for the request. The 404 suggests the most similar path or, of the
        control API, the most similar segment: ``faults``.
        """
        error, is_control = request.routing_exception, request.path.startswith(ROOT)
        owner = "fakekit's control API" if is_control else "fakekit"
        if isinstance(error, MethodNotAllowed):
            allowed = sorted(error.valid_methods or ())
            methods = ", ".join(method for method in allowed if method != "HEAD")  # werkzeug adds it to GET
            problem = Problem("", f"{owner} answers {methods} here")
            response = error_response(ControlError(problem, HTTPStatus.METHOD_NOT_ALLOWED))
            response.headers["Allow"] = ", ".join(allowed)  # RFC 9110, 15.5.6
            return response
        known = suggest(request.path, PATHS)
        if is_control:
            words = sorted({o.path.split("/")[2] for o in OPERATIONS if o.path.count("/") > 1})
            known = suggest("/".join(request.path.split("/")[4:5]), words)  # "faults" of .../KEY/faults
            known = f"{ROOT}/KEY/... with {known}"
        problem = Problem("", f"{owner} has no such path", "", known)
        return error_response(ControlError(problem, HTTPStatus.NOT_FOUND))


def _parts_of(request: Request, operation: Operation, path: Mapping[str, str]) -> RequestParts:
    """Return the parts of a control request that have its arguments.

    path: the parameters in the path.

    Raises `ControlError` for a name that occurs twice in the query, and for a body that is not JSON by its
    Content-Type, or that cannot be decoded.
    """
    sent, body = request.args, _decoded_body(request)
    if any(len(sent.getlist(name)) > 1 for name in sent):
        raise ControlError(Problem("the query", "has a name twice"))
    if operation.takes_body and body is not None and (request.mimetype or "") != "application/json":
        problem = Problem(
            "the body", "must be JSON by its Content-Type", "", "Content-Type: application/json"
        )
        raise ControlError(problem, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    query = sent.to_dict()
    if operation.media == EVENT_STREAM and request.headers.get(LAST_EVENT_ID):
        query["since"] = request.headers[LAST_EVENT_ID]  # later than the one in the address
    return RequestParts(path, query, body)


def _decoded_body(request: Request) -> bytes | None:
    """Return the bytes of a control request's body without its content codings; None for one too large.

    Raises `ControlError`: 415 for an unsupported coding, 400 for a body that its coding cannot decode.
    """
    try:
        return decode_body(request.environ)
    except RejectedRequestError as error:
        if error.refusal is TOO_LARGE:
            return None
        problem = Problem("the body", error.refusal.note.removeprefix("the body "))
        raise ControlError(problem, HTTPStatus.UNSUPPORTED_MEDIA_TYPE) from None
    except InvalidError as error:
        problem = Problem("the body", error.problems[0].message)
        raise ControlError(problem, HTTPStatus.BAD_REQUEST) from None


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
    requests = result["requests"] if "requests" in result else result["log"]["entries"]
    if len(requests) < count and not deferred.is_expired:
        deferred.waits_for, deferred.seen = journal, seen
        deferred.seconds = arguments.get("timeout", WAIT_SECONDS)
    return result


def error_response(error: FakekitError) -> Response:
    """Return an error response of the control API as JSON: the class of the error and its problems.

    `fakekit.testing.remote` raises the same error from it.
    """
    problems = [
        {"where": p.where, "what": p.description, "found": p.found, "write": p.write}
        | ({"python": p.python} if p.python not in ("", p.write) else {})
        for p in for_caller(error).problems
    ]
    return _json({"error": type(error).__name__, "problems": problems}, error.status)


def _success(operation: Operation, result: object) -> Response:
    """Return the response with a control operation's result: a string as text, anything else as JSON."""
    if isinstance(result, str):
        return Response(result, operation.status, mimetype=None, content_type=operation.media)
    return _json(result, operation.status)


def _json(body: object, status: int) -> Response:
    """Return a JSON response of the control API; its headers forbid caching and guessing another type."""
    return Response(json_body(body), status, _HEADERS, "application/json")
