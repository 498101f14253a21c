"""What was asked of the fake during a run, for a summary: never more of a request than the log shows."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

KEPT = 1000
"""How many requests a summary lists, the last ones; the others are counted."""


@dataclass(frozen=True)
class Seen:
    """A request that was answered.

    path: as far as the log would show it, a query only as ``?...``.
    note, truth, assumed: what the answer's ``Fakekit-`` headers say.
    """

    method: str
    path: str
    status: int
    note: str
    truth: str
    assumed: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}{f': {self.note}' if self.note else ''}"


class Witness:
    """Remembers what another WSGI application answered.

    shown: what may be shown of a path.
    """

    def __init__(self, app: WSGIApplication, shown: Callable[[str], str]) -> None:
        self.app, self._shown = app, shown
        self._seen: deque[Seen] = deque(maxlen=KEPT)
        self._assumed: dict[str, None] = {}
        self._count = 0
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            self._remember(environ, int(status[:3]), dict(headers))
            return start_response(status, headers, *exc_info)

        return self.app(environ, start)

    def _remember(self, environ: WSGIEnvironment, status: int, headers: dict[str, str]) -> None:
        path = self._shown(environ.get("PATH_INFO", "")) + ("?..." if environ.get("QUERY_STRING") else "")
        assumed = tuple(filter(None, headers.get("Fakekit-Assumed", "").split(", ")))
        note, truth = headers.get("Fakekit-Note", ""), headers.get("Fakekit-Truth", "")
        method = environ["REQUEST_METHOD"] if environ["REQUEST_METHOD"] in _METHODS else "..."
        with self._lock:
            self._seen.append(Seen(method, path, status, note, truth, assumed))
            self._assumed |= dict.fromkeys(assumed)
            self._count += 1

    def summary(self) -> Iterator[str]:
        """The lines of a summary: how many requests, which, and what their answers leaned on."""
        with self._lock:
            seen, names = list(self._seen), sorted(self._assumed)
        yield f"fakekit: {self._count:,} request{'' if self._count == 1 else 's'}"
        if self._count > len(seen):
            yield f"fakekit: ... {self._count - len(seen):,} earlier ones are not listed"
        yield from (f"fakekit: {request}" for request in seen)
        if names:
            several = "" if len(names) == 1 else "s"
            yield f"fakekit: leaned on {len(names)} assumption{several}: {', '.join(names)}"
