"""An HTTP connection to a running fake that no mocking library replaces.

Libraries that record or mock HTTP replace `http.client`, `socket.socket` or `socket.getaddrinfo` while a test
runs, or methods of their classes. What a test asks its fake to do (open an account, add a fault) is no
traffic of the code under test: it must not be recorded, answered from a recording, or blocked. So h11 reads
and writes HTTP here, on a socket of `_socket`, the C module beneath `socket`. No proxy is used: a request to
this machine must not leave it because HTTP_PROXY is set.
"""

from __future__ import annotations

import math
from _socket import SOCK_STREAM
from _socket import socket as CSocket  # noqa: N812
from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, urlsplit

import h11

from fakekit.unpatched import Socket, getaddrinfo, monotonic

if TYPE_CHECKING:
    import ssl

CHUNK = 65536
"""How many bytes are read at once."""

LONGEST_BODY = 256 * 1024 * 1024
"""How many bytes a response's body may have: more than fakekit sends; another server may send without end."""


class RawResponse(NamedTuple):
    """A server's response: its status, its body, and its headers by lower-case name, the last of each."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class NotHttpError(ValueError):
    """A response is not HTTP/1.1, ended early, or has too long a body."""


class LongBodyError(NotHttpError):
    """A response has a longer body than the caller accepts."""


def send_request(
    origin: str,
    method: str,
    target: str,
    *,
    timeout: float,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    check_certificate: bool = True,
    longest_body: int = LONGEST_BODY,
    total_timeout: float = math.inf,
) -> RawResponse:
    """Send one request on a new connection and return the response; a redirect is not followed.

    For `fakekit wait`, to control a fake that runs elsewhere, and for `fakekit drift`. Blocks. Raises OSError
    when nothing answers in time, `NotHttpError` when the response is not HTTP, and `LongBodyError`.

    origin: of the server, as `fakekit.addresses.read_origin` returns it: ``http://127.0.0.1:4310``.
    target: path and query, percent-encoded: ``/_fakekit/accounts?limit=1``.
    timeout: seconds that the connection, and each read, may take.
    body, headers: of the request; None for none. Headers are sent in UTF-8. Host, Content-Length and
        Connection are added.
    check_certificate: whether an HTTPS server must have a trusted certificate for its name; by default it
        must.
    longest_body: how many bytes the body of the response may have.
    total_timeout: seconds that the whole response may take; by default only each read has a limit.
    """
    parts = urlsplit(origin)
    deadline = monotonic() + total_timeout
    all_headers = {"Host": parts.netloc, **(headers or {}), "Connection": "close"}
    if body is not None:
        all_headers["Content-Length"] = str(len(body))
    request = h11.Request(
        method=method, target=target, headers=[(n.encode(), v.encode()) for n, v in all_headers.items()]
    )
    protocol = h11.Connection(h11.CLIENT)
    with closing(_connect(parts, timeout, check_certificate)) as stream:
        try:
            _send(stream, protocol, request, body or b"")
            return _receive(stream, protocol, longest_body, deadline)
        except h11.ProtocolError as error:
            raise NotHttpError(str(error)) from None


def _send(stream: CSocket, protocol: h11.Connection, request: h11.Request, body: bytes) -> None:
    """Send a client's request on a connection. Raises OSError."""
    for part in (request, h11.Data(data=body), h11.EndOfMessage()):
        stream.sendall(protocol.send(part) or b"")


def _receive(stream: CSocket, protocol: h11.Connection, longest_body: int, deadline: float) -> RawResponse:
    """Read the response of a server to its end.

    Raises OSError, TimeoutError among them when it is not there at the deadline (a monotonic time),
    `h11.ProtocolError` for a response that is not HTTP, `LongBodyError` and, for one that ends early,
    `NotHttpError`.
    """
    status, headers, received = 0, {}, bytearray()
    while True:
        event = protocol.next_event()
        if event is h11.NEED_DATA:
            if deadline < math.inf:
                stream.settimeout(min(stream.gettimeout() or math.inf, _seconds_until(deadline)))
            protocol.receive_data(stream.recv(CHUNK))
        elif isinstance(event, h11.Response):
            status = event.status_code
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers}
        elif isinstance(event, h11.Data):
            received += event.data
            if len(received) > longest_body:
                raise LongBodyError("the body is too long")
        elif isinstance(event, h11.EndOfMessage):
            return RawResponse(status, bytes(received), headers)
        elif isinstance(event, h11.ConnectionClosed):
            raise NotHttpError("the connection was closed")


def _seconds_until(deadline: float) -> float:
    """Return how many seconds are left until a monotonic time. Raises TimeoutError when none are."""
    seconds = deadline - monotonic()
    if seconds <= 0:
        raise TimeoutError("timed out")
    return seconds


def _connect(parts: SplitResult, timeout: float, check_certificate: bool) -> CSocket:
    """Return a client's connection to the first address of a server that answers, with TLS for https.

    Raises OSError: that of the last address, or for a host without any.

    parts: of the origin's URL.
    timeout: seconds for each address, and later for each read.
    """
    host, is_tls = parts.hostname or "", parts.scheme == "https"
    failure = OSError(f"{host} has no address")
    # As bytes: text needs the codec "idna". Its import would fail for good where a test blocks all imports.
    name = host.encode("ascii") if host.isascii() else host
    port = parts.port or (443 if is_tls else 80)
    for family, kind, protocol, _, address in getaddrinfo(name, port, 0, SOCK_STREAM):
        sock = CSocket(family, kind, protocol)
        try:
            sock.settimeout(timeout)
            sock.connect(address)
            return _with_tls(sock, host, check_certificate) if is_tls else sock
        except OSError as error:
            sock.close()
            failure = error
    raise failure


def _with_tls(sock: CSocket, host: str, check_certificate: bool) -> ssl.SSLSocket:
    """Return a client's TLS connection over a connected socket, after the handshake.

    `sock` must not be used again. Raises OSError, also for a certificate that is not trusted.

    host: the name or address that the certificate must be for.
    """
    import ssl  # takes a while, and few fakes are on HTTPS

    context = ssl.create_default_context()
    if not check_certificate:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    plain = Socket(sock.family, sock.type, sock.proto, fileno=sock.fileno())
    plain.settimeout(sock.gettimeout())
    sock.detach()  # `plain` has the descriptor now, and closes it
    return context.wrap_socket(plain, server_hostname=host)
