"""The API key that the fake receives in the place of the one that a client sends to the vendor's hosts."""

from __future__ import annotations

import re

from fakekit.accounts.account_key import DEMO_KEY
from fakekit.server.listening import KeyFor

_BEARER = r"[A-Za-z0-9._~+/|:-]+=*"
"""Matches a bearer token of RFC 6750 (2.1), also with the ``|`` and ``:`` of PHP services: ``12|abc``."""

_ANY_BEARER = re.compile(rf"([ \t]*bearer +){_BEARER}[ \t]*", re.IGNORECASE | re.ASCII)
"""Matches an Authorization header with any bearer token."""
_FOREIGN_BEARER = re.compile(rf"([ \t]*bearer +)(?!fk_){_BEARER}[ \t]*", re.IGNORECASE | re.ASCII)
"""Matches an Authorization header whose token is not one of fakekit's own keys."""


def replace_foreign_key(key: str = DEMO_KEY) -> KeyFor:
    """Return a function for a `Listener` that replaces a foreign bearer token by `key`.

    A token that starts with ``fk_`` stays. So does a header that no service would accept (missing, another
    scheme, quotes), so that the fake can say what is wrong with it.

    >>> replace_foreign_key()("Bearer API_KEY")
    'Bearer fk_demo'
    """
    return _replace(_FOREIGN_BEARER, key)


def replace_every_key(key: str) -> KeyFor:
    """Return a function for a `Listener` that replaces every bearer token by `key`, also one of fakekit's.

    A header that no service would accept stays, as with `replace_foreign_key`.

    >>> replace_every_key("fk_test")("Bearer fk_demo")
    'Bearer fk_test'
    """
    return _replace(_ANY_BEARER, key)


def _replace(pattern: re.Pattern[str], key: str) -> KeyFor:
    """Return a function that replaces the token of a header that matches `pattern`; others stay."""

    def key_for(authorization: str | None) -> str | None:
        match = pattern.fullmatch(authorization or "")
        return f"{match[1]}{key}" if match else authorization

    return key_for


def keep_key(authorization: str | None) -> str | None:
    """Return the Authorization header unchanged, so that the fake checks the client's own key.

    Passed to a `Listener` where keys are strict (``--strict-keys``, ``intercept="strict"``).
    """
    return authorization
