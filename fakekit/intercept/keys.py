"""The API key that the fake receives when a client sends a key that is not one of fakekit's."""

from __future__ import annotations

import re

from fakekit.accounts.account_key import DEMO_KEY
from fakekit.server.listening import KeyFor

BEARER = r"[A-Za-z0-9._~+/|:-]+=*"
"""Matches a bearer token of RFC 6750 (2.1), also with the ``|`` and ``:`` of PHP services: ``12|abc``."""

_FOREIGN_BEARER = re.compile(rf"([ \t]*bearer +)(?!fk_){BEARER}[ \t]*", re.IGNORECASE | re.ASCII)
"""Matches an Authorization header whose token is not one of fakekit's own keys."""


def replace_key(key: str = DEMO_KEY) -> KeyFor:
    """Return a function for a `Listener` or a `Gateway` that replaces a foreign bearer token by `key`.

    A token that starts with ``fk_`` stays. So does a header that no service would accept (missing, another
    scheme, quotes), so that the fake can say what is wrong with it.

    >>> replace_key()("Bearer API_KEY")
    'Bearer fk_demo'
    """

    def key_for(authorization: str | None) -> str | None:
        match = _FOREIGN_BEARER.fullmatch(authorization or "")
        return f"{match[1]}{key}" if match else authorization

    return key_for


def keep_key(authorization: str | None) -> str | None:
    """Return the Authorization header unchanged, so that the fake checks the client's own key.

    Passed to a `Listener` or a `Gateway` where keys are strict (``--strict-keys``, ``intercept="strict"``).
    """
    return authorization
