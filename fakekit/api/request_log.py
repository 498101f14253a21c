"""The log: a line per request on the logger ``fakekit``, without anything that could be a secret.

A path is shown only as far as the table of endpoints knows it; other segments are ``...``, and so are a
method that HTTP does not know and every query.
"""

from __future__ import annotations

import logging
from typing import NamedTuple

from fakekit.accounts.redaction import HIDDEN, Redaction
from fakekit.log import LOGGER, FieldsHandler


class LogLine(NamedTuple):
    """The line of a finished request, without its number and duration.

    start: method, path and status. end: truth and note.
    """

    start: str
    end: str

    def write(self, number: int, seconds: float) -> None:
        """Log the line; does nothing when the log's level is above INFO, and never raises.

        Handlers that take the parts of a line make its text in a thread of their own: half of what a
        remembered response costs would be its line (docs/performance.md).
        """
        if not LOGGER.isEnabledFor(logging.INFO):
            return
        try:
            if LOGGER.propagate or LOGGER.filters or not _all_take_fields():
                # Not LOGGER.info, which walks the stack to find out that it was called here.
                text = self.text(number, seconds)
                LOGGER.handle(LOGGER.makeRecord(LOGGER.name, logging.INFO, __file__, 0, text, (), None))
                return
            for handler in LOGGER.handlers:
                if handler.level <= logging.INFO:
                    handler.put_fields(self.text, number, seconds)  # type: ignore[attr-defined]
        except Exception:
            return

    def text(self, number: int, seconds: float) -> str:
        """Return the line as it is logged: ``#12 GET /api/v1/customers/1 200 0.4ms documented``."""
        return f"#{number} {self.start} {seconds * 1000:.1f}ms {self.end}"


def _all_take_fields() -> bool:
    """Return whether every handler of the logger makes the text of a line itself."""
    for handler in LOGGER.handlers:  # noqa: SIM110 (`all` with a generator takes three times as long)
        if not isinstance(handler, FieldsHandler):
            return False
    return True


class RequestLog:
    """Makes the log line of each request: number, method, path, status, milliseconds, truth and note.

    redaction: decides which path segments can be shown.
    """

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction

    def line(
        self, method: str, path: str, query: str, status: str, truth: str, note: str, redacted_path: str = ""
    ) -> LogLine:
        """Return the log line of a request and its response.

        query: only whether there is one is logged.
        truth, note: the values of the headers `Fakekit-Truth` and `Fakekit-Note`; may be empty.
        redacted_path: the redacted path, if the journal has made it; if empty, it is made from `path`.
        """
        safe_path = redacted_path or self._redaction.redact_path(path)
        return LogLine(
            f"{self._redaction.redact_method(method)} {safe_path}{'?' + HIDDEN if query else ''} {status}",
            f"{truth or '-'}{': ' + note if note else ''}",
        )
