"""The fake itself: one request, read top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from flask import Request
from werkzeug.exceptions import MethodNotAllowed

from fakekit.contract.assumptions import Assumptions, Leaning
from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.envelope import ERROR
from fakekit.contract.numbers import parse_id
from fakekit.contract.provenance import Kind
from fakekit.contract.schema import RecordError
from fakekit.errors import AccountsFullError
from fakekit.resources.call import Call, ConflictError, MissingRecordError
from fakekit.serving import hints
from fakekit.serving.account import Account, UnknownReferenceError
from fakekit.serving.accounts import Accounts
from fakekit.serving.answer import PREFLIGHT, Answer
from fakekit.serving.auth import RefusedError, read_bearer
from fakekit.serving.log import broken_contract, crash
from fakekit.serving.received import NOTHING, InvalidError, Received, UnreadableError, read_request

REMEMBERED = 1024
"""How many successful answers to a fetch are kept at hand."""

CHALLENGE = (("WWW-Authenticate", "Bearer"),)  # RFC 9110, 11.6.1 and RFC 6750, 3


class _NoEndpointError(Exception):
    """The request matches no endpoint; `allowed` are the methods with which it would."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self.allowed = sorted({*allowed, "OPTIONS"}) if allowed else []
        super().__init__("")


@dataclass
class _Visit:
    """One request on its way: the account it came to, once that is known."""

    request: Request
    lean: Leaning
    account: Account | None = None


class Service:
    """Answers requests from the accounts' worlds by the table of endpoints.

    resources: the vendor's nouns, by name.
    accounts: the worlds, by key.
    assumptions: the values in force.
    strict: whether rules of form refuse a request, and every answer is held against the contract.
    clock: what time it is, with a zone.
    checks: whether every answer is held against the contract even if not strict; the tests set it.
    """

    checks = False

    def __init__(
        self,
        resources: Mapping[str, Resource],
        accounts: Accounts,
        assumptions: Assumptions,
        strict: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.resources, self.accounts, self.assumptions = resources, accounts, assumptions
        self.strict, self.clock = strict, clock
        self.endpoints = {e.operation: e for resource in resources.values() for e in resource.endpoints}
        self._literal = {
            path: {e.method for e in self.endpoints.values() if e.path == path}
            for path in {e.path for e in self.endpoints.values() if not e.parameter}
        }
        self.tenant: bool = assumptions["payload.tenant_fields"]
        self._untouched = Account("", accounts.world)
        self._remembered = lru_cache(REMEMBERED)(self._fetch)

    def serve(self, request: Request) -> Answer:
        """One request, top to bottom. Never raises."""
        visit = _Visit(request, Leaning(self.assumptions))
        answer = self._outcome(visit)
        if visit.account is not None and answer.assumed:
            visit.account.leant.update(dict.fromkeys(answer.assumed))
        return answer

    def _outcome(self, visit: _Visit) -> Answer:
        request, lean = visit.request, visit.lean
        try:
            if request.method == "OPTIONS":
                return self._preflight(lean)
            visit.account = account = self.accounts.open(self._authenticate(request, lean))
            endpoint = self._route(request)
            received = read_request(request, endpoint, lean, self.strict)
            path = tuple((request.view_args or {}).items())
            answer = self._write if endpoint.writes else self._read
            return answer(account, endpoint, path, received).noting(received.note).also(lean)
        except RefusedError as refused:
            return self._refused(refused, request, lean)
        except AccountsFullError as full:
            lean.on("accounts.full")
            return _failed(lean, HTTPStatus.SERVICE_UNAVAILABLE, note=str(full))
        except _NoEndpointError as none:
            return self._no_endpoint(none, request, lean)
        except MissingRecordError as missing:
            return self._missing(missing, visit)
        except UnreadableError as unreadable:  # RFC 9110, 15.5.14 and 15.5.16
            return _failed(lean, unreadable.status, note=unreadable.note, kind="standard")
        except (InvalidError, RecordError, ConflictError) as error:
            return self._invalid(error, lean)
        except Exception as error:
            crash(error)
            return broken(self.assumptions)

    def _read(
        self, account: Account, endpoint: Endpoint, path: tuple[tuple[str, Any], ...], received: Received
    ) -> Answer:
        # All accounts that changed nothing see the same; version, for one that did, was read first.
        view = account if account.changed else self._untouched
        if endpoint.parameter:
            return self._remembered(view, view.version, endpoint, path)
        return self._answer(view, endpoint, path, received)

    def _fetch(
        self, view: Account, _version: int, endpoint: Endpoint, path: tuple[tuple[str, Any], ...]
    ) -> Answer:
        """What a fetch answers: a pure function of its arguments, so it may be remembered."""
        return self._answer(view, endpoint, path, NOTHING)

    def _write(
        self, account: Account, endpoint: Endpoint, path: tuple[tuple[str, Any], ...], received: Received
    ) -> Answer:
        with self.accounts.writing(account.key) as current:
            return self._answer(current, endpoint, path, received)

    def _answer(
        self, view: Account, endpoint: Endpoint, path: tuple[tuple[str, Any], ...], received: Received
    ) -> Answer:
        """What an endpoint answers."""
        lean = Leaning(self.assumptions)
        status = lean.on(endpoint.status) if endpoint.status else HTTPStatus.OK
        for name in endpoint.leans:
            lean.on(name)
        if not self.tenant and endpoint.envelope.differs:
            lean.on("payload.tenant_fields")
        resource = self.resources[endpoint.resource]
        now = self.clock().astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        call = Call(view, resource, endpoint, dict(path), received.query, received.body, now, lean)
        body = endpoint.envelope.dump(endpoint.answer(call), self.tenant)
        if (self.strict or self.checks) and (faults := endpoint.envelope.check(body, self.tenant)):
            broken_contract(endpoint.operation, faults)
            return broken(self.assumptions)
        return Answer(status, None if status == HTTPStatus.NO_CONTENT else body, endpoint.truth.kind).also(
            lean
        )

    def _preflight(self, lean: Leaning) -> Answer:
        lean.on("cors")
        return Answer(HTTPStatus.NO_CONTENT, None, headers=PREFLIGHT).also(lean)

    def _authenticate(self, request: Request, lean: Leaning) -> str:
        """The key. Only the vendor's API asks for one; elsewhere there is nothing to find anyway."""
        if not request.path.startswith("/api/"):
            raise _NoEndpointError(_with_other_methods(request))
        return read_bearer(request.environ.get("HTTP_AUTHORIZATION"), lean)

    def _route(self, request: Request) -> Endpoint:
        if request.url_rule is None or _sent_path(request) != request.path:
            raise _NoEndpointError(_with_other_methods(request))
        endpoint = self.endpoints[request.url_rule.endpoint]
        # /customers/add is no customer of the id "add": a path of the table wins over one with a parameter.
        methods = self._literal.get(request.path, {endpoint.method})
        if endpoint.method not in methods:
            raise _NoEndpointError(methods)
        return endpoint

    def _refused(self, refused: RefusedError, request: Request, lean: Leaning) -> Answer:
        if request.url_rule is None:
            lean.on("auth.before_routing")
        body = ERROR.dump(HTTPStatus.UNAUTHORIZED, refused.error)
        answer = Answer(HTTPStatus.UNAUTHORIZED, body, note=refused.note, headers=CHALLENGE)
        return answer.also(lean)

    def _no_endpoint(self, none: _NoEndpointError, request: Request, lean: Leaning) -> Answer:
        if none.allowed:
            lean.on("method.error")
            note = (
                f"fakekit answers {', '.join(m for m in none.allowed if m not in ('HEAD', 'OPTIONS'))} here"
            )
            allow = (("Allow", ", ".join(none.allowed)),)  # RFC 9110, 15.5.6
            return _failed(lean, HTTPStatus.METHOD_NOT_ALLOWED, note=note, headers=allow)
        lean.on("unknown_path.error")
        note = hints.unknown_path(request.method, _sent_path(request), list(self.endpoints.values()))
        return _failed(lean, HTTPStatus.NOT_FOUND, note=note)

    def _missing(self, missing: MissingRecordError, visit: _Visit) -> Answer:
        lean, account = visit.lean, visit.account or self._untouched
        resource = self.resources[missing.resource]
        if not resource.code and parse_id(missing.named) is None:
            lean.on("id.form")
        status = lean.on("missing.status")
        error = str(lean.on("missing.error")).replace("{noun}", resource.noun)
        note = hints.missing_record(account, resource, missing.named)
        return _failed(lean, status, error, note)

    def _invalid(self, error: InvalidError | RecordError | ConflictError, lean: Leaning) -> Answer:
        if isinstance(error, ConflictError):
            status = lean.on("conflict.status")
            return _failed(lean, status, f"{error.field} is taken: another record has it")
        if isinstance(error, UnknownReferenceError):
            lean.on("reference.missing")
        status = lean.on("invalid.status")
        told = "; ".join(f"{p.field} {p.what}" for p in error.problems)
        return _failed(lean, status, told, getattr(error, "note", ""))


def _with_other_methods(request: Request) -> Iterable[str]:
    """The methods with which the path would be one of the table."""
    unknown = request.routing_exception
    return (unknown.valid_methods or ()) if isinstance(unknown, MethodNotAllowed) else ()


def _sent_path(request: Request) -> str:
    """The path, with what WSGI and werkzeug tidy away: encoded slashes, and slashes at the start."""
    sent: str = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or ""
    if "%" not in sent and not sent.startswith("//"):
        return request.path
    path = sent.partition("?")[0]
    return path if path.startswith("//") or "%2f" in path.lower() else request.path


def broken(assumptions: Assumptions) -> Answer:
    """The answer when fakekit itself failed; the log has the cause."""
    lean = Leaning(assumptions)
    lean.on("server.error")
    note = "fakekit itself failed; its log says where"
    return _failed(lean, HTTPStatus.INTERNAL_SERVER_ERROR, note=note)


def _failed(
    lean: Leaning,
    status: int,
    error: str = "",
    note: str = "",
    headers: tuple[tuple[str, str], ...] = (),
    kind: Kind = "documented",
) -> Answer:
    body = ERROR.dump(status, error or HTTPStatus(status).phrase)
    return Answer(status, body, kind, note=note, headers=headers).also(lean)
