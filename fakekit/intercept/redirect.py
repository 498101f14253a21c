"""Redirecting this process's calls for the vendor's hosts to an account of a fake."""

from __future__ import annotations

import itertools
import os
import socket
import ssl
import subprocess  # noqa: F401 (the patches replace what is imported)
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from fakekit.addresses import is_loopback
from fakekit.control.results import InterceptPort
from fakekit.intercept import CLIENT_VARIABLES, no_proxy_variables, set_variables
from fakekit.intercept.child import Run, child_environment
from fakekit.intercept.guard import Guard
from fakekit.intercept.hosts import loopback_address, peer_address
from fakekit.intercept.patches import PATCHES
from fakekit.intercept.policy import Policy
from fakekit.intercept.session import open_session
from fakekit.server.tls import context_class
from fakekit.vendor import VENDOR_HOSTS

THROUGH_PROXY = "because it goes through a proxy, which would pass it on to the real service"
REMOVE_PROXY = "This test's calls are redirected to the fake. Make them without the proxy."


@contextmanager
def redirect_calls(
    origin: str, api_key: str, intercepted: AbstractContextManager[InterceptPort], guard: Guard
) -> Iterator[None]:
    """Redirect this process's calls for the vendor's hosts to an account of a fake, during the block.

    This patches the standard library for all threads, and runs a proxy in a thread. Calls of child processes
    that the block starts with `subprocess` are redirected too, by environment variables.

    origin: of the fake: ``http://127.0.0.1:40123``.
    api_key: of the account.
    intercepted: serves the vendor's hosts for that account and gives their port, as
        `ControlledServer.intercepted`.
    guard: stops, and remembers for the report, calls through a proxy that would reach the real service.
    """
    with (
        open_session(origin, api_key, intercepted) as (run, proxy),
        set_variables(no_proxy_variables(os.environ, VENDOR_HOSTS)),
        PATCHES.installed(RedirectPolicy(run, proxy.port, guard)),
    ):
        yield


class RedirectPolicy(Policy):
    """Redirects calls for the vendor's hosts to the port on which a run serves them.

    run: has that port, and the certificate authority that clients are made to trust.
    proxy_port: of the run's own proxy, which leads to that port too.
    guard: stops and remembers calls that go through any other proxy.
    """

    def __init__(self, run: Run, proxy_port: int, guard: Guard) -> None:
        self._run, self._own_ports, self._guard = run, (run.vendor_port, proxy_port), guard
        self._trust = context_class()(ssl.PROTOCOL_TLS_CLIENT)
        self._trust.load_verify_locations(cadata=run.certificate.decode("ascii"))
        self._children = itertools.count(1)

    def resolve(self, host: str) -> bool:
        """Return True: a vendor's host resolves to its marker, a loopback address that stands for it.

        `connect` sends connections to that address to the fake.
        """
        return True

    def connect(self, sock: socket.socket, host: str | None, address: object) -> object:
        """Return the fake's address for a vendor's host; return any other address unchanged.

        host: the vendor's host that `address` means, by name or by the loopback address that stands for it;
            None for any other address.
        """
        if host is None:
            return address
        return loopback_address(sock.family, self._run.vendor_port)

    def is_redirected(self, sock: socket.socket) -> bool:
        """Return whether a socket is connected to the port on which the run serves the vendor's hosts."""
        address = peer_address(sock)
        return address is not None and address[1] in self._own_ports and is_loopback(address[0])

    def wrap(self, context: ssl.SSLContext, sock: socket.socket | None, host: str) -> ssl.SSLContext:
        """Return a TLS context that trusts the run's certificate authority only.

        Raises `RealServiceError` for a socket that is connected to anything but a port of the run, as
        through a proxy of the client's own. `context`, the caller's, is not changed.

        sock: the connected socket; None where asyncio does not pass it, which is not checked.
        """
        if sock is not None:
            self._check(host, peer_address(sock))
        return self._trust

    def use_proxy(self, host: str, proxy: tuple[str, int | None]) -> None:
        """Raise `RealServiceError` before a plain HTTP request for `host` to any proxy but the run's own.

        proxy: the proxy's host and port.
        """
        self._check(host, proxy)

    def environment(self, environ: Mapping[str, str] | None) -> Mapping[str, str] | None:
        """Return the variables of a child process, with those that lead its calls to the fake.

        Writes the child's certificates and settings into a new subfolder of the run's folder, which is
        removed with the run. Raises OSError.

        environ: the argument ``env`` of `subprocess.Popen`; None for the variables of this process.
        """
        base = dict(os.environ if environ is None else environ)
        folder = self._run.folder / str(next(self._children))
        folder.mkdir()
        child_env = child_environment(replace(self._run, folder=folder), base)
        variables = {name: value for name, value in child_env.items() if name not in CLIENT_VARIABLES}
        return variables | {name: base[name] for name in CLIENT_VARIABLES if name in base}

    def _check(self, host: str, address: tuple[str, int | None] | None) -> None:
        """Raise `RealServiceError`, which the guard remembers, unless an address is a port of the run's.

        The run has two on this machine: one serves the vendor's hosts, one is its proxy's. `wrap` and
        `use_proxy` call this.

        host: the vendor's host that the call is for.
        address: where its connection goes; None for a socket that is not connected yet, since `connect` will
            redirect it.
        """
        __tracebackhide__ = True
        if address is None:
            return
        if not is_loopback(address[0]) or address[1] not in self._own_ports:
            self._guard.stop(host, THROUGH_PROXY, REMOVE_PROXY)
