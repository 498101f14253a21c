"""Which names and addresses can only mean this machine."""

from __future__ import annotations


def is_loopback(name: str) -> bool:
    """Whether a name or an address can only mean this machine (RFC 6761, 6.3 of localhost)."""
    if name in ("localhost", "127.0.0.1"):
        return True
    import ipaddress  # few need it

    try:
        return ipaddress.ip_address(name.split("%")[0]).is_loopback
    except ValueError:
        return False
