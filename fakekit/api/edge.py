"""The outermost layer, where a request comes in, its answer goes out and its line goes to the log."""

from __future__ import annotations

import io
import itertools
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fakekit.api.body import BODY, BODY_BYTES, SIZE
from fakekit.api.request_log import RequestLog
from fakekit.api.response import ApiResponse, bad_body
from fakekit.api.waiting import Waiting
from fakekit.api.wire import ClientLine, NoConnectionError, wire_of
from fakekit.log import LOGGER, log
from fakekit.unpatched import monotonic

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from fakekit.faults.sending import Sending

NUMBER = "fakekit.number"
"""Where a request's number stands in its environment."""
STARTED = "fakekit.started"
"""Where the time of its coming stands, by `fakekit.unpatched.monotonic`."""
SHOWN = "fakekit.shown"
"""Where its path stands as it may be shown, once that is known."""
SENDING = "fakekit.sending"
"""Where the faults stand that its answer meets on its way."""

DRAINED = 64 * 1024 * 1024
"""How many bytes of a body are read at all."""

SEVERAL_WORKERS = (
    "several worker processes are serving; each has its own accounts, so changes made through one are "
    "lost in the others: run one worker"
)


class _Head:
    """Status and headers of an answer, held back until it goes out."""

    def __init__(self) -> None:
        self.status, self.headers = "", [("", "")]

    def __call__(self, status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
        self.status, self.headers = status, headers

    def get(self, name: str) -> str:
        return next((value for known, value in self.headers if known == name), "")

    def note(self, text: str) -> None:
        note = self.get("Fakekit-Note")
        headers = [(name, value) for name, value in self.headers if name != "Fakekit-Note"]
        self.headers = [*headers, ("Fakekit-Note", f"{note}; {text}" if note else text)]


class Edge:
    """Numbers each request, times it, sends its answer and logs it. A WSGI application around another."""

    def __init__(
        self,
        app: WSGIApplication,
        log: RequestLog,
        waiting: Waiting,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.app, self.log, self.waiting, self.clock = app, log, waiting, clock
        self._numbers = itertools.count(1)
        self._is_warning_logged = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        environ[NUMBER], environ[STARTED] = next(self._numbers), self.clock()
        if environ.get("CONTENT_LENGTH") or environ.get("HTTP_TRANSFER_ENCODING"):
            try:
                _read_body(environ)
            except _BodyError as error:
                return self._reject(error.response, environ, start_response)
        head = _Head()
        chunks = self.app(environ, head)
        if environ.get("wsgi.multiprocess"):
            self._warn(head)
        try:
            if SENDING in environ:
                chunks = [b"".join(chunks)]
                self._send(environ[SENDING], environ, head, chunks[0])
            start_response(head.status, head.headers)
        finally:
            self._log(environ, head)
        return chunks

    def _reject(
        self, response: ApiResponse, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request whose body is not known, and close the connection where the server lets us.

        Where the next request begins on it is not known either.
        """
        head = _Head()
        head(f"{response.status} {HTTPStatus(response.status).phrase}", list(response.fields))
        self._log(environ, head)
        payload = b"" if environ["REQUEST_METHOD"] == "HEAD" else response.payload
        with suppress(NoConnectionError):
            line = ClientLine(head.status, head.headers, payload, wire_of(environ))
            line.write(line.head + payload)
            line.end()
        start_response(head.status, head.headers)
        return [payload]

    def _send(self, faults: Iterable[Sending], environ: WSGIEnvironment, head: _Head, payload: bytes) -> None:
        """What faults do to an answer on its way; one that ends the connection raises."""
        wire = wire_of(environ)
        for fault in faults:
            line = ClientLine(head.status, head.headers, payload, wire)
            try:
                if not fault.waits:
                    fault.send(line)
                    continue
                with self.waiting.slot() as has_slot:
                    if has_slot:
                        with wire.waiting():
                            fault.send(line)
                        continue
                reason = self.waiting.limit_message
            except NoConnectionError as error:
                reason = str(error)
            log(logging.WARNING, "a fault was refused: %s: %s", fault, reason)
            head.note(f"a fault was refused: {reason}")

    def _warn(self, head: _Head) -> None:
        if not self._is_warning_logged:
            self._is_warning_logged = True
            log(logging.WARNING, SEVERAL_WORKERS)
        head.note(SEVERAL_WORKERS)

    def _log(self, environ: WSGIEnvironment, head: _Head) -> None:
        if not LOGGER.isEnabledFor(logging.INFO) or not head.status:
            return
        seen = dict(head.headers)
        fault = seen.get("Fakekit-Fault", "")
        note = seen.get("Fakekit-Note", "")
        self.log.write(
            environ[NUMBER],
            environ["REQUEST_METHOD"],
            environ.get("PATH_INFO", ""),
            environ.get("QUERY_STRING", ""),
            int(head.status[:3]),
            self.clock() - environ[STARTED],
            seen.get("Fakekit-Truth", ""),
            f"{note} [{fault}]" if fault and note else f"[{fault}]" if fault else note,
            environ.get(SHOWN, ""),
        )


class _BodyError(Exception):
    """A request whose body did not come whole, or cannot be read; `answer` says so."""

    def __init__(self, response: ApiResponse) -> None:
        self.response = response
        super().__init__(response.note)


def _read_body(environ: WSGIEnvironment) -> None:
    """Read the body, whoever will ask for it, so that a kept-alive connection does not end in its middle.

    It is kept up to `BODY_BYTES` and read up to `DRAINED`; a longer one is the client's own fault. Raises
    `_BodyError` for a body that ends before its length, or before the last of its chunks.
    """
    length = _length_of_body(environ)
    remaining = DRAINED if length is None else min(length, DRAINED)
    body, size = bytearray(), 0
    try:
        while remaining > 0 and (chunk := environ["wsgi.input"].read(min(remaining, 65536))):
            remaining -= len(chunk)
            size += len(chunk)
            if len(body) <= BODY_BYTES:
                body += chunk
    except Exception:  # each server has its own for chunks that end early, or are none
        raise _BodyError(bad_body()) from None
    if length is not None and remaining > 0:
        raise _BodyError(bad_body())
    whole = bytes(body) if len(body) <= BODY_BYTES else None
    environ[BODY], environ[SIZE] = whole, size
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(whole or b""), str(len(whole or b""))


def _length_of_body(environ: WSGIEnvironment) -> int | None:
    """How many bytes of a body were announced; None where the server underneath knows its end (chunks).

    Raises `_BodyError` where nobody knows it.
    """
    if environ.get("HTTP_TRANSFER_ENCODING"):
        if environ.get("wsgi.input_terminated"):
            return None
        note = "the server underneath does not decode this transfer coding (RFC 9112, 6.1)"
        raise _BodyError(bad_body(HTTPStatus.NOT_IMPLEMENTED, note))
    length = str(environ["CONTENT_LENGTH"])
    if not (length.isascii() and length.isdecimal()):
        raise _BodyError(bad_body(note="Content-Length is not a number of bytes (RFC 9110, 8.6)"))
    return int(length[:20])
