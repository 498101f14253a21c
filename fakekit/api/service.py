"""The handling of one request, from its key to the journal entry: a table of contents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import lru_cache, partial
from http import HTTPStatus
from typing import cast
from weakref import ref

from flask import Request

from fakekit.accounts.account import Account, shared_account
from fakekit.accounts.journal import JournalEntry
from fakekit.accounts.redaction import Redaction
from fakekit.accounts.registry import Accounts
from fakekit.accounts.transaction import transaction
from fakekit.api import failures
from fakekit.api.authentication import invalid_fault_error, read_bearer
from fakekit.api.body import read_request
from fakekit.api.cors import preflight_headers
from fakekit.api.deferred import DEFERRED, Deferred, reusable
from fakekit.api.error_answers import respond_to_error
from fakekit.api.exchange import EXCHANGE, Exchange, make_entry
from fakekit.api.failures import InvalidResponseError, NoEndpointError
from fakekit.api.fault_responses import apply_faults, respond_with_fault
from fakekit.api.received_content import ReceivedContent, describe_request
from fakekit.api.response import ApiResponse, json_body
from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.pattern import find_endpoints
from fakekit.contract.provenance import assumed
from fakekit.errors import AccountsFullError, FaultError, StateError
from fakekit.log import log_invalid_response
from fakekit.resources.call import Call
from fakekit.vendor import API_ROOT

_CORS = assumed("cors")

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
            path: {e.method for e in find_endpoints(self.endpoints.values(), path)}
            for path in {e.path for e in self.endpoints.values() if not e.parameter}
        }
        self._shared_account = shared_account(accounts.baseline)
        self._cached_fetch = lru_cache(MAX_CACHED)(self._fetch)

    def serve(self, request: Request) -> ApiResponse:
        """Handle one request of the vendor's API and return its response. Never raises.

        Also writes the request into the account's journal, and adds the response's assumptions to the
        account.
        """
        exchange: Exchange = request.environ.get(EXCHANGE) or Exchange()
        exchange.server_assumptions = self.accounts.baseline.assumptions
        exchange.path_values = request.view_args or exchange.path_values
        try:
            response = self._respond(exchange, request)
        except Exception as error:
            response = self._refuse(exchange, request, error)
        if not exchange.is_recorded:
            response = _complete(exchange, response)
            try:
                self._record(exchange, request, response)
            except (StateError, AccountsFullError) as error:
                response = self._refuse(exchange, request, error)
        exchange.response = response
        return response

    def _respond(self, exchange: Exchange, request: Request) -> ApiResponse:
        """Authenticate, match faults, route, read and answer: the way of a request, in its order.

        Each step may set something in `exchange`, and may raise; `_refuse` turns that into a response.
        """
        if request.method == "OPTIONS":
            return self._preflight(exchange, request)
        account = self._authenticate(exchange, request)
        if exchange.faults is not None and (fault := exchange.faults.response_fault) is not None:
            endpoint = None
            with suppress(NoEndpointError):
                endpoint = self._route(request, account)
            resource = self.resources[endpoint.resource] if endpoint else None
            describe = partial(describe_request, request, self.redaction)
            return respond_with_fault(fault, exchange, describe, endpoint, resource)
        endpoint = self._route(request, account)
        if endpoint.body is not None or request.environ.get("QUERY_STRING"):
            read_request(exchange, request, endpoint)
        if endpoint.writes:
            return self._write(exchange, request, endpoint)
        return self._read(exchange, account, endpoint).with_note(exchange.note)

    def _refuse(self, exchange: Exchange, request: Request, error: Exception) -> ApiResponse:
        """Return the response for an exception of a step: key, route, body, handler."""
        declared = self.endpoints[request.url_rule.endpoint] if request.url_rule else None
        view, path = exchange.account or self._shared_account, _received_path(request)
        return respond_to_error(error, exchange, request.method, path, declared, self.resources, view)

    def _record(self, exchange: Exchange, request: Request, response: ApiResponse) -> None:
        """Write the journal's entry of a request.

        Also tells a server of ours whether the response may be given again. Where accounts are stored, such a
        server stores the entry itself, with those of other requests. Raises `StateError` and
        `AccountsFullError` where it cannot be stored.
        """
        account = exchange.account
        if account is not None and exchange.faults is not None and exchange.faults.unused:
            account.uncount_faults(exchange.faults.unused)
        entry = self._make_entry(exchange, request, response, account)
        deferred: Deferred | None = request.environ.get(DEFERRED)
        if deferred is not None:
            deferred.reusable = reusable(exchange, response, entry)
        if deferred is not None and self.accounts.state is not None:
            deferred.entry = account, entry
        else:
            exchange.number = self.accounts.write_entry(account, entry)

    def _make_entry(
        self, exchange: Exchange, request: Request, response: ApiResponse, account: Account | None
    ) -> JournalEntry:
        """Return the journal's entry of a request; adds its assumptions and unread names to the account."""
        if account is not None and response.assumed:
            account.assumed.update(dict.fromkeys(response.assumed))
        if account is not None and exchange.unread and request.url_rule is not None:
            account.add_unread(request.url_rule.endpoint, exchange.unread)
        return make_entry(exchange, request, response, self.redaction, self._filters)

    def _authenticate(self, exchange: Exchange, request: Request) -> Account:
        """Return the account of the request's key; set key, account and faults of `exchange`.

        Raises `NoEndpointError` for a path outside of ``/api/``, where no key is needed, `UnauthorizedError`
        without a valid key or with invalid faults behind it, and `AccountsFullError`.
        """
        if not request.path.startswith(API_ROOT):
            raise NoEndpointError(failures.allowed_methods(request))
        bearer = read_bearer(request.environ.get("HTTP_AUTHORIZATION"), exchange.assumed)
        exchange.key, exchange.account = bearer.key, (account := self.accounts.open(bearer.key))
        exchange.version = account.version
        if account.has_faults or bearer.faults:
            try:
                exchange.faults = account.match_faults(
                    request.method, request.path, ReceivedContent(request), bearer.faults
                )
            except FaultError:
                raise invalid_fault_error(bearer.faults) from None
        return account

    def _read(self, exchange: Exchange, account: Account, endpoint: Endpoint) -> ApiResponse:
        """Answer a GET. The response to a fetch of one record comes from a cache, if it was made before.

        Accounts that changed nothing share one account's responses.
        """
        with account.reading():
            exchange.version = account.version
            # All accounts that changed nothing see the same; version, for one that did, was read first.
            view = account if account.has_changes or account.has_custom_baseline else self._shared_account
            if endpoint.parameter:
                path_value = exchange.path_values[endpoint.parameter]
                return self._cached_fetch(ref(view), view.version, endpoint.operation, path_value)
            return self._call_endpoint(view, endpoint, {}, exchange.query, exchange.body)

    def _fetch(self, view: ref[Account], _version: int, operation: str, path_value: str) -> ApiResponse:
        """Answer a GET of one record. `_cached_fetch` caches it, so the result depends on the arguments only.

        Raises `MissingRecordError` when there is none; that is not cached.

        view: a weak reference, as the cache would otherwise keep a closed account in memory.
        _version: the account's version: after a change the arguments differ, and the cached response is not
            found.
        operation: the endpoint's. path_value: what stands in its path for the parameter.
        """
        account = cast("Account", view())  # it is there: who asks has it
        endpoint = account.baseline.endpoints[operation]
        return self._call_endpoint(account, endpoint, {endpoint.parameter: path_value}, {}, {})

    def _write(self, exchange: Exchange, request: Request, endpoint: Endpoint) -> ApiResponse:
        """Answer a request that writes, in a transaction: check and change are one step, and all or nothing.

        Where accounts are stored, the entry of the journal is a part of it: who gets a 503 can try again.

        Raises `AccountsFullError`, and the errors of the endpoint's handler: `RecordError`, `ConflictError`,
        `MissingRecordError`.
        """
        parts = exchange.path_values, exchange.query, exchange.body
        with self.accounts.in_use(exchange.key, exchange.account) as current, transaction(current):
            response = self._call_endpoint(current, endpoint, *parts).with_note(exchange.note)
            if current.stored is None:
                return response
            response = _complete(exchange, response)
            if exchange.faults is not None:
                current.active_faults.uncount(exchange.faults.unused)
            number = current.stored.record(self._make_entry(exchange, request, response, current))
        exchange.number, exchange.is_recorded = number, True
        return response

    def _call_endpoint(
        self,
        view: Account,
        endpoint: Endpoint,
        path: Mapping[str, str],
        query: Mapping[str, object],
        body: Mapping[str, object],
    ) -> ApiResponse:
        """Call the endpoint's handler, and return its result in the vendor's JSON envelope.

        view: the account whose records the handler sees and changes.
        path, query, body: parameters and fields as the endpoint's tables read them.

        If the account is strict (or in fakekit's tests) a body that breaks its own schema is logged, and
        raises `InvalidResponseError`.
        """
        assumptions = view.baseline.assumptions
        status = int(assumptions[endpoint.status.source]) if endpoint.status else HTTPStatus.OK
        resource = self.resources[endpoint.resource]
        call = Call(view, resource, endpoint, path, query, body, view.clock.timestamp, assumptions)
        document = endpoint.envelope.dump(endpoint.handler(call), endpoint.shape)
        if (view.baseline.strict or self.checks_responses) and (
            errors := endpoint.envelope.check(document, endpoint.shape)
        ):
            log_invalid_response(endpoint.operation, errors)
            raise InvalidResponseError
        payload = None if status == HTTPStatus.NO_CONTENT else json_body(document)
        response = ApiResponse(status, payload, endpoint.truth.kind, note="; ".join(call.note_parts))
        return response.with_assumptions((*endpoint.assumed, *call.assumed), assumptions)

    def _preflight(self, exchange: Exchange, request: Request) -> ApiResponse:
        """Return the response to OPTIONS (CORS preflight), on any path and without a key."""
        exchange.assumed.append(_CORS)
        requested = request.environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
        return ApiResponse(HTTPStatus.NO_CONTENT, None, headers=preflight_headers(requested))

    def _route(self, request: Request, account: Account) -> Endpoint:
        """Return the endpoint of a request, as it is under the account's assumptions.

        Raises `NoEndpointError`, with the methods that the path has, for a path or method of no endpoint.
        """
        existing = account.baseline.endpoints
        if request.url_rule is None or _received_path(request) != request.path:
            disabled = [e for name, e in self.endpoints.items() if name not in existing]
            methods = {e.method for e in find_endpoints(disabled, request.path)}
            raise NoEndpointError({*failures.allowed_methods(request)} - methods)
        declared = self.endpoints[request.url_rule.endpoint]
        # Flask may have taken /customers/add for a customer of the id "add", see `find_endpoints`.
        methods = self._methods_of_literal_paths.get(request.path, {declared.method})
        if declared.method not in methods:
            raise NoEndpointError(methods)
        endpoint = existing.get(declared.operation)
        if endpoint is None:
            methods = {e.method for e in existing.values() if e.path == declared.path}
            raise NoEndpointError({*methods, "HEAD"} if "GET" in methods else methods, declared.switch)
        return endpoint


def _complete(exchange: Exchange, response: ApiResponse) -> ApiResponse:
    """Return a response with all assumptions of its request, as the faults of the request change it."""
    if exchange.assumed:
        response = response.with_assumptions(exchange.assumed, exchange.assumptions)
    if exchange.faults is not None and (exchange.faults.active or exchange.faults.rejected):
        response = apply_faults(response, exchange.faults, exchange.assumptions)
    return response


def _received_path(request: Request) -> str:
    """Return the path as the client sent it, where WSGI and Werkzeug would have changed it.

    They decode ``%2F`` and drop double slashes at the start; a path with either is no endpoint. Otherwise
    Flask's path is returned.
    """
    target: str = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or ""
    if "%" not in target and not target.startswith("//"):
        return request.path
    path = target.partition("?")[0]
    return path if path.startswith("//") or "%2f" in path.lower() else request.path
