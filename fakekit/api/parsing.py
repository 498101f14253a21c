"""Parse the body of a request to the vendor's API: JSON or a form. No message repeats a value that came."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import Request

from fakekit.accounts.redaction import is_plain_name
from fakekit.contract.refusals import TOO_LARGE, Refusal
from fakekit.contract.schema import FieldProblem
from fakekit.contract.strict_json import JsonError, read_json


class RejectedRequestError(Exception):
    """A request that gets a response of the table of refusals: without a valid key, too large, ...

    refusal: the entry of the table.
    note: an explanation for `Fakekit-Note`, in front of that of the table; may be empty.
    """

    def __init__(self, refusal: Refusal, note: str = "") -> None:
        self.refusal, self.note = refusal, note
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

    data: the body's bytes. Raises `RejectedRequestError` when the form is too large to parse,
        `InvalidError` for a field that came twice.
    """
    try:
        form, files = request.form, len(request.files)
    except Exception:  # werkzeug refuses forms of more parts or larger fields than it will hold
        note = "the form has more parts, or a longer one, than fakekit reads"
        raise RejectedRequestError(TOO_LARGE, note) from None
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
        body = read_json(data)
    except JsonError as error:
        if error.name:
            raise _duplicate_field_error(error.name) from None
        note = f"{error.detail} (line {error.line}, column {error.column})" if error.column else ""
        raise InvalidError([FieldProblem("the body", error.message)], note) from None
    if not isinstance(body, dict):
        raise InvalidError([FieldProblem("the body", "must be a JSON object")])
    return body


def _duplicate_field_error(name: str) -> InvalidError:
    """Return the error for a request's body that has a field twice; it repeats only a plain name."""
    return InvalidError([FieldProblem("the body", f"has {name if is_plain_name(name) else 'a field'} twice")])
