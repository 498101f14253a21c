"""The responses to requests that fail in the API: which entry of the table of refusals, and its note."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from flask import Request
from werkzeug.exceptions import MethodNotAllowed

from fakekit.accounts.changes import Changes
from fakekit.api import hints
from fakekit.api.request_errors import InvalidError
from fakekit.api.response import ApiResponse, refuse
from fakekit.contract.assumptions import Assumptions
from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.ids import parse_id
from fakekit.contract.provenance import Truth, assumed
from fakekit.contract.refusals import CONNECT, INVALID, UNKNOWN_PATH, WRONG_METHOD, Refusal
from fakekit.contract.schema import RecordError, UnknownReferenceError
from fakekit.resources.call import MissingRecordError

_ID_FORM = assumed("id.form")
_KEY_BEFORE_ROUTE = assumed("auth.before_routing")
_REFERENCE = assumed("reference.missing")


class InvalidResponseError(Exception):
    """A response breaks the contract, in a strict account: it undoes a write, and the answer is a 500."""


class NoEndpointError(Exception):
    """The request matches no endpoint.

    allowed: the methods with which its path is one, for the 405; empty for a path that is no endpoint, a
        404.
    switch: the assumption with which it would match one; None where no assumption makes it match.
    """

    def __init__(self, allowed: Iterable[str] = (), switch: Truth | None = None) -> None:
        self.allowed, self.switch = sorted({*allowed, "OPTIONS"}) if allowed else [], switch
        super().__init__("")


def assumed_of_401(refusal: Refusal, endpoint: Endpoint | None) -> tuple[Truth, ...]:
    """Return the assumption that a 401 of an endpoint relies on; empty for the one whose page shows it.

    endpoint: what is requested; None for a path or method of no endpoint.
    """
    truth = refusal.truth_on(endpoint.truth) if endpoint is not None else _KEY_BEFORE_ROUTE
    return (truth,) if truth.kind == "assumed" else ()


def no_endpoint_response(
    error: NoEndpointError,
    method: str,
    path: str,
    endpoints: Collection[Endpoint],
    assumptions: Assumptions,
) -> ApiResponse:
    """Return the 404 for a path that is no endpoint, the 405 for one that has other methods, or for CONNECT.

    method, path: of the request; the path as it was sent.
    endpoints: of the whole API, to name the nearest one in the note.
    assumptions: the values of the account, or of the server for a request without one.
    """
    if method == "CONNECT":
        return refuse(CONNECT)
    if not error.allowed:
        return refuse(UNKNOWN_PATH, note=hints.unknown_path_note(method, path, endpoints))
    methods = ", ".join(m for m in error.allowed if m not in ("HEAD", "OPTIONS"))
    allow = (("Allow", ", ".join(error.allowed)),)  # RFC 9110, 15.5.6
    note = hints.wrong_method_note(method, path, methods, endpoints)
    if error.switch is None:
        return refuse(WRONG_METHOD, note=note, headers=allow)
    note += f"; the assumption {error.switch.source}=true adds {method}"
    response = refuse(WRONG_METHOD, note=note, headers=allow)
    return response.with_assumptions([error.switch], assumptions)


def missing_record_response(
    error: MissingRecordError, resource: Resource, view: Changes, assumptions: Assumptions
) -> ApiResponse:
    """Return the response (404 unless a user set another status) for a path whose record does not exist.

    view: the account of the request; the note says whether it removed the record, or never had it.
    assumptions: the values of the account, or of the server for a request without one.
    """
    note = hints.missing_record_note(view, resource, error.path_value)
    response = refuse(resource.missing_record, assumptions, note, noun=resource.label)
    if not resource.code and parse_id(error.path_value) is None:
        return response.with_assumptions([_ID_FORM], assumptions)
    return response


def invalid_response(error: InvalidError | RecordError, assumptions: Assumptions) -> ApiResponse:
    """Return the response (422 unless a user set another status) that names every field at fault.

    assumptions: the values of the account, or of the server for a request without one.
        That a reference must exist is one more than those of the status.
    """
    problems = "; ".join(f"{p.field} {p.message}" for p in error.problems)
    response = refuse(INVALID, assumptions, getattr(error, "note", ""), problems=problems)
    if isinstance(error, UnknownReferenceError):
        return response.with_assumptions([_REFERENCE], assumptions)
    return response


_HEADER_SAFE = re.compile(r"[\x20-\x7e]*")


def header_text(text: str) -> str:
    """Return a fault's text as the header `Fakekit-Fault` can carry it: ``?`` for what is not ASCII.

    After 200 characters the text is cut, and ends in ``...``.
    """
    safe = "".join(c if _HEADER_SAFE.fullmatch(c) else "?" for c in text)
    return safe if len(safe) <= 200 else safe[:200] + "..."


def allowed_methods(request: Request) -> Iterable[str]:
    """Return the methods that the path of a request without an endpoint has; for the 405.

    Empty when the path is no endpoint with any method. Flask's routing has recorded them.
    """
    error = request.routing_exception
    return (error.valid_methods or ()) if isinstance(error, MethodNotAllowed) else ()
