"""A key store for Java, which reads no PEM: a list of trusted certificates in the format JKS."""

from __future__ import annotations

import hashlib
import re
import ssl
import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

PASSWORD = "changeit"  # noqa: S105 (the one of Java's own store; the store has nothing secret)
_MAGIC, _VERSION, _TRUSTED = 0xFEEDFEED, 2, 2
_PEM = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


def write_java_store(file: Path, certificates: bytes) -> None:
    """Write a key store with trusted certificates. Raises OSError.

    The format is that of OpenJDK's ``sun.security.provider.JavaKeyStore``: every Java since 1.2 reads it.

    certificates: in PEM; other text between them is left out, and one that is not Base64.
    """
    found = _PEM.findall(certificates.decode("utf-8", "replace"))
    entries = [_format_entry(f"trusted-{number}", der) for number, der in enumerate(_decode(found))]
    content = struct.pack(">III", _MAGIC, _VERSION, len(entries)) + b"".join(entries)
    # A checksum, so that Java can tell whether the file is whole; the words are part of the format.
    digest = hashlib.sha1(PASSWORD.encode("utf-16-be") + b"Mighty Aphrodite" + content, usedforsecurity=False)
    file.write_bytes(content + digest.digest())


def _decode(found: Iterable[str]) -> Iterator[bytes]:
    """Yield each certificate as DER, without those that are not Base64."""
    for pem in found:
        with suppress(ValueError):
            yield ssl.PEM_cert_to_DER_cert(pem)


def _format_entry(alias: str, der: bytes) -> bytes:
    """Return one entry: kind, name, date in milliseconds, type and bytes of a certificate."""
    head = struct.pack(">I", _TRUSTED) + _format_text(alias) + struct.pack(">Q", 0) + _format_text("X.509")
    return head + struct.pack(">I", len(der)) + der


def _format_text(text: str) -> bytes:
    """Return ASCII text as Java's ``DataOutput.writeUTF`` does: its length in two bytes, then the text."""
    return struct.pack(">H", len(text)) + text.encode("ascii")
