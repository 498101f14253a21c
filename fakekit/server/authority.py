"""A certificate authority for one run: a client that trusts it accepts the fake under the vendor's names."""

from __future__ import annotations

import os
import secrets
import ssl
import tempfile
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from fakekit.import_lock import IMPORT_LOCK
from fakekit.server.tls import context_class
from fakekit.unpatched import Lock

if TYPE_CHECKING:
    import trustme


class Authority:
    """A certificate authority in memory: its private key is never written to disk, and ends with the object.

    The keys are generated on first use, since that imports cryptography, which is slow.
    """

    def __init__(self) -> None:
        self._lock = Lock()

    @property
    def certificate(self) -> bytes:
        """The authority's own certificate in PEM, for clients to trust. Generated on first use."""
        with self._lock:
            return self._ca.cert_pem.bytes()

    def server_context(self, *hosts: str) -> ssl.SSLContext:
        """Return a new TLS context for a server that presents a certificate of this authority.

        hosts: the DNS names and IP addresses that the certificate is for.

        The context offers only HTTP/1.1 (by ALPN), since the fake does not speak HTTP/2. Raises OSError when
        no temporary file can be written.
        """
        with self._lock:
            leaf = self._ca.issue_cert(*hosts, organization_name="fakekit")
        context = context_class()(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        _load(context, leaf)
        return context

    @cached_property
    def _ca(self) -> trustme.CA:
        """The authority itself, with a new key pair, generated on first use. Call it with the lock held."""
        with IMPORT_LOCK:
            import trustme

        return trustme.CA(organization_name="fakekit", organization_unit_name="the CA of one run")


def _load(context: ssl.SSLContext, leaf: trustme.LeafCert) -> None:
    """Load a certificate and its private key into a server's TLS context. Raises OSError.

    `ssl` reads keys from files only, and trustme's ``configure_cert`` writes the plain key to disk. Here the
    temporary file holds the key encrypted, under a password that is used once; it is removed at once.
    """
    with IMPORT_LOCK:
        from cryptography.hazmat.primitives import serialization as serialization_form

    password = secrets.token_bytes(32).hex().encode()
    key = serialization_form.load_pem_private_key(leaf.private_key_pem.bytes(), None)
    encrypted = key.private_bytes(
        serialization_form.Encoding.PEM,
        serialization_form.PrivateFormat.PKCS8,
        serialization_form.BestAvailableEncryption(password),
    )
    descriptor, name = tempfile.mkstemp(suffix=".pem")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(encrypted + b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
        context.load_cert_chain(name, password=password)
    finally:
        Path(name).unlink()
