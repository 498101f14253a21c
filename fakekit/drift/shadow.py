"""The comparison of what passes between a program and the real service: the work of `fakekit shadow`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from queue import Full, Queue
from urllib.parse import parse_qsl

from fakekit.contract.endpoint import Endpoint
from fakekit.contract.provenance import assumed
from fakekit.drift.comparison import SERVICE, Comparison
from fakekit.drift.findings import NotObserved, Place, Report, Situation
from fakekit.drift.judge import judge
from fakekit.drift.observed_stream import PassedRequest
from fakekit.drift.responses import ObservedResponse, read_response
from fakekit.drift.settling import Settling
from fakekit.drift.shadow_comparison import ShadowComparison
from fakekit.drift.shadow_exchange import ShadowExchange, read_exchange
from fakekit.drift.shadow_fake import ShadowFake
from fakekit.drift.shadow_requests import (
    METHOD_NOT_ALLOWED,
    NO_VERDICT,
    AcceptedKeys,
    find_endpoint,
    find_place,
    make_fake_request,
)
from fakekit.drift.shadow_writes import PartialEdits, observe_write, truth_of_refusal
from fakekit.drift.write_effects import WriteEffects
from fakekit.log import log_failure
from fakekit.unpatched import Thread, monotonic

MAX_WAITING = 200
"""How many requests that passed may wait for their comparison; further ones are not compared."""
_REFUSED = (0, 401, 403)
"""The statuses of responses by which a service refuses the key, and of none."""
_EMPTY = assumed("values.empty")


class Shadow:
    """Compares each request that passed with the fake, in a thread of its own, during `running`.

    fake: answers the same requests.
    real_responses, fake_responses: the comparisons of both with the contract.
    settling: what the responses of the service say about assumptions.
    passed: how many requests have passed.
    compared: how many of them were compared. accepted: how many of these had a response other than a 401 or
        403.
    failed: how many could not be, by a failure of fakekit's own.
    """

    def __init__(self, fake: ShadowFake) -> None:
        self.fake = fake
        self.real_responses = ShadowComparison(fake.assumptions)
        self.fake_responses = Comparison(fake.assumptions)
        self.settling = Settling(fake.assumptions, has_writes=True)
        self._effects, self._edits = WriteEffects(fake.assumptions), PartialEdits()
        self.passed = self.compared = self.accepted = self.failed = self._dropped = 0
        self._missing: set[int] = set()  # the statuses of the responses to reads of missing records
        self._keys, self._refused = AcceptedKeys(), list[PassedRequest]()
        self._unread: dict[tuple[Place, str], None] = {}
        self._waiting: Queue[PassedRequest | None] = Queue(MAX_WAITING)
        self._thread = Thread(target=self._run, name="fakekit-shadow")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Compare during the block; its end waits until everything that has passed is compared."""
        self._thread.start()
        try:
            yield
        finally:
            self._waiting.put(None)
            self._thread.join()

    def not_observed(self) -> list[NotObserved]:
        """Return what could not be looked at: what no response showed, and what cannot be read."""
        return [
            *self.real_responses.not_observed(),
            *(NotObserved(place, reason) for place, reason in self._unread),
            *([NotObserved(SERVICE, f"{self._dropped} requests came too fast")] if self._dropped else []),
        ]

    def make_report(self, host: str) -> Report:
        """Return the report of everything that has passed. host: the name of the service."""
        findings = tuple(judge(self.real_responses, self.fake_responses))
        if not self._dropped and not self.failed:  # else it is not known what else was written
            self.settling.observe(self._effects.observations())
        self.settling.observe(self._edits.observations())
        results = self.settling.results(findings)
        return Report(host, self.passed, findings, (), results, tuple(self.not_observed()))

    def report(self, passed: PassedRequest) -> None:
        """Take a request that has passed, from any thread; it is not compared where too many wait."""
        self.passed += not passed.is_abandoned
        passed.ended = monotonic()
        try:
            self._waiting.put_nowait(passed)
        except Full:
            self._dropped += 1

    def _run(self) -> None:
        """Compare one request after the other until `running` ends; the body of the thread.

        Those that got a 401 come last, when all that the service says of their key has passed.
        """
        while (passed := self._waiting.get()) is not None:
            if passed.status == 401 and len(self._refused) < MAX_WAITING:
                passed.body.clear()  # without a valid key nobody reads it
                self._refused.append(passed)
            else:
                self._keys.add(passed)
                self._try_to_compare(passed)
        while self._refused:
            self._try_to_compare(self._refused.pop(0))

    def _try_to_compare(self, passed: PassedRequest) -> None:
        """Compare one request, and count and log a failure to do so."""
        try:
            self._compare(passed)
        except Exception as error:
            self.failed += 1
            log_failure(error)

    def _compare(self, passed: PassedRequest) -> None:
        """Compare one request that passed; of its response nothing is kept but the shape."""
        assumptions = self.fake.assumptions
        endpoint = find_endpoint(passed)
        known = endpoint if endpoint and endpoint.operation in self.real_responses.endpoints else None
        place = find_place(passed, known, assumptions)
        if place is None and not passed.may_write:
            return
        exchange = read_exchange(passed, endpoint, place or SERVICE)
        self._effects.add(exchange)
        if place is None or passed.is_abandoned:
            return
        if exchange.unread:
            self._unread[place, exchange.unread] = None
            return
        self.compared += 1
        self.accepted += passed.status not in _REFUSED
        if place.situation is Situation.MADE_UP_KEY and passed in self._keys:
            self.real_responses.add_refusal(place._replace(situation=Situation.WITH_KEY))
            return
        record_key = self.fake.find_record_key(endpoint) if endpoint is not None else ""
        if record_key is None:  # the fake has no such record: only the contract is left to compare with
            self.real_responses.count(place)
            self.real_responses.add(exchange.response)
            return
        own_response = read_response(
            place, self.fake.send(make_fake_request(passed, place, endpoint, record_key))
        )
        if endpoint is not None and endpoint.writes:
            self._compare_write(exchange, endpoint, own_response)
        else:
            self._compare_read(exchange, own_response)

    def _add_response(self, response: ObservedResponse) -> None:
        """Compare a response of the service with the contract, and collect what it says about assumptions."""
        self.real_responses.add(response)
        self.settling.add(response)

    def _compare_read(self, exchange: ShadowExchange, own_response: ObservedResponse) -> None:
        """Compare the responses of the service and of the fake to a GET.

        The fake refuses one only for a value in its query that the vendor's table does not allow. What only
        the service refuses is compared with the page, which shows a success; but no page says what becomes
        of a value in the query that the table allows.
        """
        response, endpoint = exchange.response, exchange.endpoint
        place = response.place
        is_other = endpoint is not None and _is_other_decision(response.status, own_response.status)
        if is_other and place.situation is Situation.INVALID:
            place = place._replace(situation=Situation.WITH_KEY)
        self.real_responses.count(place)
        if is_other and endpoint is not None and response.status < 300:
            self._add_response(response)
            self.real_responses.add_decision(place, own_response.status, response.status, endpoint.truth)
        elif is_other and "?" in exchange.passed.target and response.status not in NO_VERDICT:
            query = parse_qsl(exchange.passed.target.partition("?")[2], keep_blank_values=True)
            truth = None if any(value for _, value in query) else _EMPTY
            self.real_responses.add_decision(place, own_response.status, response.status, truth)
        else:
            if place.situation is Situation.NO_RECORD:
                self._missing.add(response.status)
            self._add_response(response._replace(place=place))
            self.fake_responses.add(own_response._replace(place=place))

    def _compare_write(
        self, exchange: ShadowExchange, endpoint: Endpoint, own_response: ObservedResponse
    ) -> None:
        """Compare the responses of the service and of the fake to a write. endpoint: of the request."""
        response, fields = exchange.response, exchange.fields
        self.real_responses.count(response.place)
        is_other = _is_other_decision(response.status, own_response.status) or _has_own_reason(own_response)
        # The record of an edit may be missing, too: another status than the one in force may be for that.
        may_miss = bool(endpoint.parameter) and response.status != self.fake.assumptions["invalid.status"]
        is_unclear = may_miss and response.place.situation is Situation.INVALID
        is_unclear |= response.place.situation is Situation.WITH_KEY
        if 400 <= response.status < 500 and (is_other or is_unclear):
            self._add_refusal(exchange, endpoint, own_response.status)
            return
        self._add_response(response)
        self.settling.observe(observe_write(endpoint, fields, response))
        self._edits.add(endpoint, fields, response)
        if not is_other:
            self.fake_responses.add(own_response)
        elif endpoint.body is not None and fields is not None and not _has_own_reason(own_response):
            truth = truth_of_refusal(endpoint, endpoint.body, fields)
            self.real_responses.add_decision(response.place, own_response.status, response.status, truth)

    def _add_refusal(self, exchange: ShadowExchange, endpoint: Endpoint, fake_status: int) -> None:
        """Add a write that the service refused for another reason than the fake, which may accept it.

        A service without the endpoint has left the page that has it. No page says anything of other reasons.
        What names records of the service is left out, as the fake does not know them, unless the status says
        that it is not for these; and so is an edit or a DELETE that may name no record, by its status.

        endpoint: of the request.
        """
        place, status = exchange.response.place, exchange.response.status
        if endpoint.parameter and status in self._missing:
            return
        references = endpoint.body.schema.references if endpoint.body is not None else ()
        has_references = any((exchange.fields or {}).get(name) for name in references)
        if status == fake_status or (has_references and status not in NO_VERDICT):
            return
        has_no_endpoint = status == METHOD_NOT_ALLOWED or (
            status not in NO_VERDICT and place.situation is Situation.WITH_KEY
        )
        if has_no_endpoint or fake_status < 300:
            truth = endpoint.truth if has_no_endpoint else None
            self.real_responses.add_decision(place, fake_status, status, truth)


def _is_other_decision(real_status: int, fake_status: int) -> bool:
    """Return whether of two statuses one says that a request was accepted, and one that it was refused."""
    return {real_status // 100, fake_status // 100} == {2, 4}


def _has_own_reason(own_response: ObservedResponse) -> bool:
    """Return whether the fake has refused a request for what its own records have: a code, a reference."""
    assumed = own_response.headers.get("fakekit-assumed", "").split(", ")
    names = {label.partition("=")[0].partition(" ")[0] for label in assumed}  # the rest is a value or a date
    return own_response.status >= 400 and not names.isdisjoint(("conflict.status", "delete.cascade"))
