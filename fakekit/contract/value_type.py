"""The types of values that users set: in an option, a fault, or a control request.

Imports no marshmallow, which takes 50 ms: `fakekit wait` and most pytest runs read settings without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple


class ValueType(NamedTuple):
    """The type of a value that a user sets.

    parse: returns the value, from text or from an object of Python, JSON or TOML; raises ValueError, or a
        `FakekitError` that says more than `expected`.
    expected: the rest of an error's sentence "must be ...": ``true or false``.
    schema: the JSON Schema keywords for its values; empty for a type that only options have.
    name: the placeholder in ``--help``, ``INTEGER``; empty for a type that no option has.
    can_be_url: whether a value can contain a URL. If not, a variable with a URL is one of Kubernetes.
    convert: called with what `parse` returns and where it was set; returns the final value. Raises
        `SettingsError`, which says more than `expected`. By default the value is final.
    """

    parse: Callable[[object], object]
    expected: str
    schema: Mapping[str, object] = MappingProxyType({})
    name: str = ""
    can_be_url: bool = True
    convert: Callable[[Any, str], Any] = lambda value, source: value


def whole_number(minimum: int, maximum: int) -> ValueType:
    """Return the type of whole numbers from `minimum` to `maximum`.

    Its `parse` takes an int or its digits as text, and raises ValueError for anything else.
    """

    def parse(value: object) -> int:
        if (
            isinstance(value, str)
            and value.isascii()
            and value.strip().lstrip("-").isdecimal()
            and len(value) < 30  # int() raises another error for thousands of digits
        ):
            value = int(value)
        if type(value) is not int or not minimum <= value <= maximum:
            raise ValueError
        return value

    expected = f"a whole number from {minimum:,} to {maximum:,}"
    schema = {"type": "integer", "minimum": minimum, "maximum": maximum}
    return ValueType(parse, expected, schema, "INTEGER", can_be_url=False)


def choice(*words: str | int, renamed: Mapping[str, str] = MappingProxyType({})) -> ValueType:
    """Return the type of a value that is one of these words or numbers; a number may be text too.

    renamed: words of earlier versions, which are still accepted, and the word that each stands for now.

    Its `parse` raises ValueError for any other value.
    """

    def parse(value: object) -> str | int:
        value = renamed.get(value, value) if isinstance(value, str) else value
        for word in words:
            if type(value) in (str, int) and str(value) == str(word):
                return word
        raise ValueError

    names = [str(word) for word in words]
    expected = f"one of {', '.join(names)}"
    return ValueType(parse, expected, {"enum": list(words)}, "|".join(names), can_be_url=False)


def matching_text(
    pattern: str, expected: str, schema: Mapping[str, object] = MappingProxyType({})
) -> ValueType:
    """Return the type of texts that match a regular expression from their first to their last character.

    expected: the rest of an error's sentence "must be ...".
    schema: JSON Schema keywords beside the type.

    Its `parse` returns the text unchanged, and raises ValueError for anything else.
    """

    def parse(value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
            raise ValueError
        return value

    return ValueType(parse, expected, {"type": "string", **schema}, "TEXT")
