"""The vendor's hosts on this machine: TLS ends here, and what is asked goes to the fake."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

import h11

from fakekit.intercept.authority import Authority
from fakekit.intercept.relay import (
    Headers,
    RefusedRequestError,
    Relay,
    Route,
    forwarded_headers,
    make_response,
    origin_form,
)
from fakekit.intercept.streams import Stream, ThreadService, first_byte
from fakekit.vendor import VENDOR_HOSTS

KeyFor = Callable[[str | None], str | None]
"""Of an Authorization header's value as it came, None for none, what the fake is sent; None for none."""

ABSENT = "the fake does not answer: it has ended"
"""What is said instead."""

_TLS_RECORD = b"\x16"
"""What a TLS connection begins with."""


class Gateway(ThreadService):
    """Serves the vendor's hosts, or others, on a free loopback port, by TLS or without, from a fake.

    origin: of the fake: ``http://127.0.0.1:40123``.
    authority: whom clients trust.
    key_for: which key a request is made with. What it is given may be a secret: it may not keep it.
    hosts: the names, or addresses, that its certificate is for.

    `start`, `stop` and `port` are `ThreadService`'s. A fake that does not answer is a 502.
    """

    def __init__(
        self,
        origin: str,
        authority: Authority,
        key_for: KeyFor,
        hosts: tuple[str, ...] = VENDOR_HOSTS,
    ) -> None:
        super().__init__("fakekit-gateway")
        self._fake = Fake(origin, key_for)
        self._authority, self._hosts = authority, hosts
        self._context: ssl.SSLContext | None = None

    def start(self, listener: socket.socket | None = None) -> None:
        """Make the certificate, then start to serve as `ThreadService.start` does."""
        self._context = self._context or self._authority.server_context(*self._hosts)
        super().start(listener)

    async def serve(self, client: socket.socket) -> None:
        """Serve one connection, by TLS if its first byte begins a handshake, else as plain HTTP."""
        context = self._context if await first_byte(client) == _TLS_RECORD else None
        await Relay(await Stream.from_accepted(client, context), self._route).run()

    def _route(self, request: h11.Request) -> Route:
        """Return the route to the fake. Raises `RefusedRequestError` (405) for a CONNECT."""
        if request.method == b"CONNECT":
            note = "this is a server and not a proxy; CONNECT is for proxies"
            raise RefusedRequestError(make_response(HTTPStatus.METHOD_NOT_ALLOWED, note))
        return self._fake.route(request)


class Fake:
    """The way to the fake: its address, and the key that a request is made with."""

    def __init__(self, origin: str, key_for: KeyFor) -> None:
        parts = urlsplit(origin)
        self._connect = partial(Stream.connect, parts.hostname or "127.0.0.1", parts.port or 80)
        self._key_for = key_for

    def route(self, request: h11.Request) -> Route:
        """Return where a request to one of the vendor's hosts goes: to the fake, with the key exchanged."""
        target, headers = origin_form(request.target), self._headers(request)
        return Route("fake", self._connect, ABSENT, target, headers)

    def _headers(self, request: h11.Request) -> Headers:
        """The headers with the key that the fake is to see, in the place of what came."""
        headers = forwarded_headers(request)
        received = [value for name, value in headers if name.lower() == b"authorization"]
        authorization = ", ".join(value.decode("latin-1") for value in received) if received else None
        replaced = self._key_for(authorization)
        other_headers = [(name, value) for name, value in headers if name.lower() != b"authorization"]
        return (
            [*other_headers, (b"Authorization", replaced.encode("latin-1"))]
            if replaced is not None
            else other_headers
        )
