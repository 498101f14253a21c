"""Which response a request gets whose handling raised an exception."""

from __future__ import annotations

from collections.abc import Mapping

from fakekit.accounts.account import Account
from fakekit.api import failures
from fakekit.api.authentication import UnauthorizedError
from fakekit.api.exchange import Exchange
from fakekit.api.failures import NoEndpointError
from fakekit.api.request_errors import InvalidError, RejectedRequestError
from fakekit.api.response import ApiResponse, refuse
from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.refusals import ACCOUNTS_FULL, CONFLICT, REFERRED, SERVER_ERROR, STATE_UNAVAILABLE
from fakekit.contract.schema import RecordError
from fakekit.errors import AccountsFullError, StateError
from fakekit.log import log_failure
from fakekit.resources.call import ConflictError, InUseError, MissingRecordError


def respond_to_error(
    error: Exception,
    exchange: Exchange,
    method: str,
    path: str,
    declared: Endpoint | None,
    resources: Mapping[str, Resource],
    view: Account,
) -> ApiResponse:
    """Return the response for an exception of a step of a request: key, route, body, handler.

    An unexpected exception is logged and answered 500.

    method, path: as the client sent them.
    declared: the endpoint of the path and method; None for none.
    resources: the vendor's, by name.
    view: the account, or the one that stands for all that changed nothing.

    Adds the assumption of a 401 to those of the exchange.
    """
    assumptions = exchange.assumptions
    match error:
        case UnauthorizedError():
            exchange.assumed += failures.assumed_of_401(error.refusal, declared)
            return refuse(error.refusal, assumptions, error.note)
        case RejectedRequestError():
            return refuse(error.refusal, assumptions, error.note)
        case AccountsFullError() | StateError():
            refusal = STATE_UNAVAILABLE if isinstance(error, StateError) else ACCOUNTS_FULL
            return refuse(refusal, note=str(error))
        case NoEndpointError():
            endpoints = view.baseline.endpoints.values()
            return failures.no_endpoint_response(error, method, path, endpoints, assumptions)
        case MissingRecordError():
            return failures.missing_record_response(error, resources[error.resource], view, assumptions)
        case ConflictError():
            return refuse(CONFLICT, assumptions, field=error.field)
        case InUseError():
            note = f"{error.used_by} refer to it; delete them first"
            return refuse(REFERRED, assumptions, note, noun=error.label)
        case InvalidError() | RecordError():
            return failures.invalid_response(error, assumptions)
    log_failure(error)
    return refuse(SERVER_ERROR)
