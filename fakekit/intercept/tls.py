"""HTTPS for ``fakekit serve --tls``: a gateway in front of the server, with a certificate of the run."""

from __future__ import annotations

import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from fakekit.intercept.authority import Authority
from fakekit.intercept.gateway import Gateway
from fakekit.intercept.keys import keep_key
from fakekit.server.listening import Before, bind, origin_of
from fakekit.vendor import VENDOR_HOSTS

_CERTIFIABLE = re.compile(r"(?!0\.0\.0\.0$|::$)[A-Za-z0-9.:-]+", re.ASCII)
"""Matches a name or address that a certificate can be for; 0.0.0.0 and ::, "every address", are none."""


@contextmanager
def tls_gateway(listener: socket.socket, host: str) -> Iterator[tuple[socket.socket, Before]]:
    """Put a TLS gateway in front of a server; give the socket for the server to listen on, and the gateway.

    The gateway does not start here, but when `Before.open` is called in the process that serves. The
    authority's certificate is in a file during the block; its key is only in the memory of this process and
    of those forked from it. Raises OSError, and `fakekit.errors.AddressError` when no port is free.

    listener: the socket that clients connect to.
    host: the address of ``--host``; the certificate is for it, for this machine and for the vendor's hosts.
    """
    target = bind("127.0.0.1", 0)
    authority = Authority()
    hosts = ["localhost", "127.0.0.1", "::1", *VENDOR_HOSTS, host]
    names = tuple(dict.fromkeys(name for name in hosts if _CERTIFIABLE.fullmatch(name)))
    gateway = Gateway(origin_of(target), authority, keep_key, names)
    with _certificate_file(authority.certificate) as file:
        yield target, Before(listener, partial(gateway.start, listener), {"certificate": str(file)})


@contextmanager
def _certificate_file(certificate: bytes) -> Iterator[Path]:
    """Write a certificate to a temporary file, and give its path for the block. Raises OSError.

    The process that began the block removes the file; a worker that was forked from it does not.
    """
    folder, owner = Path(tempfile.mkdtemp(prefix="fakekit-tls-")), os.getpid()
    file = folder / "ca.pem"
    try:
        file.write_bytes(certificate)
        yield file
    finally:
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)
