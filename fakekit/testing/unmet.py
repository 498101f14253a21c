"""What a test expected of its requests and faults, and what became of it: unread names, unused faults.

Every pytest run imports this module, so it imports nothing else of fakekit.
"""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from fakekit.control.results import AccountSummary, UnreadName

MAX_SOURCE = 200
"""How many characters of the code that added a fault are shown."""


class CodeLocation(NamedTuple):
    """The lines of code that added a fault: their file, and the numbers of the first and the last."""

    file: str
    line: int
    end: int

    def __str__(self) -> str:
        """Return the place and what stands there: ``test_pay.py:12: xtrakit.fail(503, times=2)``.

        Only the place, where the file cannot be read.
        """
        source = ""
        with suppress(Exception):  # a test may have replaced anything
            lines = [linecache.getline(self.file, n).strip() for n in range(self.line, self.end + 1)]
            source = " ".join(lines)[:MAX_SOURCE]
        location = f"{self.file.replace(chr(92), '/').rpartition('/')[2]}:{self.line}"
        return f"{location}: {source}" if source else location


def caller_location() -> CodeLocation:
    """Return the line outside of fakekit that called it, through any number of its functions."""
    frame = sys._getframe(1)
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).partition(".")[0] == "fakekit":
        frame = frame.f_back
    line, end, _, _ = list(frame.f_code.co_positions())[frame.f_lasti // 2]
    return CodeLocation(frame.f_code.co_filename, line or frame.f_lineno, end or frame.f_lineno)


def describe_fault(fault: Mapping[str, Any]) -> str:
    """Return a fault with its use as text: ``fail=503,times=2 (used 1 of 2 times)``.

    fault: one of `Handle.faults`, as JSON.
    """
    limit = fault.get("times")
    count = f"{fault['used']} of {format_times(limit)}" if limit else format_times(fault["used"])
    return f"{fault['text_form']} (used {count})"


def format_times(count: int) -> str:
    """Return a count in words: ``1 time``, ``2 times``."""
    return f"{count} time{'' if count == 1 else 's'}"


def describe_unread(unread: UnreadName) -> str:
    """Return a line on a name that an endpoint does not read, with the nearest one that it does.

    >>> describe_unread({"endpoint": "GET /api/v1/sales", "name": "custmer_id", "nearest": "customer_id"})
    'GET /api/v1/sales does not read custmer_id; did you mean customer_id?'
    """
    nearest = f"; did you mean {unread['nearest']}?" if unread["nearest"] else ""
    return f"{unread['endpoint']} does not read {unread['name']}{nearest}"


def unread_lines(about: AccountSummary) -> list[str]:
    """Return a line for each name in requests of an account that no endpoint read; [] without any.

    about: the summary of the account; one of an older fakekit elsewhere has none.
    """
    return [describe_unread(unread) for unread in about.get("unread", ())]


def unused_lines(
    about: AccountSummary, location_by_id: Mapping[int, CodeLocation] | None = None
) -> Iterator[str]:
    """Yield a line for each fault or stub of an account that was not used, or not as often as it might.

    about: the summary of the account.
    location_by_id: by the fault's id, where it was added, as far as that is known; None leaves that out.
    """
    for fault in about["unused"]:
        location = (location_by_id or {}).get(fault["id"])
        yield f"{location}: {describe_fault(fault)}" if location else describe_fault(fault)
