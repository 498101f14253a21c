"""The proxy of a run: the vendor's hosts lead to the fake and never to the network, others pass through.

It says nothing of what it sees: what is asked of the fake, the fake tells; the rest is nobody's business.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import ipaddress
import re
import secrets
import socket
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

import h11

from fakekit.intercept.gateway import ABSENT, Fake, Gateway, KeyFor
from fakekit.intercept.relay import RefusedRequestError, Relay, Route, make_response
from fakekit.intercept.streams import Stream, ThreadService
from fakekit.intercept.upstream import UNREACHABLE, Upstream
from fakekit.vendor import vendor_host

LAST_BYTES_SECONDS = 60.0
"""How long one side of a tunnel may go on once the other has ended."""

_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]", re.ASCII)
_PORTS = {"http": 80, "https": 443}


class Proxy(ThreadService):
    """An HTTP proxy on a free loopback port, for who knows the run's secret.

    gateway: where tunnels to the vendor's hosts lead; it must run.
    origin, key_for: the fake and its keys, as of a `Gateway`; for requests that name their host in full.
    isolated: refuse every other host that is not this machine.
    environ: names the proxies that other hosts are reached by; see `Upstream`.

    `start`, `stop` and `port` are `ThreadService`'s.
    """

    def __init__(
        self, gateway: Gateway, origin: str, key_for: KeyFor, isolated: bool, environ: Mapping[str, str]
    ) -> None:
        super().__init__("fakekit-proxy")
        self.isolated = isolated
        self._gateway, self._fake, self._upstream = gateway, Fake(origin, key_for), Upstream(environ)
        self._secret = secrets.token_urlsafe(24)

    @property
    def url(self) -> str:
        """The URL that a client is configured with; it holds the secret of the run."""
        return f"http://run:{self._secret}@127.0.0.1:{self.port}"

    async def serve(self, client: socket.socket) -> None:
        """Serve one connection: requests that name their host in full, or one CONNECT."""
        await Relay(await Stream.from_accepted(client), self._route, self._tunnel).run()

    def _route(self, request: h11.Request) -> Route:
        """Return where a request goes that names its host in full. Raises `RefusedRequestError`."""
        self._check_secret(request)
        scheme, host, port = _parse_absolute_target(request.target)
        if vendor_host(host):
            return self._fake.route(request)
        self._check_isolation(host)
        return self._upstream.route(request, scheme, host, port)

    async def _tunnel(self, request: h11.Request, client: Stream, rest: bytes) -> None:
        """Open the tunnel of a CONNECT, to the front for the vendor's hosts. Raises `RefusedRequestError`."""
        self._check_secret(request)
        host, port = _parse_connect_target(request.target)
        try:
            if vendor_host(host):
                target_stream = await Stream.connect("127.0.0.1", self._gateway.port)
            else:
                self._check_isolation(host)
                target_stream = await self._upstream.tunnel(host, port)
        except OSError:
            note = ABSENT if vendor_host(host) else UNREACHABLE
            raise RefusedRequestError(make_response(HTTPStatus.BAD_GATEWAY, note)) from None
        try:
            await client.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            if rest:
                await target_stream.write(rest)
            await _copy_both_ways(client, target_stream)
            await target_stream.close()
        finally:
            target_stream.cut()

    def _check_secret(self, request: h11.Request) -> None:
        """Raise `RefusedRequestError` (407) for a client without the secret: others use this machine too."""
        expected = b"Basic " + base64.b64encode(b"run:" + self._secret.encode())
        credentials = b"".join(value for name, value in request.headers if name == b"proxy-authorization")
        if not hmac.compare_digest(expected, credentials):
            note = "this proxy serves one run of fakekit exec, whose HTTPS_PROXY has its URL and secret"
            challenge = ("Proxy-Authenticate", 'Basic realm="fakekit exec"')
            raise RefusedRequestError(
                make_response(HTTPStatus.PROXY_AUTHENTICATION_REQUIRED, note, challenge)
            )

    def _check_isolation(self, host: str) -> None:
        """Raise `RefusedRequestError` (403) for a host of another machine, if the run is isolated."""
        if self.isolated and not _is_loopback(host):
            note = "fakekit exec --isolated lets nothing through but the vendor's hosts, which are the fake"
            raise RefusedRequestError(make_response(HTTPStatus.FORBIDDEN, note))


def _parse_absolute_target(target: bytes) -> tuple[str, str, int]:
    """Return scheme, host and port of an absolute-form (RFC 9112, 3.2.2). Raises `RefusedRequestError`."""
    try:
        parts = urlsplit(target.decode("ascii"))
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        if _HOST.fullmatch(f"[{host}]" if ":" in host else host):
            return parts.scheme, host, port
    except (ValueError, KeyError):
        pass
    note = "a proxy needs http://HOST/PATH or https://HOST/PATH to be asked for, or CONNECT HOST:PORT"
    raise RefusedRequestError(make_response(HTTPStatus.BAD_REQUEST, note))


def _parse_connect_target(target: bytes) -> tuple[str, int]:
    """Return host and port of a CONNECT's target. Raises `RefusedRequestError`."""
    host, _, port = target.decode("latin-1").rpartition(":")
    if _HOST.fullmatch(host) and re.fullmatch("[0-9]{1,5}", port) and 0 < int(port) < 65536:
        return host.strip("[]"), int(port)
    note = "CONNECT needs HOST:PORT, the host in ASCII"
    raise RefusedRequestError(make_response(HTTPStatus.BAD_REQUEST, note))


def _is_loopback(host: str) -> bool:
    """Return whether a host of the user's can only be this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


async def _copy_both_ways(first: Stream, second: Stream) -> None:
    """Copy bytes until both sides have ended, or one was reset: then the other is reset too."""
    tasks = {asyncio.ensure_future(_copy(first, second)), asyncio.ensure_future(_copy(second, first))}
    try:
        _, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if pending:
            await asyncio.wait(pending, timeout=LAST_BYTES_SECONDS)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _copy(source: Stream, target: Stream) -> None:
    """Copy bytes from one side to the other until it ends; a reset of either resets both."""
    try:
        while data := await source.read():
            await target.write(data)
        target.end()
    except OSError:
        source.reset()
        target.reset()
