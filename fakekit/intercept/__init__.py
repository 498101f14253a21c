"""Code whose host is hard-coded: the vendor's names lead to the fake, over real TLS.

What leads there: a proxy and an environment for child processes (`fakekit exec`), a seam in this process
for pytest. What answers there is the same `Front`.
"""

VENDOR_HOSTS = ("app.xtrakit.com", "api.xtrakit.com")
"""The hosts of the real service. Nothing of fakekit ever looks them up or connects to them."""


def is_vendor(host: str) -> bool:
    """Whether a host is the vendor's, however it is spelled: any case, with or without the root's dot.

    >>> is_vendor("API.XtraKit.com.")
    True
    """
    return host.lower().rstrip(".") in VENDOR_HOSTS


def no_proxy_entries(no_proxy: str) -> list[str]:
    """What a value of NO_PROXY names; spaces part it as well as commas, as for curl.

    >>> no_proxy_entries("localhost, a.test b.test")
    ['localhost', 'a.test', 'b.test']
    """
    return no_proxy.replace(",", " ").split()


def excludes(no_proxy: str, host: str) -> bool:
    """Whether a value of NO_PROXY means a host: by name, by a domain above it, or by a star.

    >>> excludes("localhost,.xtrakit.com", "app.xtrakit.com")
    True
    """
    entries = (entry.lower().rstrip(".") for entry in no_proxy_entries(no_proxy))
    domains = [entry.removeprefix("*").lstrip(".").partition(":")[0] for entry in entries]
    name = host.lower().rstrip(".")
    return any(not domain or name == domain or name.endswith(f".{domain}") for domain in domains)
