"""The place *Ledger*: what is documented, what is assumed, and which assumptions this account relied on."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import NamedTuple

from fakekit.accounts.capacity import ENTRIES
from fakekit.console.page import Page, Rendered
from fakekit.contract.assumptions import TEXT, Assumption, format_value
from fakekit.contract.ledger import ODDITIES, Oddity
from fakekit.contract.positions import TABLE
from fakekit.control.results import AssumptionUse
from fakekit.control.text_search import contains_text
from fakekit.documentation import page as documentation_page
from fakekit.errors import without_secrets
from fakekit.resources import ENDPOINTS

_TABLE: dict[str, Assumption] = {assumption.name: assumption for assumption in TABLE}


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


class UsedAssumption(NamedTuple):
    """An assumption that responses relied on: in how many recorded ones, and whether its value was set.

    compared: what a comparison with the real service found, ``confirmed 2026-11-26``; empty without one.
    """

    about: AssumptionRow
    request_count: int
    is_set: bool
    compared: str


def show_ledger(page: Page) -> Rendered:
    """Return the page: endpoints and responses by truth, the assumptions in use, the vendor's contradictions.

    The assumptions and contradictions are those with the text ``search`` of the query; those that concern an
    assumption in use come first.
    """
    search = page.query.get("search", "").strip()
    ledger = page.run("ledger")
    used = [_describe_use(use) for use in ledger["assumptions"]]
    names = {each.about.name for each in used}
    oddities = sorted(ODDITIES, key=lambda oddity: names.isdisjoint(oddity.assumptions))
    context = {
        "search": without_secrets(search),
        "endpoints": Counter(endpoint.truth.kind for endpoint in ENDPOINTS),
        "ledger": ledger,
        "limit": ENTRIES,
        "used": [each for each in used if contains_text(each.about, search)],
        "used_count": len(used),
        "used_names": names,
        "oddities": [o for o in oddities if contains_text(_texts(o), search)],
        "oddity_count": len(ODDITIES),
        "docs": documentation_page,
    }
    return Rendered("ledger.html", context, place="ledger.show_ledger")


def _describe_use(use: AssumptionUse) -> UsedAssumption:
    """Return an assumption in use, with what the table says about it."""
    row = assumption_row(_TABLE[use["name"]], use["value"])
    return UsedAssumption(row, use["requests"], use["value"] != use["default"], use["compared"])


def _texts(oddity: Oddity) -> list[str]:
    """Return the texts of a contradiction or gap in which a search looks."""
    return [str(oddity.number), oddity.title, oddity.position, oddity.kind, *oddity.assumptions]


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
