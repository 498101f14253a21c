"""The seam: the product's one global. See ``docs/intercept.md``.

While a rule is installed, a few functions of the standard library ask it before they do anything that
concerns the vendor's hosts; everything else passes straight through. The latest rule that is still
installed decides, for every thread. With the last rule the functions are put back as they were.

Nothing is imported for it that the process has not imported itself. What the process imports later is
replaced when it does.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from fakekit.intercept.hosts import addressed, marker
from fakekit.intercept.patching import Make, Seam
from fakekit.vendor import vendor_host

if TYPE_CHECKING:
    import ssl

_READ_ADDRESS = socket.getaddrinfo
"""Reads a marker, whatever a test has put in its place since."""

_ENV = 10
"""Where `subprocess.Popen` has its `env`, behind `args`."""


def _getaddrinfo(original: Callable[..., Any]) -> Callable[..., Any]:
    def getaddrinfo(
        host: Any,
        port: Any,
        family: int = 0,
        type: int = 0,  # noqa: A002
        proto: int = 0,
        flags: int = 0,
    ) -> Any:
        __tracebackhide__ = True
        SEAM.reach()
        name, rule = vendor_host(host), SEAM.rule
        if not name or not rule:
            return original(host, port, family, type, proto, flags)
        if rule.resolve(name):
            host = marker(name, mapped=family == socket.AF_INET6)
            flags = flags & ~socket.AI_ADDRCONFIG | socket.AI_NUMERICHOST
            return _READ_ADDRESS(host, port, family, type, proto, flags)
        found = original(host, port, family, type, proto, flags)
        rule.resolved(found)
        return found

    return getaddrinfo


def _by_name(original: Callable[..., Any]) -> Callable[..., Any]:
    def gethostbyname(hostname: Any) -> Any:
        __tracebackhide__ = True
        name, rule = vendor_host(hostname), SEAM.rule
        return original(marker(name) if name and rule and rule.resolve(name) else hostname)

    return gethostbyname


def _by_address(original: Callable[..., Any]) -> Callable[..., Any]:
    def gethostbyaddr(ip_address: Any) -> Any:
        __tracebackhide__ = True
        name, rule = vendor_host(ip_address), SEAM.rule
        return (name, [], [marker(name)]) if name and rule and rule.resolve(name) else original(ip_address)

    return gethostbyaddr


def _connect(original: Callable[..., Any]) -> Callable[..., Any]:
    def connect(self: socket.socket, address: Any, /) -> Any:
        __tracebackhide__ = True
        if isinstance(address, tuple):
            SEAM.reach()
            rule = SEAM.rule
            if rule:
                address = rule.connect(self, addressed(address), address)
        return original(self, address)

    return connect


def _addressing(original: Callable[..., Any]) -> Callable[..., Any]:
    """Of what takes an address last, and would look a name up."""

    def addressing(self: socket.socket, *given: Any) -> Any:
        __tracebackhide__ = True
        host, rule = addressed(given[-1]) if given else None, SEAM.rule
        if host and rule:
            given = (*given[:-1], rule.connect(self, host, given[-1]))
        return original(self, *given)

    return addressing


def _wrap_socket(original: Callable[..., Any]) -> Callable[..., Any]:
    def wrap_socket(
        self: ssl.SSLContext,
        sock: socket.socket,
        server_side: bool = False,
        do_handshake_on_connect: bool = True,
        suppress_ragged_eofs: bool = True,
        server_hostname: Any = None,
        session: Any = None,
    ) -> Any:
        __tracebackhide__ = True
        host, rule = vendor_host(server_hostname), SEAM.rule
        with_ = rule.wrap(self, sock, host) if host and rule else self
        wrapped = original(
            with_,
            sock,
            server_side,
            do_handshake_on_connect,
            suppress_ragged_eofs,
            server_hostname,
            session if with_ is self else None,  # a session belongs to its context
        )
        if host and rule:
            rule.wrapped(wrapped)
        return wrapped

    return wrap_socket


def _wrap_bio(original: Callable[..., Any]) -> Callable[..., Any]:
    def wrap_bio(
        self: ssl.SSLContext,
        incoming: Any,
        outgoing: Any,
        server_side: bool = False,
        server_hostname: Any = None,
        session: Any = None,
    ) -> Any:
        __tracebackhide__ = True
        host, rule = vendor_host(server_hostname), SEAM.rule
        with_ = rule.wrap(self, None, host) if host and rule else self
        kept = session if with_ is self else None
        return original(with_, incoming, outgoing, server_side, server_hostname, kept)

    return wrap_bio


def _putrequest(original: Callable[..., Any]) -> Callable[..., Any]:
    def putrequest(self: Any, method: str, url: str, *rest: Any, **options: Any) -> Any:
        __tracebackhide__ = True
        host, rule = _asked_for(self, url), SEAM.rule
        if host and rule:
            rule.ask(host, (self.host, self.port))
        return original(self, method, url, *rest, **options)

    return putrequest


def _asked_for(connection: Any, url: str) -> str | None:
    """The vendor's host that a proxy would be asked for by plain HTTP: by a whole URL, or in a tunnel."""
    scheme, _, behind = url.partition("://")
    if behind and scheme.lower() in ("http", "https"):
        authority = re.split("[/?#]", behind, maxsplit=1)[0].rpartition("@")[2]
        return vendor_host(authority.partition(":")[0])
    plain = connection.default_port == 80  # TLS in a tunnel is seen as TLS
    return vendor_host(connection._tunnel_host) if plain else None


def _popen(original: Callable[..., Any]) -> Callable[..., Any]:
    def __init__(self: Any, *given: Any, **options: Any) -> None:  # noqa: N807
        __tracebackhide__ = True
        rule = SEAM.rule
        if rule:
            if len(given) > _ENV:
                given = (*given[:_ENV], rule.environment(given[_ENV]), *given[_ENV + 1 :])
            else:
                options["env"] = rule.environment(options.get("env"))
        original(self, *given, **options)

    return __init__


_OF_SOCKET_MODULE: Mapping[str, Make] = {
    "getaddrinfo": _getaddrinfo,
    "gethostbyaddr": _by_address,
    "gethostbyname": _by_name,
    "gethostbyname_ex": _by_name,
}
"""What is replaced of the module `socket`."""

_OF_CLASSES: tuple[tuple[str, str, Mapping[str, Make]], ...] = (
    (
        "socket",
        "socket",
        {
            "connect": _connect,
            "connect_ex": _connect,
            "sendto": _addressing,
            "sendmsg": _addressing,
            "bind": _addressing,
        },
    ),
    ("ssl", "SSLContext", {"wrap_socket": _wrap_socket, "wrap_bio": _wrap_bio}),
    ("http.client", "HTTPConnection", {"putrequest": _putrequest}),
    ("subprocess", "Popen", {"__init__": _popen}),
)
"""What is replaced of classes, by their module and name."""

SEAM = Seam(_OF_SOCKET_MODULE, _OF_CLASSES)
