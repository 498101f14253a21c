"""What of a request, beside method and path, a stub can ask for: query, headers and JSON body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

ANY_VALUE = "*"
"""In the place of a header's or parameter's value: it must be there, with any value."""


class RequestContent(Protocol):
    """The query, headers and body of a request; each is read once, when it is first asked for."""

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters of the query by name; of one that comes twice, the first value."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The values of the headers, by name in lower case."""

    @property
    def json(self) -> object:
        """The JSON of the body; `NOTHING` without a body, and for any other, also a form."""


def has_values(received: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Return whether a request has these headers or parameters; it may have others.

    wanted: by name the value, or `ANY_VALUE`.
    """
    return all(
        name in received and wanted_value in (ANY_VALUE, received[name])
        for name, wanted_value in wanted.items()
    )


def has_json(received: object, wanted: object) -> bool:
    """Return whether a JSON body has the wanted fields with their values; objects may have others.

    A list must have the same length. A number is equal to another one, not to its digits.
    """
    if isinstance(wanted, Mapping):
        return isinstance(received, Mapping) and all(
            name in received and has_json(received[name], value) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(received, list)
            and len(received) == len(wanted)
            and all(map(has_json, received, wanted))
        )
    return isinstance(received, bool) is isinstance(wanted, bool) and bool(received == wanted)
