"""Searching for a text in what is recorded or stored, as the filters ``text`` and ``search`` do."""

from __future__ import annotations

from collections.abc import Mapping

LARGEST_ID = 10**18
SEARCHED_IDS = 5_000
"""How many ids one page of a search looks at. They take up to half a second of a thread of the server."""


def last_searched_id(first: int) -> int:
    """Return the last id that a page of a search looks at, which begins with the id `first`."""
    return min(LARGEST_ID, first + SEARCHED_IDS - 1)


def contains_text(value: object, text: str) -> bool:
    """Return whether a value contains a text, in upper or lower case, or a value inside it does.

    A null contains no text, and any other value contains the empty one. The names of fields do not count.

    value: a dict, list or tuple, whose values are searched, also nested ones; anything else as its `str`.

    >>> contains_text({"name": "O'Brien", "lines": [{"item": "Tea"}]}, "tea")
    True
    """
    return _contains_lower(value, text.casefold())


def _contains_lower(value: object, lower: str) -> bool:
    """Return what `contains_text` does. folded: the text, case-folded already."""
    if isinstance(value, Mapping):
        return any(_contains_lower(item, lower) for item in value.values())
    if isinstance(value, list | tuple):
        return any(_contains_lower(item, lower) for item in value)
    return value is not None and lower in str(value).casefold()
