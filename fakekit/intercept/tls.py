"""HTTPS for ``fakekit serve``: a gateway before the server, under a certificate of the run."""

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
"""A name or address that a certificate can be for: of this machine's, not "all of them"."""


@contextmanager
def before(listener: socket.socket, host: str) -> Iterator[tuple[socket.socket, Before]]:
    """Put TLS before a server; give the socket that the server is to serve, and the front.

    listener: where clients connect to.
    host: the address that they were told; the certificate is for it, this machine and the vendor's names.

    The authority's certificate is in a file until the end of the block; the authority itself is only in
    memory, and in that of the processes that are forked from here. Raises OSError,
    `fakekit.errors.AddressError`.
    """
    target = bind("127.0.0.1", 0)
    authority = Authority()
    hosts = ["localhost", "127.0.0.1", "::1", *VENDOR_HOSTS, host]
    names = tuple(dict.fromkeys(name for name in hosts if _CERTIFIABLE.fullmatch(name)))
    gateway = Gateway(origin_of(target), authority, keep_key, names)
    with _file(authority.certificate) as file:
        yield target, Before(listener, partial(gateway.start, listener), {"certificate": str(file)})


@contextmanager
def _file(certificate: bytes) -> Iterator[Path]:
    """Give a file with the certificate for the block; a forked worker does not remove it."""
    folder, owner = Path(tempfile.mkdtemp(prefix="fakekit-tls-")), os.getpid()
    file = folder / "ca.pem"
    try:
        file.write_bytes(certificate)
        yield file
    finally:
        if os.getpid() == owner:  # and not a worker that was forked from it
            shutil.rmtree(folder, ignore_errors=True)
