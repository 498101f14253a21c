"""The files and folders of this machine that list trusted certificates, with that of the run added.

They are mounted over the machine's own ones in the namespace of an isolated command, so that a client without
any variable trusts the fake. Java, which reads no PEM, has a key store: a list in the format JKS.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import ssl
import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from fakekit.intercept.namespaces import Mount
from fakekit.intercept.trust import CA_FILES, join_certificates

PASSWORD = "changeit"  # noqa: S105 (the one of Java's own store; the store has nothing secret)
_MAGIC, _VERSION, _TRUSTED = 0xFEEDFEED, 2, 2
_PEM = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_JAVA_STORE = "java/cacerts"
"""Where Debian has the key store of its Java, in the folder of certificates."""


def overlay_trust(folder: Path, certificate: bytes, java_store: Path | None) -> Iterator[Mount]:
    """Write one more certificate beside those that this machine trusts; yield what to mount over what.

    Nothing is yielded for what this machine does not have. Raises OSError when a file cannot be written.

    folder: an existing folder for the files; it outlives the mounts.
    certificate: the one to add, in PEM.
    java_store: a key store to take the place of Debian's for Java; None leaves that as it is.
    """
    paths = ssl.get_default_verify_paths()
    target = Path(paths.openssl_capath).resolve()
    if target.is_dir():
        merged = folder / "certs"
        merged.mkdir()
        (merged / f"{_hash_subject(certificate)}.0").write_bytes(certificate)
        if java_store is not None and (target / _JAVA_STORE).exists():
            (merged / _JAVA_STORE).parent.mkdir()
            shutil.copyfile(java_store, merged / _JAVA_STORE)
        yield Mount(str(merged), str(target), is_merged=True)
    files = dict.fromkeys(os.path.realpath(file) for file in (*CA_FILES, paths.openssl_cafile))
    for number, file in enumerate(files):
        with suppress(OSError):
            copy = folder / f"bundle{number}.pem"
            copy.write_bytes(join_certificates(Path(file).read_bytes(), certificate))
            yield Mount(str(copy), file)


def _hash_subject(certificate: bytes) -> str:
    """Return the name under which OpenSSL looks a certificate up in a folder: a hash of its subject.

    As ``openssl x509 -subject_hash`` prints it: the first four bytes of the SHA-1 of the subject, whose
    values are in lower case, with single spaces, in UTF-8.
    """
    from cryptography import x509

    subject = x509.load_pem_x509_certificate(certificate).subject
    values = [(item.oid, " ".join(str(item.value).lower().split())) for item in subject]
    # Each name has one item, in DER; the two bytes of the sequence around it are not part of the hash.
    encoded = [x509.Name([x509.NameAttribute(oid, value)]).public_bytes()[2:] for oid, value in values]
    digest = hashlib.sha1(b"".join(encoded), usedforsecurity=False).digest()
    return f"{int.from_bytes(digest[:4], 'little'):08x}"


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
