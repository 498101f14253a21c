"""The comparison of what a service answers with the contract, with the requests that it decides otherwise."""

from __future__ import annotations

from collections import Counter

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.provenance import Truth
from fakekit.drift.comparison import Comparison
from fakekit.drift.expected_response import INTRODUCTION, expect_response
from fakekit.drift.findings import Difference, Observed, Place
from fakekit.drift.terms import DifferenceKind, status_term


class ShadowComparison(Comparison):
    """The responses of the service, compared with the contract, and requests that it decides otherwise."""

    def __init__(self, assumptions: Assumptions) -> None:
        super().__init__(assumptions)
        self._compared: Counter[Place] = Counter()
        self._decided: Counter[tuple[Place, int, int, Truth | None]] = Counter()

    def add_decision(self, place: Place, contract: int, seen: int, truth: Truth | None) -> None:
        """Add a request to which the fake and the service gave statuses of different kinds.

        contract: the status of the fake. seen: that of the service.
        truth: why the fake decides so; None where no page and no assumption says anything.
        """
        self._decided[place, contract, seen, truth] += 1

    def add_refusal(self, place: Place) -> None:
        """Add a 401 to a key that the service accepts for other requests. place: of a request with a key."""
        expected = expect_response(self.endpoints[place.operation], place.situation, self.assumptions)
        self.count(place)
        self.add_decision(place, expected.status, 401, INTRODUCTION)

    def count(self, place: Place) -> None:
        """Count a request that was compared, of those to its place."""
        self._compared[place] += 1

    def differences(self) -> list[Difference]:
        """Return the differences of all responses so far."""
        found = super().differences()
        for (place, contract, seen, truth), times in self._decided.items():
            observed = Observed(times, self._compared[place])
            sides = (status_term(contract),), (status_term(seen),)
            found.append(Difference(place, DifferenceKind.STATUS, *sides, observed, truth))
        return found
