"""The words in which a finding describes a value: never the value itself.

A `Difference` consists of these types only, so no content of a record can get into a report.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum
from typing import Self

from fakekit.errors import without_secrets


class DifferenceKind(StrEnum):
    """What differs; `Place.path` says where."""

    STATUS = "status"
    HEADER = "header"
    MEDIA_TYPE = "media type"
    CHARSET = "character set"
    BODY = "body"
    UNUSUAL_JSON = "unusual JSON"
    MISSING = "missing field"
    NEW = "new field"
    RENAMED = "renamed field"
    ORDER = "key order"
    TYPE = "type"
    NULL = "null"
    FORMAT = "format"
    WORD = "enumeration"
    TEXT = "text"
    COUNT = "count"
    AVAILABILITY = "availability"


class JsonType(StrEnum):
    """The type of a JSON value (RFC 8259, 3)."""

    NULL = "null"
    BOOLEAN = "true or false"
    NUMBER = "a number"
    STRING = "text"
    ARRAY = "a list"
    OBJECT = "an object"


class ValueFormat(StrEnum):
    """The form of a text or of a number, in classes that say nothing about its content."""

    BLANK = "blank text"
    PADDED = "text with spaces around it"
    DIGITS = "digits in a string"
    AMOUNT = "a decimal of two places in a string"
    DECIMAL = "a decimal in a string"
    DATE = "a date, YYYY-MM-DD"
    TIMESTAMP = "a date and time, YYYY-MM-DD HH:MM:SS"
    ISO_TIME = "a date and time in the form of ISO 8601"
    OTHER_DATE = "a date in another form"
    EMAIL = "an e-mail address"
    PHONE = "a phone number in the international form"
    URL = "a URL"
    UUID = "a UUID"
    COLOUR = "a colour, #RRGGBB"
    CONTRACT_WORD = "a word of the contract"
    TEXT = "other text"
    WHOLE = "a whole number"
    FRACTION = "a number with a fraction"


class Description(StrEnum):
    """What else may stand on either side of a difference."""

    ABSENT = "absent"
    PRESENT = "present"
    OPTIONAL_NULL = "null where there is no value"
    OTHER_TEXT = "another text"
    OTHER_WORD = "another word"
    OTHER_NUMBER = "another number"
    OTHER_ORDER = "another order of keys"
    DOCUMENTED_ORDER = "the order of keys of the page"
    RENDERING = "the fields of one rendering of the page"
    OTHER_RENDERING = "those of the other"
    RECORD_COUNT = "the number of records"
    JSON = "JSON"
    HTML = "HTML"
    TRUNCATED = "JSON that ends early"
    NOT_JSON = "a body that is not JSON"
    NOT_FINITE = "NaN or Infinity, which JSON does not have"
    USUAL_JSON = "JSON that all parsers read alike"
    EQUAL_NAMES = "an object that has a name twice"
    LONG_NUMBER = "a number of thousands of digits"
    HALF_PAIR = "half of a surrogate pair"
    TOO_DEEP = "JSON of more than 512 levels"
    EMPTY = "no body"
    TOO_LONG = "a body of more than 4 MB"
    UTF8 = "UTF-8"
    OTHER_CHARSET = "another character set"
    OTHER_MEDIA_TYPE = "another media type"
    REDIRECT = "a redirect"
    ANSWER = "an answer in time"
    NO_ANSWER = "no answer in time"
    BROKEN = "a connection that broke off"
    UNREACHABLE = "no server at this address"
    NOT_TRUSTED = "a certificate that is not trusted"
    NO_LIMIT = "no rate limit"
    RATE_LIMIT = "a rate limit"


_IDENTIFIER = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+|[A-Z][a-z0-9]*)*", re.ASCII)
_LONGEST_NAME = 40
UNNAMED = "a field"
"""What stands for the name of a field that may be content: a key of an object that is keyed by values."""


class FieldName(str):
    """The name of a field or header in a finding: one of the contract's, or a new one that looks like a name.

    Any other text becomes `UNNAMED`, since it may be content.

    name: the name as it came.
    known: the names of the contract, which are kept whatever they look like.

    >>> FieldName("loyalty_points"), FieldName("Ama Mensah"), FieldName("Ama Mensah", {"Ama Mensah"})
    ('loyalty_points', 'a field', 'Ama Mensah')
    """

    __slots__ = ()

    def __new__(cls, name: str, known: Collection[str] = ()) -> Self:
        """Return the name, or `UNNAMED` in its place."""
        if name in known or name == EACH:
            return super().__new__(cls, name)
        is_name = (
            len(name) <= _LONGEST_NAME
            and _IDENTIFIER.fullmatch(name) is not None
            and sum(map(str.isdigit, name)) < 4
            and without_secrets(name) == name
        )
        return super().__new__(cls, name if is_name else UNNAMED)


EACH = "[]"
"""Stands in a path for each record of a list: ``data.customers[].id``."""


class ContractText(str):
    """A text that the contract itself has, such as a message, an error or a word of a table."""

    __slots__ = ()


class HttpStatus(int):
    """A status of HTTP. Raises ValueError for any other number, which may be content."""

    __slots__ = ()

    def __new__(cls, status: int) -> Self:
        """Return the status."""
        if not 100 <= status <= 599:
            raise ValueError("this is no status of HTTP")
        return super().__new__(cls, status)


Term = JsonType | ValueFormat | Description | FieldName | ContractText | HttpStatus
"""What a side of a difference may say."""


def status_term(status: int) -> Term:
    """Return a status of a response as a term; a number that is no status of HTTP is not named."""
    return HttpStatus(status) if 100 <= status <= 599 else Description.OTHER_NUMBER
