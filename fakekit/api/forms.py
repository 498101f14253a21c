"""Parse a query or a form of a request to the vendor's API. No message repeats what came."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import parse_qsl, unquote_plus

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder

from fakekit.api.request_errors import RejectedRequestError, duplicate_field_error, not_utf8_error
from fakekit.contract.refusals import MALFORMED_QUERY, TOO_LARGE
from fakekit.contract.schema import FieldProblem

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
MAX_PARTS = 1000
"""How many parts a multipart form may have."""

_UNDECODED = re.compile("[\udc80-\udcff]")
"""What `parse_qsl` makes of percent-encoded bytes that are not UTF-8 (PEP 383)."""
_CHARSETS = {"us-ascii": "ascii", "ascii": "ascii", "iso-8859-1": "latin-1"}
"""The charsets beside UTF-8 that a part of a multipart form may name for its text (RFC 7578, 4.5)."""


def read_form(content_type: str, data: bytes) -> tuple[Mapping[str, object], str]:
    """Return the fields of a form, and a note ("" for none) on what was unusual about it.

    content_type: the value of the header, which says which kind of form it is and, for a multipart one, what
        separates its parts.
    data: the body's bytes.

    Raises `RejectedRequestError` for a form of too many parts, `InvalidError` for a field that came twice
    and for bytes that are not UTF-8.
    """
    is_multipart = content_type.lower().lstrip().startswith(MULTIPART)
    try:
        pairs = (
            list(_read_parts(content_type, data))
            if is_multipart
            else parse_qsl(data.decode(), keep_blank_values=True, errors="strict")
        )
    except UnicodeDecodeError:
        raise not_utf8_error() from None
    except RequestEntityTooLarge:
        note = f"the form has more than the {MAX_PARTS:,} parts that fakekit reads"
        raise RejectedRequestError(TOO_LARGE, note) from None
    except ValueError:  # a multipart form that does not end, or has a part without a name
        pairs = []
    form: dict[str, str] = {}
    for name, value in pairs:
        if value is not None and name in form:
            raise duplicate_field_error(name)
        if value is not None:
            form[name] = value
    return form, _note(data, has_fields=bool(form), has_files=len(form) < len(pairs))


def _note(data: bytes, has_fields: bool, has_files: bool) -> str:
    """Return the `Fakekit-Note` on what was unusual about a form; empty when nothing was.

    data: the body as it came.
    has_fields, has_files: whether a field, or a file, was found in it.
    """
    note_parts = []
    if data.lstrip()[:1] == b"{":
        note_parts.append("the body looks like JSON but came as a form; send Content-Type: application/json")
    elif not has_fields and not has_files:
        note_parts.append("nothing could be read of the form")
    if has_files:
        note_parts.append("files in a form are not read")
    return "; ".join(note_parts)


def _read_parts(content_type: str, data: bytes) -> Iterator[tuple[str, str | None]]:
    """Yield name and text of each part of a multipart form; the text of a file is None.

    Raises UnicodeDecodeError for what is not UTF-8, nor in the charset that its part names;
    RequestEntityTooLarge for more than `MAX_PARTS`; ValueError for a form that cannot be read to its end.
    """
    boundary = parse_options_header(content_type)[1].get("boundary", "")
    if not boundary:
        raise ValueError
    decoder = MultipartDecoder(boundary.encode(), max_parts=MAX_PARTS)
    decoder.receive_data(data)
    decoder.receive_data(None)
    name, charset, text = "", "", bytearray()
    while not isinstance(event := decoder.next_event(), Epilogue):
        if isinstance(event, Field | File):
            name, charset, text = event.name or "", _charset(event), bytearray()
        elif isinstance(event, Data):
            text += event.data
            if not event.more_data:
                yield name, text.decode(charset) if charset else None


def _charset(part: Field | File) -> str:
    """Return how the text of a part of a form is encoded: UTF-8 unless it says otherwise; "" for a file."""
    if isinstance(part, File):
        return ""
    named = parse_options_header(part.headers.get("content-type", ""))[1].get("charset", "")
    return _CHARSETS.get(named.lower(), "utf-8")


_BRACKETS = r"([a-z_-]{1,40})\[([0-9]{1,3})\]\[([a-z_]{1,40})\]"


def read_nested_fields(fields: Mapping[str, object]) -> dict[str, object]:
    """Return the fields of a form with bracketed names as lists of objects, as JSON nests them.

    ``sales-item[0][item_name]`` is how PHP and browsers write it; rows are ordered by their number. Other
    fields stay as they are.
    """
    fields_by_name: dict[str, object] = {}
    rows_by_name: dict[str, dict[int, dict[str, object]]] = {}
    for name, value in fields.items():
        match = re.fullmatch(_BRACKETS, name)
        if match:
            rows_by_name.setdefault(match[1], {}).setdefault(int(match[2]), {})[match[3]] = value
        else:
            fields_by_name[name] = value
    return fields_by_name | {name: [rows[n] for n in sorted(rows)] for name, rows in rows_by_name.items()}


def read_arguments(
    query_string: bytes, filters: Collection[str]
) -> tuple[dict[str, str], list[FieldProblem], str]:
    """Return the parameters of a query, the problems of those that are filters, and a note on them.

    Of a parameter that is given twice the first counts. Without problems, list and note are empty.

    filters: the names of the parameters that the endpoint reads.

    Raises `RejectedRequestError` for bytes that a URL cannot have.
    """
    if not query_string:
        return {}, [], ""
    try:
        pairs = parse_qsl(query_string.decode(), keep_blank_values=True, errors="surrogateescape")
    except UnicodeDecodeError:  # neither percent-encoded nor UTF-8
        raise RejectedRequestError(MALFORMED_QUERY) from None
    duplicates = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    invalid = [name for name, value in pairs if name in filters and _UNDECODED.search(value)]
    errors = [not_utf8_error(name) for name in dict.fromkeys(invalid)]
    problems = [FieldProblem(name, "is given twice") for name in duplicates if name in filters]
    problems += [problem for error in errors for problem in error.problems]
    arguments: dict[str, str] = {}
    for name, value in pairs:
        if name not in invalid:
            arguments.setdefault(name, value)
    return arguments, problems, errors[0].note if errors else ""


def safe_names(names: list[str], text: bytes) -> list[str]:
    """Return names of query parameters, with ``...`` for each that came without a value: it may be a key.

    text: the query string as it arrived.
    """
    parts = (part.partition("=") for part in text.decode().split("&"))
    with_value = {unquote_plus(name, errors="surrogateescape") for name, separator, _ in parts if separator}
    return [name if name in with_value else "..." for name in names]
