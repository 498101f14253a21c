"""The one reader of JSON that others wrote: requests, fixture files and faults, all equally strict.

Python's `json` alone keeps the last of two equal names, reads NaN, accepts half of a surrogate pair, and
nests as deep as the stack of the thread allows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from json import JSONDecodeError, loads
from typing import NoReturn

MAX_DEPTH = 512
"""The deepest nesting of lists and objects that is accepted, on any thread: its stack has room for 1,000."""

ESCAPE = re.compile(r"\\[^u]|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F]|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})")
"""Each escape of JSON. The group is half of a surrogate pair, which no UTF-8 can hold (RFC 8259, 8.2)."""
NOT_UTF8 = "is not UTF-8"
"""The message of `JsonError` for bytes that are not text in UTF-8."""
NOTHING: object = ...
"""In the place of a JSON value: there is none, since None is JSON's null."""
TOO_DEEP = "is nested too deeply"
BAD_NUMBER = "has a number that JSON does not allow"
"""The message of `JsonError` for NaN and Infinity, and for a number with the detail `LONG_NUMBER`."""
LONG_NUMBER = "it has thousands of digits"


class JsonError(ValueError):
    """Text that is not JSON, or JSON that no two parsers read alike. No attribute but `name` repeats it.

    message: the rest of a sentence about the text: "is not JSON".
    detail: what the parser says; empty where `message` says it all.
    line, column: where the error is, both from 1; 0 as the column where only the line is known.
    name: the name that an object has twice; else empty.
    """

    def __init__(
        self, message: str, detail: str = "", line: int = 1, column: int = 0, name: str = ""
    ) -> None:
        self.message, self.detail, self.line, self.column, self.name = message, detail, line, column, name
        super().__init__(message)


def make_unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return the names and values of a JSON object as a dict; the default `make_object` of `read_json`.

    Raises `JsonError` for a name that occurs twice.
    """
    values = dict(pairs)
    if len(values) < len(pairs):
        raise JsonError("has a name twice", name=Counter(name for name, _ in pairs).most_common(1)[0][0])
    return values


def read_json(
    text: str | bytes,
    make_object: Callable[[list[tuple[str, object]]], object] = make_unique,
    max_depth: int | None = MAX_DEPTH,
) -> object:
    """Return the value of a JSON text (RFC 8259), or raise `JsonError`, a ValueError.

    >>> read_json(b'{"id": 1, "id": 2}')
    Traceback (most recent call last):
    fakekit.contract.strict_json.JsonError: has a name twice

    text: bytes are decoded from UTF-8; a byte order mark in front is ignored (8.1).
    make_object: takes the pairs of an object, inner objects first, and returns what stands for it.
    max_depth: the deepest nesting that is accepted; None for as deep as the stack allows.
    """
    try:
        text = text if isinstance(text, str) else text.decode("utf-8-sig")
        value = loads(text, object_pairs_hook=make_object, parse_constant=_reject_constant)
    except JsonError:
        raise
    except UnicodeDecodeError:
        raise JsonError(NOT_UTF8) from None
    except RecursionError:
        raise JsonError(TOO_DEEP) from None
    except JSONDecodeError as error:
        raise JsonError("is not JSON", error.msg, error.lineno, error.colno) from None
    except ValueError:  # more digits than int() accepts (sys.set_int_max_str_digits)
        raise JsonError(BAD_NUMBER, LONG_NUMBER) from None
    if "\\u" in text and (match := next((m for m in ESCAPE.finditer(text) if m[1]), None)):
        raise JsonError("holds half of a surrogate pair", line=text.count("\n", 0, match.start()) + 1)
    if max_depth and text.count("[") + text.count("{") > max_depth and is_too_deep(value, max_depth):
        raise JsonError(TOO_DEEP)
    return value


def _reject_constant(name: str) -> NoReturn:
    """Raise `JsonError` for NaN or Infinity, which `json.loads` would accept (RFC 8259, 6)."""
    raise JsonError(BAD_NUMBER, f"{name} is not a JSON value")


def is_too_deep(value: object, depth: int) -> bool:
    """Return whether lists and objects of a JSON value are nested in more than so many levels."""
    level = [value]
    for _ in range(depth):
        inner = [v.values() if isinstance(v, dict) else v for v in level if isinstance(v, list | dict)]
        level = [item for items in inner for item in items]
    return any(isinstance(item, list | dict) for item in level)
