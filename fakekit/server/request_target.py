"""What a request asks for: the forms of a request target, and the host it is meant for (RFC 9112, 3.2)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_HOST = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9!$&'()*+,;=%._~-]*)(:[0-9]*)?")
"""A host and its port, as the header Host and a target name them (RFC 9110, 7.2; RFC 3986, 3.2.2)."""


def is_host(value: bytes) -> bool:
    """Return whether a value is a host with or without a port; an empty one is."""
    return _HOST.fullmatch(value) is not None


def origin_form(target: bytes, method: str) -> tuple[bytes, bytes]:
    """Return a request target without scheme and host, and the host it named, empty for none.

    A host in the target counts, whatever the header says (RFC 9112, 3.2.2). Raises ValueError for what is no
    target.
    """
    if b"#" in target:
        raise ValueError
    if target.startswith(b"/") or target == b"*" or method == "CONNECT":
        return target, b""
    parts = urlsplit(target)
    _ = parts.port
    if parts.scheme not in (b"http", b"https") or not parts.netloc or not is_host(parts.netloc):
        raise ValueError
    return (parts.path or b"/") + (b"?" + parts.query if parts.query else b""), parts.netloc
