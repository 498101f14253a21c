"""The proxy of a run: requests for the vendor's hosts go to the fake, others to the network.

It logs nothing: the fake logs its own requests, and those to other hosts are private.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
import socket
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

import h11

from fakekit.intercept.relay import (
    ABSENT,
    RefusedRequestError,
    Relay,
    Route,
    forwarded_headers,
    make_response,
)
from fakekit.intercept.streams import Stream, ThreadService
from fakekit.intercept.tunnel import connect_streams
from fakekit.intercept.upstream import UNREACHABLE, Upstream
from fakekit.server.request_target import origin_form
from fakekit.vendor import vendor_host

_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]", re.ASCII)
_PORTS = {"http": 80, "https": 443}


class Proxy(ThreadService):
    """An HTTP proxy on a free loopback port, for clients that know the run's secret.

    vendor_port: the loopback port on which the vendor's hosts are served, by TLS or without.
    environ: environment variables that name the user's own proxies, see `Upstream`.

    `start`, `stop` and `port` are inherited from `ThreadService`.
    """

    def __init__(self, vendor_port: int, environ: Mapping[str, str]) -> None:
        super().__init__("fakekit-proxy")
        self._connect_to_vendor = partial(Stream.connect, "127.0.0.1", vendor_port)
        self._upstream = Upstream(environ)
        self._secret = secrets.token_urlsafe(24)

    @property
    def url(self) -> str:
        """The URL to configure a client with: ``http://run:SECRET@127.0.0.1:PORT``."""
        return f"http://run:{self._secret}@127.0.0.1:{self.port}"

    async def serve(self, client: socket.socket) -> None:
        """Serve one connection until it ends: requests with absolute URLs, or one CONNECT.

        Called by `ThreadService` for each connection that it accepts.
        """
        await Relay(await Stream.from_accepted(client), self._route, self._tunnel).run()

    def _route(self, request: h11.Request) -> Route:
        """Return the route of a request with an absolute URL: to the fake for a vendor's host, else its host.

        Raises `RefusedRequestError` for a client without the secret (407) and a URL that cannot be used
        (400).
        """
        self._check_secret(request)
        scheme, host, port = _parse_absolute_target(request.target)
        if vendor_host(host):
            target, headers = origin_form(request.target), forwarded_headers(request)
            return Route("vendor", self._connect_to_vendor, ABSENT, target, headers)
        return self._upstream.route(request, scheme, host, port)

    async def _tunnel(self, request: h11.Request, client: Stream, rest: bytes) -> None:
        """Serve a CONNECT: connect, answer 200, and copy bytes both ways until the tunnel ends.

        A tunnel to a vendor's host goes to the fake. Raises `RefusedRequestError`, before the 200, for a
        client without the secret (407), a target that is malformed (400) or that cannot be reached (502).

        rest: bytes that were read from the client after the request.
        """
        self._check_secret(request)
        host, port = _parse_connect_target(request.target)
        try:
            if vendor_host(host):
                target_stream = await self._connect_to_vendor()
            else:
                target_stream = await self._upstream.tunnel(host, port)
        except OSError:
            note = ABSENT if vendor_host(host) else UNREACHABLE
            raise RefusedRequestError(make_response(HTTPStatus.BAD_GATEWAY, note)) from None
        try:
            await client.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            if rest:
                await target_stream.write(rest)
            await connect_streams(client, target_stream)
            await target_stream.close()
        finally:
            target_stream.cut()

    def _check_secret(self, request: h11.Request) -> None:
        """Raise `RefusedRequestError` (407) for a client without the run's secret.

        Other users of this machine could otherwise use the proxy.
        """
        expected = b"Basic " + base64.b64encode(b"run:" + self._secret.encode())
        credentials = b"".join(value for name, value in request.headers if name == b"proxy-authorization")
        if not hmac.compare_digest(expected, credentials):
            note = "this proxy is for one run of fakekit exec only; HTTPS_PROXY has its URL with the secret"
            challenge = ("Proxy-Authenticate", 'Basic realm="fakekit exec"')
            raise RefusedRequestError(
                make_response(HTTPStatus.PROXY_AUTHENTICATION_REQUIRED, note, challenge)
            )


def _parse_absolute_target(target: bytes) -> tuple[str, str, int]:
    """Return scheme, host and port of a request target in absolute-form (RFC 9112, 3.2.2).

    The port is 80 or 443 where the URL has none. Raises `RefusedRequestError` (400) for any other target.

    target: ``http://example.org/path``.
    """
    try:
        parts = urlsplit(target.decode("ascii"))
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        if _HOST.fullmatch(f"[{host}]" if ":" in host else host):
            return parts.scheme, host, port
    except (ValueError, KeyError):
        pass
    note = "a request to a proxy must be for http://HOST/PATH or https://HOST/PATH, or CONNECT HOST:PORT"
    raise RefusedRequestError(make_response(HTTPStatus.BAD_REQUEST, note))


def _parse_connect_target(target: bytes) -> tuple[str, int]:
    """Return host and port of a CONNECT's target. Raises `RefusedRequestError` (400) for a malformed one.

    target: ``example.org:443`` or ``[::1]:443``.
    """
    host, _, port = target.decode("latin-1").rpartition(":")
    if _HOST.fullmatch(host) and re.fullmatch("[0-9]{1,5}", port) and 0 < int(port) < 65536:
        return host.strip("[]"), int(port)
    note = "CONNECT must be for HOST:PORT, with the host in ASCII"
    raise RefusedRequestError(make_response(HTTPStatus.BAD_REQUEST, note))
