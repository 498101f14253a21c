"""The comparison of what passes between a program and the real service: the work of `fakekit shadow`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from queue import Full, Queue
from typing import Any

from fakekit.api.content_coding import InvalidCodingError, UnsupportedCodingError
from fakekit.contract.assumptions import Assumptions
from fakekit.contract.endpoint import Endpoint
from fakekit.contract.provenance import Truth, assumed
from fakekit.drift.brotli_coding import decode_body
from fakekit.drift.comparison import SERVICE, Comparison
from fakekit.drift.expected_response import INTRODUCTION, expect_response
from fakekit.drift.findings import Difference, NotObserved, Observed, Place, Report, Situation
from fakekit.drift.judge import judge
from fakekit.drift.observed_stream import PassedRequest
from fakekit.drift.responses import ObservedResponse, ReceivedResponse, read_response
from fakekit.drift.settling import Settling
from fakekit.drift.shadow_fake import ShadowFake
from fakekit.drift.shadow_requests import (
    AcceptedKeys,
    find_endpoint,
    find_place,
    make_fake_request,
    read_fields,
)
from fakekit.drift.shadow_writes import observe_write
from fakekit.drift.terms import Description, DifferenceKind, status_term
from fakekit.log import log_failure
from fakekit.resources import ENDPOINTS
from fakekit.unpatched import Thread

MAX_WAITING = 200
"""How many requests that passed may wait for their comparison; further ones are not compared."""
UNREAD_CODING = "the body is in a content coding that is not read here; for br, pip install brotli"
_REFUSED = (0, 401, 403)
"""The statuses of responses by which a service refuses the key, and of none."""
_DECLARED = {endpoint.operation: endpoint for endpoint in ENDPOINTS}
_UPDATE = assumed("update.partial")


class ShadowComparison(Comparison):
    """The responses of the real service, compared with the contract, and writes that it decides otherwise."""

    def __init__(self, assumptions: Assumptions) -> None:
        super().__init__(assumptions)
        self._compared: Counter[Place] = Counter()
        self._decided: Counter[tuple[Place, int, int, Truth | None]] = Counter()

    def add_decision(self, place: Place, contract: int, seen: int, truth: Truth | None) -> None:
        """Add a write to which the fake and the service gave statuses of different kinds.

        contract: the status of the fake. seen: that of the service.
        truth: why the fake decides so; None where no page and no assumption says anything.
        """
        self._decided[place, contract, seen, truth] += 1

    def add_refusal(self, place: Place) -> None:
        """Add a 401 to a key that the service accepts for other requests. place: of a request with a key."""
        expected = expect_response(self.endpoints[place.operation], place.situation, self._assumptions)
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


class Shadow:
    """Compares each request that passed with the fake, in a thread of its own between `start` and `stop`.

    fake: answers the same requests.
    real_responses, fake_responses: the comparisons of both with the contract.
    settling: what the responses of the service say about assumptions.
    passed: how many requests have passed.
    compared: how many of them were compared; accepted: how many of these had a response but 401 and 403.
    failed: how many could not be, by a failure of fakekit's own.
    """

    def __init__(self, fake: ShadowFake) -> None:
        self.fake = fake
        self.real_responses = ShadowComparison(fake.assumptions)
        self.fake_responses = Comparison(fake.assumptions)
        self.settling = Settling(fake.assumptions)
        self.passed = self.compared = self.accepted = self.failed = self._dropped = 0
        self._keys, self._refused = AcceptedKeys(), list[PassedRequest]()
        self._unread: dict[Place, None] = {}
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
        """Return what could not be looked at: what no response showed, and responses that cannot be read."""
        return [
            *self.real_responses.not_observed(),
            *(NotObserved(place, UNREAD_CODING) for place in self._unread),
            *([NotObserved(SERVICE, f"{self._dropped} requests came too fast")] if self._dropped else []),
        ]

    def make_report(self, host: str) -> Report:
        """Return the report of everything that has passed. host: the name of the service."""
        findings = tuple(judge(self.real_responses, self.fake_responses))
        results = self.settling.results(findings)
        return Report(host, self.passed, findings, (), results, tuple(self.not_observed()))

    def report(self, passed: PassedRequest) -> None:
        """Take a request that has passed, from any thread; it is not compared where too many wait."""
        self.passed += 1
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
        """Compare one request that passed; nothing of it is kept but the shape of its response."""
        endpoints = self.real_responses.endpoints.values()
        endpoint = find_endpoint(passed, endpoints)
        place = find_place(passed, endpoint, endpoints, self.fake.assumptions)
        if place is None or passed.is_cut:
            return
        try:
            response = _observe_passed(passed, place)
        except UnsupportedCodingError:
            self._unread[place] = None
            return
        self.compared += 1
        self.accepted += response.status not in _REFUSED
        if place.situation is Situation.MADE_UP_KEY and passed in self._keys:
            self.real_responses.add_refusal(place._replace(situation=Situation.WITH_KEY))
            return
        self.real_responses.count(place)
        record_key = self.fake.find_record_key(endpoint) if endpoint is not None else ""
        if record_key is None:  # the fake has no such record: only the contract is left to compare with
            self.real_responses.add(response)
            return
        own_response = self.fake.send(make_fake_request(passed, place, endpoint, record_key))
        self.real_responses.add(response)
        self.settling.add(response)
        if endpoint is None or not endpoint.writes:
            self.fake_responses.add(read_response(place, own_response))
            return
        declared = _DECLARED[endpoint.operation]
        if _is_other_decision(response.status, own_response.status):
            self._add_decision(declared, _read_body(passed), response, own_response.status)
        else:
            self.fake_responses.add(read_response(place, own_response))
            self.settling.observe(observe_write(declared, _read_body(passed), response))

    def _add_decision(
        self,
        endpoint: Endpoint,
        fields: Mapping[str, Any] | None,
        response: ObservedResponse,
        fake_status: int,
    ) -> None:
        """Add a write that the service accepted and the fake refused, or the reverse.

        endpoint: as it is declared. fields: of the request's body; None where they cannot be read.

        What the fake refuses stands in a table of a page, but for an edit that lacks required fields: that
        these are required is the assumption `update.partial`. What only the service refuses no page says; one
        that names records of the service is left out, as the fake does not know them.
        """
        body, place, status = endpoint.body, response.place, response.status
        if body is None or fields is None:
            return
        if status < 300:
            lacks_fields = any(name not in fields for name in body.required_names)
            truth = _UPDATE if endpoint.method == "PUT" and lacks_fields else body.truth
            self.real_responses.add_decision(place, fake_status, status, truth)
            self.settling.observe(observe_write(endpoint, fields, response))
        elif not any(fields.get(name) for name in body.schema.references):
            self.real_responses.add_decision(place, fake_status, status, None)


def _is_other_decision(real_status: int, fake_status: int) -> bool:
    """Return whether of two statuses one says that a write was accepted, and one that it was refused."""
    return {real_status // 100, fake_status // 100} == {2, 4}


def _observe_passed(passed: PassedRequest, place: Place) -> ObservedResponse:
    """Return the response to a request that passed, with its body parsed, or with the reason why it is not.

    Raises `UnsupportedCodingError` for a body in a content coding that is not known here.
    """
    headers: dict[str, str] = {}
    for name, value in passed.response_headers:
        lower = name.decode("latin-1").lower()
        headers[lower] = ", ".join([*filter(None, [headers.get(lower)]), value.decode("latin-1")])
    problem, body = passed.problem, bytes(passed.response_body)
    if problem is None or (passed.status and problem is Description.BROKEN):
        try:
            decoded = decode_body(body, headers.get("content-encoding", ""))
        except InvalidCodingError:
            problem = Description.TRUNCATED
        else:
            problem = Description.TOO_LONG if decoded is None else None
            body = decoded or b""
    if problem is not None:
        return ObservedResponse(place, passed.status, headers, problem=problem)
    return read_response(place, ReceivedResponse(passed.status, headers, body))


def _read_body(passed: PassedRequest) -> Mapping[str, Any] | None:
    """Return the fields of the body of a request that passed; None where they cannot be read."""
    headers = {name.lower(): value.decode("latin-1") for name, value in passed.headers}
    try:
        body = decode_body(bytes(passed.body), headers.get(b"content-encoding", ""))
    except (InvalidCodingError, UnsupportedCodingError):
        return None
    return None if body is None else read_fields(body, headers.get(b"content-type", ""))
