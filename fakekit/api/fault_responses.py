"""What faults and stubs do to a response: matched to the request, applied, noted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Request

from fakekit.accounts.account import Account
from fakekit.api import failures
from fakekit.api.authentication import Bearer, invalid_fault_error
from fakekit.api.response import ApiResponse, json_body
from fakekit.contract.assumptions import AssumptionRecorder, Assumptions
from fakekit.contract.endpoint import Endpoint
from fakekit.contract.envelope import ERROR
from fakekit.errors import FaultError
from fakekit.log import LOGGER

if TYPE_CHECKING:
    from fakekit.faults.active import MatchedFaults


def match_faults(account: Account, request: Request, bearer: Bearer) -> MatchedFaults | None:
    """Return the faults that apply to a request; None when there are none.

    Raises `UnauthorizedError` when the faults written after the key cannot be parsed.
    """
    try:
        return account.match_faults(request.method, request.path, bearer.faults)
    except FaultError as error:
        raise invalid_fault_error(error) from None


def apply_faults(response: ApiResponse, matched: MatchedFaults, assumptions: Assumptions) -> ApiResponse:
    """Return a response as the faults change it, with a note and the header `Fakekit-Fault`.

    matched: the faults that apply to the request. One that cannot be applied is logged and noted instead.
    assumptions: those of the account; changing an answer is one of them.
    """
    for reason in matched.rejected:
        LOGGER.warning("a fault was not applied: %s", reason)
        response = response.with_note(f"a fault was not applied: {reason}")
    before = response.document() if matched.can_change_body else None
    after, media = matched.alter(before)
    if after is not before or media:
        recorder = AssumptionRecorder(assumptions)
        recorder.assume("fault.answer")
        body = response.body if after is before else json_body(after)
        response = replace(response, body=body, media=media or response.media).with_assumptions(recorder)
        response = response.with_note(f"a fault changed the answer: {matched}")
    return replace(response, sending=matched.connection_faults, fault=failures.header_text(str(matched)))


def stub_note(response: ApiResponse, endpoint: Endpoint | None, account: Account | None) -> str:
    """Return the `Fakekit-Note` for a response that a test defined (a stub): that a stub answered.

    endpoint: None, for a path that is no endpoint, is noted too, and so is a body that breaks the contract.
    account: None counts as an account whose responses have `user_id` and `business_code`.
    """
    note = "a stub of this account answered"
    if endpoint is None:
        return f"{note}; fakekit has no such endpoint"
    baseline = account.baseline if account is not None else None
    tenant = baseline.has_tenant_fields if baseline is not None else True
    success = response.status < 300
    errors = (
        endpoint.envelope.check(response.document(), tenant) if success else ERROR.check(response.document())
    )
    return f"{note}, outside the contract" if errors else note
