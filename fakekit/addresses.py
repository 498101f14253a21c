"""Read the addresses of running fakes as users write them; build origins; recognize loopback."""

from __future__ import annotations

from urllib.parse import urlsplit

from fakekit.errors import Problem, SettingsError
from fakekit.vendor import is_vendor_host, plain_host


def read_origin(url: str, where: str = "URL") -> str:
    """Return the origin of a fake from an address that a user wrote, without a path.

    url: an origin or base URL; the scheme may be missing.
    where: the name of the option or argument, for the error.

    The result is built from the parts that were checked, so that no client reads another host in it. Raises
    `SettingsError` for what is no address, and for the real service.

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
    if is_vendor_host(hostname):
        description = "is the real service, which fakekit never calls"
        suggestion = "the address that fakekit serve printed"
        raise SettingsError(Problem(where, description, host or hostname, suggestion))
    if host and host.isdecimal() and port is None:
        raise SettingsError(Problem(where, "is only a number", repr(url), f"127.0.0.1:{host}"))
    if parts.scheme not in ("http", "https") or not host:
        raise SettingsError(Problem(where, "is not an address", repr(url), "http://127.0.0.1:4310"))
    return origin_at(parts.scheme, host.replace("%25", "%", 1), port)  # a zone (RFC 6874)


def origin_at(scheme: str, host: str, port: int | None) -> str:
    """Return the origin with these parts: ``http://[::1]:4310``.

    host: a name or an address, an IPv6 address without brackets.
    port: None for the scheme's default, which is then left out.
    """
    host_part = f"[{host.replace('%', '%25')}]" if ":" in host else host
    return f"{scheme}://{host_part}" if port is None else f"{scheme}://{host_part}:{port}"


def reached_at(host: str) -> str:
    """Return the host by which a client on this machine reaches a server that is bound to `host`.

    That is `host` itself, but loopback for "any address": ``127.0.0.1`` for ``0.0.0.0``.
    """
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 (it is only read)


def is_loopback(name: str) -> bool:
    """Return whether a name or address can only mean this machine. ``localhost`` does (RFC 6761, 6.3)."""
    if name in ("localhost", "127.0.0.1"):
        return True
    import ipaddress  # few need it

    try:
        return ipaddress.ip_address(name.split("%")[0]).is_loopback
    except ValueError:
        return False
