"""The field types of the vendor's records, as marshmallow fields that take no liberties.

The JSON type on the wire is part of the contract (``id`` is a number, ``business_code`` a string of
digits), so nothing is coerced: a number where text belongs is refused, and the other way round.
Text formats have no types at all: `plain` reads an unquoted YAML scalar as its field means it.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from marshmallow import fields, missing

from fakekit.contract.provenance import Truth

_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass(frozen=True)
class Form:
    """A rule on a field's text that no page of the vendor states.

    A value that breaks it is a warning in fixture files, and refused only under ``--strict``.

    pattern: what the whole value has to match.
    what: the rest of a sentence about a value that does not: "is not a lower-case UUID".
    """

    pattern: re.Pattern[str]
    what: str

    def matches(self, value: str) -> bool:
        """Return whether the whole value matches the rule."""
        return self.pattern.fullmatch(value) is not None


EMAIL = Form(re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+"), "does not look like an e-mail address")
PHONE = Form(re.compile(r"\+[0-9]{7,15}", re.ASCII), "is not in the international form")
LINK = Form(re.compile(r"(https?://\S+|/\S*|[\w.-]+/\S*)"), "is neither a URL nor a path")
UUID = Form(re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "is not a lower-case UUID")
DIGITS = Form(re.compile(r"[0-9]+", re.ASCII), "is not a string of digits")
SPELLED = Form(re.compile(r"(?s).*\S.*"), "is blank")


if TYPE_CHECKING:
    _Field = fields.Field[Any]
else:
    _Field = fields.Field  # not generic before marshmallow 4


class Contracted(_Field):
    """What each field of a record declares beside its type; mixed into marshmallow's own fields."""

    facets: Mapping[str, Any] = {}
    """What JSON Schema can say of the type beyond its name."""
    lenient_facets: Mapping[str, Any] = {}
    """What it says of the same field in a request."""
    counted = False
    """Whether the vendor's tables type it as an int."""
    lenient = False
    """Whether this is the field of a request: a number may then come as digits in a string."""
    to = ""
    """The resource of the record that the value names, where it names one."""

    def __init__(
        self,
        *inner: Any,
        example: Any,
        truth: Truth,
        note: str = "",
        optional: bool = False,
        default: Any = None,
        form: Form | None = None,
    ) -> None:
        """Declare a field.

        inner: what a list holds; nothing else takes it.
        example: the value of the vendor's sample; errors offer it as what to write.
        truth: where the field comes from.
        note: what it is, in our words; OpenAPI and JSON Schema show it.
        optional: may be null or left out (null is then what it is, assumption ``customer.nulls``).
        default: what a file means that leaves it out, or a function that makes it.
        form: a rule that no page states.
        """
        self.example, self.truth, self.form = example, truth, form
        metadata: dict[str, Any] = {"examples": [example], "x-fakekit-truth": str(truth)}
        metadata.update(self.facets)
        if note:
            metadata["description"] = note
        options: dict[str, Any] = {"required": True}
        if optional:
            options = {"allow_none": True, "load_default": None}
        elif default is not None:
            options = {"load_default": default}
        super().__init__(*inner, **options, metadata=metadata)

    def incoming(self, required: bool, truth: Truth) -> Self:
        """Return a copy of the field for requests, which also reads digits in a string.

        required: whether a request must have it; otherwise it may be null too.
        truth: the provenance of the row in the request's table.
        """
        field = copy.copy(self)
        field.required, field.load_default, field.truth, field.lenient = required, missing, truth, True
        field.allow_none = self.allow_none or not required
        field.metadata = {**self.metadata, "x-fakekit-truth": str(truth), **self.lenient_facets}
        return field

    def target(self, value: Any) -> int | None:
        """Return the id of the record that a value refers to (see `to`); None for null."""
        return value if value is None else int(value)

    def plain(self, text: str) -> Any:
        """Return an unquoted YAML scalar as the value that this field means by it.

        Text by default, so that ``00233`` stays as it is; the type refuses what cannot be meant.
        """
        return text

    def suggest_value(self, value: Any) -> str:
        """Return what to write instead of a refused value, for an error message."""
        return f"something like {self.name}: {self.example}"


class Text(Contracted, fields.String):
    """Any text that UTF-8 can carry."""

    default_error_messages = {
        "required": "is required",
        "null": "may not be null",
        "invalid": "must be text",
        "number": "must be text, in quotes",
        "surrogate": "holds half of a surrogate pair, which is not text",
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        """Check that a value is text that UTF-8 can carry. Called by marshmallow, as in every field."""
        if type(value) is not str:
            number = self.lenient and isinstance(value, int | float) and not isinstance(value, bool)
            raise self.make_error("number" if number else "invalid")
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise self.make_error("surrogate") from None
        return value

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        """Return the value as it is: records are checked when they are made."""
        return value


class Timestamp(Text):
    """``YYYY-MM-DD HH:MM:SS``, zero-padded, without a zone (which the vendor never states)."""

    facets = {"pattern": f"^{_TIMESTAMP.pattern}$"}
    default_error_messages = {
        "invalid": "must be a date and time, YYYY-MM-DD HH:MM:SS",
        "calendar": "is not a date and time of the calendar",
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        """Check the form, and that the calendar has the time."""
        if type(value) is not str or not _TIMESTAMP.fullmatch(value):
            raise self.make_error("invalid")
        try:
            datetime.fromisoformat(value)
        except ValueError:
            raise self.make_error("calendar") from None
        if value[11:13] == "24":  # which some Pythons read as midnight
            raise self.make_error("calendar")
        return value

    def suggest_value(self, value: Any) -> str:
        """Return the same moment in the right form; a date becomes the start of its day."""
        try:
            timestamp = datetime.fromisoformat(value).replace(tzinfo=None, microsecond=0)
        except (TypeError, ValueError):
            return super().suggest_value(value)
        return f"{self.name}: {timestamp}"


class Date(Text):
    """A date as text, ``YYYY-MM-DD``, that is in the calendar."""

    facets = {"pattern": f"^{_DATE.pattern}$", "format": "date"}
    default_error_messages = {
        "invalid": "must be a date, YYYY-MM-DD",
        "calendar": "is not a date of the calendar",
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        """Check the form, and that the calendar has the date."""
        if type(value) is not str or not _DATE.fullmatch(value):
            raise self.make_error("invalid")
        if not _is_date(value):
            raise self.make_error("calendar")
        return value


class Choice(Text):
    """One of a few words, as a page's table lists them, with upper and lower case as printed.

    or_date: whether a date, ``YYYY-MM-DD``, is accepted as well.
    """

    default_error_messages = {"choice": "must be one of {words}"}

    def __init__(self, words: tuple[str, ...], *, or_date: bool = False, **declared: Any) -> None:
        self.words, self.or_date, self.facets = words, or_date, self._facets(words, or_date)
        super().__init__(**declared)

    def incoming(self, required: bool, truth: Truth) -> Self:
        """Return the field for requests; where it is optional, JSON Schema needs null among the words."""
        words = self.words if required else (*self.words, None)
        field = super().incoming(required, truth)
        field.metadata = {**field.metadata, **self._facets(words, self.or_date)}
        return field

    @staticmethod
    def _facets(words: tuple[str | None, ...], or_date: bool) -> dict[str, Any]:
        """Return what JSON Schema says of the words, and of a date where one may stand for them."""
        listed: dict[str, Any] = {"enum": list(words)}
        return {"anyOf": [listed, {"pattern": f"^{_DATE.pattern}$"}]} if or_date else listed

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        """Check that a value is one of the words, or a date where that is accepted."""
        if value not in self.words and not (self.or_date and _is_date(value)):
            raise self.make_error("choice", words=", ".join(self.words))
        return str(value)


def _is_date(value: object) -> bool:
    """Return whether a value is ``YYYY-MM-DD`` and in the calendar."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


class RangeBound(Text):
    """One end of a range in a filter: ``YYYY-MM-DD``, or ``YYYY-MM-DD H:m:s`` with or without zeros.

    end: whether a date alone means the last second of its day, and not its first.

    The value that is read has the form of a `Timestamp`.
    """

    _form = re.compile(rf"{_DATE.pattern}( [0-9]{{1,2}}:[0-9]{{1,2}}:[0-9]{{1,2}})?", re.ASCII)
    facets = {"pattern": f"^{_form.pattern}$"}
    default_error_messages = {
        "invalid": "must be a date, YYYY-MM-DD, or a date and time, YYYY-MM-DD H:m:s",
        "calendar": "is not a date and time of the calendar",
    }

    def __init__(self, *, end: bool = False, **declared: Any) -> None:
        self.end = end
        super().__init__(**declared)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        """Return one end of a range as a timestamp with all its zeros."""
        if type(value) is not str or not self._form.fullmatch(value):
            raise self.make_error("invalid")
        day, _, time = value.partition(" ")
        clock = [int(part) for part in (time or ("23:59:59" if self.end else "0:0:0")).split(":")]
        try:
            return str(datetime(*map(int, day.split("-")), *clock))  # type: ignore[arg-type]
        except ValueError:
            raise self.make_error("calendar") from None
