"""How many connections there may be: each takes a descriptor, of which a process has few."""

from __future__ import annotations

try:
    import resource
except ImportError:  # Windows, which has no such limit
    resource = None  # type: ignore[assignment]

MAX_DESCRIPTORS = 8192
"""How many descriptors `raise_limit` asks for. An open connection takes about 6 kB of memory."""


def raise_limit() -> None:
    """Let this process have more descriptors, as far as it may: shells allow 1,024 and up to the hard limit.

    For a process of fakekit's own only. Does nothing where that is refused.
    """
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(MAX_DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):  # macOS refuses more than the kernel's own limit
            return


def max_connections() -> int:
    """Return how many connections there may be: three quarters of the descriptors; the rest is for files."""
    if resource is None:
        return MAX_DESCRIPTORS
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return (MAX_DESCRIPTORS if soft == resource.RLIM_INFINITY else soft) * 3 // 4
