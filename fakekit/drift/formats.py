"""The type of a JSON value, and the class of its form."""

from __future__ import annotations

import re
from datetime import datetime

from fakekit.contract.form import EMAIL, PHONE, UUID
from fakekit.drift.terms import JsonType, ValueFormat

_TYPES: dict[type, JsonType] = {
    type(None): JsonType.NULL,
    bool: JsonType.BOOLEAN,
    int: JsonType.NUMBER,
    float: JsonType.NUMBER,
    str: JsonType.STRING,
    list: JsonType.ARRAY,
    dict: JsonType.OBJECT,
}


def type_of(value: object) -> JsonType:
    """Return the type of a parsed JSON value."""
    return _TYPES[type(value)]


_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}"
_PATTERNS = (
    (ValueFormat.DATE, re.compile(_DATE, re.ASCII)),
    (ValueFormat.TIMESTAMP, re.compile(f"{_DATE} {_TIME}", re.ASCII)),
    (ValueFormat.ISO_TIME, re.compile(rf"{_DATE}T{_TIME}(\.[0-9]+)?(Z|[+-][0-9:]{{4,6}})?", re.ASCII)),
    (ValueFormat.OTHER_DATE, re.compile(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}([ T].*)?", re.ASCII)),
    (ValueFormat.DIGITS, re.compile(r"[0-9]+", re.ASCII)),
    (ValueFormat.AMOUNT, re.compile(r"-?[0-9]+\.[0-9]{2}", re.ASCII)),
    (ValueFormat.DECIMAL, re.compile(r"-?[0-9][0-9,]*(\.[0-9]+)?", re.ASCII)),
    (ValueFormat.PHONE, PHONE.pattern),
    (ValueFormat.EMAIL, EMAIL.pattern),
    (ValueFormat.UUID, UUID.pattern),
    (ValueFormat.COLOUR, re.compile("#[0-9A-Fa-f]{6}", re.ASCII)),
    (ValueFormat.URL, re.compile(r"[a-z]+://\S+")),
)
_CALENDAR = (ValueFormat.DATE, ValueFormat.TIMESTAMP)


def format_of(value: str | float) -> ValueFormat:
    """Return the class of the form of a text or a number; the first that fits.

    >>> format_of("200.00").value, format_of(" 7").value, format_of("2024-13-01").value
    ('a decimal of two places in a string', 'text with spaces around it', 'a date in another form')
    """
    if not isinstance(value, str):
        return ValueFormat.WHOLE if isinstance(value, int) else ValueFormat.FRACTION
    if not value.strip():
        return ValueFormat.BLANK
    if is_padded(value):
        return ValueFormat.PADDED
    for name, pattern in _PATTERNS:
        if pattern.fullmatch(value) and (name not in _CALENDAR or _is_in_calendar(value)):
            return name
    return ValueFormat.TEXT


def is_padded(text: str) -> bool:
    """Return whether a text has spaces at its start or end."""
    return text != text.strip()


def _is_in_calendar(text: str) -> bool:
    """Return whether a text in the form of a date, or of a date and time, is one of the calendar."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
