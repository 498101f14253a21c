"""What the pages say about an assumption: what fakekit does, why, the value, and how another one is set."""

from __future__ import annotations

import shlex
from typing import NamedTuple

from fakekit.contract.assumptions import TEXT, Assumption, format_value


class AssumptionRow(NamedTuple):
    """An assumption that a response relied on.

    value: in force now, as users write it; None for a rule, which has none.
    expected: the values that it may have, in words; empty for a rule.
    option, mark: how another value is set, for a server and for a test; empty for a rule.
    """

    name: str
    position: str
    reason: str
    value: str | None
    expected: str = ""
    option: str = ""
    mark: str = ""


def assumption_row(assumption: Assumption, value: int | str | None) -> AssumptionRow:
    """Return what a page says about an assumption. value: in force now; None for a rule."""
    if value is None:
        return AssumptionRow(assumption.name, assumption.position, assumption.reason, None)
    other = _other_value(assumption, value)
    name = assumption.name
    return AssumptionRow(
        name,
        assumption.position,
        assumption.reason,
        format_value(value),
        assumption.expected,
        shlex.join(["fakekit", "serve", "--assumptions", f"{name}={format_value(other)}"]),
        f"@pytest.mark.fakekit(assumptions={{{name!r}: {other!r}}})",
    )


def _other_value(assumption: Assumption, value: int | str) -> int | str:
    """Return an allowed value of an assumption other than the one in force, as an example."""
    if assumption.allowed is TEXT:
        return "There is no such {noun}"
    return next(allowed for allowed in assumption.allowed if allowed != value)
