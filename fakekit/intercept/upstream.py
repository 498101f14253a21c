"""How hosts of the network are reached: directly, or through the user's own proxy."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import h11

from fakekit.addresses import is_loopback
from fakekit.intercept import matches_no_proxy
from fakekit.intercept.relay import RefusedRequestError, Route, forwarded_headers, make_response
from fakekit.intercept.streams import Stream
from fakekit.server.request_target import origin_form
from fakekit.unpatched import Thread
from fakekit.vendor import vendor_host

CONNECT_SECONDS = 10.0
"""How many seconds a connection to one address of a host may take."""

ANSWER_BYTES = 16384
"""How many bytes a proxy's answer to CONNECT may have."""

UNREACHABLE = "that host cannot be reached from here"


class Upstream:
    """Connects to hosts of the network, as the user's own clients would. `Proxy` has one.

    environ: the environment variables; ``https_proxy``, ``http_proxy``, ``all_proxy`` and ``no_proxy`` are
        read from it, in lower case or capitals.
    reaches_vendor: whether the vendor's hosts may be connected to, as `fakekit shadow` does.
    ca_file: the file with the certificates to trust; None for those that the system trusts.
    """

    def __init__(
        self, environ: Mapping[str, str], *, reaches_vendor: bool = False, ca_file: str | None = None
    ) -> None:
        self._environ, self._reaches_vendor, self._ca_file = environ, reaches_vendor, ca_file

    async def tunnel(self, host: str, port: int) -> Stream:
        """Return a connection to a host, perhaps through the user's proxy, for the tunnel of a CONNECT.

        Raises OSError when the host cannot be reached, and `RefusedRequestError` when the environment names a
        proxy that is not HTTP.
        """
        return await Stream.from_connected(await self._connect_socket("https", host, port))

    def route(self, request: h11.Request, scheme: str, host: str, port: int) -> Route:
        """Return the route of a request with an absolute URL: to its host, or to the user's proxy.

        Nothing is connected yet. Raises `RefusedRequestError` when the environment names a proxy that is not
        HTTP.

        request: its line and headers; headers for a proxy are left out.
        scheme, host, port: the parts of its URL.
        """
        proxy = self._proxy(scheme, host)
        destination, headers = f"{scheme}://{host}:{port}", forwarded_headers(request)
        if proxy and scheme == "http":
            headers = [*headers, *_authorization(proxy)]
            to_proxy = partial(self._connect_to_proxy, proxy)
            return Route(destination, to_proxy, UNREACHABLE, request.target, headers)
        connect = partial(self.connect, scheme, host, port)
        return Route(destination, connect, UNREACHABLE, origin_form(request.target), headers)

    async def connect(self, scheme: str, host: str, port: int) -> Stream:
        """Return a connection to a host, with TLS for https, to pass a request on.

        Raises OSError when that fails, of which `ssl.SSLError` is one for a certificate that is not trusted,
        and `RefusedRequestError` when the environment names a proxy that is not HTTP.
        """
        context = ssl.create_default_context(cafile=self._ca_file) if scheme == "https" else None
        return await Stream.from_connected(
            await self._connect_socket(scheme, host, port), context, host if context else None
        )

    async def _connect_to_proxy(self, proxy: SplitResult) -> Stream:
        """Return a connection to the user's proxy itself, for plain HTTP requests. Raises OSError."""
        return await Stream.from_connected(
            await self._connect_to_host(proxy.hostname or "", proxy.port or 80)
        )

    async def _connect_socket(self, scheme: str, host: str, port: int) -> socket.socket:
        """Return a socket connected to a host, directly or by a tunnel through the user's proxy.

        Raises OSError when that fails, and `RefusedRequestError` when the environment names a proxy that is
        not HTTP.
        """
        proxy = self._proxy(scheme, host)
        if proxy is None:
            return await self._connect_to_host(host, port)
        sock = await self._connect_to_host(proxy.hostname or "", proxy.port or 80)
        try:
            await _open_tunnel(sock, proxy, f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
        except BaseException:
            sock.close()
            raise
        return sock

    def _proxy(self, scheme: str, host: str) -> SplitResult | None:
        """Return the URL of the proxy that the environment names for a host.

        None for a direct connection: to this machine, or where ``no_proxy`` says so. ``https_proxy`` or
        ``http_proxy`` wins over ``all_proxy``. A URL without a scheme counts as ``http://``. Raises
        `RefusedRequestError` (502) for one that is not ``http://`` and a host, and for what is no URL.
        """
        if is_loopback(host):
            return None
        url = self._variable(f"{scheme}_proxy") or self._variable("all_proxy")
        if not url or matches_no_proxy(self._variable("no_proxy"), host):
            return None
        parts = _split_url(url if "://" in url else f"http://{url}")
        if parts is None or parts.scheme != "http" or not parts.hostname:
            note = f"fakekit cannot use the proxy that {scheme}_proxy names; its URL must begin with http://"
            raise RefusedRequestError(make_response(HTTPStatus.BAD_GATEWAY, note))
        return parts

    def _variable(self, name: str) -> str:
        """Return a proxy variable of the environment, in lower case or else in capitals; empty for none."""
        return self._environ.get(name) or self._environ.get(name.upper()) or ""

    async def _connect_to_host(self, host: str, port: int) -> socket.socket:
        """Return a non-blocking socket that is connected to the first address of a host that answers.

        Raises OSError when no address does, each within `CONNECT_SECONDS`. Raises AssertionError for a
        vendor's host, unless they may be reached: the caller must never come here with one.
        """
        if vendor_host(host) and not self._reaches_vendor:
            raise AssertionError("a vendor's host must never be connected to")
        for family, kind, protocol, _, address in await _resolve(host, port):
            sock = socket.socket(family, kind, protocol)
            sock.setblocking(False)
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await asyncio.get_running_loop().sock_connect(sock, address)
            except OSError:  # also TimeoutError, a subclass
                sock.close()
            except BaseException:
                sock.close()
                raise
            else:
                return sock
        raise ConnectionRefusedError("no address of the host accepts a connection")


def _split_url(url: str) -> SplitResult | None:
    """Return the parts of the URL of the user's proxy.

    None for what is no URL, as with a # in the password that is not escaped.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # parsed here only: raises ValueError for a port that is no number
    except ValueError:
        return None
    return parts


def _authorization(proxy: SplitResult) -> list[tuple[bytes, bytes]]:
    """Return the header that authorises at the user's proxy, in a list; empty when its URL has no user."""
    if proxy.username is None:
        return []
    user = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return [(b"Proxy-Authorization", b"Basic " + base64.b64encode(user.encode()))]


async def _open_tunnel(sock: socket.socket, proxy: SplitResult, target: str) -> None:
    """Ask the user's proxy for a tunnel, on a socket that is connected to it, and read the answer.

    Raises OSError when the answer is not a 200, too long or too late.

    proxy: its URL, with the user and password if it needs them.
    target: the host and port to connect to: ``example.org:443``.
    """
    loop = asyncio.get_running_loop()
    headers = [(b"Host", target.encode()), *_authorization(proxy)]
    lines = [b"CONNECT %b HTTP/1.1" % target.encode(), *(b"%b: %b" % header for header in headers)]
    await loop.sock_sendall(sock, b"\r\n".join(lines) + b"\r\n\r\n")
    response = b""
    async with asyncio.timeout(CONNECT_SECONDS):
        while not response.endswith(b"\r\n\r\n"):
            byte = await loop.sock_recv(sock, 1)  # one at a time: what follows the answer is the host's
            response += byte
            if not byte or len(response) > ANSWER_BYTES:
                raise OSError("the proxy's answer to CONNECT is not complete")
    if response.split(b" ", 2)[1:2] != [b"200"]:
        raise OSError("the proxy rejected the tunnel")


async def _resolve(host: str, port: int) -> list[tuple[Any, ...]]:
    """Return the addresses of a host, as `socket.getaddrinfo` does; empty when it has none.

    The lookup runs in a daemon thread of its own.
    """
    # Not in asyncio's executor: the end of the loop and of the process would wait for its threads.
    loop = asyncio.get_running_loop()
    future: asyncio.Future[list[tuple[object, ...]]] = loop.create_future()

    def set_result(result: list[tuple[object, ...]]) -> None:
        if not future.done():
            future.set_result(result)

    def resolve() -> None:
        try:
            result: list[tuple[object, ...]] = list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            result = []
        if not loop.is_closed():
            loop.call_soon_threadsafe(set_result, result)

    Thread(target=resolve, name="fakekit-lookup").start()
    return await future
