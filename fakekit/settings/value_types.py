"""The types of settings: how a value is read, wherever it was said, and what is expected of it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from json import dumps, loads
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ValueType:
    """A type of setting.

    name: as ``--help`` shows it.
    parse: returns the value, from text or from an object of Python or TOML; raises ValueError.
    expected: what a value must be, worded for an error message.
    holds_urls: whether a value may have a URL in it.
    """

    name: str
    parse: Callable[[Any], Any]
    expected: str
    holds_urls: bool = True


def whole_number(low: int, high: int) -> ValueType:
    """Return the type of whole numbers from `low` to `high`; its `parse` raises ValueError for others."""

    def parse(value: Any) -> int:
        if (
            isinstance(value, str)
            and value.isascii()
            and value.strip().lstrip("-").isdecimal()
            and len(value) < 30
        ):
            value = int(value)
        if type(value) is not int or not low <= value <= high:
            raise ValueError
        return value

    return ValueType("INTEGER", parse, f"a whole number from {low:,} to {high:,}", holds_urls=False)


def choice(*words: str) -> ValueType:
    """Return the type of values that are one of these words; its `parse` raises ValueError for others."""

    def parse(value: Any) -> str:
        if value not in words:
            raise ValueError
        return str(value)

    return ValueType("|".join(words), parse, " or ".join(words), holds_urls=False)


def _text(value: Any) -> str:
    """Return text without white space around it. Raises ValueError for blank text and other types."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value.strip()


_WORDS = {"1": True, "true": True, "yes": True, "on": True}
_WORDS |= {"0": False, "false": False, "no": False, "off": False}


def _flag(value: Any) -> bool:
    """Return a boolean, also of the words that the environment has for one. Raises ValueError."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in _WORDS:
        return _WORDS[value.strip().lower()]
    raise ValueError


def _path(value: Any) -> Path:
    return Path(value) if isinstance(value, Path) else Path(_text(value))


def _paths(value: Any) -> tuple[Path, ...]:
    """Return paths, of one, a list, or text with the system's path separator between them."""
    if isinstance(value, str):
        value = [part for part in value.split(os.pathsep) if part.strip()]
    if isinstance(value, Path):
        value = [value]
    if not isinstance(value, list | tuple):
        raise ValueError
    return tuple(_path(part) for part in value)


def _pairs(value: Any) -> tuple[tuple[str, Any], ...]:
    """Return pairs of name and value, of ``name=value`` with commas between, a list of it, or a mapping."""
    if isinstance(value, Mapping):
        return tuple(_flat(value))
    parts = [value] if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        raise ValueError
    return tuple(pair for part in parts for pair in ([part] if isinstance(part, tuple) else _split(part)))


_NEXT = re.compile(r",(?=\s*[a-z_]+(?:\.[a-z_]+)+\s*=)")  # a comma in a value is one of the value's


def _split(part: Any) -> Iterator[tuple[str, str]]:
    """Yield the pairs of a text, name and value. Raises ValueError for a part without ``=``."""
    for pair in _NEXT.split(part) if isinstance(part, str) else [""]:
        name, separator, value = pair.partition("=")
        if pair.strip() and (not separator or not name.strip()):
            raise ValueError
        if pair.strip():
            yield name.strip(), value.strip()
    if not isinstance(part, str):
        raise ValueError


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the names and values of a table with dotted names.

    TOML reads ``missing.status = 400`` without quotes as a table in a table.
    """
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _faults(value: Any) -> tuple[str, ...]:
    """Return faults as text, of one text with ``~`` between them, a list, or JSON.

    What they say is checked where they are used.
    """
    if isinstance(value, str):
        text = _text(value)
        value = loads(text) if text[0] == "[" else [text] if text[0] == "{" else text.split("~")
    parts = [value] if isinstance(value, Mapping) else value
    if not isinstance(parts, list | tuple):
        raise ValueError
    try:
        return tuple(dumps(part) if isinstance(part, Mapping) else _text(part) for part in parts)
    except TypeError:  # a date of TOML's
        raise ValueError from None


TEXT = ValueType("TEXT", _text, "some text")
HOST = ValueType("TEXT", _text, "some text", holds_urls=False)
FLAG = ValueType("FLAG", _flag, "true or false", holds_urls=False)
PATH = ValueType("PATH", _path, "a path")
PAIRS = ValueType("NAME=VALUE", _pairs, "NAME=VALUE (several with commas between them)")
FAULTS = ValueType("FAULT", _faults, "a fault, such as fail=503,times=2 (several with ~ between them)")
FAULT_KINDS = (
    *("fail", "respond", "slow", "reset", "close", "truncate"),
    *("trickle", "garbage", "content-type", "drop", "null", "mistype"),
)
"""The kinds of `fakekit.faults.registry`, whose import few commands need; a test compares them."""
PATHS = ValueType("PATH", _paths, f"one or more paths (in a variable with {os.pathsep!r} between them)")
