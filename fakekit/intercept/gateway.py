"""The vendor's hosts on a port of this machine: TLS ends here, and requests are sent on to another server.

`Gateway` sends them to a fake that somebody else has started (``pytest --fakekit-url``,
`fakekit.intercept.leading`): it may be on another machine or in a container, where this process reaches no
further port, or may be served by another server. A fake of this run needs none: it serves the vendor's hosts
itself, on one more socket (`fakekit.server.intercepted_hosts.InterceptedHosts`).
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlsplit

import h11

from fakekit.api.response import refuse
from fakekit.contract.refusals import CONNECT
from fakekit.control.results import InterceptPort
from fakekit.intercept.relay import (
    ABSENT,
    Headers,
    RefusedRequestError,
    Relay,
    Route,
    forwarded_headers,
)
from fakekit.intercept.streams import Stream, ThreadService, first_byte
from fakekit.server.authority import Authority
from fakekit.server.keys import keep_key, replace_every_key
from fakekit.server.listening import KeyFor
from fakekit.server.request_target import origin_form
from fakekit.server.tls import HANDSHAKE_RECORD
from fakekit.vendor import VENDOR_HOSTS


@contextmanager
def serve_by_gateway(origin: str, api_key: str, strict: bool) -> Iterator[InterceptPort]:
    """Run a gateway to a fake elsewhere during the block, for an account, and give its port.

    Raises `fakekit.errors.AddressError` when no port is free, OSError when no temporary file can be written.

    origin: of the fake: ``http://127.0.0.1:40123``.
    strict: whether the client's own key counts; otherwise `api_key` replaces every key.
    """
    authority = Authority()
    tls = authority.server_context(*VENDOR_HOSTS)
    gateway = Gateway(origin, tls, keep_key if strict else replace_every_key(api_key))
    gateway.start()
    try:
        yield InterceptPort(port=gateway.port, certificate=authority.certificate.decode("ascii"))
    finally:
        gateway.stop()


class VendorHosts(ThreadService):
    """Serves the vendor's hosts on a free loopback port, by TLS or without, from another server.

    tls: TLS settings with a certificate for the vendor's hosts.

    A subclass says in `route` which server that is. `start`, `stop` and `port` are inherited from
    `ThreadService`.
    """

    def __init__(self, tls: ssl.SSLContext) -> None:
        super().__init__("fakekit-gateway")
        self._tls = tls

    async def serve(self, client: socket.socket) -> None:
        """Serve one connection, by TLS if its first byte begins a handshake, else as plain HTTP."""
        tls = self._tls if await first_byte(client) == HANDSHAKE_RECORD else None
        await Relay(await Stream.from_accepted(client, tls), partial(self._checked_route, tls)).run()

    def _checked_route(self, tls: ssl.SSLContext | None, request: h11.Request) -> Route:
        """Return the route of a request. Raises `RefusedRequestError` (405) for a CONNECT.

        tls: of the client's connection; None for one without TLS.
        """
        if request.method == b"CONNECT":
            raise RefusedRequestError(refuse(CONNECT))
        return self.route(request, "https" if tls else "http")

    def route(self, request: h11.Request, scheme: str) -> Route:
        """Return where a request goes. Raises NotImplementedError in this base class.

        scheme: of the client's connection: ``https`` or ``http``.
        """
        raise NotImplementedError


class Gateway(VendorHosts):
    """Serves the vendor's hosts from a fake elsewhere.

    origin: of the fake: ``http://127.0.0.1:40123``.
    tls: TLS settings with a certificate for the vendor's hosts.
    key_for: takes the ``Authorization`` header of a client and returns the one that the fake receives.

    A client gets a 502 when the fake does not answer.
    """

    def __init__(self, origin: str, tls: ssl.SSLContext, key_for: KeyFor) -> None:
        super().__init__(tls)
        parts = urlsplit(origin)
        self._connect = partial(Stream.connect, parts.hostname or "127.0.0.1", parts.port or 80)
        self._key_for = key_for

    def route(self, request: h11.Request, scheme: str) -> Route:
        """Return the route to the fake, with the key replaced.

        scheme: makes no difference: the fake is asked without TLS.
        """
        return Route("fake", self._connect, ABSENT, origin_form(request.target), self._headers(request))

    def _headers(self, request: h11.Request) -> Headers:
        """Return the headers to send to the fake, with the ``Authorization`` that `key_for` returns."""
        headers = forwarded_headers(request)
        received = [value for name, value in headers if name.lower() == b"authorization"]
        authorization = self._key_for(b", ".join(received).decode("latin-1") if received else None)
        others = [(name, value) for name, value in headers if name.lower() != b"authorization"]
        return others + (
            [] if authorization is None else [(b"Authorization", authorization.encode("latin-1"))]
        )
