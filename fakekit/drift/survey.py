"""The requests of a run: which there are, and sending them to one service.

They are read from the table of endpoints: every list, some records of each list, one record and one path
that do not exist, and two requests without a valid key. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

from fakekit.api.content_coding import UnsupportedCodingError
from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.schema import Record
from fakekit.drift.api_key import ApiKey
from fakekit.drift.brotli_coding import UNREAD_CODING
from fakekit.drift.comparison import Comparison
from fakekit.drift.findings import NotObserved, Place, Situation
from fakekit.drift.observations import Observation
from fakekit.drift.reads import MOST_NEEDED_LISTS, MOST_READS, Lists, has_same_records, plan_reads
from fakekit.drift.responses import (
    MISSING,
    RATE_LIMITED,
    NoResponseError,
    ObservedResponse,
    OutgoingRequest,
    Send,
    decode_response,
)
from fakekit.drift.settling import Settling
from fakekit.drift.terms import Description
from fakekit.resources import RESOURCES
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
        self._missing = (*MISSING, comparison.assumptions["missing.status"])
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
                keys |= _keys_of(response, endpoint)
                lists[endpoint.operation] = _records_of(response, endpoint)
        for endpoint in filter(_is_fetch, endpoints.values()):
            self._fetch(endpoint, keys.get(endpoint.resource, []))
        self._probe(endpoints[_PROBED], keys.get("customers", []))
        if self._settling is not None:
            self._settle(self._settling, lists)
        if self._useless < _REFUSED_AT_FIRST or not self._comparison.compared:
            unread = [*self._comparison.not_observed(), *self.not_observed]
            raise ServiceError(self._reason or f"nothing was compared: {unread[0].reason}")

    def _settle(self, settling: Settling, lists: Lists) -> None:
        """Make the requests that only observe assumptions. lists: the records of each list, by operation.

        What follows from records of a list counts if the list still has them afterwards, so that nobody has
        deleted or edited them meanwhile.
        """
        observed: dict[str, list[Observation]] = {}
        for read in plan_reads(lists):
            response = self.ask(read.place, read.target)
            if response is not None:
                found = read.observe(settling.answer_of(response))
                observed.setdefault(read.needs_list, []).extend(found)
        for operation, observations in observed.items():
            if observations and (not operation or self._has_same_records(operation, lists[operation])):
                settling.observe(observations)

    def _has_same_records(self, operation: str, before: Sequence[Record]) -> bool:
        """Ask a list once more, and return whether it has the same records, see `has_same_records`.

        before: those that it had. What has changed is *not observed*.
        """
        endpoint, place = self._comparison.endpoints[operation], Place(operation, Situation.TO_OBSERVE)
        now = _records_of(self.ask(place, endpoint.route), endpoint)
        is_same = has_same_records(operation, before, now)
        if not is_same:
            self.not_observed.append(NotObserved(place, "its records were changed during the run"))
        return is_same

    def _fetch(self, endpoint: Endpoint, keys: list[str]) -> None:
        """Fetch the first and the last of the records with these keys.

        Where one is found and the other is not, somebody may have deleted that since it was listed: that is
        *not observed*.
        """
        place, chosen = Place(endpoint.operation), dict.fromkeys([*keys[:1], *keys[-1:]])
        if not keys:
            self.not_observed.append(NotObserved(place, "no list has a record for it"))
        missing: list[ObservedResponse] = []
        for key in chosen:
            self.ask(place, _fill(endpoint, key), missing)
        if len(missing) == len(chosen):
            for response in missing:
                self._compare(response)
        elif missing:
            reason = "a record that was listed is missing: it may have been deleted since"
            self.not_observed.append(NotObserved(place, reason))

    def _probe(self, endpoint: Endpoint, keys: list[str]) -> None:
        """Ask for what does not exist, and without a valid key."""
        known = _fill(endpoint, keys[0] if keys else "1")
        self.ask(Place(endpoint.operation, Situation.NO_RECORD), _fill(endpoint, _NO_ID))
        self.ask(Place(endpoint.operation, Situation.NO_PATH), _NO_PATH)
        self.ask(Place(endpoint.operation, Situation.NO_KEY), known)
        self.ask(Place(endpoint.operation, Situation.MADE_UP_KEY), known)

    def ask(
        self, place: Place, target: str, missing: list[ObservedResponse] | None = None
    ) -> ObservedResponse | None:
        """Send one request, compare its response and return it; None when no request may be made any more.

        A 429 whose Retry-After is not too long is obeyed once, up to `MOST_REPEATS` times in a run. Raises
        `ServiceError` after the first requests all failed.

        target: path and query below the base URL, percent-encoded.
        missing: gets a response by which the record does not exist, which is not compared then.
        """
        response = self._ask_once(place, target, missing)
        if response is None or response.status != RATE_LIMITED:
            return response
        seconds = response.headers.get("retry-after", "")
        is_number = seconds.isascii() and seconds.isdecimal() and len(seconds) < 6
        if not is_number or int(seconds) > LONGEST_WAIT or self._repeats == MOST_REPEATS:
            return response
        self._repeats += 1
        sleep(int(seconds))
        return self._ask_once(place, target, missing)

    def _ask_once(
        self, place: Place, target: str, missing: list[ObservedResponse] | None
    ) -> ObservedResponse | None:
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
        if missing is not None and response.status in self._missing:
            missing.append(response)
        else:
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
    lists = sum(endpoint.is_list for endpoint in endpoints.values())
    fetches = sum(map(_is_fetch, endpoints.values()))
    return 1 + lists + fetches * RECORDS_OF_LIST + 4 + MOST_READS + MOST_NEEDED_LISTS


def _is_fetch(endpoint: Endpoint) -> bool:
    """Return whether an endpoint answers one record, by an id or a code in its path."""
    return not endpoint.writes and bool(endpoint.parameter)


def _fill(endpoint: Endpoint, key: str) -> str:
    """Return an endpoint's route with the key of a record in the place of its parameter."""
    return endpoint.route.replace(f"{{{endpoint.parameter}}}", quote(key, safe=""))


def _keys_of(response: ObservedResponse | None, endpoint: Endpoint) -> dict[str, list[str]]:
    """Return what identifies the records of a list in paths, for each resource that shows these records.

    The lists of keys are empty for a response without such a list.
    """
    records = _records_of(response, endpoint)
    owner = RESOURCES[endpoint.resource].owner_name
    resources = [resource for resource in RESOURCES.values() if resource.owner_name == owner]
    return {r.name: [key for record in records if (key := _key_of(record, r))] for r in resources}


def _records_of(response: ObservedResponse | None, endpoint: Endpoint) -> list[Record]:
    """Return the records of a list, or the one in its place; empty for a response without them."""
    value: object = response.value if response is not None else None
    for name in ("data", endpoint.envelope.list_key):
        value = value.get(name) if isinstance(value, dict) else None
    return [r for r in (value if isinstance(value, list) else [value]) if isinstance(r, dict)]


def _key_of(record: Mapping[str, object], resource: Resource) -> str:
    """Return what identifies a record in paths; empty for a record without it."""
    value = record.get(resource.key_field)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    code = resource.code.parse(value) if resource.code is not None else None
    return code or str(value).strip()
