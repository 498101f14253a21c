"""Code whose base URL is hard-coded: calls for the vendor's hosts reach the fake, over real TLS.

Child processes (`fakekit exec`) get there through a proxy and environment variables, this process (pytest)
through patches of the standard library. Both end at one more socket of the fake's own server, or at a
`Gateway` if the fake is elsewhere. `fakekit.vendor` has the hosts.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from fakekit.vendor import plain_host

PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy")
"""The environment variables that name a proxy, in lower case."""
CLIENT_VARIABLES = ("XTRAKIT_BASE_URL", "XTRAKIT_API_KEY")
"""The environment variables that give a command of `fakekit exec` the fake's URL and a key.

The children of a test keep the values that the test has.
"""


def no_proxy_variables(environ: Mapping[str, str], hosts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the variables by which a client reaches the hosts without the proxy of the environment.

    They are NO_PROXY in both cases, with what it has already. None without a proxy, and when NO_PROXY has all
    hosts already, as with ``*``.

    environ: the environment variables.
    """
    if not any(name.lower() in PROXY_VARIABLES and value for name, value in environ.items()):
        return
    no_proxy = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    missing = [host for host in hosts if not matches_no_proxy(no_proxy, host)]
    if missing:
        value = ",".join(filter(None, [no_proxy, *missing]))
        yield from (("NO_PROXY", value), ("no_proxy", value))


@contextmanager
def set_variables(variables: Iterable[tuple[str, str]]) -> Iterator[None]:
    """Set environment variables of this process during the block, and restore them afterwards."""
    values = dict(variables)
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def no_proxy_entries(no_proxy: str) -> list[str]:
    """Return the entries of a NO_PROXY value, separated by commas or spaces, as curl reads it.

    >>> no_proxy_entries("localhost, a.test b.test")
    ['localhost', 'a.test', 'b.test']
    """
    return no_proxy.replace(",", " ").split()


def matches_no_proxy(no_proxy: str, host: str) -> bool:
    """Return whether a NO_PROXY value says that `host` is reached without a proxy.

    An entry matches the host itself, its subdomains, or every host if it is ``*``. A port is ignored.

    >>> matches_no_proxy("localhost,.xtrakit.com", "app.xtrakit.com")
    True
    >>> matches_no_proxy("::1,[::1]:80", "app.xtrakit.com")
    False
    """
    name = plain_host(host) or host.lower()
    return any(
        not domain or name == domain or name.endswith(f".{domain}")
        for domain in map(_parse_no_proxy_entry, no_proxy_entries(no_proxy))
    )


def _parse_no_proxy_entry(entry: str) -> str:
    """Return the domain or address of one NO_PROXY entry, without port, brackets and leading ``*.``.

    The result is in lower case, and empty for ``*``, which stands for every host.
    """
    name = entry.lstrip("*").lstrip(".")
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:  # more colons are an IPv6 address, which has no port without brackets
        name = name.partition(":")[0]
    return plain_host(name) or name.lower()
