"""The environment variables with which an unchanged program reaches the fake under the vendor's names."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fakekit.addresses import LOOPBACK_HOSTS
from fakekit.intercept import matches_no_proxy, no_proxy_entries
from fakekit.vendor import VENDOR_HOSTS

SHIMS = Path(__file__).parent / "shims"
"""Files that Node, Python and PHP load before a program, for HTTP clients that ignore proxy variables."""

PORT_VARIABLE = "_FAKEKIT_EXEC_PORT"
"""The variable that holds the port on which this run serves the vendor's hosts; shims and guard read it."""


_TRUST = {
    "SSL_CERT_FILE": ("SSL_CERT_FILE",),
    "REQUESTS_CA_BUNDLE": ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    "CURL_CA_BUNDLE": ("CURL_CA_BUNDLE", "SSL_CERT_FILE"),
}
"""The variables that name trusted certificates, and for each the variables that a client read until now."""

_CA_FILES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS
)
"""Where systems keep the certificates that they trust; the first file that can be read is used."""


@dataclass(frozen=True)
class Run:
    """What a child process of `fakekit exec`, or of a test, needs to reach the fake.

    base_url, api_key: of the fake.
    proxy: the URL of the run's proxy, with its secret.
    vendor_port: the loopback port on which the vendor's hosts are served.
    certificate: of the certificate authority to trust, in PEM.
    folder: an existing temporary folder for the child's files; it outlives the child.
    isolated: whether the proxy rejects hosts other than the vendor's and this machine.
    """

    base_url: str
    api_key: str
    proxy: str
    vendor_port: int
    certificate: bytes
    folder: Path
    isolated: bool = False


def child_environment(run: Run, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables for a child process whose calls to the vendor are to reach the fake.

    Writes certificates and settings into the run's folder; call it once per folder. Raises OSError when they
    cannot be written.

    environ: the variables that the child would have otherwise. All are kept; proxy variables are replaced,
        trusted certificates and NO_PROXY are merged.
    """
    variables = {
        "XTRAKIT_BASE_URL": run.base_url,
        "XTRAKIT_API_KEY": run.api_key,
        PORT_VARIABLE: str(run.vendor_port),
    }
    # Clients differ in the case that they read: curl takes http_proxy in lower case only.
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        variables |= {name: run.proxy, name.lower(): run.proxy}
    direct = ",".join([*LOOPBACK_HOSTS, *([] if run.isolated else _direct_hosts(environ))])
    variables |= {"NO_PROXY": direct, "no_proxy": direct}
    trust = _trust_variables(run, environ)
    return {
        **environ,
        **variables,
        **trust,
        **_node_variables(environ),
        **_python_variables(environ),
        **_php_variables(run, environ, trust["CURL_CA_BUNDLE"]),
    }


def _direct_hosts(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield the entries of the user's NO_PROXY that are neither of this machine nor match a vendor's host.

    The caller puts those of this machine in front. A child that went to a vendor's host without the proxy
    would reach the real service.
    """
    no_proxy = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    for entry in no_proxy_entries(no_proxy):
        if entry not in LOOPBACK_HOSTS and not any(matches_no_proxy(entry, host) for host in VENDOR_HOSTS):
            yield entry


def _trust_variables(run: Run, environ: Mapping[str, str]) -> dict[str, str]:
    """Write a file of trusted certificates for each variable in `_TRUST`, and return the variables.

    A file has the certificates that the user's variables name, or else the system's, and the run's authority.
    Raises OSError when a file cannot be written.
    """
    variables: dict[str, str] = {}
    for variable, sources in _TRUST.items():
        path = next((environ[name] for name in sources if environ.get(name)), "")
        trusted = _read_ca_files(Path(path)) if path else b""
        variables[variable] = _write_ca_file(run, variable, trusted or _read_default_ca_files())
    path = environ.get("NODE_EXTRA_CA_CERTS", "")  # Node adds these to the certificates that it comes with
    variables["NODE_EXTRA_CA_CERTS"] = _write_ca_file(
        run, "NODE_EXTRA_CA_CERTS", _read_ca_files(Path(path)) if path else b""
    )
    return variables


def _write_ca_file(run: Run, variable: str, trusted: bytes) -> str:
    """Write trusted certificates and that of the run's authority to a file; return its path.

    variable: the environment variable that will name the file; it gives the file its name.
    trusted: certificates in PEM; may be empty.

    Raises OSError.
    """
    file = run.folder / f"{variable.lower()}.pem"
    separator = b"" if not trusted or trusted.endswith(b"\n") else b"\n"
    file.write_bytes(trusted + separator + run.certificate)
    return str(file)


def _read_ca_files(path: Path) -> bytes:
    """Return the bytes of a certificate file, or of all files in a folder, each content once.

    Empty when something cannot be read, or does not exist.
    """
    try:
        files = sorted(f for f in path.iterdir() if f.is_file()) if path.is_dir() else [path]
        return b"".join(dict.fromkeys(file.read_bytes().rstrip(b"\n") + b"\n" for file in files))
    except OSError:
        return b""


def _read_default_ca_files() -> bytes:
    """Return the certificates that this system trusts, in PEM; empty when it trusts none."""
    default_file = ssl.get_default_verify_paths().openssl_cafile
    for file in (*_CA_FILES, default_file):
        content = _read_ca_files(Path(file))
        if content:
            return content
    context = ssl.create_default_context()  # Windows has a certificate store and no file
    return "".join(ssl.DER_cert_to_PEM_cert(cert) for cert in context.get_ca_certs(binary_form=True)).encode()


def _node_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return NODE_OPTIONS with the user's options, and one that loads our script before the program."""
    # Node reads backslashes and quotes in NODE_OPTIONS as a shell does.
    script = str(SHIMS / "node.cjs").replace("\\", "\\\\").replace('"', '\\"')
    return {"NODE_OPTIONS": f'{environ.get("NODE_OPTIONS", "")} --require "{script}"'.strip()}


def _python_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return PYTHONPATH with the folder of our `sitecustomize` first, which Python imports when it starts."""
    paths = [str(SHIMS / "python"), *filter(None, [environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(paths)}


def _php_variables(run: Run, environ: Mapping[str, str], ca_file: str) -> dict[str, str]:
    """Write an ini file for PHP into the run's folder, and return the variable that adds its folder.

    ca_file: path of the certificates that PHP is to trust.

    Raises OSError, FileExistsError when the folder was used before.
    """
    folder = run.folder / "php"
    folder.mkdir()
    settings = {"curl.cainfo": ca_file, "openssl.cafile": ca_file, "auto_prepend_file": SHIMS / "prepend.php"}
    lines = [f'{name} = "{value}"\n' for name, value in settings.items()]
    (folder / "fakekit.ini").write_text("".join(lines), encoding="utf-8")
    # An empty entry, before the separator, stands for the folder that PHP was built with.
    return {"PHP_INI_SCAN_DIR": f"{environ.get('PHP_INI_SCAN_DIR', '')}{os.pathsep}{folder}"}
