"""The provenance of a fact: a page of the vendor documents it, a standard says it, or fakekit assumed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from fakekit.contract.positions import TABLE

Kind = Literal["documented", "standard", "assumed"]


ASSUMED_REASON = "fine: no page of the vendor says it, so fakekit chose"
"""Stands beside assumptions, which readers of a log or report took for warnings."""

LABELS: Mapping[str, str] = {"assumed": "assumed (fine)", "": "-"}
"""How logs, lists and reports show the kind of a response, where it is not its name. Empty for a response of
fakekit's own paths."""


class Truth(NamedTuple):
    """Where a fact comes from.

    kind: documented, standard or assumed.
    source: the vendor's page, the RFC and section, or the name of the assumption.
    """

    kind: Kind
    source: str

    def __str__(self) -> str:
        """Return kind and source, as OpenAPI and the docs show them: ``documented (fetch-customer)``."""
        return f"{self.kind} ({self.source})"


_NAMES = frozenset(assumption.name for assumption in TABLE)


def documented(page: str) -> Truth:
    """Return the provenance of a fact that a page of the vendor documents: ``documented("fetch-customer")``.

    page: the last part of the page's URL.
    """
    return Truth("documented", page)


def standard(section: str) -> Truth:
    """Return the provenance of a fact that a standard specifies: ``standard("RFC 9110, 15.5.2")``.

    section: the standard and its section.
    """
    return Truth("standard", section)


def assumed(name: str) -> Truth:
    """Return the provenance of a fact that fakekit assumed: ``assumed("missing.status")``.

    Called at import, by the declaration of what relies on the assumption, so that a wrong name is found then.
    Raises ValueError for a name that `fakekit.contract.positions.TABLE` does not have.
    """
    if name not in _NAMES:
        raise ValueError(f"{name} is not in the table of assumptions, fakekit.contract.positions")
    return Truth("assumed", name)


GENERATED = assumed("values.generated")
"""The assumption on the values of generated records."""


def describe_assumptions(names: Sequence[str]) -> str:
    """Return the line about the assumptions that a run relies on.

    >>> describe_assumptions(["missing.status"])
    'the run relies on 1 assumption (fine: no page of the vendor says it, so fakekit chose): missing.status'
    """
    suffix = "" if len(names) == 1 else "s"
    return f"the run relies on {len(names)} assumption{suffix} ({ASSUMED_REASON}): {', '.join(names)}"
