"""The guard: nothing is sent to the real service unless somebody said so. See ``docs/intercept.md``."""

from __future__ import annotations

import errno
import socket
import weakref
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, NoReturn

from fakekit.intercept.caller import find_caller
from fakekit.intercept.hosts import is_loopback_address, loopback_address, peer_address
from fakekit.intercept.policy import Policy

if TYPE_CHECKING:
    import ssl

BEFORE_LOOKUP = "before its name was looked up"
BEFORE_CONNECTING = "before connecting"
BEFORE_TLS = "before TLS, so that no key was sent; the connection was already there, as through a proxy"
BEFORE_ASKING = "before a proxy was asked"

KEPT = 1000
"""How many stopped calls are remembered until they are asked for: code may try again without end."""

EXEC_PORT = "_FAKEKIT_EXEC_PORT"
"""`child.PORT_VARIABLE`, whose module imports ssl."""

REMEDIES = (
    "Two ways on: @pytest.mark.fakekit(intercept=True) leads it to this test's account of the fake; "
    "@pytest.mark.fakekit(allow_real=True) lets it through."
)


class RealServiceError(OSError):
    """A call to the real service was stopped.

    An OSError, as of a connection that failed, so that the client's own error handling takes it.
    """

    def __init__(self, message: str) -> None:
        super().__init__(errno.ECONNREFUSED, message)

    def __str__(self) -> str:
        return str(self.strerror)


@dataclass(frozen=True)
class StoppedCall:
    """A call to the real service that was stopped.

    host: the vendor's host that it was for.
    when: how far it had come: before the lookup, the connection, TLS or the request to a proxy.
    where: the line of the user's code that made it.
    test: the id of the test that was running; empty outside of tests.
    remedy: what to do about it.
    """

    host: str
    when: str
    where: str
    test: str = ""
    remedy: str = REMEDIES

    def __str__(self) -> str:
        return f"{self.where}: {self.host}, stopped {self.when}"


class Guard(Policy):
    """Stops every call to the vendor's hosts, and remembers it for a report.

    gateway: the port of the front of a `fakekit exec` that this process is a child of; calls are then led
        there, or to its proxy, and not stopped. None for no such parent.
    test: the id of the running test, set by the pytest plugin; empty outside of tests.
    """

    def __init__(self, gateway: int | None = None) -> None:
        self.gateway = gateway
        self.test = ""
        self._lock = Lock()
        self._stopped: list[StoppedCall] = []

    def resolve(self, host: str) -> bool:
        """Raise `RealServiceError` before the name is looked up; under `fakekit exec` return True."""
        __tracebackhide__ = True
        if self.gateway is None:
            self.stop(host, BEFORE_LOOKUP)
        return True

    def connect(self, sock: socket.socket, host: str | None, address: Any) -> Any:
        """Raise `RealServiceError` before a connection to a vendor's host, or to its marker.

        Under `fakekit exec` return the front's address instead. Other addresses are returned as they are.
        """
        __tracebackhide__ = True
        if host and self.gateway is None:
            self.stop(host, BEFORE_CONNECTING)
        return loopback_address(sock.family, self.gateway) if host and self.gateway else address

    def wrap(self, context: ssl.SSLContext, sock: socket.socket | None, host: str) -> ssl.SSLContext:
        """Raise `RealServiceError` before TLS: through a proxy's tunnel, or to an address without a name.

        Under `fakekit exec`, return the caller's context for a socket that stays on this machine.
        """
        __tracebackhide__ = True
        address = peer_address(sock) if sock else None
        if self.gateway is None or (address and not is_loopback_address(address[0])):
            self.stop(host, BEFORE_TLS)
        return context

    def ask(self, host: str, through: tuple[str, int | None]) -> None:
        """Raise `RealServiceError` before a proxy is asked, unless it is that of a `fakekit exec`."""
        __tracebackhide__ = True
        if self.gateway is None or not is_loopback_address(through[0]):
            self.stop(host, BEFORE_ASKING)

    def take_stopped(self, test: str) -> list[StoppedCall]:
        """Return, and forget, the calls that were stopped during a test; those outside of tests for ""."""
        with self._lock:
            stopped_calls = [stopped for stopped in self._stopped if stopped.test == test]
            self._stopped = [stopped for stopped in self._stopped if stopped.test != test]
        return stopped_calls

    def stop(self, host: str, when: str, remedy: str = REMEDIES) -> NoReturn:
        """Remember a call, up to `KEPT` of them, and raise `RealServiceError` that says what to do."""
        __tracebackhide__ = True
        stopped = StoppedCall(host, when, _line_that_called(), self.test, remedy)
        with self._lock:
            if len(self._stopped) < KEPT:
                self._stopped.append(stopped)
        raise RealServiceError(f"fakekit stopped a call to the real XtraKit service: {stopped}. {remedy}")


def _line_that_called() -> str:
    """Return the line of the user's that made the call, wherever a test lets it be looked up."""
    try:
        return find_caller()
    except Exception:  # the folder is gone, os.path is replaced
        return "a line that cannot be told"


class AllowPolicy(Policy):
    """Lets the calls of one test through, and closes the connections that it leaves open.

    hosts: the vendor's hosts that were called.
    """

    def __init__(self) -> None:
        self.hosts: set[str] = set()
        self._addresses: set[object] = set()
        self._open: weakref.WeakSet[socket.socket] = weakref.WeakSet()

    def resolve(self, host: str) -> bool:
        """Note the host, and return False: the real resolver is asked."""
        self.hosts.add(host)
        return False

    def resolved(self, addresses: Any) -> None:
        """Remember the host's addresses, by which its connections are recognised later."""
        self._addresses.update(address_info[4][0] for address_info in addresses)

    def connect(self, sock: socket.socket, host: str | None, address: Any) -> Any:
        """Remember the socket, and return the real address, also for a marker that a client has kept."""
        if host:
            self.hosts.add(host)
        if host or address[0] in self._addresses:
            self._open.add(sock)
        return super().connect(sock, host, address)

    def wrap(self, context: ssl.SSLContext, sock: socket.socket | None, host: str) -> ssl.SSLContext:
        """Note the host, and return the caller's own TLS context."""
        self.hosts.add(host)
        return context

    def wrapped(self, sock: ssl.SSLSocket) -> None:
        """Remember a TLS connection, since a client may keep it in a pool."""
        self._open.add(sock)

    def ask(self, host: str, through: tuple[str, int | None]) -> None:
        """Note the host; the proxy is asked."""
        self.hosts.add(host)

    def close(self) -> None:
        """Shut the connections that clients have kept: the next test would reach the real service on them."""
        for sock in list(self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
