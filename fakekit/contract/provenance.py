"""Three kinds of truth, never mixed: what the vendor documents, what an RFC says, what we chose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["documented", "standard", "assumed"]


@dataclass(frozen=True)
class Truth:
    """Where a fact comes from.

    kind: documented, standard or assumed.
    source: the vendor's page, the RFC and section, or the name of the assumption.
    """

    kind: Kind
    source: str

    def __str__(self) -> str:
        return f"{self.kind} ({self.source})"


def documented(page: str) -> Truth:
    """Return the provenance of what a page of the vendor says; the page is named by its slug.

    ``documented("fetch-customer")``
    """
    return Truth("documented", page)


def standard(rfc: str) -> Truth:
    """Return the provenance of what a standard says: ``standard("RFC 9110, 15.5.2")``."""
    return Truth("standard", rfc)


def assumed(name: str) -> Truth:
    """Return the provenance of what fakekit chose; `name` is in `fakekit.contract.positions.TABLE`."""
    return Truth("assumed", name)
