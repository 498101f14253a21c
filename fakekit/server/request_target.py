"""What a request asks for: the forms of a request target, and the host it is meant for (RFC 9112, 3.2)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_HOST = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9!$&'()*+,;=%._~-]*)(:[0-9]*)?")
"""A host and its port in a target: no user, which is deprecated (RFC 9110, 4.2.4) and may be a secret."""

_METHOD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Z-]{1,40}")
"""A method. Methods are case-sensitive (RFC 9110, 9.1), but Werkzeug would take ``get`` for GET."""
_METHODS = frozenset(b"GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT".split())
"""Methods that the parser is given as they come; any other it would refuse, or understand as a protocol's."""


def with_known_method(data: bytes) -> tuple[bytes, bytes]:
    """Return the method that the parser would refuse, else nothing, and the bytes that it is to have.

    data: the first bytes of a request. PUT stands in the place of such a method: the request is answered like
        any other with a method that its path lacks (RFC 9110, 15.5.6).

    Both are empty as long as the end of the method has not come.
    """
    match = _METHOD.match(data)
    if match is not None and match.end() == len(data):
        return b"", b""
    if match is None or match[0] in _METHODS or data[match.end() : match.end() + 1] != b" ":
        return b"", data
    return match[0], b"PUT" + data[match.end() :]


def split_target(target: bytes, method: str) -> tuple[bytes, bytes]:
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
    if parts.scheme not in (b"http", b"https") or not parts.netloc or not _HOST.fullmatch(parts.netloc):
        raise ValueError
    return origin_form(target), parts.netloc


def origin_form(target: bytes) -> bytes:
    """Return a target in origin-form (RFC 9112, 3.2.1): the path and the query of a whole URL."""
    if target.startswith(b"/") or b"://" not in target:
        return target
    _, _, rest = target.partition(b"://")
    host = re.match(rb"[^/?#]*", rest)
    path = rest[host.end() if host else 0 :]
    return path if path.startswith(b"/") else b"/" + path
