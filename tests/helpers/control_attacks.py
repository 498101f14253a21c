"""Requests of the control API as web pages and strangers send them."""

from __future__ import annotations

from typing import Any

from tests.helpers.processes import Server
from tests.helpers.raw_http import Reply, send

ROOT = "/_fakekit/accounts"
EVERY = [
    ("GET", ""),
    ("POST", ""),
    ("GET", "/-/requests"),
    ("GET", "/fk_victim"),
    ("DELETE", "/fk_victim"),
    ("POST", "/fk_victim/reset"),
    ("DELETE", "/fk_victim/requests"),
    ("POST", "/fk_victim/faults"),
    ("POST", "/fk_victim/records/customers"),
    ("PATCH", "/fk_victim/records/customers/1"),
    ("PUT", "/fk_victim/clock"),
    ("POST", "/fk_victim/snapshots"),
    ("GET", "/fk_victim/export"),
    ("PUT", "/fk_victim/alias"),
    ("HEAD", "/fk_victim"),
]


def raw(server: Server, head: str | bytes, body: bytes = b"", method: str = "GET") -> Reply:
    """What comes back for these lines of a request."""
    lines = head.encode() if isinstance(head, str) else head
    return send(server.port, lines + b"\r\nConnection: close\r\n\r\n" + body, method)


def granted(headers: Any) -> list[str]:
    return [name for name in headers if name.lower().startswith("access-control-")]
