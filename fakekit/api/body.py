"""Read the query and the body of a request by the endpoint's tables.

No message repeats a value that came: an error names the fields of the tables, and a note the unknown names,
as far as they look like names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fakekit.accounts.redaction import is_plain_name
from fakekit.api.content_coding import (
    InvalidCodingError,
    UnsupportedCodingError,
    decode_content,
    list_codings,
)
from fakekit.api.forms import (
    MULTIPART,
    URLENCODED,
    read_arguments,
    read_form,
    read_nested_fields,
    safe_names,
)
from fakekit.api.request_errors import (
    InvalidError,
    RejectedRequestError,
    duplicate_field_error,
    not_utf8_error,
)
from fakekit.contract.endpoint import Endpoint
from fakekit.contract.filters import Query
from fakekit.contract.provenance import assumed
from fakekit.contract.refusals import REFUSED_CODING, TOO_LARGE, UNSUPPORTED_CODING, WRONG_MEDIA_TYPE
from fakekit.contract.requests import SIGN, Body, unread_names, without_empty_values
from fakekit.contract.schema import FieldProblem, RecordError
from fakekit.contract.strict_json import NOT_UTF8, JsonError, read_json

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Request

    from fakekit.api.exchange import Exchange

BODY_BYTES = 1024 * 1024
"""The largest body that is read; the vendor states no limit."""
BODY = "fakekit.body"
"""Key of the WSGI environment: the body's bytes, or None when they were more than `BODY_BYTES`."""
SIZE = "fakekit.size"
"""Key of the WSGI environment: how many bytes the body had."""

_CODINGS = assumed("body.codings")
_EMPTY_VALUE = assumed("values.empty")
_FORM_BODY = assumed("body.forms")
_UNKNOWN_FIELDS = assumed("body.unknown_fields")

_PAGE_PARAMETER = (
    r"(?i)(page|offset|limit|cursor|skip|take|max_?results|count|top|rows|page\[[a-z]+\])"
    r"|(page|per|start|starting|ending|next|after|before)_?(page|size|number|num|no|index|limit|count|after|before"
    r"|cursor|token|key)"
)
"""Names of query parameters by which other APIs divide a list into pages."""

_JSON = r"(?i)application/([a-z0-9.]+\+)?json"
_FORMS = (URLENCODED, MULTIPART)
_PHP_NOTE = (
    "the body is multipart/form-data labelled application/json: PHP's curl was handed an array; "
    "write CURLOPT_POSTFIELDS => json_encode($data)"
)


def read_request(exchange: Exchange, request: Request, endpoint: Endpoint) -> None:
    """Read query and body of a request by the endpoint's tables; values get the form that records have.

    Sets `query`, `body`, `note` and, also when it raises, `fields`, `unread` and `assumed` of the exchange.
    For a strict account, a rule of form that no page states (an e-mail address without @) rejects the
    request; otherwise the note mentions it.

    Raises `InvalidError` with every problem of query and body, `RejectedRequestError`.
    """
    problems: list[FieldProblem] = []
    note_parts: list[str] = []
    is_strict = exchange.account is not None and exchange.account.baseline.strict
    text = request.query_string
    unread = _read_query(exchange, text, endpoint.query, problems, note_parts) if text else []
    table = endpoint.body
    if table is not None:
        exchange.fields = received = _read_fields(exchange, request, note_parts)
        if table.list_names:
            received, ignored = table.select(received, exchange.assumptions)
            exchange.assumed += [table.list_names[name] for name in ignored]
            unread += ignored
        exchange.body, fields = _read_with(exchange, table, received, problems)
        unread += unread_names(table.schema, fields)
        assumed_by_fields = table.assumed(fields, exchange.body)
        exchange.assumed += assumed_by_fields
        if SIGN in assumed_by_fields and exchange.assumptions[SIGN.source] == "refused":
            names = table.signed_names(exchange.body)
            problems += [FieldProblem(name, "may not be negative") for name in names]
        form_problems = table.form_problems(exchange.body)
        problems += form_problems if is_strict else []
        note_parts += [] if is_strict else [f"{p.field} {p.message}" for p in form_problems]
    if unread:
        exchange.assumed.append(_UNKNOWN_FIELDS)
        exchange.unread += [name if is_plain_name(name) else "..." for name in unread[:10]]
        note_parts.append(_unread_note(exchange.unread, unread, endpoint))
    note = "; ".join(filter(None, note_parts))
    if problems:
        raise InvalidError(problems, note)
    exchange.note = note


def _read_query(
    exchange: Exchange, text: bytes, table: Query, problems: list[FieldProblem], note_parts: list[str]
) -> list[str]:
    """Set `query` of the exchange; return the names that the table lacks, ``...`` where one may be a key.

    text: the query string as it came.
    table: the endpoint's filters.
    problems: gets every problem added, note_parts what was unusual.
    """
    arguments, wrong, note = read_arguments(text, table.filters)
    problems += wrong
    note_parts.append(note)
    exchange.query, _ = _read_with(exchange, table, arguments, problems)
    unread = unread_names(table.schema, arguments)
    return safe_names(unread, text) if unread else []


def _read_with(
    exchange: Exchange, table: Body | Query, received: Mapping[str, object], problems: list[FieldProblem]
) -> tuple[dict[str, object], Mapping[str, object]]:
    """Return the values as a table of the endpoint reads them, and as they were before.

    Empty text is null in both, unless the assumption on it is ``text``; it is added to those of the exchange
    if a field or filter of the table is empty.

    table: the endpoint's filters of a query, or fields of a body.
    problems: gets every problem added that the table finds; the first mapping is then empty.
    """
    values = without_empty_values(table.schema, received)
    if values is not received:
        exchange.assumed.append(_EMPTY_VALUE)
        values = values if exchange.assumptions["values.empty"] == "null" else received
    try:
        return table.read(values), values
    except RecordError as error:
        problems += error.problems
        return {}, values


def _unread_note(names: list[str], unread: list[str], endpoint: Endpoint) -> str:
    """Return the `Fakekit-Note` on fields that no table has: ``not read: colour, size and 3 more``.

    On a list, parameters of pages get a sentence: a client that counts pages would ask for ever.

    names: the first of them, as they can be shown.
    unread: all of them, as they came.
    """
    more = f" and {len(unread) - len(names)} more" if len(unread) > len(names) else ""
    note = f"not read: {', '.join(names)}{more}"
    if endpoint.is_list and any(re.fullmatch(_PAGE_PARAMETER, name) for name in unread):
        note += "; the vendor documents no pagination"
        if endpoint.envelope.has_array(endpoint.shape):
            note += ": every record is already in this answer"
    return note


def _read_fields(exchange: Exchange, request: Request, note_parts: list[str]) -> Mapping[str, object]:
    """Return the fields of a request's body.

    note_parts: gets a sentence added on what was unusual about it.

    Records that forms are read, for a form, and that codings are decoded. Raises `RejectedRequestError` for a
    body that is too large or of another media type, `InvalidError` for one that is not a JSON object.
    """
    coding = request.environ.get("HTTP_CONTENT_ENCODING")
    if coding and request.environ.get(BODY) and list_codings(coding):
        exchange.assumed.append(_CODINGS)
        if not exchange.assumptions["body.codings"]:
            raise RejectedRequestError(REFUSED_CODING)
    data = decode_body(request.environ)
    media_type = (request.mimetype or "").lower()
    if not data.strip():
        note_parts += ["the body is blank"] if request.content_length else []
        return {}
    if media_type in _FORMS:
        fields, note = read_form(request.content_type or "", data)
        note_parts.append(note)
        exchange.assumed.append(_FORM_BODY)
        return read_nested_fields(fields)
    if media_type and not re.fullmatch(_JSON, media_type):
        raise RejectedRequestError(WRONG_MEDIA_TYPE)
    if data.lstrip()[:2] == b"--" and b"\nContent-Disposition: " in data[:1000]:
        raise InvalidError([FieldProblem("the body", "is not JSON")], _PHP_NOTE)
    return read_json_object(data)


def decode_body(environ: WSGIEnvironment) -> bytes:
    """Return the bytes of a request's body without its content codings; empty when it has none.

    environ: the WSGI environment, with the body as it came under `BODY`.

    Raises `RejectedRequestError` for a body that is too large, as it came or decoded (413), or in another
    coding (415), `InvalidError` for one that its coding cannot decode.
    """
    data: bytes | None = environ.get(BODY, b"")
    coding = environ.get("HTTP_CONTENT_ENCODING")
    note = f"the body is larger than the {BODY_BYTES:,} bytes that fakekit reads"
    if data is None:
        raise RejectedRequestError(TOO_LARGE, note)
    if not data or not coding or not (codings := list_codings(coding)):
        return data
    try:
        decoded = decode_content(data, codings, BODY_BYTES)
    except UnsupportedCodingError:
        raise RejectedRequestError(UNSUPPORTED_CODING) from None
    except InvalidCodingError as error:
        message = f"is not {error.coding}, as its Content-Encoding says, or not whole"
        raise InvalidError([FieldProblem("the body", message)]) from None
    if decoded is None:
        raise RejectedRequestError(TOO_LARGE, f"{note} when it is decoded")
    return decoded


def read_json_object(data: bytes) -> Mapping[str, object]:
    """Return the fields of a request's body that must be a JSON object, for the vendor's API.

    Raises `InvalidError` with the reason and, for a syntax error, line and column in its note.
    """
    try:
        body = read_json(data)
    except JsonError as error:
        if error.name:
            raise duplicate_field_error(error.name) from None
        if error.message == NOT_UTF8:
            raise not_utf8_error() from None
        note = f"{error.detail} (line {error.line}, column {error.column})" if error.column else ""
        raise InvalidError([FieldProblem("the body", error.message)], note) from None
    if not isinstance(body, dict):
        raise InvalidError([FieldProblem("the body", "must be a JSON object")])
    return body
