"""The vendor's hosts and a proxy to them, served during a block, for `fakekit exec`, `shadow` and tests."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from fakekit.control.results import InterceptPort
from fakekit.intercept.child import Run
from fakekit.intercept.proxy import Proxy
from fakekit.server.intercepted_hosts import bind_vendor_hosts
from fakekit.server.listening import KeyFor, Listener
from fakekit.vendor import BASE_PATH

Listening = Callable[[Listener], AbstractContextManager[None]]
"""Makes a running server serve one more socket during a block: `ThreadServer.listening`."""


@contextmanager
def open_session(
    origin: str,
    api_key: str | None,
    intercepted: AbstractContextManager[InterceptPort],
    *,
    prefix: str = "fakekit-",
) -> Iterator[tuple[Run, Proxy]]:
    """Serve the vendor's hosts and run a proxy to them during the block; give a `Run` and the proxy.

    The `Run` has what child processes need. The end of the block stops both and removes the run's temporary
    folder. Raises `fakekit.errors.AddressError` when no port is free, OSError when the folder cannot be made,
    and what `intercepted` raises.

    origin: of the base URL that child processes find in XTRAKIT_BASE_URL: ``http://127.0.0.1:40123``.
    api_key: the key that they find in XTRAKIT_API_KEY; None leaves that variable as it is.
    intercepted: serves the vendor's hosts and gives their port, as `ControlledServer.intercepted`.
    prefix: the first part of the temporary folder's name.
    """
    with ExitStack() as stack:
        hosts = stack.enter_context(intercepted)
        proxy = Proxy(hosts["port"], dict(os.environ))
        proxy.start()
        stack.callback(proxy.stop)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=prefix)))
        certificate = hosts["certificate"].encode("ascii")
        yield Run(f"{origin}{BASE_PATH}", api_key, proxy.url, hosts["port"], certificate, folder), proxy


@contextmanager
def serve_vendor_hosts(listening: Listening, key_for: KeyFor) -> Iterator[InterceptPort]:
    """Have a server of this process serve the vendor's hosts during the block, and give the port.

    Raises as `bind_vendor_hosts`, and what `listening` raises.

    key_for: takes the ``Authorization`` header of a client and returns the one that the fake receives.
    """
    listener, certificate = bind_vendor_hosts(key_for)
    with listener.sock, listening(listener):
        yield InterceptPort(port=listener.port, certificate=certificate.decode("ascii"))
