"""What a comparison with the real service found about an assumption, and when: ``confirmed 2026-11-26``.

``fakekit drift --learn`` writes it into ``[tool.fakekit.assumptions]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from json import dumps
from typing import Any, Literal, NamedTuple

Result = Literal["confirmed", "refuted"]
RESULTS: tuple[Result, Result] = ("confirmed", "refuted")

EXPECTED = (
    "a value, or a table with the date of a comparison, confirmed or refuted: "
    "{ value = 404, confirmed = 2026-11-26 }, for a rule { confirmed = 2026-11-26 }"
)
"""What the value of an assumption in a file must be, for an error message."""


class CheckedValue(NamedTuple):
    """The result of comparing an assumption with the real service, and the value that is in force since.

    value: the assumption's value; None for a rule, and where it was refuted and fakekit cannot do what the
        real service does: then the value of the table stays in force.
    result: whether the real service behaves so.
    date: the day of the comparison, ``2026-11-26``.
    """

    value: int | str | None
    result: Result
    date: str

    def __str__(self) -> str:
        """Return the value as JSON, in the form in which an option, a variable or a request may set it."""
        return dumps(self.as_json())

    @property
    def label(self) -> str:
        """Result and date, as headers, ledger and OpenAPI show them: ``confirmed 2026-11-26``."""
        return f"{self.result} {self.date}"

    def as_json(self) -> dict[str, int | str]:
        """Return it as an object for JSON: ``{"value": 404, "confirmed": "2026-11-26"}``."""
        value = {} if self.value is None else {"value": self.value}
        return {**value, self.result: self.date}


def read_checked(entry: Mapping[str, Any]) -> CheckedValue:
    """Return what a table of ``[tool.fakekit.assumptions]``, or an object of JSON, says about an assumption.

    entry: has the key ``confirmed`` or ``refuted`` with a date, and ``value`` where there is one, which is
        not checked here.

    Raises ValueError, without a message, for any other form.
    """
    results = [result for result in RESULTS if result in entry]
    if len(results) != 1 or set(entry) - {"value", *results}:
        raise ValueError
    day = entry[results[0]]
    if isinstance(day, str):
        day = date.fromisoformat(day)
    if not isinstance(day, date) or isinstance(day, datetime):
        raise ValueError
    return CheckedValue(entry.get("value"), results[0], day.isoformat())
