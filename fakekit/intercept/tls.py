"""HTTPS for ``fakekit serve --tls``: a certificate of the run, for the server's own socket."""

from __future__ import annotations

import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fakekit.addresses import LOOPBACK_HOSTS
from fakekit.server.authority import Authority
from fakekit.server.listening import Listener
from fakekit.vendor import VENDOR_HOSTS

_CERTIFIABLE = re.compile(r"(?!0\.0\.0\.0$|::$)[A-Za-z0-9.:-]+", re.ASCII)
"""Matches a name or address that a certificate can be for; 0.0.0.0 and ::, "every address", are none."""


@contextmanager
def with_certificate(sock: socket.socket, host: str) -> Iterator[Listener]:
    """Make a certificate for a bound socket; give the listener with which a server serves it by TLS.

    The authority's certificate is in a file during the block; its key is only in the memory of this process
    and of those forked from it. Raises OSError.

    sock: the socket that clients connect to.
    host: the address of ``--host``; the certificate is for it, for this machine and for the vendor's hosts.
    """
    authority = Authority()
    hosts = [*LOOPBACK_HOSTS, *VENDOR_HOSTS, host]
    names = tuple(dict.fromkeys(name for name in hosts if _CERTIFIABLE.fullmatch(name)))
    with _certificate_file(authority.certificate) as file:
        yield Listener(sock, authority.server_context(*names), certificate=str(file))


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
