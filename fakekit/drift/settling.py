"""What a run says about each assumption that it can observe: confirmed, refuted or not observed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fakekit.contract.assumptions import Assumption, Assumptions
from fakekit.contract.endpoint import Endpoint
from fakekit.drift.findings import AssumptionResult, Finding, Outcome, Situation
from fakekit.drift.observations import OBSERVERS, RULE_HOLDS, Answer, Observation
from fakekit.drift.responses import ObservedResponse, is_rate_limit
from fakekit.resources import ENDPOINTS, RESOURCES

_DECLARED: Mapping[str, Endpoint] = {endpoint.operation: endpoint for endpoint in ENDPOINTS}


class Settling:
    """Collects what responses say about assumptions, and concludes what the service does.

    assumptions: the values in force.
    has_writes: whether the run sees writes, too, which those of a program are.
    """

    def __init__(self, assumptions: Assumptions, has_writes: bool = False) -> None:
        self._assumptions, self._has_writes = assumptions, has_writes
        self._found: dict[str, set[int | str | None]] = {}
        self._answered: set[str] = set()

    def add(self, response: ObservedResponse) -> None:
        """Add all that a response says by itself, whatever the request was made for."""
        answer = self.answer_of(response)
        endpoint = answer.endpoint
        is_usual = response.place.situation is Situation.WITH_KEY
        if endpoint is not None and is_usual and any(map(answer.data.get, endpoint.envelope.parts)):
            self._answered.add(endpoint.operation)
        if response.status:
            for observe in OBSERVERS.values():
                self.observe(observe(answer))

    def answer_of(self, response: ObservedResponse) -> Answer:
        """Return a response with the endpoint and the resource that were asked."""
        endpoint = _DECLARED.get(response.place.operation)
        resource = RESOURCES[endpoint.resource] if endpoint is not None else None
        return Answer(response, endpoint, resource, is_rate_limit(response, self._assumptions))

    def observe(self, observations: Iterable[Observation]) -> None:
        """Add what was observed of assumptions."""
        for observation in observations:
            self._found.setdefault(observation.name, set()).add(observation.found)

    def results(self, findings: Iterable[Finding]) -> tuple[AssumptionResult, ...]:
        """Return a result for each assumption that the run can observe, in the order of the table.

        findings: of the run; an assumption that one of them names is refuted.
        """
        named = {finding.assumption for finding in findings}
        table = self._assumptions.table.values()
        return tuple(
            self._result(each, each.name in named)
            for each in table
            if each.observed_by
            or each.name in named
            or each.name in self._found
            or (self._has_writes and each.observed_in_writes)
        )

    def _result(self, assumption: Assumption, is_named: bool) -> AssumptionResult:
        """Return the result for one assumption. is_named: whether a finding says that it is wrong."""
        name, found = assumption.name, self._found.get(assumption.name, set())
        if not found and assumption.observed_by == "answers" and self._has_answer(name):
            found = {RULE_HOLDS}
        is_rule = assumption.value is None
        in_force = RULE_HOLDS if is_rule else self._assumptions[name]
        if not found and not is_named:
            needs = assumption.observed_in_writes if self._has_writes else ""
            return AssumptionResult(name, Outcome.NOT_OBSERVED, needs=needs)
        value = _read(assumption, next(iter(found))) if len(found) == 1 else None
        if found == {in_force} and not is_named:
            return AssumptionResult(name, Outcome.CONFIRMED, value)
        return AssumptionResult(name, Outcome.REFUTED, None if value == in_force else value)

    def _has_answer(self, name: str) -> bool:
        """Return whether an endpoint that relies on an assumption answered with a record."""
        endpoints = [endpoint.under(self._assumptions) for endpoint in ENDPOINTS]
        return any(
            endpoint.operation in self._answered and any(truth.source == name for truth in endpoint.assumed)
            for endpoint in endpoints
            if endpoint is not None
        )


def _read(assumption: Assumption, found: int | str | None) -> int | str | None:
    """Return what was found as a value of the assumption; None for a rule, and for what it cannot be."""
    if assumption.value is None or found is None:
        return None
    try:
        return assumption.read(found)
    except ValueError:
        return None
