"""Leading this process's own calls for the vendor's hosts to an account of a fake."""

from __future__ import annotations

import itertools
import os
import re
import socket
import ssl
import subprocess  # noqa: F401 (the seam replaces what is imported)
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from fakekit.intercept.child import Run, environment
from fakekit.intercept.guard import Guard
from fakekit.intercept.hosts import at_loopback, on_this_machine, peer
from fakekit.intercept.keys import BEARER, as_sent
from fakekit.intercept.patches import SEAM
from fakekit.intercept.policy import Rule
from fakekit.intercept.session import opened
from fakekit.vendor import VENDOR_HOSTS

_BEARER = re.compile(rf"([ \t]*bearer +){BEARER}[ \t]*", re.IGNORECASE | re.ASCII)
"""What is none stays as it came, for the fake to say what is wrong."""

_PROXIES = ("http_proxy", "https_proxy", "all_proxy")

ELSEWHERE = "since it goes through a proxy, which would take it there"
WITHOUT = "This test's calls are led to the fake: make them without the proxy."

_OWN = ("XTRAKIT_BASE_URL", "XTRAKIT_API_KEY")
"""What children of `fakekit exec` are told; those of a test have what the test has."""


@contextmanager
def leading(origin: str, api_key: str, *, strict: bool = False, guard: Guard | None = None) -> Iterator[None]:
    """Inside of the block, calls of this process for the vendor's hosts reach this account of this fake.

    So do those of child processes that are started in it with `subprocess`, by an environment of theirs.

    origin: of the fake: ``http://127.0.0.1:40123``.
    strict: the key is checked as it came; otherwise every key is taken for `api_key`, and only a
        missing one is missing.
    guard: told of calls that would go to the real service all the same.
    """

    def taken(presented: str | None) -> str | None:
        bearer = _BEARER.fullmatch(presented or "")
        return f"{bearer[1]}{api_key}" if bearer else presented

    key_for = as_sent if strict else taken
    with (
        opened(origin, api_key, key_for) as (run, proxy),
        _past_proxies(),
        SEAM.installed(Lead(run, proxy.port, guard or Guard())),
    ):
        yield


@contextmanager
def _past_proxies() -> Iterator[None]:
    """Inside of the block, proxies that the environment names are not for the vendor's hosts."""
    if not any(name.lower() in _PROXIES and os.environ[name] for name in os.environ):
        yield
        return
    before = {name: os.environ.get(name) for name in ("NO_PROXY", "no_proxy")}
    said = before["no_proxy"] or before["NO_PROXY"]
    os.environ.update(dict.fromkeys(before, ",".join(filter(None, [said, *VENDOR_HOSTS]))))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class Lead(Rule):
    """Leads to the front of a run.

    proxy: the port of a proxy that leads there too.
    guard: stops what goes through another one.
    """

    def __init__(self, run: Run, proxy: int, guard: Guard) -> None:
        self._run, self._ours, self._guard = run, (run.front, proxy), guard
        self._trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._trust.load_verify_locations(cadata=run.certificate.decode("ascii"))
        self._children = itertools.count(1)

    def resolve(self, host: str) -> bool:
        """To a marker."""
        return True

    def connect(self, sock: socket.socket, host: str | None, address: Any) -> Any:
        """To the front."""
        if host is None:
            return address
        return at_loopback(sock.family, self._run.front)

    def wrap(self, context: ssl.SSLContext, sock: socket.socket | None, host: str) -> ssl.SSLContext:
        """Trusting our CA and nobody else; the caller's context stays as it is."""
        if sock is not None:
            self._check(host, peer(sock))
        return self._trust

    def ask(self, host: str, through: tuple[str, int | None]) -> None:
        """Only of a proxy of ours."""
        self._check(host, through)

    def environment(self, environ: Mapping[str, str] | None) -> Mapping[str, str] | None:
        """With what leads a child to the front; its files last as long as the run's."""
        given = dict(os.environ if environ is None else environ)
        folder = self._run.folder / str(next(self._children))
        folder.mkdir()
        told = environment(replace(self._run, folder=folder), given)
        led = {name: value for name, value in told.items() if name not in _OWN}
        return led | {name: given[name] for name in _OWN if name in given}

    def _check(self, host: str, to: tuple[str, int | None] | None) -> None:
        """Stop a connection that goes elsewhere; one that is not made yet will be led."""
        __tracebackhide__ = True
        if to is not None and not (on_this_machine(to[0]) and to[1] in self._ours):
            self._guard.stop(host, ELSEWHERE, WITHOUT)
