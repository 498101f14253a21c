"""Parse the body of a request to the vendor's API: JSON or a form. No message repeats a value that came."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from http import HTTPStatus
from json import JSONDecodeError, dumps, loads
from typing import Any

from flask import Request

from fakekit.accounts.redaction import is_plain_name
from fakekit.contract.schema import FieldProblem


class UnsupportedRequestError(Exception):
    """A request that is not parsed: its body is too large or of another type, or its query is malformed.

    status: of the response: 413, 415 or 400.
    note: the explanation in `Fakekit-Note`.
    """

    def __init__(self, status: HTTPStatus, note: str) -> None:
        self.status, self.note = status, note
        super().__init__(note)


class InvalidError(Exception):
    """A request whose query or body breaks the endpoint's tables.

    `failures.invalid_response` turns it into a 422.

    problems: one for each field at fault; together they are the response's ``error``.
    note: a further explanation for `Fakekit-Note`; may be empty.
    """

    def __init__(self, problems: list[FieldProblem], note: str = "") -> None:
        self.problems, self.note = problems, note
        super().__init__("; ".join(f"{p.field} {p.message}" for p in problems))


def read_form(request: Request, data: bytes) -> tuple[Mapping[str, Any], str]:
    """Return the fields of a request's form, and a note ("" for none) on what was unusual about it.

    data: the body's bytes. Raises `UnsupportedRequestError` when the form is too large to parse,
        `InvalidError` for a field that came twice.
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


def read_nested_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a form with bracketed names as lists of objects, as JSON nests them.

    ``sales-item[0][item_name]`` is how PHP and browsers write it; rows are ordered by their number. Other
    fields stay as they are.
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


def read_json_object(data: bytes) -> Mapping[str, Any]:
    """Return the fields of a request's body that must be a JSON object, for the vendor's API.

    Raises `InvalidError` with the reason and, for a syntax error, line and column in its note.
    """
    try:
        text = data.decode("utf-8-sig")  # a BOM may be ignored (RFC 8259, 8.1)
        body = loads(text, object_pairs_hook=_unique_pairs, parse_constant=_reject_constant)
        if "\\u" in text:  # json accepts "\ud800", which no UTF-8 can hold
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
        raise InvalidError([FieldProblem("the body", "has a number that JSON does not allow")]) from None
    if not isinstance(body, dict):
        raise InvalidError([FieldProblem("the body", "must be a JSON object")])
    return body


def _duplicate_field_error(name: str) -> InvalidError:
    """Return the error for a request's body that has a field twice; it repeats only a plain name."""
    return InvalidError([FieldProblem("the body", f"has {name if is_plain_name(name) else 'a field'} twice")])


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs of an object in a request's JSON body as a dict.

    The ``object_pairs_hook`` of `json.loads`. Raises `InvalidError` for a name that stands twice, of which
    `json` alone would keep the last.
    """
    values = dict(pairs)
    if len(values) < len(pairs):
        (name, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise _duplicate_field_error(name)
    return values


def _reject_constant(name: str) -> Any:
    """Raise ValueError: the ``parse_constant`` of `json.loads`, for NaN or Infinity in a request's body.

    Python's parser accepts both by default; JSON has neither (RFC 8259, 6).
    """
    raise ValueError(name)
