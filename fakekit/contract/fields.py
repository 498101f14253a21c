"""The field types of the vendor's records, as strict marshmallow fields.

The JSON type is part of the contract (``id`` is a number, ``business_code`` text of digits), so nothing is
converted. An unquoted YAML scalar, `PlainText`, has no type: `RecordField.from_plain` gives it its field's.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from marshmallow import fields

from fakekit.contract.record_field import RecordField
from fakekit.errors import Cure

_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}", re.ASCII)


class Text(RecordField, fields.String):
    """Any text that UTF-8 can carry."""

    default_error_messages = {
        "invalid": "must be text",
        "number": "must be text, in quotes",
        "surrogate": "holds half of a surrogate pair, which is not text",
    }

    def _deserialize(self, value: object, *args: object, **kwargs: object) -> str:
        """Return the value if it is text that UTF-8 can carry; marshmallow calls this to load a field.

        Raises marshmallow's ValidationError for other types and for half of a surrogate pair.
        """
        if type(value) is not str:
            number = self.in_request and isinstance(value, int | float) and not isinstance(value, bool)
            raise self.make_error("number" if number else "invalid")
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise self.make_error("surrogate") from None
        return value


class Date(Text):
    """A date as text, ``YYYY-MM-DD``, that is in the calendar."""

    written = _DATE
    """The form of its text."""
    facets = {"pattern": f"^{_DATE.pattern}$", "format": "date"}
    default_error_messages = {
        "invalid": "must be a date, YYYY-MM-DD",
        "calendar": "is not a date of the calendar",
    }

    def _deserialize(self, value: object, *args: object, **kwargs: object) -> str:
        """Return the value if it is text of the form `written` and in the calendar.

        marshmallow calls this to load a field. Raises ValidationError for anything else.
        """
        if type(value) is not str or not self.written.fullmatch(value):
            raise self.make_error("invalid")
        if not _is_in_calendar(value):
            raise self.make_error("calendar")
        return value


class Timestamp(Date):
    """``YYYY-MM-DD HH:MM:SS``, zero-padded, without a zone (which the vendor never states)."""

    written = _TIMESTAMP
    facets = {"pattern": f"^{_TIMESTAMP.pattern}$"}
    default_error_messages = {
        "invalid": "must be a date and time, YYYY-MM-DD HH:MM:SS",
        "calendar": "is not a date and time of the calendar",
    }

    def suggest_value(self, value: Any) -> Cure | str:
        """Suggest the same moment in the right form (of a date, the start of its day).

        For a value that is no ISO 8601 time, suggest the field's example.
        """
        try:
            timestamp = datetime.fromisoformat(value).replace(tzinfo=None, microsecond=0)
        except (TypeError, ValueError):
            return super().suggest_value(value)
        return Cure.value(str(self.name), str(timestamp))


_WORD_NOTES = {"None": '"None" (the text)'}
"""Words of a choice that look like something else in a message."""


class Colour(Text):
    """A colour as Add Sale documents it: ``#FFFFFF``, six hexadecimal digits."""

    facets = {"pattern": f"^{_COLOUR.pattern}$"}
    default_error_messages = {"colour": 'must be a colour, such as "#FFFFFF"'}

    def _deserialize(self, value: object, *args: object, **kwargs: object) -> str:
        """Return the value if it is a colour; marshmallow calls this to load a field.

        Raises ValidationError for anything else.
        """
        if type(value) is not str or not _COLOUR.fullmatch(value):
            raise self.make_error("colour")
        return value


class Choice(Text):
    """One of a few words that a table of the vendor lists.

    words: the words, in upper and lower case as printed.
    or_date: whether a date, ``YYYY-MM-DD``, is accepted as well; off by default.
    """

    default_error_messages = {
        "choice": "must be one of {words}",
        "calendar": "is not a date of the calendar",
    }

    def __init__(self, words: tuple[str, ...], *, or_date: bool = False, **declared: Any) -> None:
        self.words, self.or_date = words, or_date
        schema = {"type": "string", "enum": list(words)}
        self.facets = {} if or_date else schema
        self.request_schemas = (schema, {"type": "string", **Date.facets}) if or_date else ()
        super().__init__(**declared)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        """Return the value if it is one of the words or, with `or_date`, a date.

        marshmallow calls this to load a field. Raises ValidationError for anything else.
        """
        is_date = self.or_date and isinstance(value, str) and _DATE.fullmatch(value)
        if is_date and not _is_in_calendar(value):
            raise self.make_error("calendar")
        if value not in self.words and not is_date:
            raise self.make_error(
                "choice", words=", ".join(_WORD_NOTES.get(word, word) for word in self.words)
            )
        return str(value)


def _is_in_calendar(text: str) -> bool:
    """Return whether text of the form of a date, or of a date and time, is one of the calendar."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return text[11:13] != "24"  # some Python versions read 24:00:00 as midnight


class RangeBound(Text):
    """One end of a date range in a filter: ``YYYY-MM-DD``, or ``YYYY-MM-DD H:m:s``, zero-padded or not.

    The loaded value has the form of a `Timestamp`, or of a `Date` where no time was given.
    """

    _pattern = re.compile(rf"{_DATE.pattern}( [0-9]{{1,2}}:[0-9]{{1,2}}:[0-9]{{1,2}})?", re.ASCII)
    facets = {"pattern": f"^{_pattern.pattern}$"}
    default_error_messages = {
        "invalid": "must be a date, YYYY-MM-DD, or a date and time, YYYY-MM-DD H:m:s",
        "calendar": "is not a date and time of the calendar",
    }

    def _deserialize(self, value: object, *args: object, **kwargs: object) -> str:
        """Return the start or end of a range, its time zero-padded: ``2024-08-04 08:23:45``.

        marshmallow calls this to load a field. Raises ValidationError for another form, and for a time that
        is not in the calendar.
        """
        if type(value) is not str or not self._pattern.fullmatch(value):
            raise self.make_error("invalid")
        parts = [int(part) for part in re.split("[- :]", value)]
        try:
            text = str(datetime(*parts))  # type: ignore[arg-type]
        except ValueError:
            raise self.make_error("calendar") from None
        return text if len(parts) > 3 else value
