"""The logger ``fakekit``: messages of the server, without anything that could be a secret."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from json import dumps
from types import TracebackType
from typing import Protocol

from fakekit.unpatched import wall_time

LOGGER = logging.getLogger("fakekit")


def log(level: int, message: str, *args: object) -> None:
    """Write one message to the logger ``fakekit``, and never raise.

    A handler of the program's own may fail, and a test may have replaced what `logging` uses, such as
    ``time.time``. Neither may cost a request its response, nor end a thread of the server.
    """
    with suppress(Exception):
        LOGGER.log(level, message, *args)


def log_failure(error: BaseException) -> None:
    """Log an error in fakekit itself: its type and traceback. Never raises.

    Its message is left out, as it may quote what a client sent.
    """
    where = "\n".join(_traceback_lines(error.__traceback__))
    log(logging.ERROR, "fakekit failed with %s; please report this:\n%s", type(error).__name__, where)


def _traceback_lines(traceback: TracebackType | None) -> Iterator[str]:
    """Yield a line for each frame of a traceback: ``  file.py:12 in function``; nothing for None.

    The module `traceback` is not used: it reads files and may then raise under a test's patches.
    """
    while traceback is not None:
        code = traceback.tb_frame.f_code
        yield f"  {code.co_filename}:{traceback.tb_lineno} in {code.co_name}"
        traceback = traceback.tb_next


def log_invalid_response(operation: str, errors: object) -> None:
    """Log that a response of fakekit's own breaks its schema.

    operation: of the endpoint: ``fetch_customer``.
    errors: marshmallow's messages by field; they quote no values.
    """
    log(logging.ERROR, "the answer of %s breaks the contract: %s", operation, errors)


def log_malformed_request(status: int) -> None:
    """Log a request that fakekit's own server, gateway or proxy could not parse, answered with `status`.

    Nothing of its content is logged, as it may hold a key.
    """
    message = "- malformed request %d standard: not HTTP/1.1, or too long (https:// to http://?)"
    log(logging.INFO, message, status)


def log_partial_request(status: int, note: str) -> None:
    """Log a request that fakekit's own server did not pass to the app, as its body did not come whole.

    status, note: of its response.
    """
    log(logging.INFO, "- partial request %d standard: %s", status, note)


class RequestLine(Protocol):
    """What the log says of a request, without its number and duration, which differ where it is repeated."""

    def text(self, number: int, seconds: float) -> str:
        """Return the line as text."""

    def fields(self, number: int, seconds: float) -> dict[str, object]:
        """Return what the line says, by name, for a log in JSON."""


class RequestHandler(logging.Handler):
    """A handler that makes the line of a request later, in a thread of its own."""

    def put_request(self, line: RequestLine, number: int, seconds: float) -> None:
        """Queue the line of a request, of level INFO.

        Raises NotImplementedError: `fakekit.server.log_writer.LineHandler` has its own.
        """
        raise NotImplementedError


class TextFormatter(logging.Formatter):
    """Puts the level in front of lines above INFO: ``warning: ...``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record, with the level in front above INFO: ``warning: ...``."""
        line = super().format(record)
        return line if record.levelno <= logging.INFO else f"{record.levelname.lower()}: {line}"


class JsonFormatter(logging.Formatter):
    """Makes each record a JSON object on a line of its own: ``time``, ``level`` and ``text``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record. Its time is the real one, also while a test has frozen time."""
        return format_json(super().format(record), record.levelname)


def format_json(text: str, level: str, seconds: float = 0, **fields: object) -> str:
    """Return a line of a log in JSON: time and level, then the fields, then the text.

    seconds: the time since 1970; 0 for now.

    It is ASCII: a stderr with another encoding would turn other letters into what JSON does not have.
    """
    time = datetime.fromtimestamp(seconds or wall_time(), UTC).isoformat(timespec="milliseconds")
    return dumps({"time": time, "level": level.lower(), **fields, "text": text})


def format_warning(text: str, is_json: bool) -> str:
    """Return the line of a warning that is not logged: as JSON, or as text with ``warning:`` in front."""
    return format_json(text, "warning") if is_json else f"warning: {text}"


def format_request_json(line: RequestLine, number: int, seconds: float, time: float) -> str:
    """Return the line of a request for a log in JSON. time: when it was answered, in seconds since 1970."""
    return format_json(line.text(number, seconds), "info", time, **line.fields(number, seconds))


FORMATTERS: Mapping[str, type[logging.Formatter]] = {"text": TextFormatter, "json": JsonFormatter}
"""The values of the setting ``log_format``, and what makes a line of a record."""


class ServerLogger:
    """The logger of gunicorn under `fakekit serve`: errors, and warnings at DEBUG level, without arguments.

    gunicorn's messages are mostly templates; the arguments may be a client's.
    """

    def critical(self, msg: object, *args: object, **kwargs: object) -> None:
        """Log an error of gunicorn's; while an exception is handled, only its type and traceback.

        `msg` is then left out, as it may quote a path. An OSError is not logged: it is a client that went
        away.
        """
        error = sys.exc_info()[1]
        if error is None:
            log(logging.ERROR, "the server says: %s", msg)
        elif not isinstance(error, OSError):  # a client that went away is no news
            log_failure(error)

    error = exception = critical  # gunicorn logs failures by these

    def warning(self, msg: object, *args: object, **kwargs: object) -> None:
        """Log a warning of gunicorn's at DEBUG level, without `args`: users need not see it."""
        log(logging.DEBUG, "the server says: %s", msg)

    def info(self, msg: object, *args: object, **kwargs: object) -> None:
        """Do nothing with a message of gunicorn's: it may hold a path that a client sent."""

    debug = log = info


class RequestTextFilter(logging.Filter):
    """Keeps servers that we did not start from logging what a client sent.

    ``flask run`` logs request lines with their query, gunicorn the text of a malformed request; both may
    hold a key. Our own log line says what can be said.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Return False for werkzeug's request lines, which are not logged; True for every other record.

        The message of a record that quotes a client is replaced in `record`.
        """
        message = str(record.msg)
        if record.name == "werkzeug":
            return " - - [" not in record.getMessage()  # what it says of any request, good or malformed
        if message.startswith(_QUOTING_MESSAGES):
            record.msg, record.args, record.exc_info = "A malformed request was refused", (), None
        return True


_QUOTING_MESSAGES = (
    "Invalid request from ip=",
    "Error handling request",
    "Ignored premature",
    "Closing connection",
)


def add_server_log_filter() -> None:
    """Add `RequestTextFilter` to the loggers of werkzeug and gunicorn, which may run the app.

    A second call does nothing.
    """
    for name in ("werkzeug", "gunicorn.error"):
        logger = logging.getLogger(name)
        if not any(isinstance(known, RequestTextFilter) for known in logger.filters):
            logger.addFilter(RequestTextFilter())
