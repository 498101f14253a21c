"""Split the query of a request to the vendor's API into its parameters. No message repeats a value."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from urllib.parse import parse_qsl, unquote_plus

from fakekit.api.request_errors import RejectedRequestError, not_utf8_error
from fakekit.contract.refusals import MALFORMED_QUERY
from fakekit.contract.schema import FieldProblem

_UNDECODED = re.compile("[\udc80-\udcff]")
"""What `parse_qsl` makes of percent-encoded bytes that are not UTF-8 (PEP 383)."""


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
