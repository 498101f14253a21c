"""The front and the proxy of a run, for the time of a block: for `fakekit exec` and for tests."""

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
    """Run a front and a proxy, under an authority of their own, for the block.

    Gives what a child process needs to reach them, and the proxy.

    origin: of the fake. api_key: what a child is told to use.
    key_for: returns the ``Authorization`` that the fake is sent, from the one that came.
    isolated: whether other hosts are refused.
    prefix: how the private folder's name begins.
    """
    authority = Authority()
    with ExitStack() as exits:
        gateway = Gateway(origin, authority, key_for)
        proxy = Proxy(gateway, origin, key_for, isolated, dict(os.environ))
        for service in (gateway, proxy):
            service.start()
            exits.callback(service.stop)
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix=prefix)))
        base_url = f"{origin}/api/v1"
        run = Run(base_url, api_key, proxy.url, gateway.port, authority.certificate, folder, isolated)
        yield run, proxy
