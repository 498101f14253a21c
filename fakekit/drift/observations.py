"""What a response says about assumptions: a function for each of the ways in `READS` to observe them.

The functions here look at responses of any run; `fakekit.drift.reads` has the requests that are made only to
observe an assumption.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from re import escape, fullmatch
from typing import Any, NamedTuple

from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.positions import DEFAULTS
from fakekit.contract.provenance import documented
from fakekit.contract.refusals import INVALID_KEY, MISSING_KEY, UNKNOWN_PATH
from fakekit.drift.findings import Situation
from fakekit.drift.record_rules import observe_records
from fakekit.drift.responses import ObservedResponse

RULE_HOLDS = True
"""What is observed of a rule, an assumption without a value, that holds; False for one that does not."""


class Observation(NamedTuple):
    """What one response says about an assumption.

    name: of the assumption.
    found: the value that it has in the service; whether it holds, for a rule. None where the service does
        something that none of its values stands for.
    """

    name: str
    found: int | str | None


class Answer(NamedTuple):
    """A response of the service, and the endpoint whose path was asked.

    endpoint, resource: None for a path that is no endpoint.
    is_limited: whether the service answered that it gets too many requests.
    """

    response: ObservedResponse
    endpoint: Endpoint | None
    resource: Resource | None
    is_limited: bool = False

    @property
    def data(self) -> Mapping[str, Any]:
        """The ``data`` of a successful response; empty for any other, and where it is no object."""
        value = self.response.value
        is_success = self.response.status == 200 and isinstance(value, dict)
        data = value.get("data") if is_success else None
        return data if isinstance(data, dict) else {}

    @property
    def is_final(self) -> bool:
        """Whether it is the service's answer to the request, and not a failure, a redirect or a limit."""
        return 200 <= self.response.status < 500 and self.response.status // 100 != 3 and not self.is_limited


def observe_no_key(answer: Answer) -> Iterator[Observation]:
    """Yield whether an endpoint without a sample of errors has the two documented 401."""
    situation, endpoint = answer.response.place.situation, answer.endpoint
    refusal = {Situation.NO_KEY: MISSING_KEY, Situation.MADE_UP_KEY: INVALID_KEY}.get(situation)
    if refusal is not None and endpoint is not None and endpoint.truth != documented("fetch-customer"):
        body = {"status": refusal.status, "error": refusal.error}
        holds = answer.response.status == refusal.status and answer.response.value == body
        yield Observation("auth.by_analogy", holds)


def observe_no_record(answer: Answer) -> Iterator[Observation]:
    """Yield the status and the text of the answer to an id that no record has."""
    response, resource = answer.response, answer.resource
    if response.place.situation is not Situation.NO_RECORD or resource is None or not answer.is_final:
        return
    yield Observation("missing.status", response.status)
    error = response.value.get("error") if isinstance(response.value, dict) else None
    yield Observation("missing.error", _as_template(error, resource.label))


def _as_template(error: object, label: str) -> str | None:
    """Return the text of an error with ``{noun}`` in the place of the resource's name.

    None for a text without that name, which another resource may word in another way, and for one with
    digits, which may be those of the id.

    label: the name: ``Customer``.
    """
    if not isinstance(error, str) or label not in error or any(map(str.isdigit, error)):
        return None
    return error.replace(label, "{noun}")


def observe_no_path(answer: Answer) -> Iterator[Observation]:
    """Yield whether a path that is no endpoint has the answer that fakekit assumed."""
    if answer.response.place.situation is Situation.NO_PATH and answer.is_final:
        body = {"status": UNKNOWN_PATH.status, "error": UNKNOWN_PATH.error_under(DEFAULTS)}
        yield Observation("unknown_path.error", answer.response.value == body)


def observe_lists(answer: Answer) -> Iterator[Observation]:
    """Yield whether a list whose page prints one object is an array, and whether its message counts it."""
    endpoint = answer.endpoint
    if endpoint is None or not endpoint.is_list or not endpoint.envelope.counts:
        return
    key = endpoint.envelope.list_key
    if key not in answer.data:
        return
    records = answer.data[key]
    if isinstance(records, list):
        yield Observation("list.shape", "array")
    elif records is None or (isinstance(records, dict) and "id" in records):
        yield Observation("list.shape", "object")
    message = answer.response.value.get("message")
    before, _, after = endpoint.envelope.message.partition("{count}")
    match = isinstance(message, str) and fullmatch(f"{escape(before)}([0-9]+){escape(after)}", message)
    if match and isinstance(records, list):
        yield Observation("list.count", int(match[1]) == len(records))


_LIMIT_HEADERS = ("ratelimit", "x-ratelimit", "x-rate-limit")


def observe_headers(answer: Answer) -> Iterator[Observation]:
    """Yield whether an answer allows every origin, and that there is a rate limit where one shows.

    That there is no limit, no number of answers can show.
    """
    headers = answer.response.headers
    origin = headers.get("access-control-allow-origin")
    if origin is not None:
        yield Observation("cors", origin == "*")
    if answer.is_limited or any(name.startswith(_LIMIT_HEADERS) for name in headers):
        yield Observation("limits.none", not RULE_HOLDS)


def observe_answer(answer: Answer) -> Iterator[Observation]:
    """Yield which of two answers the endpoint has that only a curl line documents."""
    value = answer.response.value
    is_asked = answer.endpoint is not None and answer.endpoint.operation == "authenticate"
    if is_asked and answer.response.status == 200 and isinstance(value, dict) and "data" in value:
        has_user = isinstance(answer.data.get("user"), dict)
        yield Observation(
            "authenticate.answer", "user" if has_user else "empty" if not value["data"] else None
        )


def observe_values(answer: Answer) -> Iterator[Observation]:
    """Yield what the values of the records of an answer say, by `fakekit.drift.record_rules`."""
    if answer.endpoint is not None:
        for name, found in observe_records(answer.endpoint, answer.data):
            yield Observation(name, found)


OBSERVERS: Mapping[str, Callable[[Answer], Iterator[Observation]]] = {
    "answers": observe_answer,
    "headers": observe_headers,
    "lists": observe_lists,
    "no_key": observe_no_key,
    "no_path": observe_no_path,
    "no_record": observe_no_record,
    "records": observe_values,
}
"""The functions that look at each response, by the word of `READS`."""
