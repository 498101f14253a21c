"""Loaded into every Python of a ``fakekit exec``: connections to the vendor's hosts go to this run's fake.

It is for HTTP clients that ignore proxy variables. It uses only the standard library, since it may run in
another environment than fakekit's, and in another version of Python.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import socket
import sys
from typing import Any

MARKER = "127.88.75.1"
"""What the vendor's hosts resolve to in lookups without a port; nothing listens there."""

PASSED_ON = (
    *(f"{prefix}_PROXY" for prefix in ("HTTP", "HTTPS", "ALL", "NO")),
    *(f"{prefix}_proxy" for prefix in ("http", "https", "all", "no")),
    "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
    "_FAKEKIT_EXEC_PORT", "NODE_OPTIONS", "CURL_HOME", "PHP_INI_SCAN_DIR",
)  # fmt: skip
"""The variables that a child process gets from us where its environment does not have them."""


def _load_vendor_module() -> Any:
    """Return the module `fakekit.vendor`, loaded from its file: this environment may not have the package.

    Raises ImportError.
    """
    file = os.path.join(os.path.dirname(__file__), "..", "..", "..", "vendor.py")  # noqa: PTH118, PTH120
    spec = importlib.util.spec_from_file_location("_fakekit_vendor", file)
    if spec is None or spec.loader is None:
        raise ImportError(file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _redirect(port: int) -> None:
    """Patch `socket`, so that this process's connections to the vendor's hosts go to the fake.

    port: on which the vendor's hosts are served, on 127.0.0.1.
    """
    vendor_host = _load_vendor_module().vendor_host
    original_getaddrinfo, original_gethostbyaddr = socket.getaddrinfo, socket.gethostbyaddr
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    fake_address = ("127.0.0.1", port)

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        if not vendor_host(host):
            return original_getaddrinfo(host, *args, **kwargs)
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", fake_address)]

    def gethostbyaddr(host: Any) -> Any:
        return (host, [], [MARKER]) if vendor_host(host) else original_gethostbyaddr(host)

    def redirect_address(address: Any) -> Any:
        if not isinstance(address, tuple) or not address:
            return address
        return fake_address if address[0] == MARKER or vendor_host(address[0]) else address

    def with_marker(original: Any) -> Any:
        return lambda host: original(MARKER if vendor_host(host) else host)

    socket.getaddrinfo, socket.gethostbyaddr = getaddrinfo, gethostbyaddr
    socket.gethostbyname = with_marker(socket.gethostbyname)
    socket.gethostbyname_ex = with_marker(socket.gethostbyname_ex)
    socket_class: Any = socket.socket
    socket_class.connect = lambda self, address: connect(self, redirect_address(address))
    socket_class.connect_ex = lambda self, address: connect_ex(self, redirect_address(address))


def _redirect_children() -> None:
    """Patch what starts child processes, so that one with an environment of its own is redirected, too.

    `subprocess` uses it, and so do `asyncio` and `multiprocessing`; `os.system` and `os.execv` do not.
    """
    import _posixsubprocess

    folder = os.path.dirname(os.path.abspath(__file__)).encode()  # noqa: PTH100, PTH120
    names = [os.fsencode(name) for name in PASSED_ON]
    ours = {name: os.environb[name] for name in names if name in os.environb}

    def complete(env: Any) -> dict[bytes, bytes]:
        given = {
            os.fsencode(name): os.fsencode(value)
            for name, value in (os.environb if env is None else env).items()
        }
        paths = given.get(b"PYTHONPATH", b"")
        if folder not in paths.split(b":"):
            paths = folder + b":" + paths if paths else folder
        return {**ours, **given, b"PYTHONPATH": paths}

    def with_environment(original: Any) -> Any:
        return lambda path, argv, env, *rest, **options: original(path, argv, complete(env), *rest, **options)

    fork_exec: Any = _posixsubprocess.fork_exec

    def fork_exec_redirected(*args: Any) -> Any:  # the sixth argument is a list of b"NAME=value", or None
        pairs = args[5]
        given = None if pairs is None else dict(pair.split(b"=", 1) for pair in pairs)
        env = [name + b"=" + value for name, value in complete(given).items()]
        return fork_exec(*args[:5], env, *args[6:])

    module: Any = _posixsubprocess
    module.fork_exec = fork_exec_redirected
    for name in ("posix_spawn", "posix_spawnp", "execve"):
        if hasattr(os, name):
            setattr(os, name, with_environment(getattr(os, name)))


def _run_next_sitecustomize() -> None:
    """Import the user's own `sitecustomize`, which this module hides by its name, if there is one.

    `sys.modules` then has the user's; without one, this module stays there. `sys.path` is restored.
    """
    this_folder = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 (pathlib takes longer to import)
    this_module, path = sys.modules.pop("sitecustomize"), list(sys.path)
    sys.path[:] = [folder for folder in path if os.path.abspath(folder) != this_folder]  # noqa: PTH100
    try:
        importlib.import_module("sitecustomize")
    except ImportError:
        pass
    finally:
        sys.path[:] = path
        sys.modules.setdefault("sitecustomize", this_module)


if __name__ == "sitecustomize":
    if os.environ.get("_FAKEKIT_EXEC_PORT", "").isdigit():
        _redirect(int(os.environ["_FAKEKIT_EXEC_PORT"]))
        if os.name == "posix":
            _redirect_children()
    _run_next_sitecustomize()
