"""Who may use the control API.

A web page must not reach it. On loopback a request needs a header that no page can send across sites
without being asked first (and nobody answers yes to that), a ``Host`` of this machine, which a rebound
name is not, and comes from this machine. Bound wider, it needs the token that was printed.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import Request

from fakekit.addresses import is_loopback
from fakekit.control import HEADER
from fakekit.errors import Problem


class RefusedControlError(Exception):
    """A request that may not control the server, or that no operation can read.

    status: of the response. where, what, write: of the problem in its body, see `fakekit.errors.Problem`.
    """

    def __init__(self, status: HTTPStatus, where: str, what: str, write: str = "") -> None:
        self.status, self.problem = status, Problem(where, what, "", write)
        super().__init__(what)


class Gate:
    """Checks that a request may control the server.

    token: what the request's header has to be; empty for a server that is bound to loopback.
    """

    def __init__(self, token: str) -> None:
        self._token = token

    def check(self, request: Request) -> None:
        """Raise `RefusedControlError` (403) for a request that may not control the server.

        With a token, only the token counts. Without, the request must carry the header, come from this
        machine and name it in its Host. The message repeats nothing that came.
        """
        sent_value = request.headers.get(HEADER, "")
        if self._token:
            if not hmac.compare_digest(sent_value.encode("latin-1", "replace"), self._token.encode()):
                what = "must be the control token of this server, which it printed when it started"
                raise RefusedControlError(HTTPStatus.FORBIDDEN, HEADER, what)
            return
        if sent_value != "1":
            what = "is missing: a web page could send the request without it"
            raise RefusedControlError(HTTPStatus.FORBIDDEN, HEADER, what, f"{HEADER}: 1")
        if not is_loopback(request.environ.get("REMOTE_ADDR") or ""):
            what = "is not this machine: bind the server wider (--host) to have a token for others"
            raise RefusedControlError(HTTPStatus.FORBIDDEN, "the client", what)
        if not all(is_loopback(_name_of(host)) for host in _hosts(request.environ)):
            what = "is not a name of this machine: it may have been rebound by a web page"
            raise RefusedControlError(HTTPStatus.FORBIDDEN, "Host", what, "127.0.0.1 or localhost")


_HOST = re.compile(r"(?:\[([^\]\[]+)\]|([^:\[\]]+))(?::\d{1,5})?")


def _name_of(host: str) -> str:
    """Return the name in a Host header without its port; empty for what is no Host, such as two of them."""
    match = _HOST.fullmatch(host.lower())
    return (match[1] or match[2].rstrip(".")) if match else ""


def _hosts(environ: Mapping[str, Any]) -> list[str]:
    """Return the hosts that a request names: in its header, and in its target if that is a whole URL."""
    target = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or "/")
    try:
        hosts = [] if target.startswith("/") else [urlsplit(target).netloc]
    except ValueError:
        hosts = [""]
    return [environ.get("HTTP_HOST") or "", *hosts]
