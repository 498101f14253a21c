"""The outermost layer: it numbers a request, reads its body, sends its response and logs it."""

from __future__ import annotations

import io
import itertools
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from fakekit.accounts.redaction import Redaction
from fakekit.api.body import BODY, BODY_BYTES, SIZE
from fakekit.api.deferred import DEFERRED, Deferred
from fakekit.api.exchange import EXCHANGE, Exchange
from fakekit.api.request_log import LogLine
from fakekit.api.response import ApiResponse, refuse
from fakekit.api.wire import ClientLine, NoConnectionError, client_socket
from fakekit.contract.refusals import MALFORMED_LENGTH, PARTIAL_BODY, UNKNOWN_CODING
from fakekit.errors import HIDDEN
from fakekit.log import log
from fakekit.unpatched import monotonic
from fakekit.vendor import API_ROOT, BASE_PATH, BASE_PATHS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from fakekit.faults.sending import ConnectionFault

MAX_READ = 64 * 1024 * 1024
"""How many bytes of a body are read at all; the rest of a longer one stays on the connection."""

MULTIPROCESS_NOTE = (
    "several worker processes are serving; each has its own accounts, so changes made through one are "
    "lost in the others: run one worker, or set FAKEKIT_STATE to a store that all share"
)


class _Head:
    """Status and headers of a response, held back so that faults and notes can still change them.

    An instance is passed to the wrapped application as its ``start_response``.
    """

    def __init__(self) -> None:
        self.status, self.headers = "", [("", "")]

    def __call__(self, status: str, headers: list[tuple[str, str]], *exc_info: object) -> Any:
        """Store status and headers; WSGI's ``start_response``, which the wrapped application calls."""
        self.status, self.headers = status, headers

    def get(self, name: str) -> str:
        """Return the value of a header of the response; empty when there is none of this name."""
        return next((value for header, value in self.headers if header == name), "")

    def note(self, text: str) -> None:
        """Add a sentence to the header `Fakekit-Note`, which is created if there is none."""
        note = self.get("Fakekit-Note")
        headers = [(name, value) for name, value in self.headers if name != "Fakekit-Note"]
        self.headers = [*headers, ("Fakekit-Note", f"{note}; {text}" if note else text)]


class RequestMiddleware:
    """The outermost WSGI middleware: numbers, times and reads each request, sends its response and logs it.

    app: the WSGI application to wrap.
    redaction: decides what the log shows of a request that the journal does not have.
    is_own_path: returns whether a path is fakekit's own; requests for those have no number.
    log_own: whether they are logged.
    has_store: whether accounts are in a store: it gives requests their numbers, and several processes may
        serve.
    next_number: returns the number of the next request, from 1, and counts it.

    Under fakekit's own server it leaves the reading, the sending with faults and the writing of the line to
    that server.
    """

    def __init__(
        self,
        app: WSGIApplication,
        redaction: Redaction,
        is_own_path: Callable[[str], bool],
        log_own: bool = False,
        has_store: bool = False,
    ) -> None:
        self.app, self._redaction, self._is_own_path, self._log_own = app, redaction, is_own_path, log_own
        self.next_number = (itertools.repeat(0) if has_store else itertools.count(1)).__next__
        self._has_store, self._warning_sent = has_store, False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request: the entry point that a WSGI server calls.

        Sets the keys `EXCHANGE`, `BODY` and `SIZE` of the environment, and makes a path below one of
        `BASE_PATHS` the same one below the first. A body that cannot be read whole is answered 400 or 501
        without calling the application. Under fakekit's own server, which has read the body, `BODY` and
        `SIZE` are set already.
        """
        deferred: Deferred | None = environ.get(DEFERRED)
        exchange: Exchange | None = environ.get(EXCHANGE)
        if exchange is None:  # otherwise the request has waited, and is handed over again
            path = environ["PATH_INFO"]
            is_own = not path.startswith(API_ROOT) and self._is_own_path(path)
            environ[EXCHANGE] = exchange = Exchange(0 if is_own else self.next_number(), is_own=is_own)
        for base_path in BASE_PATHS[1:]:
            if environ["PATH_INFO"].startswith(f"{base_path}/"):
                environ["PATH_INFO"] = BASE_PATH + environ["PATH_INFO"][len(base_path) :]
        if deferred is not None:
            return self._serve_deferred(deferred, exchange, environ, start_response)
        if environ.get("CONTENT_LENGTH") or environ.get("HTTP_TRANSFER_ENCODING"):
            try:
                _read_body(environ)
            except _BodyError as error:
                return self._reject(error.response, exchange, environ, start_response)
        head = _Head()
        chunks = self.app(environ, head)
        if environ.get("wsgi.multiprocess") and not self._has_store:
            self._add_process_note(head)
        try:
            if exchange.response is not None and exchange.response.connection_faults:
                chunks = [b"".join(chunks)]  # faults act on the whole body
                self._send(exchange.response.connection_faults, environ, head, chunks[0])
            start_response(head.status, head.headers)
        finally:
            self._log(exchange, environ, head)
        return chunks

    def _serve_deferred(
        self,
        deferred: Deferred,
        exchange: Exchange,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Serve one request under fakekit's own server, which applies faults and writes the log line itself.

        deferred: is filled in for that with the exchange and the line.
        """
        head = _Head()
        chunks = self.app(environ, head)
        deferred.exchange = exchange
        deferred.line = self._line(exchange, environ, head)
        start_response(head.status, head.headers)
        return chunks

    def _reject(
        self,
        response: ApiResponse,
        exchange: Exchange,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Answer a request whose body cannot be read whole, and close its connection.

        The connection cannot be reused, as nobody knows where the next request begins on it: the response is
        written to it directly, and what `ClientLine.end` raises tells the server that the client has gone.
        Where the server does not give access to it, the response is returned, and it stays open.
        """
        head = _Head()
        head(response.status_line, list(response.fields))
        self._log(exchange, environ, head)
        payload = b"" if environ["REQUEST_METHOD"] == "HEAD" else response.payload
        with suppress(NoConnectionError):
            line = ClientLine(head.status, head.headers, payload, client_socket(environ))
            line.write(line.head + payload)
            line.end()
        start_response(head.status, head.headers)
        return [payload]

    def _send(
        self, faults: Iterable[ConnectionFault], environ: WSGIEnvironment, head: _Head, payload: bytes
    ) -> None:
        """Apply faults (delays, broken connections) to a response on its way out.

        payload: the bytes of the body.

        A fault that ends the connection raises. One that cannot be applied is logged and noted in `head`,
        and the response goes out unchanged.
        """
        client = client_socket(environ)
        for fault in faults:
            try:
                fault.send(ClientLine(head.status, head.headers, payload, client))
                continue
            except NoConnectionError as error:
                reason = str(error)
            log(logging.WARNING, "a fault was not applied: %s: %s", fault, reason)
            head.note(f"a fault was not applied: {reason}")

    def _add_process_note(self, head: _Head) -> None:
        """Note on the response that several worker processes serve, each with its own accounts.

        The first call also logs a warning.
        """
        if not self._warning_sent:
            self._warning_sent = True
            log(logging.WARNING, MULTIPROCESS_NOTE)
        head.note(MULTIPROCESS_NOTE)

    def _log(self, exchange: Exchange, environ: WSGIEnvironment, head: _Head) -> None:
        """Write the log line of a response. Does nothing when the application raised before a status."""
        if head.status and (line := self._line(exchange, environ, head)) is not None:
            line.write(exchange.number, monotonic() - exchange.started)

    def _line(self, exchange: Exchange, environ: WSGIEnvironment, head: _Head) -> LogLine | None:
        """Return the log line of a request, made of its environment and the head of its response.

        None for a path of fakekit's own, unless those are logged too.
        """
        if exchange.is_own and not self._log_own:
            return None
        method, path = exchange.method, exchange.path
        if not method:  # fakekit's own paths are in no journal
            method, path = self._redaction.redact_request(environ["REQUEST_METHOD"], environ["PATH_INFO"])
        headers = dict(head.headers)
        return LogLine(
            method,
            f"{path}?{HIDDEN}" if environ.get("QUERY_STRING") else path,
            head.status[:3],
            headers.get("Fakekit-Truth", ""),
            headers.get("Fakekit-Note", ""),
            headers.get("Fakekit-Fault", ""),
        )


class _BodyError(Exception):
    """A request whose body ended early or cannot be read.

    response: the answer to it.
    """

    def __init__(self, response: ApiResponse) -> None:
        self.response = response
        super().__init__(response.note)


def _read_body(environ: WSGIEnvironment) -> None:
    """Read the whole body, and set `BODY`, `SIZE`, ``wsgi.input`` and ``CONTENT_LENGTH`` of the environment.

    It is read whether or not an endpoint asks for it: an unread rest would be parsed as the next request of
    a kept-alive connection. `BODY` is None for a body over `BODY_BYTES`; at most `MAX_READ` bytes are read.

    Raises `_BodyError` for a body that ends before its length, or before the last of its chunks, and for a
    length or coding that cannot be read (`_length_of_body`).
    """
    length = _length_of_body(environ)
    remaining = MAX_READ if length is None else min(length, MAX_READ)
    body, size = bytearray(), 0
    try:
        while remaining > 0 and (chunk := environ["wsgi.input"].read(min(remaining, 65536))):
            remaining -= len(chunk)
            size += len(chunk)
            if len(body) <= BODY_BYTES:  # one chunk more than that shows that it is too large
                body += chunk
    except Exception:  # each server has its own for chunks that end early, or are none
        raise _BodyError(refuse(PARTIAL_BODY)) from None
    if length is not None and remaining > 0:
        raise _BodyError(refuse(PARTIAL_BODY))
    whole = bytes(body) if len(body) <= BODY_BYTES else None
    environ[BODY], environ[SIZE] = whole, size
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(whole or b""), str(len(whole or b""))


def _length_of_body(environ: WSGIEnvironment) -> int | None:
    """Return the announced length of the body; None for a chunked one, whose end the server finds.

    Raises `_BodyError` when the length is no number, or the WSGI server underneath leaves a transfer coding
    undecoded.
    """
    if environ.get("HTTP_TRANSFER_ENCODING"):
        if environ.get("wsgi.input_terminated"):
            return None
        raise _BodyError(refuse(UNKNOWN_CODING))
    length = str(environ["CONTENT_LENGTH"])
    if not (length.isascii() and length.isdecimal()):
        raise _BodyError(refuse(MALFORMED_LENGTH))
    return int(length[:20])  # more digits than any body, and int() refuses thousands of them
