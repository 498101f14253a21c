"""The log: a line per request on the logger ``fakekit``, with nothing in it that could be a secret.

A path is shown only as far as the table of endpoints knows it; what a client made up is shown as
``...``, and so are a method that HTTP does not know and every query.
"""

from __future__ import annotations

import logging
from contextlib import suppress

from fakekit.accounts.redaction import HIDDEN, Redaction
from fakekit.log import LOGGER


class RequestLog:
    """Writes one line per request: number, method, path, status, milliseconds, truth and note."""

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
        """Log one finished request; does nothing when the log's level is above INFO, and never raises.

        query: only whether there is one is logged.
        truth, note: the values of the response's headers.
        redacted_path: the redacted path, if the journal has worked it out; otherwise it is made from `path`.
        """
        if not LOGGER.isEnabledFor(logging.INFO):
            return
        line = (
            f"#{number} {self._redaction.method(method)} {redacted_path or self._redaction.path(path)}"
            f"{'?' + HIDDEN if query else ''} {status} {seconds * 1000:.1f}ms {truth or '-'}"
            f"{': ' + note if note else ''}"
        )
        with suppress(Exception):
            # Not LOGGER.info, which walks the stack to find out that it was called here.
            LOGGER.handle(LOGGER.makeRecord(LOGGER.name, logging.INFO, __file__, 0, line, (), None))
