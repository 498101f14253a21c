"""What the contract expects of a whole response, by endpoint and kind of request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.endpoint import Endpoint
from fakekit.contract.provenance import Truth, assumed, documented, standard
from fakekit.contract.refusals import (
    INVALID,
    INVALID_KEY,
    MISSING_KEY,
    MISSING_RECORD,
    UNKNOWN_PATH,
    Refusal,
)
from fakekit.drift.expected import (
    ExpectedValue,
    FindProblem,
    ValueProblem,
    expect_object,
    expect_status,
    expect_text,
)
from fakekit.drift.expected_record import expect_record
from fakekit.drift.findings import Situation
from fakekit.drift.terms import ContractText, Description, DifferenceKind, JsonType
from fakekit.resources import RESOURCES

INTRODUCTION = documented("introduction")
"""The page that says which media type every response has, and that a request with a valid key is accepted."""
_CHALLENGE = standard("RFC 9110, 11.6.1")
_LIST_SHAPE = assumed("list.shape")
_BODY_STATUS = assumed("create.body_status")
_CUT = assumed("cut.by_sibling")


class ExpectedResponse(NamedTuple):
    """What the contract expects of a response.

    status: of HTTP. status_truth: where it comes from.
    body: of its JSON; None for a response without a body.
    list_key: the key of the list whose records ``message`` counts; empty where it counts none.
    headers: the headers that it must have, by lower-case name, each with its provenance.
    """

    status: int
    status_truth: Truth
    body: ExpectedValue | None
    list_key: str = ""
    headers: Mapping[str, Truth] = {}


_REFUSALS: Mapping[Situation, Refusal] = {
    Situation.NO_KEY: MISSING_KEY,
    Situation.MADE_UP_KEY: INVALID_KEY,
    Situation.NO_RECORD: MISSING_RECORD,
    Situation.NO_PATH: UNKNOWN_PATH,
    Situation.INVALID: INVALID,
}


def expect_response(endpoint: Endpoint, situation: Situation, assumptions: Assumptions) -> ExpectedResponse:
    """Return what is expected of an endpoint's response to a kind of request.

    endpoint: as it is under the values of the assumptions (`Endpoint.under`).
    """
    if situation is Situation.WITH_KEY:
        return _expect_success(endpoint, assumptions)
    return _expect_refusal(endpoint, _REFUSALS[situation], assumptions)


def _expect_success(endpoint: Endpoint, assumptions: Assumptions) -> ExpectedResponse:
    """Return what is expected of a successful response."""
    truth, shape = endpoint.truth, endpoint.shape
    status = 200 if endpoint.status is None else int(assumptions[endpoint.status.source])
    status_truth = truth if endpoint.status is None else endpoint.status
    if status == 204:
        return ExpectedResponse(status, status_truth, None)
    envelope = endpoint.envelope
    content_truth = envelope.truth or truth
    message = ExpectedValue(frozenset({JsonType.STRING}), content_truth, _message_check(endpoint))
    body_status = _BODY_STATUS if endpoint.method == "POST" else truth
    data = {key: _expect_part(endpoint, key) for key in envelope.parts if key not in shape.hidden_keys}
    body = {
        "status": expect_status(shape.status, body_status),
        "message": message,
        "data": expect_object(data, content_truth),
    }
    list_key = envelope.list_key if envelope.counts and shape.has_arrays else ""
    return ExpectedResponse(status, status_truth, expect_object(body, truth), list_key)


def _message_check(endpoint: Endpoint) -> FindProblem:
    """Return the check of the message of a successful response, whose number may be any."""
    envelope = endpoint.envelope
    start, counts, end = envelope.message.partition("{count}")
    pattern = re.compile(f"{re.escape(start)}{'[0-9]+' if counts else ''}{re.escape(end)}", re.ASCII)
    problem = ValueProblem(
        DifferenceKind.TEXT,
        (ContractText(envelope.message),),
        Description.OTHER_TEXT,
        envelope.truth or endpoint.truth,
    )
    return lambda value: None if pattern.fullmatch(value) else problem


def _expect_part(endpoint: Endpoint, key: str) -> ExpectedValue:
    """Return what is expected under a key of ``data``: a record, a list of records, or one in its place."""
    part, envelope = endpoint.envelope.parts[key], endpoint.envelope
    record = expect_record(part, endpoint.truth, endpoint.shape.has_tenant_fields, _CUT in endpoint.assumes)
    presence = part.hidden_by[0] if part.hidden_by is not None else envelope.truth or endpoint.truth
    if not part.many:
        return replace(record, truth=presence)
    list_truth = _LIST_SHAPE if envelope.counts else None
    if not endpoint.shape.has_arrays and list_truth is not None:
        types = frozenset({JsonType.OBJECT, JsonType.NULL})
        return replace(record, types=types, list_truth=list_truth)
    return ExpectedValue(frozenset({JsonType.ARRAY}), presence, item=record, list_truth=list_truth)


def _expect_refusal(endpoint: Endpoint, refusal: Refusal, assumptions: Assumptions) -> ExpectedResponse:
    """Return what is expected of a response to a request that is refused: ``status`` and ``error``.

    The text of ``error`` may be any where it names what is wrong with the request.
    """
    truth = refusal.truth_on(endpoint.truth)
    status = refusal.status_under(assumptions)
    error_truth = refusal.error if isinstance(refusal.error, Truth) else truth
    text = refusal.error_under(assumptions, noun=RESOURCES[endpoint.resource].label)
    is_open = "{" in text
    error = ExpectedValue(frozenset({JsonType.STRING}), truth) if is_open else expect_text(text, error_truth)
    body = expect_object({"status": expect_status(status, truth), "error": error}, error_truth)
    headers = {name.lower(): _CHALLENGE for name, _ in refusal.headers}
    return ExpectedResponse(status, truth, body, headers=headers)
