"""The environment variables with which an unchanged program reaches the fake under the vendor's names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fakekit.addresses import LOOPBACK_HOSTS
from fakekit.intercept import PROXY_VARIABLES, matches_no_proxy, no_proxy_entries
from fakekit.intercept.trust import trust_variables
from fakekit.vendor import VENDOR_HOSTS

SHIMS = Path(__file__).parent / "shims"
"""Files that Node, Python and PHP load before a program, for HTTP clients that ignore proxy variables."""

PORT_VARIABLE = "_FAKEKIT_EXEC_PORT"
"""The variable that holds the port on which this run serves the vendor's hosts; shims and guard read it."""


@dataclass(frozen=True)
class Run:
    """What a child process of `fakekit exec`, `fakekit shadow` or a test needs to reach the vendor's hosts.

    base_url: the value of XTRAKIT_BASE_URL: that of the fake, or the vendor's.
    api_key: the value of XTRAKIT_API_KEY; None leaves the variable as it is.
    proxy: the URL of the run's proxy, with its secret.
    vendor_port: the loopback port on which the vendor's hosts are served.
    certificate: of the certificate authority to trust, in PEM.
    folder: an existing temporary folder for the child's files; it outlives the child.
    """

    base_url: str
    api_key: str | None
    proxy: str
    vendor_port: int
    certificate: bytes
    folder: Path


def child_environment(run: Run, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables for a child process whose calls to the vendor are intercepted.

    Writes certificates and settings into the run's folder; call it once per folder. Raises OSError when they
    cannot be written.

    environ: the variables that the child would have otherwise. All are kept; proxy variables are replaced,
        trusted certificates and NO_PROXY are merged.
    """
    variables = {
        "XTRAKIT_BASE_URL": run.base_url,
        **({} if run.api_key is None else {"XTRAKIT_API_KEY": run.api_key}),
        PORT_VARIABLE: str(run.vendor_port),
    }
    # Clients differ in the case that they read: curl takes http_proxy in lower case only.
    for name in PROXY_VARIABLES:
        variables |= {name: run.proxy, name.upper(): run.proxy}
    direct = ",".join([*LOOPBACK_HOSTS, *_direct_hosts(environ)])
    variables |= {"NO_PROXY": direct, "no_proxy": direct}
    trust = trust_variables(run.folder, run.certificate, environ)
    return {
        **environ,
        **variables,
        **trust,
        "NODE_OPTIONS": f"{environ.get('NODE_OPTIONS', '')} {node_option()}".strip(),
        **_python_variables(environ),
        **_php_variables(run, environ, trust["CURL_CA_BUNDLE"], direct),
        **_curl_variables(run, environ),
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


def node_option() -> str:
    """Return the option for NODE_OPTIONS that loads our script before the program."""
    # Node reads backslashes and quotes in NODE_OPTIONS as a shell does.
    script = str(SHIMS / "node.cjs").replace("\\", "\\\\").replace('"', '\\"')
    return f'--require "{script}"'


def _python_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return PYTHONPATH with the folder of our `sitecustomize` first, which Python imports when it starts."""
    paths = [str(SHIMS / "python"), *filter(None, [environ.get("PYTHONPATH")])]
    return {"PYTHONPATH": os.pathsep.join(paths)}


def _php_variables(run: Run, environ: Mapping[str, str], ca_file: str, direct: str) -> dict[str, str]:
    """Write an ini file for PHP into the run's folder, and return the variable that adds its folder.

    ca_file: path of the certificates that PHP is to trust.
    direct: the value of NO_PROXY.

    Raises OSError, FileExistsError when the folder was used before.
    """
    folder = run.folder / "php"
    folder.mkdir()
    settings = {
        "curl.cainfo": ca_file,
        "openssl.cafile": ca_file,
        "auto_prepend_file": SHIMS / "prepend.php",
        "fakekit.proxy": run.proxy,  # read by our prepend.php: a script's environment may have another one
        "fakekit.no_proxy": direct,
    }
    lines = [f'{name} = "{value}"\n' for name, value in settings.items()]
    (folder / "fakekit.ini").write_text("".join(lines), encoding="utf-8")
    # An empty entry, before the separator, stands for the folder that PHP was built with.
    return {"PHP_INI_SCAN_DIR": f"{environ.get('PHP_INI_SCAN_DIR', '')}{os.pathsep}{folder}"}


def _curl_variables(run: Run, environ: Mapping[str, str]) -> dict[str, str]:
    """Write a configuration for the program curl into the run's folder; return the variable that names it.

    By it curl connects to the fake with the proxy and without, as where the command has changed NO_PROXY. It
    names the user's own configuration, which may have credentials, instead of copying it. Raises OSError.
    """
    folder = run.folder / "curl"
    folder.mkdir()
    lines = [f'connect-to = "{host}::127.0.0.1:{run.vendor_port}"\n' for host in VENDOR_HOSTS]
    for file in _find_curlrc(environ):
        escaped = str(file).replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'config = "{escaped}"\n')
    (folder / ".curlrc").write_text("".join(lines), "utf-8", "surrogateescape")
    return {"CURL_HOME": str(folder)}


def _find_curlrc(environ: Mapping[str, str]) -> list[Path]:
    """Return the user's configuration of curl: the first file that curl would open, or nothing.

    Versions of curl differ in the name of the file in XDG_CONFIG_HOME (curl(1), ``--config``). A file that
    cannot be read is left out, as by curl, which would warn of one that a configuration names.
    """
    candidates = (("CURL_HOME", ".curlrc"), ("XDG_CONFIG_HOME", ".curlrc"), ("XDG_CONFIG_HOME", "curlrc"))
    for variable, name in (*candidates, ("HOME", ".curlrc"), ("HOME", ".config/curlrc")):
        file = Path(environ.get(variable, ""), name).absolute()
        # In this order: `is_file` raises PermissionError in a folder that may not be searched.
        if environ.get(variable) and os.access(file, os.R_OK) and file.is_file():
            return [file]
    return []
