"""Secrets that must not come back, and requests that carry one in every place."""

from __future__ import annotations

import socket
from contextlib import suppress

from tests.helpers.processes import PATIENCE

CANARY = b"92857043717beff382ae75c8dc7514162f04"
SECRET = CANARY.decode()
NAMED = b"sk-canary-Zm9vYmFy"

_HEAD = b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
_ASK = b"GET /api/v1/customers/1" + _HEAD


def requests_with(secret: bytes) -> dict[str, bytes]:
    """Requests that carry the secret in every place a mistake can put it."""
    ok = b"Authorization: Bearer fk_demo\r\n"
    return {
        "bearer": _ASK + b"Authorization: Bearer " + secret + b"\r\n\r\n",
        "bare": _ASK + b"Authorization: " + secret + b"\r\n\r\n",
        "basic": _ASK + b"Authorization: Basic " + secret + b"\r\n\r\n",
        "scheme": _ASK + b"Authorization: " + secret + b" fk_demo\r\n\r\n",
        "fk": _ASK + b"Authorization: Bearer fk_~" + secret + b"\r\n\r\n",
        "twice": _ASK + ok + b"Authorization: Bearer " + secret + b"\r\n\r\n",
        "other header": _ASK + ok + b"X-Api-Key: " + secret + b"\r\n\r\n",
        "no colon": _ASK + b"Authorization Bearer " + secret + b"\r\n\r\n",
        "space before colon": _ASK + b"Authorization : Bearer " + secret + b"\r\n\r\n",
        "header name": _ASK + b"Bearer-" + secret + b": x\r\n\r\n",
        "odd header name": _ASK + secret + b"(): x\r\n\r\n",
        "obs-fold": _ASK + b"Authorization: Bearer\r\n " + secret + b"\r\n\r\n",
        "control": _ASK + b"Authorization: Bearer \x01" + secret + b"\r\n\r\n",
        "path": b"GET /api/v1/customers/" + secret + _HEAD + ok + b"\r\n",
        "path, no key": b"GET /api/v1/customers/" + secret + _HEAD + b"\r\n",
        "unknown path": b"GET /api/v1/" + secret + b"/x" + _HEAD + ok + b"\r\n",
        "outside": b"GET /" + secret + _HEAD + b"\r\n",
        "own": b"GET /_fakekit/" + secret + _HEAD + b"\r\n",
        "query": b"GET /api/v1/customers/1?api_key=" + secret + _HEAD + ok + b"\r\n",
        "user info": b"GET http://u:" + secret + b"@x/api/v1/customers/1" + _HEAD + ok + b"\r\n",
        "method": secret[:18].upper() + b" /api/v1/customers/1" + _HEAD + ok + b"\r\n",
        "odd method": secret + b"() /api/v1/customers/1" + _HEAD + ok + b"\r\n",
        "version": b"GET /api/v1/customers/1 HTTP/" + secret + b"\r\n\r\n",
        "no version": b"GET " + secret + b"\r\n\r\n",
        "not http": secret + b"\r\n\r\n",
        "host": b"GET /api/v1/customers/1 HTTP/1.1\r\nHost: " + secret + b" x/@\r\n\r\n",
        "length": _ASK + ok + b"Content-Length: " + secret + b"\r\n\r\n",
        "encoding": _ASK + ok + b"Transfer-Encoding: " + secret + b"\r\n\r\n",
        "origin": _ASK + ok + b"Origin: https://" + secret + b"\r\n\r\n",
        "preflight": b"OPTIONS /api/v1/customers/1"
        + _HEAD
        + b"Origin: http://x\r\nAccess-Control-Request-Headers: "
        + secret
        + b"\r\n\r\n",
        "coding": b"POST /api/v1/customers/add"
        + _HEAD
        + ok
        + b"Content-Encoding: "
        + secret
        + b"\r\nContent-Length: 2\r\n\r\n{}",
        "expect": _ASK + ok + b"Expect: " + secret + b"\r\n\r\n",
        "chunk": b"POST /api/v1/x"
        + _HEAD
        + ok
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + secret
        + b"\r\n\r\n",
        "long line": b"GET /" + secret * 400 + _HEAD + b"\r\n",
        "http 2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + secret + b"\r\n\r\n",
        "half": b"GET /api/v1/customers/1 HTTP/1.1\r\nAuthorization: Bearer " + secret,
    }


def everything_back(port: int, data: bytes) -> bytes:
    """All bytes that come back for these."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        with suppress(OSError):  # it may have answered and hung up before it had read everything
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            while chunk := client.recv(65536):
                answer += chunk
    return answer
