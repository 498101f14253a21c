"""What a request said beside its path: query and body, read by the endpoint's tables.

Nothing here repeats a value that came: an error names the fields of the tables, and a note the names
that nobody read, as far as they look like names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from json import JSONDecodeError, dumps, loads
from types import MappingProxyType
from typing import Any

from flask import Request
from werkzeug.datastructures import MultiDict

from fakekit.accounts.redaction import is_plain_name
from fakekit.contract.assumptions import AssumptionRecorder
from fakekit.contract.endpoint import Endpoint
from fakekit.contract.requests import Body
from fakekit.contract.schema import FieldProblem, RecordError

BODY_BYTES = 1024 * 1024
"""The largest body that is read; the vendor states no limit."""
BODY = "fakekit.body"
"""Key of the WSGI environment: the body's bytes, or None when they were more than `BODY_BYTES`."""
SIZE = "fakekit.size"
"""Key of the WSGI environment: how many bytes the body had."""

_JSON = re.compile(r"application/([a-z0-9.]+\+)?json", re.I)
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_CURE_PHP = (
    "the body is multipart/form-data labelled application/json: PHP's curl was handed an array; "
    "write CURLOPT_POSTFIELDS => json_encode($data)"
)


class UnsupportedRequestError(Exception):
    """A body that is not parsed at all: too large, or of another media type; answered with `status`."""

    def __init__(self, status: HTTPStatus, note: str) -> None:
        self.status, self.note = status, note
        super().__init__(note)


class InvalidError(Exception):
    """A request whose query or body breaks the endpoint's tables.

    problems: every field at fault; together they are the response's ``error``.
    note: what else there is to explain; it goes into `Fakekit-Note`.
    """

    def __init__(self, problems: list[FieldProblem], note: str = "") -> None:
        self.problems, self.note = problems, note
        super().__init__("; ".join(f"{p.field} {p.what}" for p in problems))


@dataclass(frozen=True)
class ParsedRequest:
    """Query and body of a request as the endpoint's tables read them.

    note: names what they did not read, and what was unusual about the rest; empty when there is nothing.
    """

    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


EMPTY_REQUEST = ParsedRequest(MappingProxyType({}), MappingProxyType({}))


@dataclass
class ReceivedFields:
    """What was found in a request while it was handled, also when it was refused: for the journal.

    fields: the fields of its body as they came; None when nobody has parsed it yet.
    unread: the names that no table has, ``...`` for those that may not be shown.
    """

    fields: Mapping[str, Any] | None = None
    unread: list[str] = field(default_factory=list)

    def body_fields(self, request: Request) -> Mapping[str, Any]:
        """Return the fields of the body, parsing it if nobody has; empty when it is no JSON object."""
        if self.fields is None:
            self.fields = {}
            with suppress(InvalidError):
                self.fields = _read_json(request.environ.get(BODY) or b"")
        return self.fields


def read_request(
    request: Request, endpoint: Endpoint, recorder: AssumptionRecorder, strict: bool, received: ReceivedFields
) -> ParsedRequest:
    """Read query and body of a request by the endpoint's tables, with values spelled as records spell them.

    recorder: takes the assumptions that the reading relies on.
    strict: whether a rule of form that no page states refuses a field; otherwise the note mentions it.
    received: its `fields` and `unread` are set, also when this raises.

    Raises `InvalidError` with every problem of query and body, `UnsupportedRequestError`.
    """
    arguments = _read_arguments(request)
    duplicates = [FieldProblem(n, "is given twice") for n in arguments if len(arguments.getlist(n)) > 1]
    problems = [p for p in duplicates if p.field in endpoint.query.filters]
    query = _read_with(endpoint.query, arguments.to_dict(), problems)
    unread = [_safe_name(n, request.query_string) for n in endpoint.query.unread(arguments.to_dict())]
    body: dict[str, Any] = {}
    note_parts: list[str] = []
    if endpoint.body is not None:
        fields, body_note = _read_fields(request, endpoint.body, recorder)
        received.fields = fields
        body = _read_with(endpoint.body, fields, problems)
        unread += endpoint.body.unread(fields)
        if endpoint.body.has_digit_strings(fields):
            recorder.assume("body.numbers")
        for name in endpoint.body.assumed(body):
            recorder.assume(name)
        informal = endpoint.body.informal(body)
        problems += informal if strict else []
        note_parts += [body_note, *([] if strict else [f"{p.field} {p.what}" for p in informal])]
    if unread:
        recorder.assume("body.unknown_fields")
        received.unread += [name if is_plain_name(name) else "..." for name in unread[:10]]
        note_parts.append(_unread_note(received.unread, len(unread)))
    note = "; ".join(filter(None, note_parts))
    if problems:
        raise InvalidError(problems, note)
    return ParsedRequest(query, body, note)


def _read_arguments(request: Request) -> MultiDict[str, str]:
    """Return the query. Raises `UnsupportedRequestError`."""
    try:
        return request.args
    except UnicodeDecodeError:  # bytes that older gunicorns let through
        note = "the query holds bytes that a URL does not; percent-encode them (RFC 3986, 2.1)"
        raise UnsupportedRequestError(HTTPStatus.BAD_REQUEST, note) from None


def _safe_name(name: str, text: bytes) -> str:
    """Return a query parameter's name, or ``...`` if it came without a value: then it may be a key."""
    return name if f"{name}=".encode() in text else "..."


def _read_with(table: Any, values: Mapping[str, Any], problems: list[FieldProblem]) -> dict[str, Any]:
    """Return what a table reads of the values; problems are added to `problems`, with an empty result."""
    try:
        values_read: dict[str, Any] = table.read(values)
    except RecordError as error:
        problems += error.problems
        return {}
    return values_read


def _unread_note(names: list[str], count: int) -> str:
    """Word the note on fields that no table has; `count` is of all, `shown` has the first of them."""
    more = f" and {count - len(names)} more" if count > len(names) else ""
    return f"not read: {', '.join(names)}{more}"


def _read_fields(request: Request, body: Body, recorder: AssumptionRecorder) -> tuple[Mapping[str, Any], str]:
    """Return the fields of a body, and a note ("" for none) on what was unusual about it.

    body: the endpoint's table of fields.
    recorder: records the assumption that forms are read, for a form.

    Raises `UnsupportedRequestError` for a body that is too large or of another media type, `InvalidError`
    for one that is not a JSON object.
    """
    data: bytes | None = request.environ.get(BODY, b"")
    media_type = (request.mimetype or "").lower()
    if data is None:
        note = f"the body is larger than the {BODY_BYTES:,} bytes that fakekit reads"
        raise UnsupportedRequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, note)
    if not data.strip():
        return {}, "" if not request.content_length else "the body is blank"
    if media_type in _FORMS:
        fields, note = _read_form(request, data)
        recorder.assume("body.forms")
        return {n: v for n, v in _nested_fields(fields).items() if v != "" or n in body.needed}, note
    if media_type and not _JSON.fullmatch(media_type):
        note = "the body is neither JSON nor a form by its Content-Type; send application/json"
        raise UnsupportedRequestError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, note)
    if data.lstrip()[:2] == b"--" and b"\nContent-Disposition: " in data[:1000]:
        raise InvalidError([FieldProblem("the body", "is not JSON")], _CURE_PHP)
    return _read_json(data), ""


def _read_form(request: Request, data: bytes) -> tuple[Mapping[str, Any], str]:
    """Return the fields of a form, and a note ("" for none) on what was unusual about it.

    Raises `UnsupportedRequestError` when the form is too large to parse, `InvalidError` for a field that
    came twice.
    """
    try:
        form, files = request.form, len(request.files)
    except Exception:  # werkzeug refuses forms of more parts or larger fields than it will hold
        note = "the form has more parts, or a longer one, than fakekit reads"
        raise UnsupportedRequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, note) from None
    duplicate = next((name for name in form if len(form.getlist(name)) > 1), None)
    if duplicate is not None:
        raise _duplicate_field_error(duplicate)
    note_parts = []
    if data.lstrip()[:1] == b"{":
        note_parts.append("the body looks like JSON but came as a form; send Content-Type: application/json")
    elif not form and not files:
        note_parts.append("nothing could be read of the form")
    if files:
        note_parts.append("files in a form are not read")
    return form.to_dict(), "; ".join(note_parts)


_BRACKETS = re.compile(r"([a-z_-]{1,40})\[([0-9]{1,3})\]\[([a-z_]{1,40})\]", re.ASCII)


def _nested_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a form with bracketed names as lists of objects, as JSON nests them.

    ``sales-item[0][item_name]`` is how PHP and browsers spell it; rows are ordered by their number.
    """
    fields_by_name: dict[str, Any] = {}
    rows_by_name: dict[str, dict[int, dict[str, Any]]] = {}
    for name, value in fields.items():
        match = _BRACKETS.fullmatch(name)
        if match:
            rows_by_name.setdefault(match[1], {}).setdefault(int(match[2]), {})[match[3]] = value
        else:
            fields_by_name[name] = value
    return fields_by_name | {name: [rows[n] for n in sorted(rows)] for name, rows in rows_by_name.items()}


def _read_json(data: bytes) -> Mapping[str, Any]:
    """Parse a body that must be a JSON object. Raises `InvalidError` that says where it is not one."""
    try:
        text = data.decode("utf-8-sig")
        body = loads(text, object_pairs_hook=_unique_pairs, parse_constant=_reject_constant)
        if "\\u" in text:
            dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InvalidError([FieldProblem("the body", "holds half of a surrogate pair")]) from None
    except UnicodeDecodeError:
        raise InvalidError([FieldProblem("the body", "is not UTF-8")]) from None
    except RecursionError:
        raise InvalidError([FieldProblem("the body", "is nested too deeply")]) from None
    except JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidError([FieldProblem("the body", "is not JSON")], f"{error.msg} ({where})") from None
    except ValueError:  # NaN, or a number of more digits than Python reads
        raise InvalidError([FieldProblem("the body", "holds a number that JSON has not")]) from None
    if not isinstance(body, dict):
        raise InvalidError([FieldProblem("the body", "must be a JSON object")])
    return body


def _duplicate_field_error(name: str) -> InvalidError:
    """Return the refusal of a body that has a field twice; an odd name is not repeated."""
    return InvalidError([FieldProblem("the body", f"has {name if is_plain_name(name) else 'a field'} twice")])


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object's pairs as a dict; unlike `json`, refuse a name that stands twice."""
    values = dict(pairs)
    if len(values) < len(pairs):
        (name, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise _duplicate_field_error(name)
    return values


def _reject_constant(name: str) -> Any:
    """Refuse NaN and Infinity, which `json` reads by default. Raises ValueError."""
    raise ValueError(name)
