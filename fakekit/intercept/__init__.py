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
