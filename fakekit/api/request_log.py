"""The log: a line per request on the logger ``fakekit``, without anything that could be a secret.

A path is shown only as far as the table of endpoints knows it; other segments are ``...``, and so are a
method that HTTP does not know and every query.
"""

from __future__ import annotations

import logging
from typing import NamedTuple

from fakekit.contract.provenance import LABELS
from fakekit.log import LOGGER, RequestHandler


class LogLine(NamedTuple):
    """The line of a finished request, without its number and duration.

    method, path: of the request, redacted; the path ends in ``?...`` where there was a query.
    status: of the response: ``200``.
    truth, note: the values of the headers `Fakekit-Truth` and `Fakekit-Note`; may be empty.
    fault: the faults that were applied, as text; may be empty.
    """

    method: str
    path: str
    status: str
    truth: str
    note: str
    fault: str

    def write(self, number: int, seconds: float) -> None:
        """Log the line; does nothing when the log's level is above INFO, and never raises.

        Handlers that take the parts of a line make its text in a thread of their own: making it here would
        take half of the time of a remembered response (docs/performance.md).
        """
        if not LOGGER.isEnabledFor(logging.INFO):
            return
        try:
            if LOGGER.propagate or LOGGER.filters or not _all_take_requests():
                # Not LOGGER.info, which walks the stack to find out that it was called here.
                text = self.text(number, seconds)
                LOGGER.handle(LOGGER.makeRecord(LOGGER.name, logging.INFO, __file__, 0, text, (), None))
                return
            for handler in LOGGER.handlers:
                if handler.level <= logging.INFO:
                    handler.put_request(self, number, seconds)  # type: ignore[attr-defined]
        except Exception:
            return

    def refused(self, status: int, truth: str, note: str) -> LogLine:
        """Return the line of the same request for another response, which the server gives instead."""
        return self._replace(status=str(status), truth=truth, note=note, fault="")

    def text(self, number: int, seconds: float) -> str:
        """Return the line as it is logged: ``#12 GET /api/v1/customers/1 200 0.4ms documented``.

        A request for a path of fakekit's own has no number, and begins with ``-``.
        """
        method, path, status, truth, note, fault = self  # faster than six attributes: remembered responses
        start = f"#{number}" if number else "-"
        line = f"{start} {method} {path} {status} {seconds * 1000:.1f}ms {LABELS.get(truth, truth)}"
        if not (note or fault):
            return line
        return f"{line}: {note} [{fault}]" if note and fault else f"{line}: {note or f'[{fault}]'}"

    def fields(self, number: int, seconds: float) -> dict[str, object]:
        """Return what the line says, under the names that the journal has for it; for ``--log-format json``.

        number: of the request. seconds: from its arrival to its response.
        """
        milliseconds = round(seconds * 1000, 2)
        values = {"number": number, **self._asdict(), "milliseconds": milliseconds}
        return values | {"status": int(self.status)}


def _all_take_requests() -> bool:
    """Return whether every handler of the logger makes the line of a request itself."""
    for handler in LOGGER.handlers:  # noqa: SIM110 (`all` with a generator takes three times as long)
        if not isinstance(handler, RequestHandler):
            return False
    return True
