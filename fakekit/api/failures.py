"""What is answered when there is nothing to answer with: each refusal in one place."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from http import HTTPStatus

from flask import Request

from fakekit.accounts.changes import Overlay, UnknownReferenceError
from fakekit.api import hints
from fakekit.api.authentication import RefusedError
from fakekit.api.body import InvalidError
from fakekit.api.response import Answer, json_body
from fakekit.contract.assumptions import Assumptions, Leaning
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
    lean: Leaning,
    status: int,
    error: str = "",
    note: str = "",
    headers: tuple[tuple[str, str], ...] = (),
    kind: Kind = "documented",
) -> Answer:
    """An answer in the documented error envelope; its `error` is HTTP's own phrase where none is given."""
    body = ERROR.dump(status, error or HTTPStatus(status).phrase)
    return Answer(status, json_body(body), kind, note=note, headers=headers).also(lean)


def broken(assumptions: Assumptions) -> Answer:
    """The answer when fakekit itself failed; the log has the cause."""
    lean = Leaning(assumptions)
    lean.on("server.error")
    note = "fakekit itself failed; its log says where"
    return failed(lean, HTTPStatus.INTERNAL_SERVER_ERROR, note=note)


def refused(error: RefusedError, request: Request, lean: Leaning) -> Answer:
    """A bad credential."""
    if request.url_rule is None:
        lean.on("auth.before_routing")
    return failed(lean, HTTPStatus.UNAUTHORIZED, error.error, error.note, CHALLENGE)


def full(error: AccountsFullError, lean: Leaning) -> Answer:
    """No room for another account."""
    lean.on("accounts.full")
    return failed(lean, HTTPStatus.SERVICE_UNAVAILABLE, note=str(error))


def no_endpoint(
    error: NoEndpointError, method: str, path: str, endpoints: Collection[Endpoint], lean: Leaning
) -> Answer:
    """A path, or a method, that the table has not."""
    if error.allowed:
        lean.on("method.error")
        told = ", ".join(m for m in error.allowed if m not in ("HEAD", "OPTIONS"))
        allow = (("Allow", ", ".join(error.allowed)),)  # RFC 9110, 15.5.6
        return failed(lean, HTTPStatus.METHOD_NOT_ALLOWED, note=f"fakekit answers {told} here", headers=allow)
    lean.on("unknown_path.error")
    note = hints.unknown_path(method, path, endpoints)
    return failed(lean, HTTPStatus.NOT_FOUND, note=note)


def missing(error: MissingRecordError, resource: Resource, view: Overlay, lean: Leaning) -> Answer:
    """A path that names no record."""
    if not resource.code and parse_id(error.named) is None:
        lean.on("id.form")
    status = lean.on("missing.status")
    note = hints.missing_record(view, resource, error.named)
    return failed(lean, status, not_found(resource, lean), note)


def not_found(resource: Resource, lean: Leaning) -> str:
    """The `error` of a record that does not exist."""
    return str(lean.on("missing.error")).replace("{noun}", resource.noun)


def invalid(error: InvalidError | RecordError | ConflictError, lean: Leaning) -> Answer:
    """A request that breaks the tables, or what it names."""
    if isinstance(error, ConflictError):
        status = lean.on("conflict.status")
        return failed(lean, status, f"{error.field} is taken: another record has it")
    if isinstance(error, UnknownReferenceError):
        lean.on("reference.missing")
    status = lean.on("invalid.status")
    told = "; ".join(f"{p.field} {p.what}" for p in error.problems)
    return failed(lean, status, told, getattr(error, "note", ""))


_HEADER_SAFE = re.compile(r"[\x20-\x7e]*")


def header_text(text: str, limit: int = 200) -> str:
    """Text as a header may carry it."""
    shown = "".join(c if _HEADER_SAFE.fullmatch(c) else "?" for c in text)
    return shown if len(shown) <= limit else shown[:limit] + "..."
