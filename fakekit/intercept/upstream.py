"""How hosts other than the vendor's are reached: directly, or by the user's own proxy."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from threading import Thread
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import h11

from fakekit.intercept import excludes
from fakekit.intercept.relay import RefusedRequestError, Route, forwarded_headers, make_response, origin_form
from fakekit.intercept.streams import Stream
from fakekit.vendor import vendor_host

CONNECT_SECONDS = 10.0
"""How long one address of a host may take to be connected to."""

ANSWER_BYTES = 16384
"""How much a proxy may say before a tunnel is open."""

UNREACHABLE = "that host cannot be reached from here"


class Upstream:
    """Reaches hosts other than the vendor's, as the user's own clients would.

    environ: where ``https_proxy``, ``http_proxy``, ``all_proxy`` and ``no_proxy`` are read, in either case.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    async def tunnel(self, host: str, port: int) -> Stream:
        """Return a connection to a host, through the user's proxy if there is one.

        Raises OSError, and `RefusedRequestError` for a proxy that cannot be used.
        """
        return await Stream.from_connected(await self._connect_socket("https", host, port))

    def route(self, request: h11.Request, scheme: str, host: str, port: int) -> Route:
        """Return where a request goes that names its host in full.

        Raises `RefusedRequestError` for a proxy that cannot be used.
        """
        proxy = self._proxy(scheme, host)
        destination, headers = f"{scheme}://{host}:{port}", forwarded_headers(request)
        if proxy and scheme == "http":
            headers = [*headers, *_authorization(proxy)]
            return Route(destination, partial(self._to_proxy, proxy), UNREACHABLE, request.target, headers)
        connect = partial(self._connect, scheme, host, port)
        return Route(destination, connect, UNREACHABLE, origin_form(request.target), headers)

    async def _connect(self, scheme: str, host: str, port: int) -> Stream:
        context = ssl.create_default_context() if scheme == "https" else None
        return await Stream.from_connected(
            await self._connect_socket(scheme, host, port), context, host if context else None
        )

    async def _to_proxy(self, proxy: SplitResult) -> Stream:
        return await Stream.from_connected(await _connect_to_host(proxy.hostname or "", proxy.port or 80))

    async def _connect_socket(self, scheme: str, host: str, port: int) -> socket.socket:
        """Return a connected socket, through the user's proxy if there is one.

        Raises OSError, and `RefusedRequestError` for a proxy that cannot be used.
        """
        proxy = self._proxy(scheme, host)
        if proxy is None:
            return await _connect_to_host(host, port)
        sock = await _connect_to_host(proxy.hostname or "", proxy.port or 80)
        try:
            await _ask_for_tunnel(sock, proxy, f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
        except BaseException:
            sock.close()
            raise
        return sock

    def _proxy(self, scheme: str, host: str) -> SplitResult | None:
        """The proxy that the environment names for a host. `RefusedRequestError` if it is not HTTP."""
        url = self._variable(f"{scheme}_proxy") or self._variable("all_proxy")
        if not url or excludes(self._variable("no_proxy"), host):
            return None
        parts = _split(url if "://" in url else f"http://{url}")
        if parts is None or parts.scheme != "http" or not parts.hostname:
            note = (
                f"the proxy that {scheme}_proxy names is none that fakekit can go through: it takes http://"
            )
            raise RefusedRequestError(make_response(HTTPStatus.BAD_GATEWAY, note))
        return parts

    def _variable(self, name: str) -> str:
        """Return a variable of the environment, in lower case or else in capitals; empty without one."""
        return self._environ.get(name) or self._environ.get(name.upper()) or ""


def _split(url: str) -> SplitResult | None:
    """The parts of a URL; None where it is none, as with a # in the password that is not escaped."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # it is read here, and no number where something else stands
    except ValueError:
        return None
    return parts


def _authorization(proxy: SplitResult) -> list[tuple[bytes, bytes]]:
    """Return the header that authorises at the user's proxy; none when its URL has no user."""
    if proxy.username is None:
        return []
    user = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return [(b"Proxy-Authorization", b"Basic " + base64.b64encode(user.encode()))]


async def _ask_for_tunnel(sock: socket.socket, proxy: SplitResult, target: str) -> None:
    """Send a CONNECT on a socket and read the proxy's answer. Raises OSError when it is not a 200."""
    loop = asyncio.get_running_loop()
    headers = [(b"Host", target.encode()), *_authorization(proxy)]
    lines = [b"CONNECT %b HTTP/1.1" % target.encode(), *(b"%b: %b" % header for header in headers)]
    await loop.sock_sendall(sock, b"\r\n".join(lines) + b"\r\n\r\n")
    response = b""
    async with asyncio.timeout(CONNECT_SECONDS):
        while not response.endswith(b"\r\n\r\n"):
            byte = await loop.sock_recv(sock, 1)  # not one more: those behind are the host's
            response += byte
            if not byte or len(response) > ANSWER_BYTES:
                raise OSError("the proxy's answer is none")
    if response.split(b" ", 2)[1:2] != [b"200"]:
        raise OSError("the proxy refused the tunnel")


async def _connect_to_host(host: str, port: int) -> socket.socket:
    """Return a socket connected to the first address of a host that answers.

    Raises OSError, and AssertionError for a vendor's host, which must never get here.
    """
    if vendor_host(host):
        raise AssertionError("the vendor's hosts are never connected to")
    for family, kind, protocol, _, address in await _look_up(host, port):
        sock = socket.socket(family, kind, protocol)
        sock.setblocking(False)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await asyncio.get_running_loop().sock_connect(sock, address)
        except OSError:  # of which TimeoutError is one
            sock.close()
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise OSError("no address of the host takes the connection")


async def _look_up(host: str, port: int) -> list[tuple[Any, ...]]:
    """Look a host up in a thread, which nobody waits for when it takes longer than the run."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[list[tuple[Any, ...]]] = loop.create_future()

    def set_result(result: list[tuple[Any, ...]]) -> None:
        if not future.done():
            future.set_result(result)

    def look_up() -> None:
        try:
            result: list[tuple[Any, ...]] = list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            result = []
        if not loop.is_closed():
            loop.call_soon_threadsafe(set_result, result)

    Thread(target=look_up, name="fakekit-lookup", daemon=True).start()
    return await future
