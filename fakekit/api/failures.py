"""The responses to requests that fail or are rejected: statuses and texts, each in one place."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from http import HTTPStatus

from flask import Request

from fakekit.accounts.changes import Changes, UnknownReferenceError
from fakekit.api import hints
from fakekit.api.authentication import UnauthorizedError
from fakekit.api.parsing import InvalidError
from fakekit.api.response import ApiResponse, json_body
from fakekit.contract.assumptions import AssumptionRecorder, Assumptions
from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.envelope import CHALLENGE, ERROR
from fakekit.contract.ids import parse_id
from fakekit.contract.provenance import Kind
from fakekit.contract.schema import RecordError
from fakekit.errors import AccountsFullError
from fakekit.resources.call import ConflictError, MissingRecordError

NO_PROXY_NOTE = "this is a server and not a proxy; CONNECT is for proxies"
"""What is said to a client that takes a fake for its HTTP proxy (RFC 9110, 9.3.6)."""


class NoEndpointError(Exception):
    """The request matches no endpoint.

    allowed: the methods with which its path is one, for the 405; empty for a path that is no endpoint, a
        404.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self.allowed = sorted({*allowed, "OPTIONS"}) if allowed else []
        super().__init__("")


def error_response(
    recorder: AssumptionRecorder,
    status: int,
    error: str = "",
    note: str = "",
    headers: tuple[tuple[str, str], ...] = (),
    kind: Kind = "documented",
) -> ApiResponse:
    """Return a response in the documented error envelope: ``{"status": 404, "error": "Customer not found"}``.

    recorder: has the assumptions that the response relies on; its header names them.
    error: the text of ``error``; when empty, HTTP's phrase for the status.
    note: goes into `Fakekit-Note`; empty for none.
    kind: how certain the behaviour is; "assumed" if `recorder` has recorded any assumption.
    """
    body = ERROR.dump(status, error or HTTPStatus(status).phrase)
    return ApiResponse(status, json_body(body), kind, note=note, headers=headers).with_assumptions(recorder)


def server_error(assumptions: Assumptions) -> ApiResponse:
    """Return the 500 for an error in fakekit itself. The caller has logged the cause.

    assumptions: those of the account or server; the response's header names the one that the 500 relies on.
    """
    recorder = AssumptionRecorder(assumptions)
    recorder.assume("server.error")
    note = "fakekit itself failed; its log says where"
    return error_response(recorder, HTTPStatus.INTERNAL_SERVER_ERROR, note=note)


def unauthorized_response(
    error: UnauthorizedError, request: Request, recorder: AssumptionRecorder
) -> ApiResponse:
    """Return the documented 401 for a request without a valid key, with the error's text and note.

    For a path that is no endpoint it records the assumption that the key is checked before the path.
    """
    if request.url_rule is None:
        recorder.assume("auth.before_routing")
    return error_response(recorder, HTTPStatus.UNAUTHORIZED, error.error, error.note, CHALLENGE)


def accounts_full_response(error: AccountsFullError, recorder: AssumptionRecorder) -> ApiResponse:
    """Return the 503 for a new key when no open account can be closed to make room.

    The status is not the vendor's, so an assumption is recorded in `recorder`.
    """
    recorder.assume("accounts.full")
    return error_response(recorder, HTTPStatus.SERVICE_UNAVAILABLE, note=str(error))


def no_endpoint_response(
    error: NoEndpointError,
    method: str,
    path: str,
    endpoints: Collection[Endpoint],
    recorder: AssumptionRecorder,
) -> ApiResponse:
    """Return the 404 for a path that is no endpoint, the 405 for one that has other methods, or for CONNECT.

    method, path: of the request; the path as it was sent.
    endpoints: of the whole API, to name the nearest one in the note.
    recorder: gets the assumption that status and text rely on; the vendor documents neither.
    """
    if method == "CONNECT":
        headers = (("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),)
        status = HTTPStatus.METHOD_NOT_ALLOWED
        return error_response(recorder, status, note=NO_PROXY_NOTE, headers=headers, kind="standard")
    if error.allowed:
        recorder.assume("method.error")
        methods = ", ".join(m for m in error.allowed if m not in ("HEAD", "OPTIONS"))
        allow = (("Allow", ", ".join(error.allowed)),)  # RFC 9110, 15.5.6
        return error_response(
            recorder, HTTPStatus.METHOD_NOT_ALLOWED, note=f"fakekit answers {methods} here", headers=allow
        )
    recorder.assume("unknown_path.error")
    note = hints.unknown_path_note(method, path, endpoints)
    return error_response(recorder, HTTPStatus.NOT_FOUND, note=note)


def missing_record_response(
    error: MissingRecordError, resource: Resource, view: Changes, recorder: AssumptionRecorder
) -> ApiResponse:
    """Return the response (404 unless a user set another status) for a path whose record does not exist.

    view: the account of the request; the note says whether it removed the record, or never had it.
    recorder: gets the assumptions that status and text rely on.
    """
    if not resource.code and parse_id(error.path_value) is None:
        recorder.assume("id.form")
    status = recorder.assume("missing.status")
    note = hints.missing_record_note(view, resource, error.path_value)
    return error_response(recorder, status, not_found_text(resource, recorder), note)


def not_found_text(resource: Resource, recorder: AssumptionRecorder) -> str:
    """Return the text of ``error`` for a record that does not exist: ``Customer not found``.

    For the response to a missing record, and for the fault ``fail=404``.

    recorder: records ``missing.error``, the assumption that the text of every resource comes from.
    """
    return str(recorder.assume("missing.error")).replace("{noun}", resource.label)


def invalid_response(
    error: InvalidError | RecordError | ConflictError, recorder: AssumptionRecorder
) -> ApiResponse:
    """Return the 422 that names every field at fault or, for a `ConflictError`, the 409.

    The statuses are those of assumptions, which a user may have set to others. An unknown reference also
    records ``reference.missing``.
    """
    if isinstance(error, ConflictError):
        status = recorder.assume("conflict.status")
        return error_response(recorder, status, f"{error.field} is taken: another record has it")
    if isinstance(error, UnknownReferenceError):
        recorder.assume("reference.missing")
    status = recorder.assume("invalid.status")
    message = "; ".join(f"{p.field} {p.message}" for p in error.problems)
    return error_response(recorder, status, message, getattr(error, "note", ""))


_HEADER_SAFE = re.compile(r"[\x20-\x7e]*")


def header_text(text: str, limit: int = 200) -> str:
    """Return a fault's text as the header `Fakekit-Fault` can carry it: ``?`` for what is not ASCII.

    limit: after so many characters the text is cut, and ends in ``...``.
    """
    safe = "".join(c if _HEADER_SAFE.fullmatch(c) else "?" for c in text)
    return safe if len(safe) <= limit else safe[:limit] + "..."
