"""Patches of the standard library: the only global state in fakekit. See ``docs/intercept.md``.

While a policy is installed, a few functions of the standard library ask it before they do anything that
concerns the vendor's hosts; other calls go straight to the original. The latest policy that is still
installed decides, for every thread. When the last policy is removed, the original functions are put back.

The patches import no module that the process has not imported. A module that it imports later is patched
then.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from fakekit.addresses import is_loopback
from fakekit.intercept.hosts import marker_address, named_vendor_host
from fakekit.intercept.patching import PatchSet
from fakekit.intercept.proxy_requests import join_start, stop_proxy_call
from fakekit.intercept.single_patch import Function, MakeReplacement
from fakekit.vendor import vendor_host

if TYPE_CHECKING:
    import ssl

_READ_ADDRESS = socket.getaddrinfo
"""Turns a marker into the result of a lookup; bound here, since a test may replace `socket.getaddrinfo`."""

_ENV = 10
"""Position of `env` among the arguments of `subprocess.Popen.__init__` after `self`."""

_WRAP_ARGUMENTS = {
    "wrap_socket": (
        "sock",
        "server_side",
        "do_handshake_on_connect",
        "suppress_ragged_eofs",
        "server_hostname",
        "session",
    ),
    "wrap_bio": ("incoming", "outgoing", "server_side", "server_hostname", "session"),
}
"""The arguments of methods of `SSLContext` after `self`."""


def _getaddrinfo(original: Function) -> Function:
    """Return a replacement of `socket.getaddrinfo` that asks the policy before it looks up a vendor's host.

    The installed policy decides about calls for the vendor's hosts. The replacement resolves the host to its
    marker, a loopback address that stands for it, if the policy wants that. Else it calls `original` and
    passes the addresses to the policy. Other hosts go to `original`, with the arguments as they are: it may
    be a mock.
    """

    def getaddrinfo(*args: Any, **options: Any) -> Any:
        __tracebackhide__ = True
        PATCHES.apply()
        name, policy = vendor_host(args[0] if args else options.get("host")), PATCHES.policy
        if not name or not policy:
            return original(*args, **options)
        if policy.resolve(name):
            return _resolve_to_marker(*args, **options)
        addresses = original(*args, **options)
        policy.on_resolve(addresses)
        return addresses

    return getaddrinfo


def _resolve_to_marker(
    host: Any,
    port: Any,
    family: int = 0,
    type: int = 0,  # noqa: A002
    proto: int = 0,
    flags: int = 0,
) -> object:
    """Return what `socket.getaddrinfo` returns for the marker of a vendor's host; it takes its arguments."""
    marker = marker_address(vendor_host(host) or host, mapped=family == socket.AF_INET6)
    # AI_ADDRCONFIG may hide loopback addresses on a machine without a network (RFC 3493, 6.1).
    flags = flags & ~socket.AI_ADDRCONFIG | socket.AI_NUMERICHOST
    return _READ_ADDRESS(marker, port, family, type, proto, flags)


def _gethostbyname(original: Function) -> Function:
    """Return a replacement of `socket.gethostbyname`, or of `gethostbyname_ex`.

    It resolves a vendor's host to its marker, a loopback address that stands for it, if the installed policy
    wants that. Else it calls `original`.
    """

    def gethostbyname(hostname: object) -> object:
        __tracebackhide__ = True
        name, policy = vendor_host(hostname), PATCHES.policy
        return original(marker_address(name) if name and policy and policy.resolve(name) else hostname)

    return gethostbyname


def _gethostbyaddr(original: Function) -> Function:
    """Return a replacement of `socket.gethostbyaddr`.

    It answers for a vendor's host with its marker, a loopback address that stands for it, if the installed
    policy wants that. Else it calls `original`.
    """

    def gethostbyaddr(ip_address: object) -> object:
        __tracebackhide__ = True
        name, policy = vendor_host(ip_address), PATCHES.policy
        return (
            (name, [], [marker_address(name)])
            if name and policy and policy.resolve(name)
            else original(ip_address)
        )

    return gethostbyaddr


def _connect(original: Function, name: str = "connect") -> Function:
    """Return a replacement of `socket.connect` that connects to the address that the policy returns.

    The installed policy decides about calls for the vendor's hosts. It is asked about every address that is a
    tuple, of any host. A call that it leads to this machine goes to the method of the standard library:
    `original` may be a mock, or another plugin's, which blocks connections to all hosts but those that it was
    told.

    name: of the method: ``connect`` or ``connect_ex``.
    """

    def connect(self: socket.socket, address: object, /) -> object:
        __tracebackhide__ = True
        function = original
        if isinstance(address, tuple):
            PATCHES.apply()
            policy = PATCHES.policy
            if policy:
                chosen = policy.connect(self, named_vendor_host(address), address)
                if chosen is not address and is_loopback(chosen[0]):
                    function = PATCHES.library_method(self, name, original)
                address = chosen
        return function(self, address)

    return connect


def _send(original: Function, name: str = "send") -> Function:
    """Return a replacement of a socket's `send` or `sendall` that asks the policy before a call by a proxy.

    The policy is asked, and may raise, if the data starts with a request to a proxy (HTTP or SOCKS) for one
    of the vendor's hosts. Then `original` is called; for a socket that leads to the fake, the method of the
    standard library.

    name: of the method: ``send`` or ``sendall``.
    """

    def send(self: socket.socket, data: object, *flags: object, **options: object) -> object:
        __tracebackhide__ = True
        policy, function = PATCHES.policy, original
        if policy:
            stop_proxy_call(policy, self, data)
            if policy.is_redirected(self):
                function = PATCHES.library_method(self, name, original)
        return function(self, data, *flags, **options)  # gevent's have options

    return send


def _sendmsg(original: Function) -> Function:
    """Return a replacement of a socket's `sendmsg`: that of `_send` and of `_send_to_address` in one.

    asyncio's `writelines` uses it from Python 3.12 on.
    """
    send_to_address = _send_to_address(original)

    def sendmsg(self: socket.socket, buffers: Any, *args: Any) -> Any:
        __tracebackhide__ = True
        policy = PATCHES.policy
        if policy:
            buffers = list(buffers)  # may be an iterator
            stop_proxy_call(policy, self, join_start(buffers))
            if policy.is_redirected(self):
                return PATCHES.library_method(self, "sendmsg", original)(self, buffers, *args)
        return send_to_address(self, buffers, *args)

    return sendmsg


def _send_to_address(original: Function) -> Function:
    """Return a replacement of `sendto` or `bind` of a socket, which would look a host name up.

    If their last argument is an address of a vendor's host, it is replaced by the one that the installed
    policy returns.
    """

    def send_to_address(self: socket.socket, *args: object) -> object:
        __tracebackhide__ = True
        host, policy = named_vendor_host(args[-1]) if args else None, PATCHES.policy
        if host and policy:
            args = (*args[:-1], policy.connect(self, host, args[-1]))
        return original(self, *args)

    return send_to_address


def _wrap(original: Function, name: str = "wrap_socket") -> Function:
    """Return a replacement of `SSLContext.wrap_socket`, or of `wrap_bio`, which asyncio uses instead.

    It uses the TLS context that the installed policy returns for a vendor's host, and the method that the
    standard library has for it. A new TLS socket is passed to the policy. For other hosts `original`, which
    may be a mock, gets the caller's context and arguments as they are.

    name: of the method.
    """

    def wrap(self: ssl.SSLContext, *args: Any, **options: Any) -> Any:
        __tracebackhide__ = True
        arguments = {**dict(zip(_WRAP_ARGUMENTS[name], args, strict=False)), **options}
        host, policy = vendor_host(arguments.get("server_hostname")), PATCHES.policy
        if not host or not policy:
            return original(self, *args, **options)
        context = policy.wrap(self, arguments.get("sock"), host)
        if context is self:
            wrapped = original(self, *args, **options)
        else:  # by name: eventlet's has them in another order; a session belongs to its context
            method = PATCHES.library_method(context, name)
            wrapped = method(context, **{**arguments, "session": None})
        if name == "wrap_socket":
            policy.on_wrap(wrapped)
        return wrapped

    return wrap


def _popen(original: Function) -> Function:
    """Return a replacement of `Popen.__init__`, which starts a child process.

    The child gets the environment variables that the installed policy returns: the caller's, or those that
    redirect its calls too.
    """

    def __init__(self: Any, *args: Any, **options: Any) -> None:  # noqa: N807
        __tracebackhide__ = True
        policy = PATCHES.policy
        if policy:
            given = args[_ENV] if len(args) > _ENV else options.get("env")
            env = policy.environment(given)
            if env is not given and len(args) > _ENV:
                args = (*args[:_ENV], env, *args[_ENV + 1 :])
            elif env is not given:
                options["env"] = env
        original(self, *args, **options)

    return __init__


_SOCKET_FUNCTIONS: Mapping[str, MakeReplacement] = {
    "getaddrinfo": _getaddrinfo,
    "gethostbyaddr": _gethostbyaddr,
    "gethostbyname": _gethostbyname,
    "gethostbyname_ex": _gethostbyname,
}
"""Functions of the module `socket` by name, and what makes the replacement of each."""

_CLASS_METHODS: tuple[tuple[str, str, Mapping[str, MakeReplacement]], ...] = (
    (
        "socket",
        "socket",
        {
            "connect": _connect,
            "connect_ex": partial(_connect, name="connect_ex"),
            "send": _send,
            "sendall": partial(_send, name="sendall"),
            "sendto": _send_to_address,
            "sendmsg": _sendmsg,
            "bind": _send_to_address,
        },
    ),
    ("ssl", "SSLContext", {"wrap_socket": _wrap, "wrap_bio": partial(_wrap, name="wrap_bio")}),
    ("ssl", "SSLSocket", {"send": _send}),  # its `sendall` calls `send`
    ("subprocess", "Popen", {"__init__": _popen}),
)
"""Module, class, and the methods to replace with what makes the replacement of each."""

PATCHES = PatchSet(_SOCKET_FUNCTIONS, _CLASS_METHODS)
