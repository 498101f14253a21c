"""The settings of stubs that are values by name: parameters and headers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fakekit.contract.value_type import ValueType
from fakekit.errors import FaultError, Problem

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", re.ASCII)  # RFC 9110, 5.6.2
_HEADER_VALUE = re.compile(r"[\x20-\x7e]{0,4000}", re.ASCII)  # no line breaks: they would end the header
_FRAMING = (
    "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer", "trailers",
    "proxy-authenticate", "proxy-authorization",
)  # fmt: skip
"""Headers that frame a message or belong to one connection (RFC 9110, 7.6.1): the server sets them."""
_OWN_PREFIX = "fakekit-"


_SCHEMA = {"type": "object", "additionalProperties": {"type": "string"}}


def _parse_values(value: object) -> dict[str, str]:
    """Return a copy of values by name, as text; a number is taken as its digits.

    Raises ValueError for anything else.
    """
    if not isinstance(value, Mapping) or not all(
        isinstance(name, str) and type(text) in (str, int, float) for name, text in value.items()
    ):
        raise ValueError
    return {name: str(text) for name, text in value.items()}


def _parse_header_values(value: object) -> dict[str, str]:
    """Return a copy of the values of a request's headers by name, as text.

    Raises ValueError for anything else, `FaultError` for a name that no header of a request has: fakekit
    leaves out headers whose name has an underscore, as other servers do.
    """
    values = _parse_values(value)
    if not all(_HEADER_NAME.fullmatch(name) and "_" not in name for name in values):
        # The message does not repeat the name, which may be a secret.
        raise _error("must have names of headers, with - and not _ between words: X-Api-Key")
    return values


def _parse_headers(value: object) -> dict[str, str]:
    """Return a copy of a stub's headers by name.

    Raises ValueError for anything else, `FaultError` for invalid headers, fakekit's own and those that frame
    the message. It does not repeat their values, which may be secret.
    """
    if not isinstance(value, Mapping) or len(value) > 50:
        raise ValueError
    for name, text in value.items():
        if not (isinstance(name, str) and _HEADER_NAME.fullmatch(name)):
            raise _error("must have names that HTTP allows")
        if not (isinstance(text, str) and _HEADER_VALUE.fullmatch(text)):
            # The message does not repeat the name, which may be a secret.
            raise _error("must have printable ASCII as their values")
        if name.lower() in _FRAMING:
            raise _error(f"must not have {name.lower()}, which the server sets")
        if name.lower().startswith(_OWN_PREFIX):
            raise _error(f"must not have names that begin with {_OWN_PREFIX}, which are fakekit's own")
    return dict(value)


def _error(message: str) -> FaultError:
    """Return the error for invalid headers. message: the rest of a sentence about them."""
    return FaultError(Problem("", message))


TEXT_VALUES = ValueType(_parse_values, "values by name", _SCHEMA)
"""Parameters by name that a request must have."""
HEADER_VALUES = ValueType(_parse_header_values, "values by name", _SCHEMA)
"""Headers by name, in any case, that a request must have."""
HEADERS = ValueType(_parse_headers, "headers by name", _SCHEMA)
"""The headers of a stub by name."""
