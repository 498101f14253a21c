"""The front and the proxy of a run, open for as long as a block: for `fakekit exec` and for tests."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from fakekit.intercept.authority import Authority
from fakekit.intercept.child import Run
from fakekit.intercept.gateway import Front
from fakekit.intercept.proxy import Proxy


@contextmanager
def opened(
    origin: str,
    api_key: str,
    key_for: Callable[[str | None], str | None],
    *,
    isolated: bool = False,
    named: str = "fakekit-",
) -> Iterator[tuple[Run, Proxy]]:
    """What leads to a fake: a front and a proxy under an authority of their own, and a private folder.

    origin: of the fake. api_key: what a child is told to use.
    key_for: from the ``Authorization`` that came to the one that the fake is sent.
    isolated: whether other hosts are refused.
    named: how the folder's name begins.
    """
    authority = Authority()
    with ExitStack() as ends:
        front = Front(origin, authority, key_for)
        proxy = Proxy(front, origin, key_for, isolated, dict(os.environ))
        for service in (front, proxy):
            service.start()
            ends.callback(service.stop)
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix=named)))
        base_url = f"{origin}/api/v1"
        run = Run(base_url, api_key, proxy.url, front.port, authority.certificate, folder, isolated)
        yield run, proxy
