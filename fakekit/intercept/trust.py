"""The certificates that a child process trusts: those it trusted before, and the authority of the run."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path

_TRUST = {
    "SSL_CERT_FILE": ("SSL_CERT_FILE",),
    "REQUESTS_CA_BUNDLE": ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    "CURL_CA_BUNDLE": ("CURL_CA_BUNDLE", "SSL_CERT_FILE"),
}
"""The variables that name trusted certificates, and for each the variables that a client read until now."""

CA_FILES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS
)
"""Where systems keep the certificates that they trust; the first file that can be read is used."""


def trust_variables(folder: Path, certificate: bytes, environ: Mapping[str, str]) -> dict[str, str]:
    """Write a file of trusted certificates for each variable in `_TRUST`, and return the variables.

    A file has the certificates that the user's variables name, or else the system's, and the run's authority.
    Raises OSError when a file cannot be written.

    folder: an existing folder for the files.
    certificate: of the run's authority, in PEM.
    environ: the user's variables.
    """
    variables: dict[str, str] = {}
    for variable, sources in _TRUST.items():
        path = next((environ[name] for name in sources if environ.get(name)), "")
        trusted = _read_ca_files(Path(path)) if path else b""
        variables[variable] = _write_ca_file(
            folder, variable, (trusted or read_system_certificates(), certificate)
        )
    path = environ.get("NODE_EXTRA_CA_CERTS", "")  # Node adds these to the certificates that it comes with
    variables["NODE_EXTRA_CA_CERTS"] = _write_ca_file(
        folder, "NODE_EXTRA_CA_CERTS", (_read_ca_files(Path(path)) if path else b"", certificate)
    )
    return variables


def _write_ca_file(folder: Path, variable: str, certificates: tuple[bytes, ...]) -> str:
    """Write certificates to the file of an environment variable, and return its path. Raises OSError."""
    file = folder / f"{variable.lower()}.pem"
    file.write_bytes(join_certificates(*certificates))
    return str(file)


def join_certificates(*certificates: bytes) -> bytes:
    """Return several texts of PEM as one, each beginning on a new line; empty ones are left out."""
    return b"".join(pem if pem.endswith(b"\n") else pem + b"\n" for pem in certificates if pem)


def _read_ca_files(path: Path) -> bytes:
    """Return the bytes of a certificate file, or of all files in a folder, each content once.

    Empty when something cannot be read, or does not exist.
    """
    try:
        files = sorted(f for f in path.iterdir() if f.is_file()) if path.is_dir() else [path]
        return b"".join(dict.fromkeys(file.read_bytes().rstrip(b"\n") + b"\n" for file in files))
    except OSError:
        return b""


def read_system_certificates() -> bytes:
    """Return the certificates that this system trusts, in PEM; empty when it trusts none."""
    default_file = ssl.get_default_verify_paths().openssl_cafile
    for file in (*CA_FILES, default_file):
        content = _read_ca_files(Path(file))
        if content:
            return content
    context = ssl.create_default_context()  # Windows has a certificate store and no file
    return "".join(ssl.DER_cert_to_PEM_cert(cert) for cert in context.get_ca_certs(binary_form=True)).encode()
