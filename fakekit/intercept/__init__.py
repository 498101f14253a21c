"""Code whose host is hard-coded: the vendor's names lead to the fake, over real TLS.

What leads there: a proxy and an environment for child processes (`fakekit exec`), patches in this process
for pytest. What answers there is the same `Gateway`. Which hosts are the vendor's, `fakekit.vendor` says.
"""

from fakekit.vendor import plain_host


def no_proxy_entries(no_proxy: str) -> list[str]:
    """Return the entries of a value of NO_PROXY, which spaces separate as well as commas, as for curl.

    >>> no_proxy_entries("localhost, a.test b.test")
    ['localhost', 'a.test', 'b.test']
    """
    return no_proxy.replace(",", " ").split()


def excludes(no_proxy: str, host: str) -> bool:
    """Return whether a value of NO_PROXY matches a host: by name, by a parent domain, or by a star.

    >>> excludes("localhost,.xtrakit.com", "app.xtrakit.com")
    True
    >>> excludes("::1,[::1]:80", "app.xtrakit.com")
    False
    """
    name = plain_host(host) or host.lower()
    domains = map(_domain, no_proxy_entries(no_proxy))
    return any(not domain or name == domain or name.endswith(f".{domain}") for domain in domains)


def _domain(entry: str) -> str:
    """Return the domain or address that an entry of NO_PROXY means; empty for any host."""
    name = entry.lstrip("*").lstrip(".")
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:
        name = name.partition(":")[0]
    return plain_host(name) or name.lower()
