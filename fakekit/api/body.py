"""Read the query and the body of a request by the endpoint's tables.

No message repeats a value that came: an error names the fields of the tables, and a note the unknown names,
as far as they look like names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from flask import Request

from fakekit.accounts.baseline import Baseline
from fakekit.accounts.redaction import is_plain_name
from fakekit.api.content_coding import (
    DamagedCodingError,
    UnsupportedCodingError,
    decode_content,
    list_codings,
)
from fakekit.api.forms import MULTIPART, URLENCODED, read_form, read_nested_fields
from fakekit.api.parsing import InvalidError, RejectedRequestError, read_json_object
from fakekit.api.query import read_arguments, safe_name
from fakekit.contract.assumptions import Assumptions
from fakekit.contract.endpoint import Endpoint
from fakekit.contract.provenance import Truth, assumed
from fakekit.contract.refusals import REFUSED_CODING, TOO_LARGE, UNSUPPORTED_CODING, WRONG_MEDIA_TYPE
from fakekit.contract.requests import Body
from fakekit.contract.schema import FieldProblem, RecordError

BODY_BYTES = 1024 * 1024
"""The largest body that is read; the vendor states no limit."""
BODY = "fakekit.body"
"""Key of the WSGI environment: the body's bytes, or None when they were more than `BODY_BYTES`."""
SIZE = "fakekit.size"
"""Key of the WSGI environment: how many bytes the body had."""

_CODINGS = assumed("body.codings")
_DIGIT_STRINGS = assumed("body.numbers")
_FORM_BODY = assumed("body.forms")
_UNKNOWN_FIELDS = assumed("body.unknown_fields")

_JSON = re.compile(r"application/([a-z0-9.]+\+)?json", re.I)
_FORMS = (URLENCODED, MULTIPART)
_PHP_NOTE = (
    "the body is multipart/form-data labelled application/json: PHP's curl was handed an array; "
    "write CURLOPT_POSTFIELDS => json_encode($data)"
)


@dataclass(frozen=True)
class ParsedRequest:
    """Query and body of a request as the endpoint's tables read them.

    note: names the fields that no table has, and what was unusual about the rest; empty when there is
        nothing.
    """

    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


EMPTY_REQUEST = ParsedRequest(MappingProxyType({}), MappingProxyType({}))


@dataclass
class ReceivedFields:
    """The fields found in a request while it was handled, also when it was rejected: for the journal.

    fields: the fields of its body as they came; None as long as the body is not parsed.
    unread: the names that no table has, ``...`` for those that cannot be shown.
    """

    fields: Mapping[str, Any] | None = None
    unread: list[str] = field(default_factory=list)

    def body_fields(self, request: Request) -> Mapping[str, Any]:
        """Return the fields of the body for the journal, and set `fields` if they are not parsed yet.

        Empty when the body is not a JSON object.
        """
        if self.fields is None:
            self.fields = {}
            with suppress(InvalidError, RejectedRequestError):
                self.fields = read_json_object(decode_body(request.environ))
        return self.fields


def read_request(
    request: Request, endpoint: Endpoint, relied_on: list[Truth], baseline: Baseline, received: ReceivedFields
) -> ParsedRequest:
    """Read query and body of a request by the endpoint's tables; values get the form that records have.

    relied_on: gets the assumptions added that the reading relies on, also when this raises.
    baseline: of the account. If it is strict, a rule of form that no page states (an e-mail address without
        @) rejects the request; otherwise the result's note mentions it.
    received: its `fields` and `unread` are set, also when this raises.

    Raises `InvalidError` with every problem of query and body, `RejectedRequestError`.
    """
    arguments, problems, note = read_arguments(request.query_string, endpoint.query.filters)
    query = _read_with(endpoint.query, arguments, problems) if arguments else {}
    unread = [safe_name(n, request.query_string) for n in endpoint.query.unread(arguments)]
    body: dict[str, Any] = {}
    note_parts = [note]
    if endpoint.body is not None:
        fields, body_note = _read_fields(request, endpoint.body, relied_on, baseline.assumptions)
        received.fields = fields
        body = _read_with(endpoint.body, fields, problems)
        unread += endpoint.body.unread(fields)
        if endpoint.body.has_digit_strings(fields):
            relied_on.append(_DIGIT_STRINGS)
        relied_on += endpoint.body.assumed(body)
        informal = endpoint.body.form_problems(body)
        problems += informal if baseline.strict else []
        note_parts += [body_note, *([] if baseline.strict else [f"{p.field} {p.message}" for p in informal])]
    if unread:
        relied_on.append(_UNKNOWN_FIELDS)
        received.unread += [name if is_plain_name(name) else "..." for name in unread[:10]]
        note_parts.append(_unread_note(received.unread, len(unread)))
    note = "; ".join(filter(None, note_parts))
    if problems:
        raise InvalidError(problems, note)
    return ParsedRequest(query, body, note)


def _read_with(table: Any, values: Mapping[str, Any], problems: list[FieldProblem]) -> dict[str, Any]:
    """Return the values as a table of the endpoint reads them: a query's filters, or a body's fields.

    problems: gets every problem added that the table finds; the result is then empty.
    """
    try:
        values_read: dict[str, Any] = table.read(values)
    except RecordError as error:
        problems += error.problems
        return {}
    return values_read


def _unread_note(names: list[str], count: int) -> str:
    """Return the `Fakekit-Note` on fields that no table has: ``not read: colour, size and 3 more``.

    names: the first of them, as they can be shown.
    count: of all of them.
    """
    more = f" and {count - len(names)} more" if count > len(names) else ""
    return f"not read: {', '.join(names)}{more}"


def _read_fields(
    request: Request, body: Body, relied_on: list[Truth], assumptions: Assumptions
) -> tuple[Mapping[str, Any], str]:
    """Return the fields of a request's body, and a note ("" for none) on what was unusual about it.

    body: the endpoint's table of fields.
    relied_on: gets the assumption added that forms are read, for a form, and that codings are decoded.
    assumptions: the values in force.

    Raises `RejectedRequestError` for a body that is too large or of another media type, `InvalidError` for
    one that is not a JSON object.
    """
    if request.environ.get(BODY) and list_codings(request.environ.get("HTTP_CONTENT_ENCODING", "")):
        relied_on.append(_CODINGS)
        if not assumptions["body.codings"]:
            raise RejectedRequestError(REFUSED_CODING)
    data = decode_body(request.environ)
    media_type = (request.mimetype or "").lower()
    if not data.strip():
        return {}, "" if not request.content_length else "the body is blank"
    if media_type in _FORMS:
        fields, note = read_form(request.content_type or "", data)
        relied_on.append(_FORM_BODY)
        return {
            n: v for n, v in read_nested_fields(fields).items() if v != "" or n in body.required_names
        }, note
    if media_type and not _JSON.fullmatch(media_type):
        raise RejectedRequestError(WRONG_MEDIA_TYPE)
    if data.lstrip()[:2] == b"--" and b"\nContent-Disposition: " in data[:1000]:
        raise InvalidError([FieldProblem("the body", "is not JSON")], _PHP_NOTE)
    return read_json_object(data), ""


def decode_body(environ: Mapping[str, Any]) -> bytes:
    """Return the bytes of a request's body without its content codings; empty when it has none.

    environ: the WSGI environment, with the body as it came under `BODY`.

    Raises `RejectedRequestError` for a body that is too large, as it came or decoded (413), or in another
    coding (415), `InvalidError` for one that its coding cannot decode.
    """
    data: bytes | None = environ.get(BODY, b"")
    codings = list_codings(environ.get("HTTP_CONTENT_ENCODING", ""))
    note = f"the body is larger than the {BODY_BYTES:,} bytes that fakekit reads"
    if data is None:
        raise RejectedRequestError(TOO_LARGE, note)
    if not data or not codings:
        return data
    try:
        decoded = decode_content(data, codings, BODY_BYTES)
    except UnsupportedCodingError:
        raise RejectedRequestError(UNSUPPORTED_CODING) from None
    except DamagedCodingError as error:
        message = f"is not {error.coding}, as its Content-Encoding says, or not whole"
        raise InvalidError([FieldProblem("the body", message)]) from None
    if decoded is None:
        raise RejectedRequestError(TOO_LARGE, f"{note} when it is decoded")
    return decoded
