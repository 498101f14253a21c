"""The settings of stubs that are values by name: parameters and headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from fakekit.faults.settings import SettingField

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", re.ASCII)  # RFC 9110, 5.6.2
_HEADER_VALUE = re.compile(r"[\x20-\x7e]{0,4000}", re.ASCII)  # no line breaks: they would end the header
_FRAMING = (
    *("content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer"),
    *("trailers", "proxy-authenticate", "proxy-authorization"),
)
"""Headers that frame a message or belong to one connection (RFC 9110, 7.6.1): the server sets them."""
_OWN_PREFIX = "fakekit-"


class TextValues(SettingField):
    """Values by name, of parameters or headers that a request must have; a number is taken as its digits."""

    facets = {"type": "object", "additionalProperties": {"type": "string"}}

    def read(self, value: Any) -> dict[str, str]:
        """Return a copy of the values, as text. Raises ValidationError for anything else."""
        if not isinstance(value, Mapping) or not all(
            isinstance(name, str) and type(text) in (str, int, float) for name, text in value.items()
        ):
            raise ValidationError("must be values by name")
        return {name: str(text) for name, text in value.items()}


class HeaderValues(TextValues):
    """Values of headers by name, in any case, that a request must have."""

    def read(self, value: Any) -> dict[str, str]:
        """Return a copy of the values, as text.

        Raises ValidationError for anything else, and for a name that no header of a request has: fakekit
        leaves out headers whose name has an underscore, as other servers do.
        """
        values = super().read(value)
        if not all(_HEADER_NAME.fullmatch(name) and "_" not in name for name in values):
            # The message does not repeat the name, which may be a secret.
            raise ValidationError("must have names of headers, with - and not _ between words: X-Api-Key")
        return values


class Headers(SettingField):
    """A stub's headers by name, without fakekit's own headers and those that frame the message."""

    facets = {"type": "object", "additionalProperties": {"type": "string"}}

    def read(self, value: Any) -> dict[str, str]:
        """Return a copy of a stub's headers.

        Raises ValidationError for invalid or forbidden headers, without their values, which may be secret.
        """
        if not isinstance(value, Mapping) or len(value) > 50:
            raise ValidationError("must be headers by name")
        for name, text in value.items():
            if not (isinstance(name, str) and _HEADER_NAME.fullmatch(name)):
                raise ValidationError("must have names that HTTP allows")
            if not (isinstance(text, str) and _HEADER_VALUE.fullmatch(text)):
                # The message does not repeat the name, which may be a secret.
                raise ValidationError("must have printable ASCII as their values")
            if name.lower() in _FRAMING:
                raise ValidationError(f"must not have {name.lower()}, which the server sets")
            if name.lower().startswith(_OWN_PREFIX):
                raise ValidationError(
                    f"must not have names that begin with {_OWN_PREFIX}, which are fakekit's own"
                )
        return dict(value)
