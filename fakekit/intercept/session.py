"""The vendor's hosts and a proxy to them, served during a block, for `fakekit exec` and for tests."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from fakekit.intercept.authority import Authority
from fakekit.intercept.child import Run
from fakekit.intercept.gateway import Gateway
from fakekit.intercept.proxy import Proxy
from fakekit.server.listening import KeyFor, Listener, bind
from fakekit.vendor import BASE_PATH, VENDOR_HOSTS

Listening = Callable[[Listener], AbstractContextManager[None]]
"""Makes a running server serve one more socket during a block: `FakeServer.listening`, for example."""


@contextmanager
def open_session(
    origin: str,
    api_key: str,
    key_for: KeyFor,
    listening: Listening | None = None,
    *,
    prefix: str = "fakekit-",
) -> Iterator[tuple[Run, Proxy]]:
    """Serve the vendor's hosts and run a proxy to them during the block; give a `Run` and the proxy.

    The certificate for the hosts is of a new authority; the `Run` has what child processes need. The end of
    the block stops both and removes the run's temporary folder. Raises `fakekit.errors.AddressError` when no
    port is free, OSError when the folder cannot be made, and what `listening` raises.

    origin: of the fake: ``http://127.0.0.1:40123``.
    api_key: the key that child processes find in XTRAKIT_API_KEY.
    key_for: takes the ``Authorization`` header of a client and returns the one that the fake receives.
    listening: makes the fake's own server serve one more socket during a block; the vendor's hosts are then
        served there. None for a fake in another process, to which a `Gateway` sends the requests on.
    prefix: the first part of the temporary folder's name.
    """
    authority = Authority()
    with ExitStack() as stack:
        vendor_port = stack.enter_context(_serve_vendor_hosts(origin, authority, key_for, listening))
        proxy = Proxy(vendor_port, dict(os.environ))
        proxy.start()
        stack.callback(proxy.stop)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=prefix)))
        base_url = f"{origin}{BASE_PATH}"
        yield Run(base_url, api_key, proxy.url, vendor_port, authority.certificate, folder), proxy


@contextmanager
def _serve_vendor_hosts(
    origin: str, authority: Authority, key_for: KeyFor, listening: Listening | None
) -> Iterator[int]:
    """Serve the vendor's hosts on a free loopback port during the block, and give the port.

    The fake's own server does it if there is `listening`, else a `Gateway` in a thread. Parameters, and what
    is raised, as of `open_session`.
    """
    tls = authority.server_context(*VENDOR_HOSTS)
    if listening is not None:
        listener = Listener(bind("127.0.0.1", 0), tls, key_for)
        with listener.sock, listening(listener):
            yield listener.port
        return
    gateway = Gateway(origin, tls, key_for)
    gateway.start()
    try:
        yield gateway.port
    finally:
        gateway.stop()
