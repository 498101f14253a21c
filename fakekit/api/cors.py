"""The headers of CORS (fetch.spec.whatwg.org, 3.2), by which a browser lets a page read a response.

A page of any origin may read the responses of the vendor's API. With credentials a browser takes no ``*``:
then the origin, and every name of a header, has to be repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from fakekit.contract.pattern import RECORDED_METHODS
from fakekit.errors import without_secrets

Headers = tuple[tuple[str, str], ...]

ANY_ORIGIN: Headers = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "*"))
"""What a response has when it does not depend on the origin of the page."""

VARY: Headers = (("Vary", "Origin"),)
"""What every response has, also to a request without an Origin: with one it may differ (RFC 9110, 12.5.5)."""

_ORIGIN = re.compile(r"null|[a-z][a-z0-9+.-]{0,30}://[a-z0-9._~:\[\]-]{1,260}", re.ASCII)
"""An Origin as browsers write it (RFC 6454, 6.2): in lower case; ``null`` for a file, or in a sandbox."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}", re.ASCII)
"""The name of a header as browsers write it in Access-Control-Request-Headers: in lower case."""


def cors_headers(origin: str, names: Iterable[str]) -> Headers:
    """Return the headers that let a page read a response, also if its request had credentials.

    origin: the value of the request's header Origin; empty for none. For one that no browser sends, or that
        looks like a credential, the response is for any origin.
    names: of the other headers of the response, which the page may then read.
    """
    if not can_repeat(origin):
        return ANY_ORIGIN
    return (
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Expose-Headers", ", ".join(dict.fromkeys((*names, "Date", "Server")))),
    )


def can_repeat(origin: str) -> bool:
    """Return whether a response may repeat an origin: it has the form of one, and no credential in it.

    The words of a host count one by one: those of a preview (``my-app-git-branch-12.example``) are together
    as long as a key.
    """
    words = origin.replace("-", ".")
    return _ORIGIN.fullmatch(origin) is not None and without_secrets(words) == words


def preflight_headers(requested: str) -> Headers:
    """Return the headers of the response to a preflight beside `cors_headers`: what a request may have.

    requested: the value of Access-Control-Request-Headers; empty for none. Names in it that no browser sends,
        or that look like credentials, are left out.
    """
    names = ", ".join(("Authorization", "*", *_requested_names(requested)))  # * does not cover Authorization
    return (
        ("Access-Control-Allow-Methods", ", ".join(RECORDED_METHODS)),
        ("Access-Control-Allow-Headers", names),
        ("Access-Control-Allow-Private-Network", "true"),
        ("Access-Control-Max-Age", "600"),
    )


def _requested_names(requested: str) -> Iterator[str]:
    """Yield the names in the value of Access-Control-Request-Headers that the response may repeat."""
    for part in requested.split(","):
        name = part.strip(" \t")
        if name != "authorization" and _NAME.fullmatch(name) and without_secrets(name) == name:
            yield name
