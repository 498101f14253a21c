"""The requests of a run: which there are, and sending them to one service.

They are read from the table of endpoints: every list, some records of each list, one record and one path
that do not exist, and two requests without a valid key. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote

from fakekit.api.content_coding import UnsupportedCodingError
from fakekit.contract.endpoint import Endpoint
from fakekit.contract.schema import Record
from fakekit.drift.api_key import ApiKey
from fakekit.drift.brotli_coding import UNREAD_CODING
from fakekit.drift.comparison import Comparison
from fakekit.drift.findings import NotObserved, Place, Situation
from fakekit.drift.listed_records import MissingRecord, describe_missing_list, keys_of, records_of
from fakekit.drift.observations import Observation
from fakekit.drift.reads import MOST_READS, Lists, has_same_records, plan_reads
from fakekit.drift.responses import (
    MISSING,
    RATE_LIMITED,
    NoResponseError,
    ObservedResponse,
    OutgoingRequest,
    Send,
    decode_response,
    is_rate_limit,
)
from fakekit.drift.settling import Settling
from fakekit.drift.terms import Description
from fakekit.unpatched import sleep

RECORDS_OF_LIST = 2
"""How many records of each list are fetched: the first and the last."""
FIRST_OPERATION = "authenticate"
_PROBED = "fetch_customer"
"""The endpoint that gets the requests without a valid key and for what does not exist: its page has the
documented errors."""
_NO_ID = "2000000000"
"""An id that no record has; it fits into 32 bits, so that a database does not fail on it."""
_NO_PATH = "fakekit-drift/no-such-path"
_MADE_UP = "made-up-key-of-fakekit-drift"
LONGEST_WAIT = 30
"""The largest Retry-After, in seconds, that is obeyed."""
MOST_REPEATS = 5
"""How many requests are sent once more after a 429: they are part of the number that a user consents to."""
_REFUSED_AT_FIRST = 3
"""A service that refuses, or does not answer, the first so many requests is given up."""


class ServiceError(Exception):
    """The service cannot be compared: it is not reached, refuses the key, or has no body that can be read."""


class Survey:
    """Sends the requests of a run to one service, and compares the responses.

    send: sends a request.
    comparison: gets each response.
    key: a valid key of the service.
    max_requests: after so many requests no further one is made.
    report_progress: called with the number of requests after each.
    settling: gets each response too; then requests that only observe assumptions are made as well. None where
        assumptions are not of interest.

    requests: how many were made.
    not_observed: what could not be asked.
    """

    def __init__(
        self,
        send: Send,
        comparison: Comparison,
        key: ApiKey,
        max_requests: int = 1000,
        report_progress: Callable[[int], None] = lambda number: None,
        settling: Settling | None = None,
    ) -> None:
        self._settling = settling
        self._send, self._comparison, self._key = send, comparison, key
        self._max_requests, self._report_progress = max_requests, report_progress
        self.requests = 0
        self.not_observed: list[NotObserved] = []
        self._list_operations: dict[str, str] = {}  # by the name of each resource that shows its records
        self._missing: list[MissingRecord] = []
        self._useless = self._repeats = 0
        self._reason = ""

    def run(self) -> None:
        """Send all requests. Raises `ServiceError` when no response can be compared."""
        endpoints = self._comparison.endpoints
        self.ask(Place(FIRST_OPERATION), endpoints[FIRST_OPERATION].route)
        keys: dict[str, list[str]] = {}
        lists: dict[str, list[Record]] = {}
        for endpoint in endpoints.values():
            if endpoint.is_list:
                response = self.ask(Place(endpoint.operation), endpoint.route)
                lists[endpoint.operation] = records_of(response, endpoint)
                found = keys_of(response, endpoint)
                keys |= found
                self._list_operations |= dict.fromkeys(found, endpoint.operation)
        for endpoint in filter(_is_fetch, endpoints.values()):
            self._fetch(endpoint, keys.get(endpoint.resource, []))
        self._probe(endpoints[_PROBED], keys.get("customers", []))
        observed = {} if self._settling is None else self._observe(self._settling, lists)
        self._ask_lists_again(lists, observed)
        if self._useless < _REFUSED_AT_FIRST or not self._comparison.compared:
            unread = [*self._comparison.not_observed(), *self.not_observed]
            raise ServiceError(self._reason or f"nothing was compared: {unread[0].reason}")

    def _observe(self, settling: Settling, lists: Lists) -> dict[str, list[Observation]]:
        """Make the requests that only observe assumptions.

        Returns what follows from the records of a list by the list's operation; what follows from none goes
        to `settling` at once.

        lists: the records of each list, by operation.
        """
        observed: dict[str, list[Observation]] = {}
        for read in plan_reads(lists):
            response = self.ask(read.place, read.target)
            if response is not None:
                found = read.observe(settling.answer_of(response))
                observed.setdefault(read.needs_list, []).extend(found)
        settling.observe(observed.pop("", ()))
        return {operation: found for operation, found in observed.items() if found}

    def _ask_lists_again(self, lists: Lists, observed: Mapping[str, list[Observation]]) -> None:
        """Ask once more for each list that had a missing record, or from which observations follow.

        So nothing is concluded from a record that somebody has deleted or edited since the list was asked
        for. At the limit of requests, observations count if none of the list's records was missing.

        lists: the records that each list had, by operation. observed: what follows from them.
        """
        for operation in dict.fromkeys([*(record.list_operation for record in self._missing), *observed]):
            endpoint, place = self._comparison.endpoints[operation], Place(operation, Situation.TO_OBSERVE)
            missing = [record for record in self._missing if record.list_operation == operation]
            response = self.ask(place, endpoint.route)
            failure = describe_missing_list(response, endpoint) if response is not None else ""
            self._conclude_missing(missing, None if failure else response)
            if failure:
                reason = f"{failure} came when the list was asked for once more"
                self.not_observed.append(NotObserved(place, reason))
            elif operation in observed and self._settling is not None:
                before, now = lists[operation], records_of(response, endpoint)
                if response is not None and not has_same_records(operation, before, now):
                    self.not_observed.append(NotObserved(place, "its records were changed during the run"))
                elif response is not None or not missing:
                    self._settling.observe(observed[operation])

    def _conclude_missing(self, missing: list[MissingRecord], again: ObservedResponse | None) -> None:
        """Compare the responses by which records of a list do not exist that are in it.

        Of others it is *not observed* what they are.

        again: the list, which was asked for after the records; None where none came. A response is then
            compared if two records were fetched by this endpoint, and the other one is missing too.
        """
        for record in missing:
            if again is None:
                is_listed = record.is_all_missing
            else:
                endpoint = self._comparison.endpoints[record.list_operation]
                is_listed = record.key in keys_of(again, endpoint)[record.resource]
            if is_listed:
                self._compare(record.response)
            else:
                reason = "a record that was listed is missing: it may have been deleted since"
                self.not_observed.append(NotObserved(record.response.place, reason))

    def _fetch(self, endpoint: Endpoint, keys: list[str]) -> None:
        """Fetch the first and the last of the records with these keys; note those that do not exist."""
        place, chosen = Place(endpoint.operation), dict.fromkeys([*keys[:1], *keys[-1:]])
        if not keys:
            self.not_observed.append(NotObserved(place, "no list has a record for it"))
        missing: dict[str, ObservedResponse] = {}
        for key in chosen:
            response = self.ask(place, _fill(endpoint, key), is_listed=True)
            if response is not None and self._is_missing(response):
                missing[key] = response
        is_all_missing = 1 < len(chosen) == len(missing)
        for key, response in missing.items():
            operation = self._list_operations[endpoint.resource]
            record = MissingRecord(operation, endpoint.resource, key, response, is_all_missing)
            self._missing.append(record)

    def _is_missing(self, response: ObservedResponse) -> bool:
        """Return whether by a response to the fetch of a record this record does not exist."""
        assumptions = self._comparison.assumptions
        is_status = response.status in (*MISSING, assumptions["missing.status"])
        return is_status and not is_rate_limit(response, assumptions)

    def _probe(self, endpoint: Endpoint, keys: list[str]) -> None:
        """Ask for what does not exist, and without a valid key."""
        known = _fill(endpoint, keys[0] if keys else "1")
        self.ask(Place(endpoint.operation, Situation.NO_RECORD), _fill(endpoint, _NO_ID))
        self.ask(Place(endpoint.operation, Situation.NO_PATH), _NO_PATH)
        self.ask(Place(endpoint.operation, Situation.NO_KEY), known)
        self.ask(Place(endpoint.operation, Situation.MADE_UP_KEY), known)

    def ask(self, place: Place, target: str, is_listed: bool = False) -> ObservedResponse | None:
        """Send one request, compare its response and return it; None when no request may be made any more.

        A 429 whose Retry-After is not too long is obeyed once, up to `MOST_REPEATS` times in a run. Raises
        `ServiceError` after the first requests all failed.

        target: path and query below the base URL, percent-encoded.
        is_listed: whether it is for a record that a list has. A response by which it does not exist is not
            compared then.
        """
        response = self._ask_once(place, target, is_listed)
        if response is None or response.status != RATE_LIMITED:
            return response
        seconds = response.headers.get("retry-after", "")
        is_number = seconds.isascii() and seconds.isdecimal() and len(seconds) < 6
        if not is_number or int(seconds) > LONGEST_WAIT or self._repeats == MOST_REPEATS:
            return response
        self._repeats += 1
        sleep(int(seconds))
        return self._ask_once(place, target, is_listed)

    def _ask_once(self, place: Place, target: str, is_listed: bool) -> ObservedResponse | None:
        """Send one request, compare its response and return it, also if none came; see `ask`.

        None at the limit of requests, and for a body in a content coding that is not read here.
        """
        if self.requests >= self._max_requests:
            self.not_observed.append(NotObserved(place, "the limit of requests was reached"))
            return None
        self.requests += 1
        try:
            received = self._send(OutgoingRequest(target, self._key_for(place.situation)))
            response = decode_response(place, received)
        except NoResponseError as error:
            response = ObservedResponse(place, 0, {}, problem=error.reason)
        except UnsupportedCodingError:
            self.not_observed.append(NotObserved(place, UNREAD_CODING))
            return None
        self._report_progress(self.requests)
        self._give_up_if_useless(response)
        if not (is_listed and self._is_missing(response)):
            self._compare(response)
        return response

    def _compare(self, response: ObservedResponse) -> None:
        """Compare a response, and collect what it says about assumptions."""
        self._comparison.add(response)
        if self._settling is not None:
            self._settling.add(response)

    def _key_for(self, situation: Situation) -> ApiKey | None:
        """Return the key of a request: the user's, a made-up one, or None."""
        if situation is Situation.MADE_UP_KEY:
            return ApiKey(_MADE_UP, "the made-up key")
        return None if situation is Situation.NO_KEY else self._key

    def _give_up_if_useless(self, response: ObservedResponse) -> None:
        """Raise `ServiceError` when the first responses all show that nothing can be learned here."""
        if response.problem in (Description.UNREACHABLE, Description.NOT_TRUSTED):
            raise ServiceError(str(response.problem))
        is_refusal = response.status in (401, 403)
        if not is_refusal and response.status:
            self._useless = _REFUSED_AT_FIRST
        if self._useless < _REFUSED_AT_FIRST:
            self._useless += 1
            self._reason = "the key is refused" if is_refusal else str(response.problem)
            if self._useless == _REFUSED_AT_FIRST:
                raise ServiceError(self._reason)


def count_requests(endpoints: Mapping[str, Endpoint]) -> int:
    """Return how many requests a run makes at most, without the `MOST_REPEATS` after a 429."""
    lists = 2 * sum(endpoint.is_list for endpoint in endpoints.values())  # each may be asked for once more
    fetches = sum(map(_is_fetch, endpoints.values()))
    return 1 + lists + fetches * RECORDS_OF_LIST + 4 + MOST_READS


def _is_fetch(endpoint: Endpoint) -> bool:
    """Return whether an endpoint answers one record, by an id or a code in its path."""
    return not endpoint.writes and bool(endpoint.parameter)


def _fill(endpoint: Endpoint, key: str) -> str:
    """Return an endpoint's route with the key of a record in the place of its parameter."""
    return endpoint.route.replace(f"{{{endpoint.parameter}}}", quote(key, safe=""))
