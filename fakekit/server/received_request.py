"""One request as it came over a connection."""

from __future__ import annotations

from dataclasses import dataclass, field

from fakekit.server.listening import KeyFor


@dataclass(eq=False, repr=False)
class ReceivedRequest:
    """One request as it came over a connection.

    target: the request target in origin form, ``/api/v1/customers?page=1``.
    headers: names in lower case and values, in the order in which they came; trailers are not among them.
    body: the bytes of the body, or None when they were more than are kept; `size` counts all of them.
    keep_alive: whether another request may follow on the connection.
    raw: the bytes of the whole request if they came together and it has no body, else empty.
    """

    method: str = ""
    target: bytes = b""
    version: str = "1.1"
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytearray | None = field(default_factory=bytearray)
    size: int = 0
    keep_alive: bool = True
    raw: bytes = b""

    def exchange_key(self, key_for: KeyFor) -> None:
        """Put what `key_for` returns into the place of the header Authorization, and forget `raw`.

        The bytes as they came may hold a real credential, so no response is remembered by them.
        """
        received = [value for name, value in self.headers if name == b"authorization"]
        authorization = key_for(b", ".join(received).decode("latin-1") if received else None)
        self.headers = [(name, value) for name, value in self.headers if name != b"authorization"]
        if authorization is not None:
            self.headers.append((b"authorization", authorization.encode("latin-1")))
        self.raw = b""
