"""The responses to requests that fail or are refused: statuses and texts, each in one place."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from http import HTTPStatus

from flask import Request

from fakekit.accounts.changes import Changes
from fakekit.accounts.checked_changes import UnknownReferenceError
from fakekit.api import hints
from fakekit.api.authentication import UnauthorizedError
from fakekit.api.body import InvalidError
from fakekit.api.response import ApiResponse, json_body
from fakekit.contract.assumptions import AssumptionRecorder, Assumptions
from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.envelope import CHALLENGE, ERROR
from fakekit.contract.numbers import parse_id
from fakekit.contract.provenance import Kind
from fakekit.contract.schema import RecordError
from fakekit.errors import AccountsFullError
from fakekit.resources.call import ConflictError, MissingRecordError


class NoEndpointError(Exception):
    """The request matches no endpoint; `allowed` are the methods with which it would."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self.allowed = sorted({*allowed, "OPTIONS"}) if allowed else []
        super().__init__("")


def failed(
    recorder: AssumptionRecorder,
    status: int,
    error: str = "",
    note: str = "",
    headers: tuple[tuple[str, str], ...] = (),
    kind: Kind = "documented",
) -> ApiResponse:
    """Return a response in the documented error envelope.

    error: the text of ``error``; HTTP's phrase for the status when it is empty.
    note: goes into `Fakekit-Note`.
    kind: how sure it is, unless `recorder` has recorded assumptions: then it is assumed.
    """
    body = ERROR.dump(status, error or HTTPStatus(status).phrase)
    return ApiResponse(status, json_body(body), kind, note=note, headers=headers).with_assumptions(recorder)


def server_error(assumptions: Assumptions) -> ApiResponse:
    """Return the 500 for a failure of fakekit's own. The caller has logged the cause."""
    recorder = AssumptionRecorder(assumptions)
    recorder.assume("server.error")
    note = "fakekit itself failed; its log says where"
    return failed(recorder, HTTPStatus.INTERNAL_SERVER_ERROR, note=note)


def unauthorized(error: UnauthorizedError, request: Request, recorder: AssumptionRecorder) -> ApiResponse:
    """Return the documented 401 for a request without a valid key."""
    if request.url_rule is None:
        recorder.assume("auth.before_routing")
    return failed(recorder, HTTPStatus.UNAUTHORIZED, error.error, error.note, CHALLENGE)


def accounts_full(error: AccountsFullError, recorder: AssumptionRecorder) -> ApiResponse:
    """Return the 503 for a new key when no open account can be forgotten for it."""
    recorder.assume("accounts.full")
    return failed(recorder, HTTPStatus.SERVICE_UNAVAILABLE, note=str(error))


def no_endpoint(
    error: NoEndpointError,
    method: str,
    path: str,
    endpoints: Collection[Endpoint],
    recorder: AssumptionRecorder,
) -> ApiResponse:
    """Return the 404 for a path that is no endpoint, or the 405 for one that has other methods.

    endpoints: of the whole API, to name the nearest one in the note.
    """
    if error.allowed:
        recorder.assume("method.error")
        methods = ", ".join(m for m in error.allowed if m not in ("HEAD", "OPTIONS"))
        allow = (("Allow", ", ".join(error.allowed)),)  # RFC 9110, 15.5.6
        return failed(
            recorder, HTTPStatus.METHOD_NOT_ALLOWED, note=f"fakekit answers {methods} here", headers=allow
        )
    recorder.assume("unknown_path.error")
    note = hints.unknown_path(method, path, endpoints)
    return failed(recorder, HTTPStatus.NOT_FOUND, note=note)


def missing(
    error: MissingRecordError, resource: Resource, view: Changes, recorder: AssumptionRecorder
) -> ApiResponse:
    """Return the response (404 unless a user set another) for a path that names no record.

    view: the account that was asked; the note says what it knows of the record.
    """
    if not resource.code and parse_id(error.path_value) is None:
        recorder.assume("id.form")
    status = recorder.assume("missing.status")
    note = hints.missing_record(view, resource, error.path_value)
    return failed(recorder, status, not_found(resource, recorder), note)


def not_found(resource: Resource, recorder: AssumptionRecorder) -> str:
    """Return the text of ``error`` for a record that does not exist: ``Customer not found``."""
    return str(recorder.assume("missing.error")).replace("{noun}", resource.noun)


def invalid(error: InvalidError | RecordError | ConflictError, recorder: AssumptionRecorder) -> ApiResponse:
    """Return the 422 that names every field at fault, or the 409 for a code that another record has."""
    if isinstance(error, ConflictError):
        status = recorder.assume("conflict.status")
        return failed(recorder, status, f"{error.field} is taken: another record has it")
    if isinstance(error, UnknownReferenceError):
        recorder.assume("reference.missing")
    status = recorder.assume("invalid.status")
    message = "; ".join(f"{p.field} {p.what}" for p in error.problems)
    return failed(recorder, status, message, getattr(error, "note", ""))


_HEADER_SAFE = re.compile(r"[\x20-\x7e]*")


def header_text(text: str, limit: int = 200) -> str:
    """Return a text that a header may carry: ``?`` for what is not ASCII, cut after `limit` characters."""
    safe = "".join(c if _HEADER_SAFE.fullmatch(c) else "?" for c in text)
    return safe if len(safe) <= limit else safe[:limit] + "..."
