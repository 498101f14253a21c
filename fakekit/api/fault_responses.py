"""What faults and stubs do to a response: they give it, or change it, and it says so."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from fakekit.accounts.account import Account
from fakekit.api import failures
from fakekit.api.response import ApiResponse, error_response, json_body
from fakekit.contract.assumptions import Assumptions
from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.envelope import error_schema, schema_errors
from fakekit.contract.provenance import Truth, assumed
from fakekit.contract.refusals import FAULT_ERROR, INVALID, INVALID_KEY, phrase
from fakekit.errors import CallbackError
from fakekit.log import log
from fakekit.resources.call import find_record

if TYPE_CHECKING:
    from fakekit.api.exchange import Exchange
    from fakekit.faults.answering import OwnErrors, ResponseFault
    from fakekit.faults.callback import StubRequest
    from fakekit.faults.matched import MatchedFaults

_CHANGED = assumed("fault.answer")


def apply_faults(response: ApiResponse, matched: MatchedFaults, assumptions: Assumptions) -> ApiResponse:
    """Return a response as the faults change it, with a note and the header `Fakekit-Fault`.

    matched: the faults that apply to the request. One that cannot be applied is logged and noted instead.
    assumptions: those of the account; changing an answer is one of them.
    """
    for reason in matched.rejected:
        log(logging.WARNING, "a fault was not applied: %s", reason)
        response = response.with_note(f"a fault was not applied: {reason}")
    before = response.document() if matched.can_change_body else None
    after, media = matched.alter(before)
    if after is not before or media:
        body = response.body if after is before else json_body(after)
        response = replace(response, body=body, media=media or response.media)
        response = response.with_assumptions([_CHANGED], assumptions)
        response = response.with_note(f"a fault changed the answer: {matched}")
    return replace(
        response, connection_faults=matched.connection_faults, fault=failures.header_text(str(matched))
    )


def respond_with_fault(
    fault: ResponseFault,
    exchange: Exchange,
    describe: Callable[[], StubRequest],
    endpoint: Endpoint | None,
    resource: Resource | None,
) -> ApiResponse:
    """Return the response that a fault gives instead of the endpoint: an error, or a test's own response.

    fault: the one that answers: ``fail=503``, or a stub (a response that a test defined).
    describe: returns the request, for a function of a test that answers.
    endpoint, resource: of the request; None for a path or method of no endpoint.

    A function that does not answer gives a 500, and the account why. Sets `exchange.record_keys`: the status
    of such a response does not tell whether the path's record exists.
    """
    account, assumptions = exchange.account, exchange.assumptions
    exchange.record_keys = []
    if resource is not None and account is not None:
        values = exchange.path_values.values()
        exchange.record_keys = [v for v in values if find_record(account, resource, v) is not None]
    try:
        reply = fault.reply(own_errors(resource, endpoint, assumptions), describe)
    except CallbackError as error:
        if account is not None:
            account.add_callback_error(error.text)
        response = error_response(
            error.status, phrase(error.status), "documented", failures.header_text(str(error))
        )
        return response.with_assumptions([FAULT_ERROR], assumptions)
    if reply.in_envelope:
        response = error_response(reply.status, str(reply.body), "documented", headers=reply.headers)
        return response.with_assumptions(reply.assumed, assumptions)
    is_json = not isinstance(reply.body, bytes)
    body = json_body(reply.body) if is_json and reply.body is not None else reply.body
    response = ApiResponse(reply.status, body, headers=reply.headers, media=reply.media, is_json=is_json)
    response = response.with_note(stub_note(response, endpoint, account))
    return response.with_assumptions(reply.assumed, assumptions)


def own_errors(resource: Resource | None, endpoint: Endpoint | None, assumptions: Assumptions) -> OwnErrors:
    """Return the errors that an endpoint itself gives, by status, for the fault ``fail=``.

    Each is the text of ``error``, and the assumptions on it; a 401 has one of two texts, which the fault
    chooses. A path that is no endpoint (None) has no other error.
    """
    errors: dict[int, tuple[str, tuple[Truth, ...]]] = {}
    errors[401] = "", failures.assumed_of_401(INVALID_KEY, endpoint)
    if resource is None or endpoint is None:
        return errors
    if endpoint.parameter:
        missing = resource.missing_record
        truths = (missing.error,) if isinstance(missing.error, Truth) else missing.assumed
        errors[404] = missing.error_under(assumptions, noun=resource.label), truths
    if endpoint.body is not None and endpoint.body.requires_fields:
        problems = endpoint.example_problem
        errors[422] = INVALID.error_under(assumptions, problems=problems), (FAULT_ERROR,)
    return errors


def stub_note(response: ApiResponse, endpoint: Endpoint | None, account: Account | None) -> str:
    """Return the `Fakekit-Note` for a response that a test defined (a stub): that a stub answered.

    endpoint: None, for a path that is no endpoint, is noted too, and so is a body that breaks the contract.
    account: None counts as an account that has the values of the table of assumptions.
    """
    note = "a stub of this account answered"
    if endpoint is None:
        return f"{note}; fakekit has no such endpoint"
    body, success = response.document(), response.status < 300
    errors = endpoint.envelope.check(body, endpoint.shape) if success else schema_errors(error_schema(), body)
    return f"{note}, outside the contract" if errors else note
