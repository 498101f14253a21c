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
    OTHER_NAME = "another name, which may be content"
    OTHER_TEXT = "another text"
    OTHER_WORD = "another word"
    OTHER_NUMBER = "another number"
    OTHER_ORDER = "another order of keys"
    DOCUMENTED_ORDER = "the order of keys of the page"
    RENDERING = "the fields of one rendering of the page"
    OTHER_RENDERING = "those of the other"
    RECORD_COUNT = "the number of records"
    JSON = "JSON"
    OTHER_JSON = "JSON without the list"
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


_FIELD_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+|[A-Z][a-z0-9]*)*", re.ASCII)
_WORD = re.compile("[A-Z]?[a-z]+|[A-Z]|[0-9]+", re.ASCII)
_LONGEST_NAME = 40


def is_field_name(name: str) -> bool:
    """Return whether a text has the form of a field's name: snake_case or camelCase, one digit at most.

    >>> [is_field_name(name) for name in ("loyaltyPoints", "address_2", "Ama", "ama@example.com", "c042")]
    [True, True, False, False, False]
    """
    return (
        len(name) <= _LONGEST_NAME
        and _FIELD_NAME.fullmatch(name) is not None
        and sum(map(str.isdigit, name)) < 2
        and without_secrets(name) == name
    )


def split_words(name: str) -> list[str]:
    """Return the words and numbers of which a name consists, in lower case.

    >>> split_words("loyaltyPoints"), split_words("item-categories_2")
    (['loyalty', 'points'], ['item', 'categories', '2'])
    """
    return [word.lower() for word in _WORD.findall(name)]


class FieldName(str):
    """The name of a field or header in a finding: one of the contract's, or a new one.

    Whether a new one may be content, `fakekit.drift.new_names` says before. Raises ValueError for what does
    not even have the form of a name.

    name: the name as it came.
    known: the names of the contract, which may have any form.

    >>> FieldName("loyalty_points"), FieldName("Ama Mensah", {"Ama Mensah"})
    ('loyalty_points', 'Ama Mensah')
    """

    __slots__ = ()

    def __new__(cls, name: str, known: Collection[str] = ()) -> Self:
        """Return the name."""
        if name not in known and name != EACH and not is_field_name(name):
            raise ValueError("this is no name of a field")
        return super().__new__(cls, name)


class UnprintedNames(str):
    """How many new fields an object has whose names are not printed; more than 4 are not counted.

    >>> UnprintedNames(1), UnprintedNames(50)
    ('1 new field whose name may be content', 'more than 4 new fields whose names may be content')
    """

    __slots__ = ()

    def __new__(cls, count: int) -> Self:
        """Return the text for so many fields."""
        if count == 1:
            return super().__new__(cls, "1 new field whose name may be content")
        number = f"more than {_MOST_COUNTED}" if count > _MOST_COUNTED else f"{count}"
        return super().__new__(cls, f"{number} new fields whose names may be content")


_MOST_COUNTED = 4
"""An object that is keyed by content has another number of keys in each run: that is no other finding."""


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


Term = JsonType | ValueFormat | Description | FieldName | UnprintedNames | ContractText | HttpStatus
"""What a side of a difference may say."""


def status_term(status: int) -> Term:
    """Return a status of a response as a term; a number that is no status of HTTP is not named."""
    return HttpStatus(status) if 100 <= status <= 599 else Description.OTHER_NUMBER
