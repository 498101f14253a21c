"""The handling of one request, from its key to the journal entry: a table of contents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from weakref import ref

from flask import Request

from fakekit.accounts.account import Account, shared_account
from fakekit.accounts.redaction import Redaction
from fakekit.accounts.registry import Accounts
from fakekit.api import failures
from fakekit.api.authentication import UnauthorizedError, read_bearer
from fakekit.api.body import EMPTY_REQUEST, ParsedRequest, ReceivedFields, read_request
from fakekit.api.deferred import DEFERRED, Deferred, reusable
from fakekit.api.exchange import Exchange, allowed_methods, make_entry, received_path
from fakekit.api.failures import NoEndpointError
from fakekit.api.fault_responses import apply_faults, match_faults, own_errors, stub_note
from fakekit.api.parsing import InvalidError, RejectedRequestError
from fakekit.api.response import PREFLIGHT, ApiResponse, error_response, json_body, refuse
from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.provenance import assumed
from fakekit.contract.refusals import ACCOUNTS_FULL, CONFLICT, SERVER_ERROR
from fakekit.contract.schema import RecordError
from fakekit.errors import AccountsFullError
from fakekit.log import log_failure, log_invalid_response
from fakekit.resources.call import Call, ConflictError, MissingRecordError, find_record
from fakekit.vendor import API_ROOT

if TYPE_CHECKING:
    from fakekit.faults.answering import ResponseFault

_CORS = assumed("cors")
_KEY_BEFORE_ROUTE = assumed("auth.before_routing")
_TENANT_FIELDS = assumed("payload.tenant_fields")

MAX_CACHED = 1024
"""How many responses to a fetch are remembered; the least recently used makes room."""


class Service:
    """Answers the requests of the vendor's API from the accounts' worlds, by the table of endpoints.

    resources: the vendor's resources, by name.
    accounts: the open accounts.
    words: path segments beside the endpoints' own that journal and log can show.
    checks_responses: whether every response is checked against its schema even if not strict; off by default;
        fakekit's own tests set it.
    """

    checks_responses = False

    def __init__(
        self, resources: Mapping[str, Resource], accounts: Accounts, words: Iterable[str] = ()
    ) -> None:
        self.resources, self.accounts = resources, accounts
        self.endpoints = {e.operation: e for resource in resources.values() for e in resource.endpoints}
        self.redaction = Redaction(self.endpoints.values(), words)
        self._filters = {e.operation: e.query.filters for e in self.endpoints.values()}
        self._methods_of_literal_paths = {
            path: {e.method for e in self.endpoints.values() if e.path == path}
            for path in {e.path for e in self.endpoints.values() if not e.parameter}
        }
        self._shared_account = shared_account(accounts.baseline)
        self._cached_fetch = lru_cache(MAX_CACHED)(self._fetch)

    def serve(self, request: Request) -> ApiResponse:
        """Handle one request of the vendor's API and return its response. Never raises.

        Also writes the request into the account's journal, and adds the response's assumptions to the
        account.
        """
        exchange = Exchange(request, self.accounts.baseline.assumptions)
        response = self._respond_or_reject(exchange)
        response = response.with_assumptions(exchange.assumed, exchange.assumptions)
        if exchange.faults is not None and (exchange.faults.active or exchange.faults.rejected):
            response = apply_faults(response, exchange.faults, exchange.assumptions)
        if exchange.account is not None and response.assumed:
            exchange.account.assumed.update(dict.fromkeys(response.assumed))
        entry = make_entry(exchange, response, self.redaction, self._filters)
        self.accounts.write_entry(exchange.account, entry)
        deferred: Deferred | None = request.environ.get(DEFERRED)
        if deferred is not None:
            deferred.reusable = reusable(exchange, response, entry)
        return response

    def _respond_or_reject(self, exchange: Exchange) -> ApiResponse:
        """Return the response; an exception of a step (key, route, body, handler) becomes an error response.

        An unexpected exception is logged and answered 500.
        """
        request = exchange.request
        try:
            return self._preflight(exchange) if request.method == "OPTIONS" else self._respond(exchange)
        except RejectedRequestError as error:
            if isinstance(error, UnauthorizedError) and request.url_rule is None:
                exchange.assumed.append(_KEY_BEFORE_ROUTE)
            return refuse(error.refusal, exchange.assumptions, error.note)
        except AccountsFullError as error:
            return refuse(ACCOUNTS_FULL, note=str(error))
        except NoEndpointError as error:
            path = received_path(request)
            return failures.no_endpoint_response(error, request.method, path, self.endpoints.values())
        except MissingRecordError as error:
            view, resource = exchange.account or self._shared_account, self.resources[error.resource]
            return failures.missing_record_response(error, resource, view, exchange.assumptions)
        except ConflictError as error:
            return refuse(CONFLICT, exchange.assumptions, field=error.field)
        except (InvalidError, RecordError) as error:
            return failures.invalid_response(error, exchange.assumptions)
        except Exception as error:
            log_failure(error)
            return refuse(SERVER_ERROR)

    def _respond(self, exchange: Exchange) -> ApiResponse:
        """Authenticate, match faults, route, parse and answer; the steps set the fields of `exchange`.

        Each step may raise; `_respond_or_reject` turns that into a response.
        """
        request = exchange.request
        account = self._authenticate(exchange)
        if exchange.faults is not None and (fault := exchange.faults.response_fault) is not None:
            return self._respond_with_fault(fault, exchange)
        endpoint = self._route(request)
        parsed = EMPTY_REQUEST
        if endpoint.body is not None or request.environ.get("QUERY_STRING"):
            exchange.received = ReceivedFields()
            parsed = read_request(request, endpoint, exchange.assumed, account.baseline, exchange.received)
        path = tuple((request.view_args or {}).items())
        if endpoint.writes:
            response = self._write(exchange.key, endpoint, path, parsed)
        else:
            response = self._read(account, endpoint, path, parsed)
        return response.with_note(parsed.note)

    def _authenticate(self, exchange: Exchange) -> Account:
        """Return the account of the request's key; set key, account and faults of `exchange`.

        Raises `NoEndpointError` for a path outside of ``/api/``, where no key is needed, `UnauthorizedError`
        without a valid key, and `AccountsFullError`.
        """
        request = exchange.request
        if not request.path.startswith(API_ROOT):
            raise NoEndpointError(allowed_methods(request))
        bearer = read_bearer(request.environ.get("HTTP_AUTHORIZATION"), exchange.assumed)
        exchange.key, exchange.account = bearer.key, (account := self.accounts.open(bearer.key))
        exchange.version = account.version
        exchange.faults = match_faults(account, request, bearer)
        return account

    def _respond_with_fault(self, fault: ResponseFault, exchange: Exchange) -> ApiResponse:
        """Return the response that a fault gives instead of the endpoint: an error, or a test's own response.

        fault: the one that answers: ``fail=503``, or a stub (a response that a test defined).

        Sets `exchange.record_keys`: the status of such a response does not tell whether the path's record
        exists.
        """
        endpoint, assumptions = self._find_endpoint(exchange.request), exchange.assumptions
        exchange.record_keys = self._record_keys(exchange, endpoint)
        resource = self.resources[endpoint.resource] if endpoint else None
        reply = fault.reply(own_errors(resource, endpoint, assumptions))
        if reply.in_envelope:
            response = error_response(reply.status, str(reply.body), "documented", headers=reply.headers)
            return response.with_assumptions(reply.assumed, assumptions)
        is_json = not isinstance(reply.body, bytes)
        body = json_body(reply.body) if is_json and reply.body is not None else reply.body
        response = ApiResponse(reply.status, body, headers=reply.headers, media=reply.media, is_json=is_json)
        response = response.with_note(stub_note(response, endpoint, exchange.account))
        return response.with_assumptions(reply.assumed, assumptions)

    def _record_keys(self, exchange: Exchange, endpoint: Endpoint | None) -> list[str]:
        """Return the path segments that identify an existing record of the request's account.

        endpoint: None, for a path that is no endpoint, gives an empty list.
        """
        path_values, account = (exchange.request.view_args or {}).values(), exchange.account
        if endpoint is None or account is None:
            return []
        resource = self.resources[endpoint.resource]
        return [value for value in path_values if find_record(account, resource, value) is not None]

    def _find_endpoint(self, request: Request) -> Endpoint | None:
        """Return the endpoint of a request that a fault answers; None for a path or method of no endpoint."""
        try:
            return self._route(request)
        except NoEndpointError:
            return None

    def _read(
        self, account: Account, endpoint: Endpoint, path: tuple[tuple[str, Any], ...], parsed: ParsedRequest
    ) -> ApiResponse:
        """Answer a GET. The response to a fetch of one record comes from a cache, if it was made before.

        path: the parameters of the path, as pairs of name and text.

        Accounts that changed nothing share one account's responses.
        """
        # All accounts that changed nothing see the same; version, for one that did, was read first.
        view = account if account.has_changes or account.has_custom_baseline else self._shared_account
        if endpoint.parameter:
            return self._cached_fetch(ref(view), view.version, endpoint, path)
        return self._call_endpoint(view, endpoint, path, parsed)

    def _fetch(
        self, view: ref[Account], _version: int, endpoint: Endpoint, path: tuple[tuple[str, Any], ...]
    ) -> ApiResponse:
        """Answer a GET of one record. `_cached_fetch` caches it, so the result depends on the arguments only.

        Raises `MissingRecordError` when there is none; that is not cached.

        view: a weak reference, as the cache would otherwise keep a closed account in memory.
        _version: the account's version: after a change the arguments differ, and the cached response is not
            found.
        """
        return self._call_endpoint(
            view() or self._shared_account, endpoint, path, EMPTY_REQUEST
        )  # it is there: who asks has it

    def _write(
        self, key: str, endpoint: Endpoint, path: tuple[tuple[str, Any], ...], parsed: ParsedRequest
    ) -> ApiResponse:
        """Answer a request that writes, with the lock of the account held: check and change are one step.

        key: the API key. Raises `AccountsFullError`, and the errors of the endpoint's handler: `RecordError`,
            `ConflictError`, `MissingRecordError`.
        """
        with self.accounts.open_for_write(key) as current:
            return self._call_endpoint(current, endpoint, path, parsed)

    def _call_endpoint(
        self, view: Account, endpoint: Endpoint, path: tuple[tuple[str, Any], ...], parsed: ParsedRequest
    ) -> ApiResponse:
        """Call the endpoint's handler, and return its result in the vendor's JSON envelope.

        view: the account whose records the handler sees and changes.

        If the account is strict (or in fakekit's tests) a body that breaks its own schema is logged and
        answered 500.
        """
        assumptions, tenant = view.baseline.assumptions, view.baseline.has_tenant_fields
        status = int(assumptions[endpoint.status.source]) if endpoint.status else HTTPStatus.OK
        resource = self.resources[endpoint.resource]
        now = view.clock.now().astimezone(UTC).isoformat(sep=" ", timespec="seconds")[:19]
        call = Call(view, resource, endpoint, dict(path), parsed.query, parsed.body, now, assumptions)
        if not tenant and endpoint.envelope.has_tenant_variants:
            call.assume(_TENANT_FIELDS)
        body = endpoint.envelope.dump(endpoint.handler(call), tenant)
        if (view.baseline.strict or self.checks_responses) and (
            errors := endpoint.envelope.check(body, tenant)
        ):
            log_invalid_response(endpoint.operation, errors)
            return refuse(SERVER_ERROR)
        payload = None if status == HTTPStatus.NO_CONTENT else json_body(body)
        response = ApiResponse(status, payload, endpoint.truth.kind)
        return response.with_assumptions((*endpoint.assumed, *call.assumed), assumptions)

    def _preflight(self, exchange: Exchange) -> ApiResponse:
        """Return the response to OPTIONS (CORS preflight), on any path and without a key."""
        exchange.assumed.append(_CORS)
        return ApiResponse(HTTPStatus.NO_CONTENT, None, headers=PREFLIGHT)

    def _route(self, request: Request) -> Endpoint:
        """Return the endpoint of a request.

        Raises `NoEndpointError`, with the methods that the path has, for a path or method of no endpoint.
        """
        if request.url_rule is None or received_path(request) != request.path:
            raise NoEndpointError(allowed_methods(request))
        endpoint = self.endpoints[request.url_rule.endpoint]
        # /customers/add is no customer of the id "add": a path of the table wins over one with a parameter.
        methods = self._methods_of_literal_paths.get(request.path, {endpoint.method})
        if endpoint.method not in methods:
            raise NoEndpointError(methods)
        return endpoint
