"""The vendor's hosts on sockets of the fake's own server: by TLS or without, for one account each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakekit.errors import AccountsFullError, ControlError, Problem
from fakekit.import_lock import IMPORT_LOCK
from fakekit.server.listening import KeyFor, Listener, bind
from fakekit.unpatched import Lock
from fakekit.vendor import VENDOR_HOSTS

if TYPE_CHECKING:
    from fakekit.server.http_server import HttpServer

MAX_SOCKETS = 64
"""How many accounts may have a socket at the same time; each needs a port."""


def bind_vendor_hosts(key_for: KeyFor) -> tuple[Listener, bytes]:
    """Return a listener for the vendor's hosts on a free loopback port, and the certificate to trust, in PEM.

    The certificate is of a new authority, whose private key is only in this process. Raises `AddressError`
    when no port is free, OSError when no temporary file can be written.

    key_for: exchanges the key of every request.
    """
    with IMPORT_LOCK:
        from fakekit.server.authority import Authority

        authority = Authority()
        certificate = authority.certificate  # its first use imports cryptography
    tls = authority.server_context(*VENDOR_HOSTS)
    return Listener(bind("127.0.0.1", 0), tls, key_for), certificate


class InterceptedHosts:
    """The accounts of an app to which a socket for the vendor's hosts leads, and these sockets.

    A test opens one when it starts and closes it when it ends, so a connection that its clients keep does not
    reach the account of the next test.

    server: serves the app; None while none of ours does.
    """

    def __init__(self) -> None:
        self.server: HttpServer | None = None
        self._lock = Lock()
        self._sockets: dict[str, tuple[HttpServer, Listener]] = {}

    def open(self, key: str, is_strict: bool) -> tuple[int, bytes]:
        """Serve the vendor's hosts for an account; return the port on 127.0.0.1 and the certificate in PEM.

        An earlier socket for the same key is closed. Raises `ControlError` without a server of ours, and with
        several worker processes, since the next request may reach another; `AccountsFullError` for more than
        `MAX_SOCKETS`, and as `bind_vendor_hosts`.

        key: replaces every bearer token that comes; a request without one stays without.
        is_strict: whether the client's own key stays instead.
        """
        with IMPORT_LOCK:
            from fakekit.server.keys import keep_key, replace_every_key
        with self._lock:
            self._close_socket(key)
            server = self.server
            if server is None:
                raise _no_server_error()
            if server.workers > 1:
                problem = "has a socket in one process, and several workers serve"
                raise ControlError(Problem("intercept", problem, "", "--workers 1"), 503)
            if len(self._sockets) >= MAX_SOCKETS:
                problem = f"{MAX_SOCKETS} accounts are intercepted, the most that there may be"
                raise AccountsFullError(Problem("", problem, "", "end_intercept for one of them"))
            listener, certificate = bind_vendor_hosts(keep_key if is_strict else replace_every_key(key))
            server.listen(listener)
            self._sockets[key] = server, listener
            return listener.port, certificate

    def close(self, key: str) -> None:
        """Close the socket of an account with its connections; nothing happens when it has none."""
        with self._lock:
            self._close_socket(key)

    def _close_socket(self, key: str) -> None:
        """Close the socket of an account with its connections; the caller holds the lock.

        Nothing happens when the account has none.
        """
        server, listener = self._sockets.pop(key, (None, None))
        if server is not None and listener is not None:
            server.close_listener(listener)

    def end(self) -> None:
        """Forget the server, which ends and closes the sockets itself. Called by its event loop's thread."""
        self.server, self._sockets = None, {}  # without the lock, whose holder may wait for this thread


def _no_server_error() -> ControlError:
    """Return the error (503) where no server of ours serves the app."""
    problem = Problem("intercept", "needs fakekit's own server, running", "", "fakekit serve, or FakeServer")
    return ControlError(problem, 503)
