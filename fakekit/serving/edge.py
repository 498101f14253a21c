"""The outermost layer, where a request comes in and its line goes to the log."""

from __future__ import annotations

import io
import itertools
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from fakekit.serving.log import LOGGER, RequestLog
from fakekit.serving.received import BODY, BODY_BYTES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DRAINED = 64 * 1024 * 1024
"""How many bytes of a body are read at all."""

SEVERAL_WORKERS = (
    "several worker processes are serving; each has its own accounts, so changes made through one are "
    "lost in the others: run one worker"
)


class Edge:
    """Numbers each request, times it and logs it. A WSGI application around another."""

    def __init__(
        self,
        app: WSGIApplication,
        log: RequestLog,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.app, self.log, self.clock = app, log, clock
        self._numbers = itertools.count(1)
        self._warned = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        number, started = next(self._numbers), self.clock()
        alone = not environ.get("wsgi.multiprocess")
        seen: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            if not alone:
                headers = _with_warning(headers)
            seen.update(headers, status=int(status[:3]))
            return start_response(status, headers, *exc_info)

        if not alone and not self._warned:
            self._warned = True
            LOGGER.warning(SEVERAL_WORKERS)
        if environ.get("CONTENT_LENGTH") or environ.get("HTTP_TRANSFER_ENCODING"):
            _take_body(environ)
        chunks = self.app(environ, start)
        self.log.write(
            number,
            environ["REQUEST_METHOD"],
            environ.get("PATH_INFO", ""),
            environ.get("QUERY_STRING", ""),
            seen["status"],
            self.clock() - started,
            seen.get("Fakekit-Truth", ""),
            seen.get("Fakekit-Note", ""),
        )
        return chunks


def _take_body(environ: WSGIEnvironment) -> None:
    """Read the body, whoever will ask for it, so that a kept-alive connection does not end in its middle.

    It is kept up to `BODY_BYTES` and read up to `DRAINED`; a longer one is the client's own fault.
    """
    length = str(environ.get("CONTENT_LENGTH") or "0")
    left = min(int(length), DRAINED) if length.isascii() and length.isdecimal() else 0
    if environ.get("wsgi.input_terminated") and environ.get("HTTP_TRANSFER_ENCODING"):
        left = DRAINED
    body = bytearray()
    while left > 0 and (chunk := environ["wsgi.input"].read(min(left, 65536))):
        left -= len(chunk)
        if len(body) <= BODY_BYTES:
            body += chunk
    whole = bytes(body) if len(body) <= BODY_BYTES else None
    environ[BODY] = whole
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(whole or b""), str(len(whole or b""))


def _with_warning(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    note = next((value for name, value in headers if name == "Fakekit-Note"), "")
    others = [(name, value) for name, value in headers if name != "Fakekit-Note"]
    return [*others, ("Fakekit-Note", f"{note}; {SEVERAL_WORKERS}" if note else SEVERAL_WORKERS)]
