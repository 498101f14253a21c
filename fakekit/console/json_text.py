"""JSON as indented text, also the start of a JSON text that was cut."""

from __future__ import annotations

import re

from fakekit.accounts.recorded_request import escape_unprintable

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[{\[]\s*[}\]]|[{}\[\],:]|[^"{}\[\],:]+', re.DOTALL)
"""A string (the last one may lack its end), an empty object or list, a sign, or anything between them."""
_INDENT = "  "


def indent_json(text: str) -> str:
    """Return a JSON object or list with a line for each of its values; any other text as it is.

    The text may be cut anywhere. Characters that cannot be printed are escaped as JSON escapes them.

    >>> print(indent_json('{"id": 1, "tags": [], "name": "Am...'))
    {
      "id": 1,
      "tags": [],
      "name": "Am...
    """
    return escape_unprintable(_indent(text) if text[:1] in ("{", "[") else text)


def _indent(text: str) -> str:
    """Return an object or list of JSON with a line for each of its values."""
    parts: list[str] = []
    depth = 0
    for token in _TOKEN.findall(text):
        word = token.strip()
        if word in ("{", "["):
            depth += 1
            parts += [word, "\n", _INDENT * depth]
        elif word in ("}", "]"):
            depth = max(0, depth - 1)
            parts += ["\n", _INDENT * depth, word]
        elif word == ",":
            parts += [word, "\n", _INDENT * depth]
        else:
            parts.append(": " if word == ":" else word)
    return "".join(parts)
