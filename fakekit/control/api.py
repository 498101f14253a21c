"""The control API over HTTP: the table of operations as routes, and who may use them.

A web page must not reach it. On loopback a request needs a header that no page can send across sites
without being asked first (and nobody answers yes to that), a ``Host`` of this machine, which a rebound
name is not, and comes from this machine. Bound wider, it needs the token that was printed.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Request, Response, request
from marshmallow import ValidationError

from fakekit._version import __version__
from fakekit.control.controls import Controls, GroundFor, ServerControls
from fakekit.control.operations import HEADER, OPERATIONS, ROOT, Operation
from fakekit.errors import (
    AccountsFullError,
    ControlError,
    FakekitError,
    NoRecordError,
    Problem,
    SnapshotError,
    suggest,
)
from fakekit.serving.accounts import Accounts
from fakekit.serving.auth import KEY
from fakekit.serving.log import crash
from fakekit.serving.received import BODY, BODY_BYTES
from fakekit.serving.redaction import without_secrets
from fakekit.serving.waiting import Waiting
from fakekit.serving.wire import wire_of

_OF_ALL = ("accounts", "open", "strangers", "close", "end_alias")
"""The operations that concern the server, or an account from outside."""


class RefusedControlError(Exception):
    """A request that may not control anything, or says nothing that can be done."""

    def __init__(self, status: HTTPStatus, where: str, what: str, write: str = "") -> None:
        self.status, self.problem = status, Problem(where, what, "", write)
        super().__init__(what)


class Gate:
    """Who may control the server.

    token: what has to stand in the header of a server that is not bound to loopback; empty where it is.
    """

    def __init__(self, token: str) -> None:
        self._token = token

    def check(self, asked: Request) -> None:
        """Raises `RefusedControlError`. Repeats nothing that came."""
        given = asked.headers.get(HEADER, "")
        if self._token:
            if not hmac.compare_digest(given.encode("latin-1", "replace"), self._token.encode()):
                what = "must be the control token of this server, which it printed when it started"
                raise RefusedControlError(HTTPStatus.FORBIDDEN, HEADER, what)
            return
        if given != "1":
            what = "is missing: a web page could send the request without it"
            raise RefusedControlError(HTTPStatus.FORBIDDEN, HEADER, what, f"{HEADER}: 1")
        if not is_loopback(asked.environ.get("REMOTE_ADDR") or ""):
            what = "is not this machine: bind the server wider (--host) to have a token for others"
            raise RefusedControlError(HTTPStatus.FORBIDDEN, "the client", what)
        host = (asked.environ.get("HTTP_HOST") or "").lower()
        if not is_loopback(_name_of(host)):
            what = "is not a name of this machine: it may have been rebound by a web page"
            raise RefusedControlError(HTTPStatus.FORBIDDEN, "Host", what, "127.0.0.1 or localhost")


def _name_of(host: str) -> str:
    """The host of a Host header, without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].rstrip(".")


def is_loopback(name: str) -> bool:
    """Whether a name or an address can only mean this machine (RFC 6761, 6.3 of localhost)."""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.split("%")[0]).is_loopback
    except ValueError:
        return False


def control_blueprint(accounts: Accounts, ground_for: GroundFor, waiting: Waiting, token: str) -> Blueprint:
    """The blueprint of a server's accounts.

    ground_for: makes what an account of its own stands on.
    token: see `Gate`.
    """
    blueprint = Blueprint("fakekit-control", __name__)
    api = _Api(accounts, ground_for, waiting, Gate(token))
    for operation in OPERATIONS:
        rule = ROOT + operation.path.replace("{", "<").replace("}", ">")
        blueprint.add_url_rule(
            rule,
            operation.name,
            api.view(operation),
            methods=[operation.method],
            provide_automatic_options=False,
        )

    @cache
    def document() -> str:
        from fakekit.control.openapi import control_openapi

        return json.dumps(control_openapi(__version__))

    @blueprint.get("/_fakekit/control.json")
    def control_json() -> Response:
        return Response(document(), mimetype="application/json")

    return blueprint


class _Api:
    """One server's operations."""

    def __init__(self, accounts: Accounts, ground_for: GroundFor, waiting: Waiting, gate: Gate) -> None:
        self._accounts, self._waiting, self._gate = accounts, waiting, gate
        self._everything = ServerControls(accounts, ground_for)

    def view(self, operation: Operation) -> Callable[..., Response]:
        """What Flask calls for an operation."""
        return lambda **path: _answered(lambda: self._done(operation, path))

    def _done(self, operation: Operation, path: dict[str, str]) -> Response:
        self._gate.check(request)
        if "key" in path and not KEY.fullmatch(path["key"]):
            what = "is not a key, which is fk_ and 1 to 64 of A-Z a-z 0-9 _ -"
            raise RefusedControlError(HTTPStatus.NOT_FOUND, "the key", what)
        given = {**_read_query(operation), **_read_body(operation)}
        if operation.name in _OF_ALL:
            act, given = getattr(self._everything, operation.name), {**path, **given}
        else:
            controls = Controls(self._accounts.open(path.pop("key")), self._accounts)
            act, given = getattr(controls, operation.name), {**path, **given}
        return _sent(operation, self._in_its_time(lambda: act(**given), given))

    def _in_its_time(self, act: Callable[[], Any], given: Mapping[str, Any]) -> Any:
        """Wait for other requests, if that is what was asked, where there is room for it."""
        if given.get("count") is None:
            return act()
        with self._waiting.place() as granted:
            if not granted:
                raise RefusedControlError(HTTPStatus.SERVICE_UNAVAILABLE, "count", self._waiting.refusal)
            with wire_of(request.environ).waiting():
                return act()


def no_such_control(asked: Request) -> Response:
    """The answer to a path or a method that no operation has."""
    methods = getattr(asked.routing_exception, "valid_methods", None) or ()
    if methods:
        what = f"fakekit's control API answers {', '.join(sorted(set(methods) - {'HEAD'}))} here"
        return _refusal(HTTPStatus.METHOD_NOT_ALLOWED, Problem("", what))
    paths = sorted({ROOT + operation.path for operation in OPERATIONS})
    tail = "/".join(asked.path.split("/")[4:5])
    known = suggest(tail, {path.split("/")[4] for path in paths if path.count("/") > 3})
    what = "fakekit's control API has no such path"
    return _refusal(HTTPStatus.NOT_FOUND, Problem("", what, "", f"{ROOT}/KEY/... with {known}"))


def _answered(act: Callable[[], Response]) -> Response:
    try:
        return act()
    except RefusedControlError as refused:
        return _refusal(refused.status, refused.problem)
    except FakekitError as error:
        return _failure(error)
    except Exception as error:
        crash(error)
        return _refusal(
            HTTPStatus.INTERNAL_SERVER_ERROR, Problem("", "fakekit itself failed; its log says where")
        )


def _failure(error: FakekitError) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if isinstance(error, NoRecordError | SnapshotError):
        status = HTTPStatus.NOT_FOUND
    elif isinstance(error, AccountsFullError):
        status = HTTPStatus.SERVICE_UNAVAILABLE
    return _refusal(status, *error.problems, kind=type(error).__name__)


def _refusal(status: HTTPStatus, *problems: Problem, kind: str = ControlError.__name__) -> Response:
    told = [
        {name: without_secrets(getattr(p, name)) for name in ("where", "what", "found", "write")}
        for p in problems
    ]
    return _json({"error": kind, "problems": told}, status)


def _sent(operation: Operation, answer: Any) -> Response:
    if isinstance(answer, str):
        return Response(answer, operation.status, mimetype=None, content_type=operation.media)
    return _json(answer, operation.status)


def _json(body: Any, status: int) -> Response:
    response = Response(json.dumps(body, ensure_ascii=False) + "\n", status, mimetype="application/json")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def _read_query(operation: Operation) -> dict[str, Any]:
    sent = request.args
    twice = [name for name in sent if len(sent.getlist(name)) > 1]
    if twice:
        raise RefusedControlError(HTTPStatus.UNPROCESSABLE_ENTITY, "the query", "has a name twice")
    return _loaded(operation, "query", sent.to_dict())


def _read_body(operation: Operation) -> dict[str, Any]:
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
    try:
        body = json.loads(data or b"{}")
    except (ValueError, RecursionError):
        raise RefusedControlError(HTTPStatus.BAD_REQUEST, "the body", "is not JSON") from None
    if not isinstance(body, dict):
        raise RefusedControlError(HTTPStatus.BAD_REQUEST, "the body", "must be a JSON object")
    return body


def _loaded(operation: Operation, part: str, values: Mapping[str, Any]) -> dict[str, Any]:
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
        name, told = next(iter(error.messages_dict.items()))
        message = told[0] if isinstance(told, list) else str(told)
        raise RefusedControlError(HTTPStatus.UNPROCESSABLE_ENTITY, str(name), message) from None
