"""A certificate authority of this run: whoever trusts it trusts the fake under the vendor's names."""

from __future__ import annotations

import os
import secrets
import ssl
import tempfile
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import trustme


class Authority:
    """A certificate authority in memory: its key is never written anywhere, and gone with the object.

    It is made on first use, since that imports cryptography.
    """

    def __init__(self) -> None:
        self._lock = Lock()

    @property
    def certificate(self) -> bytes:
        """The authority's own certificate in PEM, for clients that are to trust it."""
        with self._lock:
            return self._ca.cert_pem.bytes()

    def server_context(self, *hosts: str) -> ssl.SSLContext:
        """Return the TLS settings of a server, with a new certificate for these names or addresses.

        It offers HTTP/1.1 only (by ALPN), since the fake does not speak HTTP/2.
        """
        with self._lock:
            leaf = self._ca.issue_cert(*hosts, organization_name="fakekit")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        _load(context, leaf)
        return context

    @cached_property
    def _ca(self) -> trustme.CA:
        import trustme

        return trustme.CA(organization_name="fakekit", organization_unit_name="the CA of one run")


def _load(context: ssl.SSLContext, leaf: trustme.LeafCert) -> None:
    """Let a TLS context present a certificate.

    `ssl` reads keys from files only, and trustme's ``configure_cert`` writes a plain one. Here the file holds
    the key encrypted, under a password that exists for this call.
    """
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
