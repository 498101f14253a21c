"""Loaded into every Python of a ``fakekit exec``: connections to the vendor's hosts go to this run's gateway.

For clients that ask no proxy. Only the standard library: this may be another environment than fakekit's, and
another Python.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import socket
import sys
from typing import Any

MARKER = "127.88.75.1"
"""What they are to whoever looks them up without a port; nobody listens there."""


def _vendor() -> Any:
    """The module `fakekit.vendor`, loaded from its file: this environment may not have the package."""
    file = os.path.join(os.path.dirname(__file__), "..", "..", "..", "vendor.py")  # noqa: PTH118, PTH120
    spec = importlib.util.spec_from_file_location("_fakekit_vendor", file)
    if spec is None or spec.loader is None:
        raise ImportError(file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _redirect(port: int) -> None:
    """Replace what resolves and connects, so that the vendor's hosts lead to the front at this port."""
    _is_vendor = _vendor().vendor_host
    getaddrinfo_before, connect, connect_ex = (
        socket.getaddrinfo,
        socket.socket.connect,
        socket.socket.connect_ex,
    )
    gateway = ("127.0.0.1", port)

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not _is_vendor(host):
            return getaddrinfo_before(host, *args, **kwargs)
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", gateway)]

    def redirected(address: Any) -> Any:
        if not isinstance(address, tuple) or not address:
            return address
        return gateway if address[0] == MARKER or _is_vendor(address[0]) else address

    def by_name(original: Any) -> Any:
        return lambda host: original(MARKER if _is_vendor(host) else host)

    socket.getaddrinfo = getaddrinfo
    socket.gethostbyname, socket.gethostbyname_ex = (
        by_name(socket.gethostbyname),
        by_name(socket.gethostbyname_ex),
    )
    by_address = socket.gethostbyaddr
    socket.gethostbyaddr = lambda host: (host, [], [MARKER]) if _is_vendor(host) else by_address(host)
    changed: Any = socket.socket
    changed.connect = lambda self, address: connect(self, redirected(address))
    changed.connect_ex = lambda self, address: connect_ex(self, redirected(address))


def _run_next_sitecustomize() -> None:
    """Import the sitecustomize that this one hides, if there is one."""
    own_folder = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 (pathlib takes longer to import)
    own_module, path = sys.modules.pop("sitecustomize"), list(sys.path)
    sys.path[:] = [folder for folder in path if os.path.abspath(folder) != own_folder]  # noqa: PTH100
    try:
        importlib.import_module("sitecustomize")
    except ImportError:
        pass
    finally:
        sys.path[:] = path
        sys.modules.setdefault("sitecustomize", own_module)


if __name__ == "sitecustomize":
    if os.environ.get("_FAKEKIT_EXEC_PORT", "").isdigit():
        _redirect(int(os.environ["_FAKEKIT_EXEC_PORT"]))
    _run_next_sitecustomize()
