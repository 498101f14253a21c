"""The log: a line per request on the logger ``fakekit``, without anything that could be a secret.

A path is shown only as far as the table of endpoints knows it; other segments are ``...``, and so are a
method that HTTP does not know and every query.
"""

from __future__ import annotations

import logging
from contextlib import suppress

from fakekit.accounts.redaction import HIDDEN, Redaction
from fakekit.log import LOGGER


class RequestLog:
    """Writes one line per request: number, method, path, status, milliseconds, truth and note.

    redaction: decides which path segments can be shown.
    """

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction

    def write(
        self,
        number: int,
        method: str,
        path: str,
        query: str,
        status: int,
        seconds: float,
        truth: str,
        note: str,
        redacted_path: str = "",
    ) -> None:
        """Log one finished request. Does nothing when the logger's level is above INFO, and never raises.

        query: only whether there is one is logged.
        seconds: from arrival to the end of the response.
        truth, note: the values of the headers `Fakekit-Truth` and `Fakekit-Note`; may be empty.
        redacted_path: the redacted path, if the journal has made it; if empty, it is made from `path`.
        """
        if not LOGGER.isEnabledFor(logging.INFO):
            return
        safe_path = redacted_path or self._redaction.redact_path(path)
        line = (
            f"#{number} {self._redaction.redact_method(method)} {safe_path}"
            f"{'?' + HIDDEN if query else ''} {status} {seconds * 1000:.1f}ms {truth or '-'}"
            f"{': ' + note if note else ''}"
        )
        with suppress(Exception):
            # Not LOGGER.info, which walks the stack to find out that it was called here.
            LOGGER.handle(LOGGER.makeRecord(LOGGER.name, logging.INFO, __file__, 0, line, (), None))
