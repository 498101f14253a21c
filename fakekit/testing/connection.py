"""A connection of our own to a running fake, which no mocking library stands in.

Libraries that record or mock HTTP replace `http.client`, ``socket.socket`` or the functions that look names
up, for as long as a test runs; tests replace methods of their classes. What a test asks its fake to do (open
an account, add a fault) is no traffic of the code under test: it must not be recorded, nor answered from a
cassette, nor refused. So h11 reads and writes HTTP here, on a socket of the C module beneath `socket`.
Never through a proxy: a question to this machine must not leave it because HTTP_PROXY is set.
"""

from __future__ import annotations

from _socket import SOCK_STREAM
from _socket import socket as CSocket  # noqa: N812
from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import SplitResult, urlsplit

import h11

from fakekit.unpatched import Socket, getaddrinfo

if TYPE_CHECKING:
    import ssl

CHUNK = 65536
"""How many bytes are read at once."""

LONGEST_BODY = 256 * 1024 * 1024
"""How many bytes of a body are read: more than any of fakekit's, and not what another server may send."""


class RawResponse(NamedTuple):
    """The status and the body of a server's response."""

    status: int
    body: bytes


class NotHttpError(ValueError):
    """What came is not HTTP/1.1, or ended early, or is longer than `LONGEST_BODY`."""


class _Stream(Protocol):
    """A connected socket, plain or with TLS."""

    def sendall(self, data: bytes, /) -> None: ...
    def recv(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


def ask(
    origin: str,
    method: str,
    target: str,
    *,
    timeout: float,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    check_certificate: bool = True,
) -> RawResponse:
    """Send one request and return the response; a redirect is returned and not followed.

    origin: as `fakekit.addresses.read_origin` gives it: ``http://127.0.0.1:4310``.
    target: path and query, percent-encoded.
    timeout: seconds that connecting and each read may take.
    check_certificate: of an HTTPS origin; without, its certificate may be anybody's.

    Raises OSError when nobody answers, and `NotHttpError`.
    """
    parts = urlsplit(origin)
    fields = {"Host": parts.netloc, **(headers or {}), "Connection": "close"}
    if body is not None:
        fields["Content-Length"] = str(len(body))
    request = h11.Request(method=method, target=target, headers=list(fields.items()))
    with closing(_connect(parts, timeout, check_certificate)) as stream:
        try:
            return _exchange(stream, request, body or b"")
        except h11.ProtocolError as error:
            raise NotHttpError(str(error)) from None


def _exchange(stream: _Stream, request: h11.Request, body: bytes) -> RawResponse:
    protocol = h11.Connection(h11.CLIENT)
    for part in (request, h11.Data(data=body), h11.EndOfMessage()):
        stream.sendall(protocol.send(part) or b"")
    status, received = 0, bytearray()
    while True:
        event = protocol.next_event()
        if event is h11.NEED_DATA:
            protocol.receive_data(stream.recv(CHUNK))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            received += event.data
            if len(received) > LONGEST_BODY:
                raise NotHttpError("the body is too long")
        elif isinstance(event, h11.EndOfMessage):
            return RawResponse(status, bytes(received))
        elif isinstance(event, h11.ConnectionClosed):
            raise NotHttpError("the connection was closed")


def _connect(parts: SplitResult, timeout: float, check_certificate: bool) -> _Stream:
    """Connect to the first address of an origin that answers, with TLS for https. Raises OSError."""
    host, is_tls = parts.hostname or "", parts.scheme == "https"
    failure = OSError(f"{host} has no address")
    # As bytes: text needs the codec "idna", whose import fails for good if a test lets nothing be imported.
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
    import ssl  # takes a while, and few fakes are on HTTPS

    context = ssl.create_default_context()
    if not check_certificate:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    plain = Socket(sock.family, sock.type, sock.proto, fileno=sock.fileno())
    plain.settimeout(sock.gettimeout())
    sock.detach()
    return context.wrap_socket(plain, server_hostname=host)
