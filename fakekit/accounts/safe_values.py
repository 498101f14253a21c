"""The values that the journal shows of fields and parameters that no table of the vendor has.

Any text may be a password, and any whole number a PIN, the code of a card or one that was sent to a phone:
three digits are enough. So it depends on the name what is shown:

- one that has the name of a credential in it (``pin``, ``api_key``): nothing;
- a misspelt field of the API's, or a name that says what other APIs have under it (``page``, ``quantity``):
  numbers of up to 9 digits, dates, up to three short words;
- any other: true, false and null, nothing at all, numbers of one or two digits or with a decimal point.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from fakekit.contract.similar_names import nearest_field
from fakekit.errors import without_secrets

_SAFE_NAMES = frozenset(
    (
        "page", "per_page", "page_size", "limit", "offset", "count", "size", "sort", "sort_by", "order",
        "order_by", "direction", "search", "q", "query", "from", "to", "since", "until", "fields",
        "include", "exclude", "expand", "filter", "format", "locale", "currency", "color", "colour",
        "amount", "price", "total", "quantity", "qty", "discount", "status", "category", "year", "month",
        "day",
    )
)  # fmt: skip
"""Names of fields and parameters that other APIs have, and under which no credential is sent."""
_HIDDEN_NAME = (
    r"(?i)pass|pwd|pin|otp|secret|token|key|auth|cred|cvv|cvc|card|cod|sign|sess|cookie|user|login|salt|hash|nonce|jwt"
    r"|csrf|xsrf|sid|private|account|bearer|phrase|answer|access"
)
"""What the name of a field has in it whose value is hidden even if it is short."""
_WORD = r"([A-Z]?[a-z]{1,11}|[A-Z]{1,6})"
_SAFE = rf"-?[0-9]{{1,9}}(\.[0-9]{{1,4}})?|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|{_WORD}( {_WORD}){{0,2}}|"
"""A number, a date, or up to three short words."""
_SAFE_ANYWHERE = r"-?[0-9]{1,2}|-?[0-9]{1,5}\.[0-9]{1,4}|(?i:true|false)|"
"""A number that is no code, since it is shorter or has a decimal point; a boolean."""


def is_safe_value(name: str, value: object, known: Collection[str]) -> bool:
    """Return whether the value of a field that no table has can be shown, by the rule of this module.

    name: has been found to be one that can be shown itself.
    known: the names of the fields or parameters that the tables have.

    >>> is_safe_value("page", "2000", []), is_safe_value("senha", "2000", []), is_safe_value("pin", "1", [])
    (True, False, False)
    """
    if re.search(_HIDDEN_NAME, name):
        return False
    if value is None:
        return True
    if not isinstance(value, str | int | float):
        return False
    text = str(value)
    if re.fullmatch(_SAFE_ANYWHERE, text):
        return True
    if re.fullmatch(_SAFE, text) is None or without_secrets(text) != text:  # as of `Bearer x`
        return False
    # The name is looked at last: to find the nearest field takes longer than all the rest.
    return name in _SAFE_NAMES or nearest_field(name, known) is not None
