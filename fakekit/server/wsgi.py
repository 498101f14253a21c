"""The hand-over of one parsed request to the WSGI application, and what comes back."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from fakekit.api.body import BODY, SIZE
from fakekit.api.deferred import DEFERRED, Deferred
from fakekit.log import log_failure
from fakekit.server.received_request import ReceivedRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

    from fakekit.api.response import ApiResponse

MAX_KNOWN_NAME = 64
"""How long the name of a header may be whose key is remembered."""


@dataclass(eq=False, repr=False)
class WsgiResult:
    """What the application answered: status line, headers and body, and what is left to the server.

    deferred: None for a response that the application's outermost layer had no part in.
    """

    status: str
    headers: list[tuple[str, str]]
    body: bytes
    deferred: Deferred | None = None


def make_environ(
    request: ReceivedRequest, server: tuple[str, int], client: tuple[str, int], scheme: str
) -> WSGIEnvironment:
    """Return the WSGI environment of a request (PEP 3333).

    Header names with an underscore are left out, as gunicorn does: they could pass for others with a hyphen.
    """
    path, _, query = request.target.partition(b"?")
    target = request.target.decode("latin-1")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": (unquote_to_bytes(path) if b"%" in path else path).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "RAW_URI": target,
        "REQUEST_URI": target,
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{request.version}",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": io.BytesIO(request.body or b""),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    for name, value in request.headers:
        key = _environ_key(name)
        text = value.decode("latin-1")
        if key in environ:
            environ[key] += ("; " if key == "HTTP_COOKIE" else ",") + text
        elif key:
            environ[key] = text
    environ.pop("HTTP_TRANSFER_ENCODING", None)  # the parser has decoded it
    if request.size or "CONTENT_LENGTH" in environ:
        environ["CONTENT_LENGTH"] = str(len(request.body or b""))
    environ[BODY], environ[SIZE] = (None if request.body is None else bytes(request.body)), request.size
    return environ


def _environ_key(name: bytes) -> str:
    """Return the key of a header in the WSGI environment; empty for one that is left out."""
    # What is remembered is bounded in bytes too.
    return _known_environ_key(name) if len(name) <= MAX_KNOWN_NAME else _new_environ_key(name)


def _new_environ_key(name: bytes) -> str:
    """Return the key of a header in the WSGI environment, computed; `_environ_key` remembers those it may."""
    if b"_" in name:
        return ""
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


_known_environ_key = lru_cache(1024)(_new_environ_key)


def call_app(
    app: WSGIApplication,
    environ: WSGIEnvironment,
    deferred: Deferred,
    failure: Callable[[], ApiResponse],
) -> WsgiResult:
    """Call the application, and return its response whole. Never raises.

    deferred: filled in by the application's outermost layer with what the server is to do.
    failure: makes the response to a request for which the application raised.
    """
    environ[DEFERRED] = deferred
    result = WsgiResult("", [], b"", deferred)
    written: list[bytes] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> Callable[[bytes], object]:
        result.status, result.headers = status, headers
        return written.append

    try:
        chunks: Iterable[bytes] = app(environ, start_response)
        try:
            result.body = b"".join([*written, *chunks])
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        return result
    except Exception as error:
        log_failure(error)
        if deferred.stream is not None:
            deferred.stream.close()  # it counts as open until then, and nobody will send it
        response = failure()
        return WsgiResult(response.status_line, list(response.fields), response.payload)
