"""What a command finds in its own namespaces: the vendor's hosts on loopback, and their certificate.

A client needs to know nothing of this: the names of the vendor resolve to 127.0.0.1, where the fake listens
on the usual ports, and the files that list trusted certificates have that of the run as well.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from fakekit.errors import Problem, SettingsError, show
from fakekit.intercept import PROXY_VARIABLES
from fakekit.intercept.child import PORT_VARIABLE
from fakekit.intercept.hosts import LOOPBACK
from fakekit.intercept.namespaces import Address, IsolatedProcess, Mount
from fakekit.intercept.replaced import restore_replaced
from fakekit.intercept.session import Listening
from fakekit.intercept.trust import join_certificates, read_system_certificates, trust_variables
from fakekit.intercept.trust_overlay import overlay_trust, write_java_store
from fakekit.intercept.tunnel import Forwarder
from fakekit.server.authority import Authority
from fakekit.server.listening import KeyFor, Listener
from fakekit.vendor import VENDOR_HOSTS, vendor_host

_LOOPBACK_OF = {"localhost": LOOPBACK, LOOPBACK: LOOPBACK, "::1": "::1"}
HTTP_PORT, HTTPS_PORT = 80, 443
VENDOR_ADDRESSES = (Address(LOOPBACK, HTTPS_PORT), Address(LOOPBACK, HTTP_PORT))
"""Where the vendor's hosts are inside."""

_REMOVED = {*PROXY_VARIABLES, "ftp_proxy"}
"""Variables in lower case that the command does not get: no proxy can be reached from inside."""
_JAVA_VARIABLE = re.compile("_?(JAVA|JDK|JRE)", re.IGNORECASE)
"""Matches the start of the variables that Java and its tools read."""
_NAME_CACHES = ("/run/nscd", "/var/run/nscd")
"""Folders with the socket of glibc's cache of names, which would answer with the addresses of the machine."""


@dataclass(frozen=True)
class AllowedService:
    """A service of this machine that an isolated command may reach.

    host: where it is: ``localhost``, which may be an address of IPv4 or of IPv6, or one of these addresses.
    address: where the command reaches it.
    """

    host: str
    address: Address


def parse_allowed(text: str) -> AllowedService:
    """Return the service that a value of ``--allow`` names.

    Raises `SettingsError` for another machine, for what is not HOST:PORT, and for the ports of the fake.

    >>> parse_allowed("localhost:5432")
    AllowedService(host='localhost', address=Address(host='127.0.0.1', port=5432))
    """
    host, _, port = text.rpartition(":")
    host = host.strip("[]")
    if host not in _LOOPBACK_OF or not re.fullmatch("[0-9]{1,5}", port) or not 0 < int(port) < 65536:
        description = "is not HOST:PORT of this machine (localhost, 127.0.0.1 or [::1])"
        raise SettingsError(Problem("--allow", description, show(text), "127.0.0.1:5432"))
    address = Address(_LOOPBACK_OF[host], int(port))
    if address in VENDOR_ADDRESSES:
        description = "is where the fake answers for the vendor's hosts"
        raise SettingsError(Problem("--allow", description, show(text), "another port"))
    return AllowedService(host, address)


@contextmanager
def open_isolated_session(
    process: IsolatedProcess,
    listening: Listening,
    base_url: str,
    api_key: str,
    key_for: KeyFor,
    allowed: Sequence[AllowedService],
) -> Iterator[dict[str, str]]:
    """Serve the vendor's hosts, and the services that are allowed, to an isolated process during the block.

    Gives the environment variables for the command, and adds to `process.mounts`. Raises OSError when a
    file of the run cannot be written.

    process: its listeners are, in this order, for `VENDOR_ADDRESSES` and for `allowed`; more are left alone.
    listening: makes the fake's server serve one more socket during a block.
    base_url: of the fake, as the command reaches it.
    api_key: the key that the command finds in XTRAKIT_API_KEY.
    key_for: takes the ``Authorization`` header of a client and returns the one that the fake receives.
    allowed: what the command may reach beside the fake.
    """
    authority, environ = Authority(), restore_replaced(os.environ)
    tls = authority.server_context(*VENDOR_HOSTS)
    count = len(VENDOR_ADDRESSES)
    with ExitStack() as stack:
        for sock in process.listeners[:count]:
            stack.enter_context(listening(Listener(sock, tls, key_for)))
        for sock, service in zip(process.listeners[count:], allowed, strict=False):
            forwarder = Forwarder(service.host, service.address.port)
            forwarder.start(sock)
            stack.callback(forwarder.stop)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fakekit-exec-")))
        java_store, java_variables = None, {}
        if _uses_java(environ):
            java_store = folder / "java.jks"
            write_java_store(java_store, join_certificates(read_system_certificates(), authority.certificate))
            java_variables = _java_variables(java_store, environ)
        process.mounts += [*_name_mounts(folder), *overlay_trust(folder, authority.certificate, java_store)]
        yield {
            **{name: value for name, value in environ.items() if name.lower() not in _REMOVED},
            "XTRAKIT_BASE_URL": base_url,
            "XTRAKIT_API_KEY": api_key,
            PORT_VARIABLE: str(HTTPS_PORT),
            **trust_variables(folder, authority.certificate, environ),
            **java_variables,
        }


def _name_mounts(folder: Path) -> Iterator[Mount]:
    """Write the files that say how names are resolved; yield what is to be mounted over those of the machine.

    Raises OSError.
    """
    hosts, switch, empty = folder / "hosts", folder / "nsswitch.conf", folder / "empty"
    hosts.write_text(_format_hosts(_read_text("/etc/hosts")), encoding="utf-8")
    yield Mount(str(hosts), "/etc/hosts")
    if Path("/etc/nsswitch.conf").exists():  # musl has none, and reads the hosts first
        switch.write_text(_format_switch(_read_text("/etc/nsswitch.conf")), encoding="utf-8")
        yield Mount(str(switch), "/etc/nsswitch.conf")
    empty.mkdir()
    for cache in dict.fromkeys(os.path.realpath(path) for path in _NAME_CACHES if Path(path).is_dir()):
        yield Mount(str(empty), cache)


def _format_hosts(current: str) -> str:
    """Return the hosts file for a command: the vendor's hosts and this machine's own names, on loopback.

    current: the hosts file of this machine; its lines for loopback addresses stay.
    """
    lines = [f"{LOOPBACK} {' '.join(VENDOR_HOSTS)}", f"{LOOPBACK} localhost", "::1 localhost"]
    for line in current.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        names = [name for name in names if not vendor_host(name, whole_domain=True)]
        if names and (address.startswith("127.") or address == "::1"):
            lines.append(" ".join([address, *names]))
    name = socket.gethostname()  # programs look their own machine up; its address is not reached from inside
    return "\n".join(
        [*lines, *([] if vendor_host(name, whole_domain=True) or not name else [f"{LOOPBACK} {name}"]), ""]
    )


def _format_switch(current: str) -> str:
    r"""Return nsswitch.conf for a command: names of hosts are in files only, the rest stays as it is.

    current: the file of this machine (nsswitch.conf(5)).

    >>> _format_switch("passwd: files ldap\nhosts: files dns\n")
    'passwd: files ldap\nhosts: files\n'
    """
    lines = [line for line in current.splitlines() if not line.lstrip().lower().startswith("hosts:")]
    return "\n".join([*lines, "hosts: files", ""])


def _read_text(path: str) -> str:
    """Return the text of a file of this machine; empty when it cannot be read."""
    try:
        return Path(path).read_text("utf-8", "replace")
    except OSError:
        return ""


def _uses_java(environ: Mapping[str, str]) -> bool:
    """Return whether a command may run Java: it is on the PATH, or a variable of Java or its tools is set."""
    has_variable = any(value and _JAVA_VARIABLE.match(name) for name, value in environ.items())
    return has_variable or shutil.which("java") is not None


def _java_variables(store: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variable by which every Java takes its options, with a key store to trust.

    Java reads neither the certificate files of the system nor SSL_CERT_FILE.

    environ: the user's variables; their options of Java stay.
    """
    options = f"-Djavax.net.ssl.trustStore={store} -Djavax.net.ssl.trustStoreType=JKS"
    return {"JAVA_TOOL_OPTIONS": f"{environ.get('JAVA_TOOL_OPTIONS', '')} {options}".strip()}
