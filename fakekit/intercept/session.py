"""A gateway and a proxy that run during a block, for `fakekit exec` and for tests."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from fakekit.intercept.authority import Authority
from fakekit.intercept.child import Run
from fakekit.intercept.gateway import Gateway
from fakekit.intercept.proxy import Proxy


@contextmanager
def open_session(
    origin: str,
    api_key: str,
    key_for: Callable[[str | None], str | None],
    *,
    isolated: bool = False,
    prefix: str = "fakekit-",
) -> Iterator[tuple[Run, Proxy]]:
    """Run a gateway and a proxy to the fake during the block; give a `Run` for children, and the proxy.

    Both serve in threads of their own and share a new certificate authority. The end of the block stops them
    and removes the run's temporary folder. Raises `fakekit.errors.AddressError` when no port is free, and
    OSError when the folder cannot be made.

    origin: of the fake: ``http://127.0.0.1:40123``.
    api_key: the key that child processes find in XTRAKIT_API_KEY.
    key_for: takes the ``Authorization`` header of a client and returns the one that the fake receives.
    isolated: whether the proxy rejects hosts that are neither the vendor's nor this machine.
    prefix: the first part of the temporary folder's name.
    """
    authority = Authority()
    with ExitStack() as stack:
        gateway = Gateway(origin, authority, key_for)
        proxy = Proxy(gateway, origin, key_for, isolated, dict(os.environ))
        for service in (gateway, proxy):
            service.start()
            stack.callback(service.stop)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=prefix)))
        base_url = f"{origin}/api/v1"
        run = Run(base_url, api_key, proxy.url, gateway.port, authority.certificate, folder, isolated)
        yield run, proxy
