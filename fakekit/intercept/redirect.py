"""Leading this process's own calls for the vendor's hosts to an account of a fake."""

from __future__ import annotations

import itertools
import os
import re
import socket
import ssl
import subprocess  # noqa: F401 (the patches replace what is imported)
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from fakekit.intercept.child import Run, child_environment
from fakekit.intercept.guard import Guard
from fakekit.intercept.hosts import is_loopback_address, loopback_address, peer_address
from fakekit.intercept.keys import BEARER, keep_key
from fakekit.intercept.patches import PATCHES
from fakekit.intercept.policy import Policy
from fakekit.intercept.session import open_session
from fakekit.vendor import VENDOR_HOSTS

_BEARER = re.compile(rf"([ \t]*bearer +){BEARER}[ \t]*", re.IGNORECASE | re.ASCII)
"""What is none stays as it came, for the fake to say what is wrong."""

_PROXIES = ("http_proxy", "https_proxy", "all_proxy")

THROUGH_PROXY = "since it goes through a proxy, which would take it there"
REMOVE_PROXY = "This test's calls are led to the fake: make them without the proxy."

_OWN_VARIABLES = ("XTRAKIT_BASE_URL", "XTRAKIT_API_KEY")
"""What children of `fakekit exec` are told; those of a test have what the test has."""


@contextmanager
def redirect_calls(
    origin: str, api_key: str, *, strict: bool = False, guard: Guard | None = None
) -> Iterator[None]:
    """Inside of the block, calls of this process for the vendor's hosts reach this account of this fake.

    So do those of child processes that are started in it with `subprocess`, by an environment of theirs.

    origin: of the fake: ``http://127.0.0.1:40123``.
    strict: the key is checked as it came; otherwise every key is taken for `api_key`, and only a
        missing one is missing.
    guard: told of calls that would go to the real service all the same.
    """

    def replace_key(authorization: str | None) -> str | None:
        bearer = _BEARER.fullmatch(authorization or "")
        return f"{bearer[1]}{api_key}" if bearer else authorization

    key_for = keep_key if strict else replace_key
    with (
        open_session(origin, api_key, key_for) as (run, proxy),
        _bypass_proxies(),
        PATCHES.installed(RedirectPolicy(run, proxy.port, guard or Guard())),
    ):
        yield


@contextmanager
def _bypass_proxies() -> Iterator[None]:
    """Inside of the block, proxies that the environment names are not for the vendor's hosts."""
    if not any(name.lower() in _PROXIES and os.environ[name] for name in os.environ):
        yield
        return
    before = {name: os.environ.get(name) for name in ("NO_PROXY", "no_proxy")}
    no_proxy = before["no_proxy"] or before["NO_PROXY"]
    os.environ.update(dict.fromkeys(before, ",".join(filter(None, [no_proxy, *VENDOR_HOSTS]))))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class RedirectPolicy(Policy):
    """Redirects to the gateway of a run.

    proxy: the port of a proxy that leads there too.
    guard: stops what goes through another one.
    """

    def __init__(self, run: Run, proxy: int, guard: Guard) -> None:
        self._run, self._own_ports, self._guard = run, (run.gateway, proxy), guard
        self._trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._trust.load_verify_locations(cadata=run.certificate.decode("ascii"))
        self._children = itertools.count(1)

    def resolve(self, host: str) -> bool:
        """To a marker."""
        return True

    def connect(self, sock: socket.socket, host: str | None, address: Any) -> Any:
        """To the gateway."""
        if host is None:
            return address
        return loopback_address(sock.family, self._run.gateway)

    def wrap(self, context: ssl.SSLContext, sock: socket.socket | None, host: str) -> ssl.SSLContext:
        """Trusting our CA and nobody else; the caller's context stays as it is."""
        if sock is not None:
            self._check(host, peer_address(sock))
        return self._trust

    def ask(self, host: str, through: tuple[str, int | None]) -> None:
        """Only of a proxy of ours."""
        self._check(host, through)

    def environment(self, environ: Mapping[str, str] | None) -> Mapping[str, str] | None:
        """With what leads a child to the gateway; its files last as long as the run's."""
        base = dict(os.environ if environ is None else environ)
        folder = self._run.folder / str(next(self._children))
        folder.mkdir()
        child_env = child_environment(replace(self._run, folder=folder), base)
        redirected = {name: value for name, value in child_env.items() if name not in _OWN_VARIABLES}
        return redirected | {name: base[name] for name in _OWN_VARIABLES if name in base}

    def _check(self, host: str, address: tuple[str, int | None] | None) -> None:
        """Stop a connection that goes elsewhere; one that is not made yet will be led."""
        __tracebackhide__ = True
        if address is not None and not (is_loopback_address(address[0]) and address[1] in self._own_ports):
            self._guard.stop(host, THROUGH_PROXY, REMOVE_PROXY)
