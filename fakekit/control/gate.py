"""Which requests may use the control API.

A web page must not be able to use it. On a server that is bound to loopback, a request must come from this
machine, have a ``Host`` that names this machine (after DNS rebinding it does not), and have the header
``Fakekit-Control: 1``, which a page of another site cannot send without a CORS preflight; no preflight
allows it. On any other server a request needs the token that the server printed.

A page of the console may be read without the header, which no link can send: the page of another site cannot
read the response. Reading opens the account of a key, which may close another one, so other sites may only
lead to a page, and not load one as an image, in a frame or in advance.
"""

from __future__ import annotations

import hmac
import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Request
from werkzeug.datastructures import Headers

from fakekit.addresses import is_loopback
from fakekit.control import HEADER
from fakekit.errors import ControlError, Problem

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def check_access(request: Request, token: str) -> None:
    """Raise `ControlError` (403) for a request that may not use the control API.

    On a server with a token, the header must have it, and nothing else is checked. On one without, the header
    must be ``1``, the client must be on this machine, and the Host must name this machine. The message does
    not repeat any value of the request.

    token: empty for a server that is bound to loopback.
    """
    if not token and request.headers.get(HEADER) != "1":
        message = "is missing: a web page could send the request without it"
        raise _forbidden(HEADER, message, f"{HEADER}: 1")
    check_reader(request, token)


def check_reader(request: Request, token: str) -> None:
    """Raise `ControlError` (403) for a request that may not read a page of the console.

    The same as `check_access`, but that a server without a token does not ask for the header. Without the
    header, a request that the page of another site made is refused, unless somebody followed a link.
    """
    if token:
        sent_value = request.headers.get(HEADER, "")
        # Compared in constant time. WSGI header values are Latin-1 text (PEP 3333).
        if not hmac.compare_digest(sent_value.encode("latin-1", "replace"), token.encode()):
            message = "must be the control token of this server, which it printed when it started"
            raise _forbidden(HEADER, message)
        return
    if not is_loopback(request.environ.get("REMOTE_ADDR") or ""):
        message = "is not this machine: start the server with --host to get a token for other machines"
        raise _forbidden("the client", message)
    if "Forwarded" in request.headers or "X-Forwarded-For" in request.headers:
        message = (
            "came through a proxy, so it may be any machine: start the server with --host to get a token"
        )
        raise _forbidden("the client", message)
    if request.headers.get(HEADER) != "1" and _is_loaded_by_other_site(request.headers):
        message = "is another site, which may only link to this page"
        raise _forbidden("Sec-Fetch-Site", message)
    if not all(is_loopback(_name_of(host)) for host in _hosts(request.environ)):
        message = "is not a name of this machine: it may have been rebound by a web page"
        raise _forbidden("Host", message, "127.0.0.1 or localhost")


def _forbidden(where: str, message: str, write: str = "") -> ControlError:
    """Return the error (403) for a request that may not use the control API.

    where, message, write: what its `fakekit.errors.Problem` names: the header, what is wrong with it, what to
        send instead.
    """
    return ControlError(Problem(where, message, "", write), HTTPStatus.FORBIDDEN)


def _is_loaded_by_other_site(headers: Headers) -> bool:
    """Return whether a page of another site made a request other than by a link that somebody followed.

    False for a client that does not send the headers of Fetch Metadata (W3C), as all browsers do to loopback.
    """
    return headers.get("Sec-Fetch-Site") in ("cross-site", "same-site") and (
        (headers.get("Sec-Fetch-Mode"), headers.get("Sec-Fetch-Dest")) != ("navigate", "document")
        or "Sec-Purpose" in headers  # is fetched in advance
    )


# Without "%": what follows it in an address is a zone, which no name of this machine needs.
_HOST = re.compile(r"(?:\[([^\]\[%]+)\]|([^:\[\]%]+))(?::\d{1,5})?")


def _name_of(host: str) -> str:
    """Return the name or address in a Host header, without its port; empty for an invalid header."""
    match = _HOST.fullmatch(host.lower())
    return (match[1] or match[2].rstrip(".")) if match else ""


def _hosts(environ: WSGIEnvironment) -> list[str]:
    """Return the hosts that a request names: the Host header (empty if it has none), and that of its target.

    The target, the second word of the request line, has a host only if it is a whole URL (RFC 9112, 3.2.2).
    """
    # WSGI has no name for the target as it came; servers set one of these two.
    target = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or "/")
    try:
        hosts = [] if target.startswith("/") else [urlsplit(target).netloc]
    except ValueError:
        hosts = [""]
    return [environ.get("HTTP_HOST") or "", *hosts]
