"""The vendor's API: its base path, and which hosts are the real service.

Imports only `re` at first, and nothing of fakekit: the pytest plugin uses it in every run, and the shim for
Python loads this file in environments without fakekit (Python 3.7 on).
"""

from __future__ import annotations

import re

API_ROOT = "/api/"
"""Below it every request needs a key, also one for a path that does not exist."""

BASE_PATHS: tuple[str, ...] = (f"{API_ROOT}v1",)
"""What stands before every path of the vendor's API. Below a second one is the same as below the first."""

BASE_PATH = BASE_PATHS[0]
"""The one that fakekit prints, and under which it records requests."""

VENDOR_DOMAIN = "xtrakit.com"
VENDOR_HOSTS = ("app.xtrakit.com", "api.xtrakit.com")
"""The hosts of the real service. Only `fakekit drift` and `fakekit shadow` connect to them, if told to."""

LONGEST_HOST = 2000
"""How many characters of a host are looked at; a name in DNS has 253 (RFC 1035, 2.3.4)."""

_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_ADDRESS = re.compile(r"(?=.*:.*:)[0-9a-f:.]+(?:%[a-z0-9_.-]+)?")
_DOTS = "\u3002\uff0e\uff61"
"""What stands for a dot in a name beside the dot (RFC 3490, 3.1)."""
_UNSEEN = r"[\u00ad\u034f\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
"""What is left out of a name that is looked up (RFC 3454, B.1), and further marks that are not seen."""


def plain_host(host: object) -> str | None:
    """Return a host in the form in which it is looked up: lower case, decoded, without dots at its end.

    host: a name or an address, as text or bytes; an IPv6 address with or without brackets.
        Percent-encoding, letters of other widths and dots of other scripts are decoded, as clients do.

    None for what is neither a plain ASCII name nor an address: with user-info, a port or a space.

    >>> plain_host("API.%58trakit.com.")
    'api.xtrakit.com'
    >>> plain_host("somebody@127.0.0.1")
    """
    text = _decode(host)
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    return text if _NAME.fullmatch(text) or _ADDRESS.fullmatch(text) else None


def vendor_host(host: object, *, whole_domain: bool = False) -> str | None:
    """Return the host of the vendor's API that a host means, in any spelling; None for every other host.

    Text that is not a plain host but contains one of the vendor's (with a port, a zone, a null byte) means
    that one: the caller is about to connect, and a call to the real service must not slip through.

    whole_domain: whether any other host of the vendor's domain is returned too; off by default.

    >>> vendor_host("App.XtraKit.com."), vendor_host("docs.xtrakit.com")
    ('app.xtrakit.com', None)
    >>> vendor_host("docs.xtrakit.com", whole_domain=True), vendor_host("xtrakit.com.example.org")
    ('docs.xtrakit.com', None)
    """
    if isinstance(host, str) and host in VENDOR_HOSTS:
        return host
    plain = plain_host(host)
    if plain is not None:
        is_vendor = plain in VENDOR_HOSTS or (whole_domain and f".{plain}".endswith(f".{VENDOR_DOMAIN}"))
        return plain if is_vendor else None
    host_part = _decode(host).rpartition("@")[2]
    return next((name for name in VENDOR_HOSTS if name in host_part), None)


def _decode(host: object) -> str:
    """Return a host, text or bytes, as lower-case text without dots at its end.

    It is decoded until nothing is left to decode. Empty for anything else, and for what is longer than
    `LONGEST_HOST`.
    """
    if isinstance(host, (bytes, bytearray)):
        host = bytes(host).decode("utf-8", "replace")
    text = host if isinstance(host, str) and len(host) <= LONGEST_HOST else ""
    before = None
    while text != before:
        before = text
        if "%" in text and not _ADDRESS.fullmatch(text):  # behind an IPv6 address stands its zone
            text = _decode_percent(text)
        if not text.isascii():
            text = _convert_to_ascii(text)
        text = text.lower()
    return text.rstrip(".")


def _decode_percent(text: str) -> str:
    """Return a host with its percent-encoding decoded. The import is delayed: few hosts need it."""
    from urllib.parse import unquote

    return unquote(text)


def _convert_to_ascii(text: str) -> str:
    """Return a host with letters of other widths and dots of other scripts in ASCII.

    For `_decode`, so that no spelling of a vendor's host is missed (RFC 3491 and its successors). Marks that
    are not seen are left out; letters without an ASCII form stay.
    """
    from unicodedata import normalize

    text = normalize("NFKC", re.sub(_UNSEEN, "", text))
    for char in _DOTS:
        text = text.replace(char, ".")
    return text
