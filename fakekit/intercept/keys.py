"""Which key the fake is sent when a client sends one that is not fakekit's."""

from __future__ import annotations

import re

from fakekit.api.authentication import DEMO_KEY
from fakekit.intercept.gateway import KeyFor

BEARER = r"[A-Za-z0-9._~+/|:-]+=*"
"""A bearer token as RFC 6750 has it, and as PHP services make them: ``12|abc``."""

_BEARER = re.compile(rf"([ \t]*bearer +)(?!fk_){BEARER}[ \t]*", re.IGNORECASE | re.ASCII)
"""One that is not fakekit's own."""


def replace_key(key: str = DEMO_KEY) -> KeyFor:
    """Return a function that replaces a bearer token which is not fakekit's by `key`.

    What no service would accept as a key stays as it came, so that the fake says what is wrong with it: none
    at all, another scheme, quotes.

    >>> replace_key()("Bearer API_KEY")
    'Bearer fk_demo'
    """

    def key_for(authorization: str | None) -> str | None:
        bearer = _BEARER.fullmatch(authorization or "")
        return f"{bearer[1]}{key}" if bearer else authorization

    return key_for


def keep_key(authorization: str | None) -> str | None:
    """Return the Authorization header as it came, for the fake to check."""
    return authorization
