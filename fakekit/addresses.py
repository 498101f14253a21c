"""Read the addresses of running fakes as users write them; build origins; recognize loopback."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from fakekit.errors import HIDDEN, Problem, SettingsError, show
from fakekit.vendor import plain_host, vendor_host

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")
"""How this machine is written where names are listed: in NO_PROXY, in a certificate."""


def read_origin(url: str, where: str = "URL", *, allow_vendor: bool = False) -> str:
    """Return the origin of a fake from an address that a user wrote, without a path.

    url: an origin or base URL; the scheme may be missing.
    where: the name of the option or argument, for the error.
    allow_vendor: whether the real service is accepted too, for ``fakekit drift``; by default it is not.

    The result is built from the parts that were checked, so that no client reads another host in it. Raises
    `SettingsError` for what is no address, and for the real service; it repeats no user-info (a name and a
    password).

    >>> read_origin("127.0.0.1:4310/api/v1")
    'http://127.0.0.1:4310'
    """
    has_scheme = "://" in url or url.lower().startswith(("http:", "https:"))  # https:/host names no host
    try:
        parts = urlsplit(url if has_scheme else f"http://{url}")
        hostname, port = parts.hostname or "", parts.port
    except ValueError:
        parts, hostname, port = urlsplit(""), "", None
    host = plain_host(hostname)
    if not allow_vendor and vendor_host(hostname, whole_domain=True):
        description = "is the real service, which fakekit never calls"
        suggestion = "the address that fakekit serve printed"
        raise SettingsError(Problem(where, description, host or hostname, suggestion))
    if host and host.isdecimal() and port is None:
        raise SettingsError(Problem(where, "is only a number", _show_address(url), f"127.0.0.1:{host}"))
    if parts.scheme not in ("http", "https") or not host:
        raise SettingsError(Problem(where, "is not an address", _show_address(url), "http://127.0.0.1:4310"))
    return origin_at(parts.scheme, host.replace("%25", "%", 1), port)  # a zone (RFC 6874)


def _show_address(url: str) -> str:
    """Return an address for a message: with ``...`` for all that may be user-info, up to the last ``@``.

    A malformed address is not split: its password may have a slash.
    """
    user_info, separator, host = url.rpartition("@")
    scheme, scheme_end, _ = user_info.partition("://")
    start = f"{scheme}://" if scheme_end else ""
    return show(f"{start}{HIDDEN}@{host}" if separator else url)


def origin_at(scheme: str, host: str, port: int | None) -> str:
    """Return the origin with these parts: ``http://[::1]:4310``.

    host: a name or an address, an IPv6 address without brackets.
    port: None for the scheme's default, which is then left out.
    """
    host_part = f"[{host.replace('%', '%25')}]" if ":" in host else host
    return f"{scheme}://{host_part}" if port is None else f"{scheme}://{host_part}:{port}"


def serve_hint(origin: str, error: Exception | None) -> str:
    """Return what to do about an address of this machine where no fakekit answers: ``; start it with ...``.

    Without a port it is to write one, whatever the error is. For a certificate that is not trusted, also of
    another machine, it is which variable to set. Empty for any other error, and for other machines.

    error: that of the request; None where something answered that is not fakekit.

    >>> serve_hint("http://127.0.0.1:4310", ConnectionRefusedError())
    '; start it with fakekit serve --port 4310'
    """
    parts = urlsplit(origin)
    if parts.port is None and is_loopback(parts.hostname):
        default = 443 if parts.scheme == "https" else 80
        return f"; without a port in the address, port {default} was asked; write {origin}:4310"
    if type(error).__name__ == "SSLCertVerificationError":  # by its name: few runs need the module ssl
        return "; set SSL_CERT_FILE to the file with the certificate that fakekit serve --tls printed"
    if not is_loopback(parts.hostname) or not isinstance(error, ConnectionRefusedError):
        return ""
    return f"; start it with fakekit serve --port {parts.port}"


def reached_at(host: str) -> str:
    """Return the host by which a client on this machine reaches a server that is bound to `host`.

    That is `host` itself, but loopback for "any address": ``127.0.0.1`` for ``0.0.0.0``.
    """
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (it is only read)


def is_loopback(host: object) -> bool:
    """Return whether a name or address can only mean this machine. ``localhost`` does (RFC 6761, 6.3).

    Other names are not looked up. False for what is not text.

    host: an IPv6 address without brackets; it may have a zone, or be an IPv4 address in the form of IPv6.

    >>> is_loopback("::ffff:127.0.0.1"), is_loopback("example.org")
    (True, False)
    """
    if host in ("localhost", "127.0.0.1"):
        return True
    if not isinstance(host, str):
        return False
    name = host.lower().rstrip(".")
    try:
        address = ip_address(name.partition("%")[0])
    except ValueError:
        return name == "localhost"
    # Before Python 3.13 an IPv4 address in the form of IPv6 (RFC 4291, 2.5.5.2) is no loopback address.
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
