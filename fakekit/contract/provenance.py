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
    """A page of the vendor says so, named by its slug: ``documented("fetch-customer")``."""
    return Truth("documented", page)


def standard(rfc: str) -> Truth:
    """A standard says so: ``standard("RFC 9110, 15.5.2")``."""
    return Truth("standard", rfc)


def assumed(name: str) -> Truth:
    """We chose, under a name of the table in `fakekit.contract.assumptions`."""
    return Truth("assumed", name)
