"""A connection of our own to a running fake, which no mocking library stands in.

Libraries that record or mock HTTP replace ``http.client.HTTPConnection``, ``socket.socket`` or the functions
that look names up, for as long as a test runs. What a test asks its fake to do (open an account, add a fault)
is no traffic of the code under test: it must be neither recorded, nor answered from a cassette, nor refused.
Never through a proxy: a question to this machine must not leave it because HTTP_PROXY is set.
"""

from __future__ import annotations

from _socket import socket as _c_socket
from collections.abc import Mapping
from http.client import HTTPConnection
from socket import SOCK_STREAM, getaddrinfo, socket
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import ssl

LONGEST_BODY = 256 * 1024 * 1024
"""How many bytes of a body are read: more than any of fakekit's, and not what another server may send."""


class RawResponse(NamedTuple):
    """What a server answered: the status and the body."""

    status: int
    body: bytes


class _Connection(HTTPConnection):
    """Plain HTTP, on a socket of the class that Python came with.

    The methods stand here once more, since a test may replace those of `HTTPConnection` itself.
    """

    request = HTTPConnection.request
    putrequest = HTTPConnection.putrequest
    putheader = HTTPConnection.putheader
    endheaders = HTTPConnection.endheaders
    send = HTTPConnection.send
    getresponse = HTTPConnection.getresponse
    close = HTTPConnection.close

    def connect(self) -> None:
        self.sock = _connected_socket(self.host, self.port, self.timeout)


class _TlsConnection(_Connection):
    """HTTPS. context: says which certificates are trusted."""

    default_port = 443

    def __init__(self, host: str, port: int | None, timeout: float, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=timeout)
        self._context = context

    def connect(self) -> None:
        super().connect()
        self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)


def _connected_socket(host: str, port: int, timeout: float | None) -> socket:
    """Connect to the first address of a host that answers. Raises OSError."""
    failure: OSError = OSError(f"{host} has no address")
    for family, kind, protocol, _, address in getaddrinfo(host, port, 0, SOCK_STREAM):
        sock = socket(family, kind, protocol)
        try:
            sock.settimeout(timeout)
            _c_socket.connect(sock, address)  # pytest-socket replaces the method of the Python class
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    raise failure


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
    """Send one request and return the reply; a redirect is returned and not followed.

    origin: as `fakekit.addresses.read_origin` gives it: ``http://127.0.0.1:4310``.
    target: path and query, percent-encoded.
    timeout: seconds that connecting and each read may take.
    check_certificate: of an HTTPS origin; without, its certificate may be anybody's.

    Raises OSError and `http.client.HTTPException`.
    """
    parts = urlsplit(origin)
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = _client_context(check_certificate)
        connection: HTTPConnection = _TlsConnection(host, parts.port, timeout, context)
    else:
        connection = _Connection(host, parts.port, timeout=timeout)
    try:
        connection.request(method, target, body, {**(headers or {}), "Connection": "close"})
        response = connection.getresponse()
        return RawResponse(response.status, response.read(LONGEST_BODY))
    finally:
        connection.close()


def _client_context(check_certificate: bool) -> ssl.SSLContext:
    import ssl  # takes a while, and few fakes are on HTTPS

    context = ssl.create_default_context()
    if not check_certificate:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
