"""Values that can be shown though no table of the vendor has their field: no credential looks like them."""

from __future__ import annotations

import re

from fakekit.errors import without_secrets

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
"""A number, a date, or up to three short words: no credential has this form, or so few possible values."""


def is_safe_value(name: str, value: object) -> bool:
    """Return whether the value of a field that no table has can be shown, by its name and its form.

    Numbers of up to 9 digits, dates, up to three short words, booleans and null can, unless the name is like
    that of a credential.

    name: has been found to be one that can be shown itself.

    >>> is_safe_value("per_page", "20"), is_safe_value("color", "red"), is_safe_value("pin", "1234")
    (True, True, False)
    """
    if _SECRET_NAME.search(name):
        return False
    return value is None or (isinstance(value, str | int | float) and _fits(str(value)))


def _fits(text: str) -> bool:
    """Return whether text has the form of a harmless value, and not that of a credential (`Bearer x`)."""
    return _SAFE.fullmatch(text) is not None and without_secrets(text) == text
