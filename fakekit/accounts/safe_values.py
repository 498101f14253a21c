"""Values that can be shown though no table of the vendor has their field.

Any text may be a password, and any long number a code, so the name of the field has to say what it holds.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from fakekit.errors import nearest_field, without_secrets

_SAFE_NAMES = frozenset(
    (
        "page", "per_page", "page_size", "limit", "offset", "count", "size", "sort", "sort_by", "order",
        "order_by", "direction", "search", "q", "query", "from", "to", "since", "until", "fields",
        "include", "exclude", "expand", "filter", "format", "locale", "currency", "color", "colour",
    )
)  # fmt: skip
"""Names of fields and parameters that other APIs have, for pages, sorting, filters and the like."""
_SECRET_NAME = re.compile(
    r"pass|pwd|pin|otp|secret|token|key|auth|cred|cvv|cvc|card|cod|sign|sess|cookie|user|login|salt|hash|nonce|jwt"
    r"|csrf|xsrf|sid|private|account|bearer|phrase|answer|access",
    re.I,
)
"""What the name of a field has in it whose value is hidden even if it is short."""
_WORD = r"([A-Z]?[a-z]{1,11}|[A-Z]{1,6})"
_SAFE = re.compile(
    rf"-?[0-9]{{1,9}}(\.[0-9]{{1,4}})?|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|{_WORD}( {_WORD}){{0,2}}|"
)
"""A number, a date, or up to three short words."""
_SAFE_ANYWHERE = re.compile(r"-?[0-9]{1,5}(\.[0-9]{1,4})?|(?i:true|false)|")
"""A number that is shorter than a one-time code, or a boolean."""


def is_safe_value(name: str, value: object, known: Collection[str]) -> bool:
    """Return whether the value of a field that no table has can be shown, by its name and its form.

    Numbers of up to 9 digits, dates and up to three short words can in a misspelt field and in a usual
    parameter (`page`, `sort`); in any other only numbers of up to 5 digits, booleans and null. In one named
    like a credential none can.

    name: has been found to be one that can be shown itself.
    known: the names of the fields or parameters that the tables have.

    >>> is_safe_value("page", "20", []), is_safe_value("senha", "gato", []), is_safe_value("pin", "1", [])
    (True, False, False)
    """
    if _SECRET_NAME.search(name):
        return False
    if value is None:
        return True
    if not isinstance(value, str | int | float):
        return False
    text = str(value)
    if _SAFE_ANYWHERE.fullmatch(text):
        return True
    # The name is looked at last: to find the nearest field takes longer than all the rest.
    return _fits(text) and (name in _SAFE_NAMES or nearest_field(name, known) is not None)


def _fits(text: str) -> bool:
    """Return whether text has the form of a harmless value, and not that of a credential (`Bearer x`)."""
    return _SAFE.fullmatch(text) is not None and without_secrets(text) == text
