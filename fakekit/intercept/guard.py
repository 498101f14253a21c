"""The guard: it stops calls to the real service that no test has allowed. See ``docs/intercept.md``."""

from __future__ import annotations

import errno
import socket
import weakref
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from os import getpid
from typing import TYPE_CHECKING, Any, NoReturn

from fakekit.addresses import is_loopback
from fakekit.intercept.caller import find_caller
from fakekit.intercept.fork_mailbox import LONGEST_TEXT, ForkMailbox
from fakekit.intercept.hosts import loopback_address, peer_address
from fakekit.intercept.policy import Policy
from fakekit.unpatched import Lock

if TYPE_CHECKING:
    import ssl

BEFORE_LOOKUP = "before its name was looked up"
BEFORE_CONNECTING = "before connecting"
BEFORE_TLS = "before TLS, so that no key was sent; the connection was already there, as through a proxy"
BEFORE_PROXY = "before the request to a proxy"

MAX_STOPPED = 1000
"""How many stopped calls are remembered until a report reads them; code may retry without end."""

UNKNOWN_LINE = "an unknown line"

EXEC_PORT = "_FAKEKIT_EXEC_PORT"
"""The same as `child.PORT_VARIABLE`, whose module is not imported here since it imports ssl."""

MARK_THE_TEST = (
    "Where the code reads its base URL from a variable, name that variable in the setting fakekit_env. "
    "Else mark the test: @pytest.mark.fakekit(intercept=True) redirects its calls to its account of the "
    "fake; @pytest.mark.fakekit(allow_real=True) lets them through."
)


class RealServiceError(OSError):
    """A call to the real service was stopped; the message says where it was made and what to do.

    It is an OSError (ECONNREFUSED), so that an HTTP client treats it as a connection that failed.
    """

    def __init__(self, message: str) -> None:
        super().__init__(errno.ECONNREFUSED, message)

    def __str__(self) -> str:
        """Return the message without the error number that `OSError` puts before it."""
        return str(self.strerror)


@dataclass(frozen=True)
class StoppedCall:
    """A call to the real service that was stopped.

    host: the vendor's host that the call was for.
    when: how far the call had come: "before its name was looked up", or another of the `BEFORE_` texts.
    where: the line of the user's code that made the call: ``tests/test_shop.py:12 in test_pay``.
    test: the node id of the test that was running; empty outside of tests.
    suggestion: a sentence that says what to do about it.
    """

    host: str
    when: str
    where: str
    test: str = ""
    suggestion: str = MARK_THE_TEST

    def __str__(self) -> str:
        """Return where the call was made, its host, and how far it had come, as one line.

        For the report, and part of the message of `RealServiceError`.
        """
        return f"{self.where}: {self.host}, stopped {self.when}"


class Guard(Policy):
    """Stops every call to the vendor's hosts, and remembers it for a report.

    exec_port: where `fakekit exec` serves the vendor's hosts if this process is a child of it, else None.
        Under `fakekit exec` calls are sent to that port, or through the parent's proxy; what goes past both
        is stopped all the same.

    Its attribute `test` is the node id of the running test, set by the pytest plugin; empty outside of tests.
    """

    def __init__(self, exec_port: int | None = None) -> None:
        self.exec_port = exec_port
        self.test = ""
        self._lock, self._process_id = Lock(), getpid()
        self._stopped: list[StoppedCall] = []
        self._forked = ForkMailbox()

    def resolve(self, host: str) -> bool:
        """Raise `RealServiceError` before the name of a vendor's host is looked up.

        Under `fakekit exec` return True: the name resolves to a marker, a loopback address that stands for
        it, and `connect` decides.
        """
        __tracebackhide__ = True
        if self.exec_port is None:
            self.stop(host, BEFORE_LOOKUP)
        return True

    def connect(self, sock: socket.socket, host: str | None, address: object) -> object:
        """Raise `RealServiceError` before a connection to a vendor's host.

        Under `fakekit exec` return the fake's address instead. Return other addresses as they are.

        host: the vendor's host that `address` means, by name or by the loopback address that stands for it;
            None for any other address.
        """
        __tracebackhide__ = True
        if host and self.exec_port is None:
            self.stop(host, BEFORE_CONNECTING)
        return loopback_address(sock.family, self.exec_port) if host and self.exec_port else address

    def wrap(self, context: ssl.SSLContext, sock: socket.socket | None, host: str) -> ssl.SSLContext:
        """Raise `RealServiceError` before a TLS handshake with a vendor's host.

        A call comes this far through a proxy's tunnel, or to an IP address, for example. Under `fakekit
        exec`, return the caller's own context for a socket that is connected to this machine.

        sock: the connected socket; None where asyncio does not pass it.
        """
        __tracebackhide__ = True
        address = peer_address(sock) if sock else None
        if self.exec_port is None or (address and not is_loopback(address[0])):
            self.stop(host, BEFORE_TLS)
        return context

    def use_proxy(self, host: str, proxy: tuple[str, int | None]) -> None:
        """Raise `RealServiceError` before a plain HTTP request for a vendor's host goes to a proxy.

        Under `fakekit exec`, a proxy on this machine is taken for the parent's, and nothing happens.

        proxy: the proxy's host and port.
        """
        __tracebackhide__ = True
        if self.exec_port is None or not is_loopback(proxy[0]):
            self.stop(host, BEFORE_PROXY)

    def pop_stopped(self, test: str) -> list[StoppedCall]:
        """Return the calls that were stopped during a test, and forget them; empty when there were none.

        Those of forked children are among them; one that a child made when its test was over counts as
        outside of tests.

        test: the test's node id; "" for the calls that were stopped outside of tests.
        """
        with self._lock:
            self._stopped.extend(self._read_child_call(values, test) for values in self._forked.pop())
            stopped = [call for call in self._stopped if call.test == test]
            self._stopped = [call for call in self._stopped if call.test != test]
        return stopped

    def _read_child_call(self, values: Mapping[str, str], test: str) -> StoppedCall:
        """Return the call that a message of a forked child is about.

        One of another test than the running one and `test` counts as outside of tests. Of a broken message
        only `test` is known.

        values: the attributes of the call, each cut to `LONGEST_TEXT`.
        """
        try:
            call = StoppedCall(**values)
        except TypeError:
            where = f"{UNKNOWN_LINE} in a forked child"
            return StoppedCall("one of its hosts", BEFORE_CONNECTING, where, test)
        tests = (name for name in (self.test, test) if name[:LONGEST_TEXT] == call.test)
        return replace(call, test=next(tests, ""))

    def _record(self, call: StoppedCall) -> None:
        """Remember a stopped call for the report, also in a forked child; drop it when there are too many."""
        if getpid() != self._process_id:
            self._forked.add(asdict(replace(call, where=f"{call.where}, in a forked child")))
            return
        with self._lock:
            if len(self._stopped) < MAX_STOPPED:
                self._stopped.append(call)

    def stop(self, host: str, when: str, suggestion: str = MARK_THE_TEST) -> NoReturn:
        """Stop a call: remember it for the report of the running test, and raise `RealServiceError`.

        At most `MAX_STOPPED` calls are remembered; later ones are stopped all the same.

        host: the vendor's host that was called.
        when: how far the call had come: "before connecting".
        suggestion: what to do about it; the message ends with it.
        """
        __tracebackhide__ = True
        where = UNKNOWN_LINE
        try:
            with suppress(Exception):  # a test may have replaced anything
                where = find_caller()
        finally:  # also when a time-out ends the search
            call = StoppedCall(host, when, where, self.test, suggestion)
            self._record(call)
        raise RealServiceError(f"fakekit stopped a call to the real XtraKit service: {call}. {suggestion}")


class AllowPolicy(Policy):
    """Lets the calls of one test to the real service through, for the mark ``allow_real``.

    hosts: the vendor's hosts that were called so far.

    `close` shuts the connections that the test leaves open.
    """

    def __init__(self) -> None:
        self.hosts: set[str] = set()
        self._addresses: set[object] = set()
        self._open: weakref.WeakSet[socket.socket] = weakref.WeakSet()

    def resolve(self, host: str) -> bool:
        """Add a host to those that the test called, and return False: the real resolver looks it up."""
        self.hosts.add(host)
        return False

    def on_resolve(self, addresses: Any) -> None:
        """Remember a host's IP addresses, so that `connect` recognises them; called after a lookup.

        addresses: what `socket.getaddrinfo` returned.
        """
        self._addresses.update(address_info[4][0] for address_info in addresses)

    def connect(self, sock: socket.socket, host: str | None, address: Any) -> Any:
        """Return the real address, and remember the socket if it is for a vendor's host.

        A marker (a loopback address that stands for a vendor's host), which a client may still have from an
        earlier test, is replaced by the real address.

        host: the vendor's host that `address` means by name or marker; None for any other address.
        """
        if host:
            self.hosts.add(host)
        if host or address[0] in self._addresses:
            self._open.add(sock)
        return super().connect(sock, host, address)

    def wrap(self, context: ssl.SSLContext, sock: socket.socket | None, host: str) -> ssl.SSLContext:
        """Add the host to those that the test called, and return the caller's own TLS context."""
        self.hosts.add(host)
        return context

    def on_wrap(self, sock: ssl.SSLSocket) -> None:
        """Remember a TLS connection to a vendor's host, for `close`; a client may keep it in a pool."""
        self._open.add(sock)

    def use_proxy(self, host: str, proxy: tuple[str, int | None]) -> None:
        """Add the host to those that the test called; the request goes to the proxy."""
        self.hosts.add(host)

    def close(self) -> None:
        """Shut down the test's connections that are still open; called when the test ends.

        A later test that uses the same client would otherwise reach the real service on them.
        """
        for sock in list(self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
