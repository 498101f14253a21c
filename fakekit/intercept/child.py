"""The environment in which a program that was not changed reaches the fake under the vendor's names."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fakekit.intercept import excludes, no_proxy_entries
from fakekit.vendor import VENDOR_HOSTS

SHIMS = Path(__file__).parent / "shims"
"""What the programs of a language load themselves, for clients that ask no proxy."""

PORT_VARIABLE = "_FAKEKIT_EXEC_PORT"
"""Tells the shims, and whoever wants to know, the port of this run's gateway."""

LOOPBACK = ("localhost", "127.0.0.1", "::1")

_TRUST = {
    "SSL_CERT_FILE": ("SSL_CERT_FILE",),
    "REQUESTS_CA_BUNDLE": ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    "CURL_CA_BUNDLE": ("CURL_CA_BUNDLE", "SSL_CERT_FILE"),
}
"""The variables that name whom to trust, and where each client would have looked until now."""

_ROOTS = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS
)
"""Where systems keep the certificates that they trust."""


@dataclass(frozen=True)
class Run:
    """What a child process of `fakekit exec`, or of a test, is to reach.

    base_url, api_key: of the fake.
    proxy: the proxy's URL with its secret. front: the front's port.
    certificate: of the authority to trust, in PEM.
    folder: a private one, which outlives the child.
    isolated: whether hosts other than the vendor's and this machine are refused.
    """

    base_url: str
    api_key: str
    proxy: str
    gateway: int
    certificate: bytes
    folder: Path
    isolated: bool = False


def child_environment(run: Run, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which an unchanged program reaches the fake under the vendor's names.

    environ: what the child would have otherwise; its proxies, trusted certificates and NO_PROXY are merged
        in.

    Writes certificates and settings into the run's folder. Raises OSError.
    """
    variables = {
        "XTRAKIT_BASE_URL": run.base_url,
        "XTRAKIT_API_KEY": run.api_key,
        PORT_VARIABLE: str(run.gateway),
    }
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        variables |= {name: run.proxy, name.lower(): run.proxy}
    direct = ",".join([*LOOPBACK, *([] if run.isolated else _direct_hosts(environ))])
    variables |= {"NO_PROXY": direct, "no_proxy": direct}
    trust = _trust_variables(run, environ)
    shims = (
        _node_variables(environ)
        | _python_variables(environ)
        | _php_variables(run, environ, trust["CURL_CA_BUNDLE"])
    )
    return {**environ, **variables, **trust, **shims}


def _direct_hosts(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield the user's entries of NO_PROXY, except those that would let the vendor's hosts past the proxy."""
    no_proxy = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    for entry in no_proxy_entries(no_proxy):
        if entry not in LOOPBACK and not any(excludes(entry, host) for host in VENDOR_HOSTS):
            yield entry


def _trust_variables(run: Run, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that name trusted certificates: the user's or the system's, and the run's."""
    bundles: dict[str, str] = {}
    for variable, sources in _TRUST.items():
        path = next((environ[name] for name in sources if environ.get(name)), "")
        roots = _certificates(Path(path)) if path else b""
        bundles[variable] = _bundle(run, variable, roots or _system_roots())
    path = environ.get("NODE_EXTRA_CA_CERTS", "")  # Node adds these to roots of its own
    bundles["NODE_EXTRA_CA_CERTS"] = _bundle(
        run, "NODE_EXTRA_CA_CERTS", _certificates(Path(path)) if path else b""
    )
    return bundles


def _bundle(run: Run, variable: str, roots: bytes) -> str:
    """Write certificates and that of the run into a file, and return its path."""
    file = run.folder / f"{variable.lower()}.pem"
    file.write_bytes(roots + (b"" if not roots or roots.endswith(b"\n") else b"\n") + run.certificate)
    return str(file)


def _certificates(path: Path) -> bytes:
    """Return the content of a file, or of the files in a folder; ``b""`` when it cannot be read."""
    try:
        files = sorted(f for f in path.iterdir() if f.is_file()) if path.is_dir() else [path]
        return b"".join(dict.fromkeys(file.read_bytes().rstrip(b"\n") + b"\n" for file in files))
    except OSError:
        return b""


def _system_roots() -> bytes:
    """Return the certificates that this system trusts, in PEM."""
    openssl_file = ssl.get_default_verify_paths().openssl_cafile
    certificates = next(filter(None, (_certificates(Path(file)) for file in (*_ROOTS, openssl_file))), b"")
    if certificates:
        return certificates
    context = ssl.create_default_context()  # Windows has a store and no file
    return "".join(ssl.DER_cert_to_PEM_cert(der) for der in context.get_ca_certs(binary_form=True)).encode()


def _node_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variable by which Node loads the shim before any program."""
    shim = str(SHIMS / "node.cjs").replace("\\", "\\\\").replace('"', '\\"')
    return {"NODE_OPTIONS": f'{environ.get("NODE_OPTIONS", "")} --require "{shim}"'.strip()}


def _python_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variable by which every Python finds the shim's sitecustomize."""
    folders = [str(SHIMS / "python"), *filter(None, [environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(folders)}


def _php_variables(run: Run, environ: Mapping[str, str], bundle: str) -> dict[str, str]:
    """Return the variable that adds a folder of ini files; an empty entry stands for the system's own."""
    folder = run.folder / "php"
    folder.mkdir()
    settings = {"curl.cainfo": bundle, "openssl.cafile": bundle, "auto_prepend_file": SHIMS / "prepend.php"}
    lines = [f'{name} = "{value}"\n' for name, value in settings.items()]
    (folder / "fakekit.ini").write_text("".join(lines), encoding="utf-8")
    return {"PHP_INI_SCAN_DIR": f"{environ.get('PHP_INI_SCAN_DIR', '')}{os.pathsep}{folder}"}
