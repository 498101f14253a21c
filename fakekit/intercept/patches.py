"""Patches of the standard library: the one thing in fakekit that is global. See ``docs/intercept.md``.

While a policy is installed, a few functions of the standard library ask it before they do anything that
concerns the vendor's hosts; everything else passes straight through. The latest policy that is still
installed decides, for every thread. With the last policy the functions are put back as they were.

Nothing is imported for it that the process has not imported itself. What the process imports later is
replaced when it does.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from fakekit.intercept.hosts import marker_address, named_vendor_host
from fakekit.intercept.patching import MakeReplacement, PatchSet
from fakekit.vendor import vendor_host

if TYPE_CHECKING:
    import ssl

_READ_ADDRESS = socket.getaddrinfo
"""Reads a marker, whatever a test has put in its place since."""

_ENV = 10
"""Where `subprocess.Popen` has its `env`, behind `args`."""


def _getaddrinfo(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make a `socket.getaddrinfo` that asks the rule before it looks a vendor's host up."""

    def getaddrinfo(
        host: Any,
        port: Any,
        family: int = 0,
        type: int = 0,  # noqa: A002
        proto: int = 0,
        flags: int = 0,
    ) -> Any:
        __tracebackhide__ = True
        PATCHES.replace_imported()
        name, policy = vendor_host(host), PATCHES.policy
        if not name or not policy:
            return original(host, port, family, type, proto, flags)
        if policy.resolve(name):
            host = marker_address(name, mapped=family == socket.AF_INET6)
            flags = flags & ~socket.AI_ADDRCONFIG | socket.AI_NUMERICHOST
            return _READ_ADDRESS(host, port, family, type, proto, flags)
        addresses = original(host, port, family, type, proto, flags)
        policy.resolved(addresses)
        return addresses

    return getaddrinfo


def _gethostbyname(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make a `socket.gethostbyname` that gives a marker for a vendor's host, if the rule wants one."""

    def gethostbyname(hostname: Any) -> Any:
        __tracebackhide__ = True
        name, policy = vendor_host(hostname), PATCHES.policy
        return original(marker_address(name) if name and policy and policy.resolve(name) else hostname)

    return gethostbyname


def _gethostbyaddr(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make a `socket.gethostbyaddr` that gives a marker for a vendor's host, if the rule wants one."""

    def gethostbyaddr(ip_address: Any) -> Any:
        __tracebackhide__ = True
        name, policy = vendor_host(ip_address), PATCHES.policy
        return (
            (name, [], [marker_address(name)])
            if name and policy and policy.resolve(name)
            else original(ip_address)
        )

    return gethostbyaddr


def _connect(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make a `socket.connect` that connects to the address that the rule returns."""

    def connect(self: socket.socket, address: Any, /) -> Any:
        __tracebackhide__ = True
        if isinstance(address, tuple):
            PATCHES.replace_imported()
            policy = PATCHES.policy
            if policy:
                address = policy.connect(self, named_vendor_host(address), address)
        return original(self, address)

    return connect


def _send_to_address(original: Callable[..., Any]) -> Callable[..., Any]:
    """Replace a method that takes an address as its last argument, and would look a name up."""

    def send_to_address(self: socket.socket, *args: Any) -> Any:
        __tracebackhide__ = True
        host, policy = named_vendor_host(args[-1]) if args else None, PATCHES.policy
        if host and policy:
            args = (*args[:-1], policy.connect(self, host, args[-1]))
        return original(self, *args)

    return send_to_address


def _wrap_socket(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make a `wrap_socket` that uses the context that the rule returns for a vendor's host."""

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
        host, policy = vendor_host(server_hostname), PATCHES.policy
        chosen_context = policy.wrap(self, sock, host) if host and policy else self
        wrapped = original(
            chosen_context,
            sock,
            server_side,
            do_handshake_on_connect,
            suppress_ragged_eofs,
            server_hostname,
            session if chosen_context is self else None,  # a session belongs to its context
        )
        if host and policy:
            policy.wrapped(wrapped)
        return wrapped

    return wrap_socket


def _wrap_bio(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make a `wrap_bio`, which asyncio uses, with the context that the rule returns for a vendor's host."""

    def wrap_bio(
        self: ssl.SSLContext,
        incoming: Any,
        outgoing: Any,
        server_side: bool = False,
        server_hostname: Any = None,
        session: Any = None,
    ) -> Any:
        __tracebackhide__ = True
        host, policy = vendor_host(server_hostname), PATCHES.policy
        chosen_context = policy.wrap(self, None, host) if host and policy else self
        chosen_session = session if chosen_context is self else None
        return original(chosen_context, incoming, outgoing, server_side, server_hostname, chosen_session)

    return wrap_bio


def _putrequest(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make a `putrequest` that asks the rule before a proxy is asked for a vendor's host."""

    def putrequest(self: Any, method: str, url: str, *rest: Any, **options: Any) -> Any:
        __tracebackhide__ = True
        host, policy = _proxied_host(self, url), PATCHES.policy
        if host and policy:
            policy.ask(host, (self.host, self.port))
        return original(self, method, url, *rest, **options)

    return putrequest


def _proxied_host(connection: Any, url: str) -> str | None:
    """Return the vendor's host that a proxy would be asked for in plain HTTP: in a whole URL, or a tunnel."""
    scheme, _, rest = url.partition("://")
    if rest and scheme.lower() in ("http", "https"):
        authority = re.split("[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
        return vendor_host(authority.partition(":")[0])
    plain = connection.default_port == 80  # TLS in a tunnel is seen as TLS
    return vendor_host(connection._tunnel_host) if plain else None


def _popen(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make a `Popen.__init__` that starts children with the environment that the rule returns."""

    def __init__(self: Any, *args: Any, **options: Any) -> None:  # noqa: N807
        __tracebackhide__ = True
        policy = PATCHES.policy
        if policy:
            if len(args) > _ENV:
                args = (*args[:_ENV], policy.environment(args[_ENV]), *args[_ENV + 1 :])
            else:
                options["env"] = policy.environment(options.get("env"))
        original(self, *args, **options)

    return __init__


_SOCKET_FUNCTIONS: Mapping[str, MakeReplacement] = {
    "getaddrinfo": _getaddrinfo,
    "gethostbyaddr": _gethostbyaddr,
    "gethostbyname": _gethostbyname,
    "gethostbyname_ex": _gethostbyname,
}
"""What is replaced of the module `socket`."""

_CLASS_METHODS: tuple[tuple[str, str, Mapping[str, MakeReplacement]], ...] = (
    (
        "socket",
        "socket",
        {
            "connect": _connect,
            "connect_ex": _connect,
            "sendto": _send_to_address,
            "sendmsg": _send_to_address,
            "bind": _send_to_address,
        },
    ),
    ("ssl", "SSLContext", {"wrap_socket": _wrap_socket, "wrap_bio": _wrap_bio}),
    ("http.client", "HTTPConnection", {"putrequest": _putrequest}),
    ("subprocess", "Popen", {"__init__": _popen}),
)
"""What is replaced of classes, by their module and name."""

PATCHES = PatchSet(_SOCKET_FUNCTIONS, _CLASS_METHODS)
