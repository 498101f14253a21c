"""The logger ``fakekit``: messages of the server, with nothing in them that could be a secret."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from types import TracebackType

LOGGER = logging.getLogger("fakekit")


def log(level: int, message: str, *args: object) -> None:
    """Write one message of the server's, and never raise.

    A handler of the program's own may fail, and a test may have replaced what `logging` uses, such as
    ``time.time``. Neither may cost a request its response, nor a thread of the server its life.
    """
    with suppress(Exception):
        LOGGER.log(level, message, *args)


def log_failure(error: BaseException) -> None:
    """A failure of fakekit's own: its type and where it happened, not its message, which may quote input.

    Never raises.
    """
    where = "\n".join(_places(error.__traceback__))
    log(logging.ERROR, "fakekit failed with %s; please report this:\n%s", type(error).__name__, where)


def _places(traceback: TracebackType | None) -> Iterator[str]:
    """Where an exception passed. Not by the module `traceback`, which reads files and may then raise."""
    while traceback is not None:
        code = traceback.tb_frame.f_code
        yield f"  {code.co_filename}:{traceback.tb_lineno} in {code.co_name}"
        traceback = traceback.tb_next


def broken_contract(operation: str, broken: object) -> None:
    """An answer of fakekit's own that the contract refuses; marshmallow's messages quote no values."""
    log(logging.ERROR, "the answer of %s breaks the contract: %s", operation, broken)


def malformed_request(status: int) -> None:
    """A request that the server underneath refused; what it held is not known here and not wanted."""
    message = "- malformed request %d standard: not HTTP/1.1, or too long (https:// to http://?)"
    log(logging.INFO, message, status)


def partial_request(note: str) -> None:
    """A request that the server underneath kept to itself because its body did not come whole."""
    log(logging.INFO, "- partial request %d standard: %s", HTTPStatus.BAD_REQUEST, note)


class ServerLogger:
    """Stands for the logger of a server underneath: only what went wrong, and only its own words.

    Its messages are mostly templates; what would be filled in may be a client's, and is not.
    """

    def critical(self, msg: object, *args: object, **kwargs: object) -> None:
        """What went wrong: of an exception only its type and place, since `msg` may quote a path."""
        error = sys.exc_info()[1]
        if error is None:
            log(logging.ERROR, "the server says: %s", msg)
        elif not isinstance(error, OSError):  # a client that went away is no news
            log_failure(error)

    error = exception = critical

    def warning(self, msg: object, *args: object, **kwargs: object) -> None:
        """What is no news to a user."""
        log(logging.DEBUG, "the server says: %s", msg)

    def info(self, msg: object, *args: object, **kwargs: object) -> None:
        """Nothing: waitress puts a client's path into it."""

    debug = log = info


class RequestTextFilter(logging.Filter):
    """Keeps the servers underneath from logging what a client sent, when they are not started by us.

    ``flask run`` logs request lines with their query, gunicorn the text of a malformed request; both
    may hold a key. Our own line says what can be said.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record may be printed as it is; changes it where a part of it may not."""
        message = str(record.msg)
        if record.name == "werkzeug":
            return " - - [" not in record.getMessage()  # what it says of any request, good or malformed
        if message.startswith(_OF_A_REQUEST):
            record.msg, record.args, record.exc_info = "A malformed request was refused", (), None
        return True


_OF_A_REQUEST = (
    "Invalid request from ip=",
    "Error handling request",
    "Ignored premature",
    "Closing connection",
)


def filter_server_logs() -> None:
    """Put `RequestTextFilter` on the loggers of the servers that may run the app; again does nothing."""
    for name in ("werkzeug", "gunicorn.error"):
        logger = logging.getLogger(name)
        if not any(isinstance(known, RequestTextFilter) for known in logger.filters):
            logger.addFilter(RequestTextFilter())
