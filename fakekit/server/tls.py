"""TLS between a client's socket and the protocol that answers it.

Not asyncio's own (``ssl=``): it ends a connection as soon as the client has ended its side, so that a request
whose response takes a moment is never answered, and it cannot begin with bytes that were read already, which
a port needs on which plain HTTP is spoken as well.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from typing import Any

from fakekit.api.rendering import KEEP_ALIVE_SECONDS
from fakekit.server.http_protocol import HEAD_SECONDS, HttpProtocol

HANDSHAKE_RECORD = b"\x16"
"""The first byte of a TLS connection (RFC 8446, 5.1); no method of HTTP begins with it."""
CHUNK = 64 * 1024
"""How many bytes are decrypted at once."""


def _find_context_class() -> type[ssl.SSLContext]:
    """Return `ssl.SSLContext`, or its first base class that is not truststore's; a mock as it is."""
    classes = getattr(ssl.SSLContext, "__mro__", (ssl.SSLContext,))
    return next(cls for cls in classes if "truststore" not in cls.__module__)


_CONTEXT_AT_IMPORT = _find_context_class()
_WRAP_BIO = _CONTEXT_AT_IMPORT.wrap_bio
"""Begins TLS on the server's side; bound here, since a test may replace the method."""


def context_class() -> type[ssl.SSLContext]:
    """Return `ssl.SSLContext` as it is without truststore, whose contexts ask the system about certificates.

    ``truststore.inject_into_ssl()`` puts a subclass in its place. Under gevent it is gevent's. Where a mock
    stands for it now, it is what was there when this module was imported.
    """
    return _find_context_class() if isinstance(ssl.SSLContext, type) else _CONTEXT_AT_IMPORT


class TlsConnection(asyncio.Protocol):
    """A connection on which the client chooses between TLS and plain HTTP by its first byte.

    It is the protocol of the socket's transport and, once TLS was chosen, the transport of the protocol that
    answers. After plain HTTP was chosen it has no part in the connection any more.

    http: answers the requests.
    context: has the certificate.
    """

    def __init__(self, http: HttpProtocol, context: ssl.SSLContext, loop: asyncio.AbstractEventLoop) -> None:
        self._http, self._context, self._loop = http, context, loop
        self._transport: Any = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls: ssl.SSLObject | None = None
        self._is_open = self._is_read_paused = self._has_eof = self._has_ended = False

    # What the transport of the socket calls.

    def connection_made(self, transport: object) -> None:
        """Keep the socket's transport and hand it to the protocol, which limits how long nothing may come."""
        self._transport = transport
        self._http.connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Tell the protocol that the connection is gone."""
        self._http.connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Decrypt what came, and hand it to the protocol.

        The first byte chooses: where it is not that of TLS, all bytes go to the protocol as they are.
        """
        if self._tls is None:
            if not data.startswith(HANDSHAKE_RECORD):
                self._transport.set_protocol(self._http)
                self._http.data_received(data)
                return
            self._tls = _WRAP_BIO(self._context, self._incoming, self._outgoing, server_side=True)
            self._http.use_tls(self)
            self._http.deadline = self._loop.time() + HEAD_SECONDS
        if not (self._has_ended or self._has_eof):  # what comes behind either end is not looked at
            self._incoming.write(data)
            self._read()

    def eof_received(self) -> bool:
        """Tell the protocol that the client has ended its side; return whether the connection stays open."""
        return self._end_of_requests() if self._tls is None or self._is_open else False

    def pause_writing(self) -> None:
        """Tell the protocol that the client does not read."""
        self._http.pause_writing()

    def resume_writing(self) -> None:
        """Tell the protocol that the client reads again."""
        self._http.resume_writing()

    # What the protocol calls: its transport, as asyncio has it.

    def get_extra_info(self, name: str, default: object = None) -> object:
        """Return what is known of the connection: as of the socket's transport, and ``ssl_object``."""
        return self._tls if name == "ssl_object" else self._transport.get_extra_info(name, default)

    def get_write_buffer_size(self) -> int:
        """Return how many encrypted bytes the client has not taken yet."""
        return int(self._transport.get_write_buffer_size())

    def is_closing(self) -> bool:
        """Return whether the connection is closed, or will be once everything is sent."""
        return bool(self._transport.is_closing())

    def write(self, data: bytes) -> None:
        """Encrypt bytes and send them; nothing happens after `write_eof` or on a closed connection."""
        if self._has_ended or self._tls is None or self.is_closing():
            return
        view = memoryview(data)
        try:
            while view:
                view = view[self._tls.write(view) :]
        except ssl.SSLError:  # the client has broken TLS off
            self._transport.abort()
        self._flush()

    def can_write_eof(self) -> bool:
        """Return True: one side of a TLS connection can end before the other (RFC 8446, 6.1)."""
        return True

    def write_eof(self) -> None:
        """Say, in TLS and in TCP, that nothing more is sent; what the client sends is dropped from now on."""
        self._send_close()
        self._transport.write_eof()

    def close(self) -> None:
        """Close the connection once everything is sent."""
        self._send_close()
        self._transport.close()

    def abort(self) -> None:
        """Close the connection at once, without a word of TLS."""
        self._transport.abort()

    def pause_reading(self) -> None:
        """Read and decrypt nothing more for now."""
        self._is_read_paused = True
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Go on where `pause_reading` stopped."""
        self._is_read_paused = False
        self._transport.resume_reading()
        self._loop.call_soon(self._read)  # not at once: the caller is in the middle of a request

    # TLS.

    def _read(self) -> None:
        """Go on with the handshake, or hand on what can be decrypted; close a connection that breaks TLS."""
        if self._tls is None or self._has_ended or self.is_closing():
            return
        try:
            if not self._is_open:
                self._tls.do_handshake()
                self._is_open = True
                self._http.deadline = self._loop.time() + KEEP_ALIVE_SECONDS
            while not (self._is_read_paused or self._has_eof or self._has_ended or self.is_closing()):
                data = self._tls.read(CHUNK)
                if data:
                    self._http.data_received(data)
                else:
                    self._end_of_requests()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            self._flush()  # the alert that says why
            self._transport.close()
        self._flush()

    def _end_of_requests(self) -> bool:
        """Tell the protocol, once, that the client has ended its side; return True."""
        if not self._has_eof:
            self._has_eof = True
            self._http.eof_received()
        return True

    def _send_close(self) -> None:
        """Send TLS's own end of the connection, once; nothing is read or sent in TLS after it."""
        if self._is_open and self._tls is not None and not self._has_ended and not self.is_closing():
            with suppress(ssl.SSLError):  # that the client has not said its own
                self._tls.unwrap()
            self._flush()
        self._has_ended = True

    def _flush(self) -> None:
        """Send the encrypted bytes that are ready; do nothing after `write_eof` or on a closed connection."""
        if self._outgoing.pending and not self._has_ended and not self.is_closing():
            self._transport.write(self._outgoing.read())
