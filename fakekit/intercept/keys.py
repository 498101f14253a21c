"""Which key a request is made with, where the client sends one that is not fakekit's."""

from __future__ import annotations

import re

from fakekit.api.authentication import DEMO_KEY
from fakekit.intercept.gateway import KeyFor

BEARER = r"[A-Za-z0-9._~+/|:-]+=*"
"""A bearer token as RFC 6750 has it, and as PHP services make them: ``12|abc``."""

_BEARER = re.compile(rf"([ \t]*bearer +)(?!fk_){BEARER}[ \t]*", re.IGNORECASE | re.ASCII)
"""One that is not fakekit's own."""


def replace_key(key: str = DEMO_KEY) -> KeyFor:
    """Take a key that is not fakekit's for this one.

    What no service would take for a key stays as it came, for the fake to say what is wrong with it: none at
    all, another scheme, quotes.

    >>> taken_as()("Bearer API_KEY")
    'Bearer fk_demo'
    """

    def key_for(authorization: str | None) -> str | None:
        bearer = _BEARER.fullmatch(authorization or "")
        return f"{bearer[1]}{key}" if bearer else authorization

    return key_for


def keep_key(authorization: str | None) -> str | None:
    """The key as it came, for the fake to check."""
    return authorization
