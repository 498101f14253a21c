"""The fake itself: one request, read top to bottom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from weakref import ref

from flask import Request

from fakekit.accounts.account import Account, untouched
from fakekit.accounts.redaction import Redaction
from fakekit.accounts.registry import Accounts
from fakekit.api import failures
from fakekit.api.authentication import Bearer, RefusedError, read_bearer, unreadable_fault
from fakekit.api.body import (
    NOTHING,
    InvalidError,
    Received,
    Sent,
    UnreadableError,
    read_request,
)
from fakekit.api.exchange import Visit, entry_of, sent_path, with_other_methods
from fakekit.api.failures import NoEndpointError, broken
from fakekit.api.response import PREFLIGHT, Answer, json_body
from fakekit.contract.assumptions import AssumptionRecorder, Assumptions
from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.envelope import ERROR
from fakekit.contract.schema import RecordError
from fakekit.errors import AccountsFullError, FaultError
from fakekit.log import LOGGER, broken_contract, crash
from fakekit.resources.call import Call, ConflictError, MissingRecordError

if TYPE_CHECKING:
    from fakekit.faults.answering import Answering
    from fakekit.faults.weather import Due

REMEMBERED = 1024
"""How many successful answers to a fetch are kept at hand."""


class Service:
    """Answers requests from the accounts' worlds by the table of endpoints.

    resources: the vendor's nouns, by name.
    accounts: the worlds, by key.
    words: segments of paths that are not the vendor's and may be shown.
    checks: whether every answer is held against the contract even if not strict; the tests set it.
    """

    checks = False

    def __init__(
        self, resources: Mapping[str, Resource], accounts: Accounts, words: Iterable[str] = ()
    ) -> None:
        self.resources, self.accounts = resources, accounts
        self.endpoints = {e.operation: e for resource in resources.values() for e in resource.endpoints}
        self.redaction = Redaction(self.endpoints.values(), words)
        self._filters = {e.operation: e.query.filters for e in self.endpoints.values()}
        self._literal = {
            path: {e.method for e in self.endpoints.values() if e.path == path}
            for path in {e.path for e in self.endpoints.values() if not e.parameter}
        }
        self._untouched = untouched(accounts.ground)
        self._remembered = lru_cache(REMEMBERED)(self._fetch)

    def serve(self, request: Request) -> Answer:
        """One request, top to bottom. Never raises."""
        visit = Visit(request, AssumptionRecorder(self.accounts.ground.assumptions))
        answer = self._outcome(visit)
        if visit.due is not None and (visit.due.armed or visit.due.refused):
            answer = _weathered(answer, visit.due, visit.recorder.assumptions)
        if visit.account is not None and answer.assumed:
            visit.account.assumed.update(dict.fromkeys(answer.assumed))
        self.accounts.write_down(visit.account, entry_of(visit, answer, self.redaction, self._filters))
        return answer

    def _outcome(self, visit: Visit) -> Answer:
        """The answer, whatever happens on the way to it."""
        request, recorder = visit.request, visit.recorder
        try:
            return self._preflight(recorder) if request.method == "OPTIONS" else self._asked(visit)
        except RefusedError as refused:
            return failures.refused(refused, request, recorder)
        except AccountsFullError as full:
            return failures.full(full, recorder)
        except NoEndpointError as none:
            asked = sent_path(request)
            return failures.no_endpoint(none, request.method, asked, self.endpoints.values(), recorder)
        except MissingRecordError as missing:
            view = visit.account or self._untouched
            return failures.missing(missing, self.resources[missing.resource], view, recorder)
        except UnreadableError as unreadable:  # RFC 9110, 15.5.14 and 15.5.16
            return failures.failed(recorder, unreadable.status, note=unreadable.note, kind="standard")
        except (InvalidError, RecordError, ConflictError) as error:
            return failures.invalid(error, recorder)
        except Exception as error:
            crash(error)
            return broken(recorder.assumptions)

    def _asked(self, visit: Visit) -> Answer:
        """Authenticated, met by the faults that are due, and answered from the world."""
        request, recorder = visit.request, visit.recorder
        account = self._authenticated(visit)
        if visit.due is not None and (fault := visit.due.answering) is not None:
            return self._stubbed(fault, visit)
        endpoint = self._route(request)
        received = NOTHING
        if endpoint.body is not None or request.environ.get("QUERY_STRING"):
            visit.sent = Sent()
            received = read_request(request, endpoint, recorder, account.ground.strict, visit.sent)
        path = tuple((request.view_args or {}).items())
        if endpoint.writes:
            answer = self._write(visit.key, endpoint, path, received)
        else:
            answer = self._read(account, endpoint, path, received)
        return answer.noting(received.note).also(recorder)

    def _authenticated(self, visit: Visit) -> Account:
        """The account of the key, and the faults that are due in it. Only the vendor's API asks for a key."""
        request = visit.request
        if not request.path.startswith("/api/"):
            raise NoEndpointError(with_other_methods(request))
        bearer = read_bearer(request.environ.get("HTTP_AUTHORIZATION"), visit.recorder)
        visit.key, visit.account = bearer.key, (account := self.accounts.open(bearer.key))
        visit.recorder.assumptions = account.ground.assumptions
        visit.due = _due(account, request, bearer)
        return account

    def _stubbed(self, fault: Answering, visit: Visit) -> Answer:
        """The answer of a fault: nothing is carried out."""
        recorder, endpoint = visit.recorder, self._asked_for(visit.request)
        visit.naming = self._naming(visit, endpoint)
        noun = (
            failures.not_found(self.resources[endpoint.resource], AssumptionRecorder(recorder.assumptions))
            if endpoint
            else ""
        )
        needed = endpoint.body.needed if endpoint and endpoint.body else []
        reply = fault.reply(noun if endpoint and endpoint.parameter else "", next(iter(needed), ""))
        for name in reply.assumes:
            recorder.assume(name)
        if reply.enveloped:
            return failures.failed(recorder, reply.status, str(reply.body), headers=reply.headers)
        is_json = not isinstance(reply.body, bytes)
        body = json_body(reply.body) if is_json and reply.body is not None else reply.body
        answer = Answer(reply.status, body, headers=reply.headers, media=reply.media, is_json=is_json)
        return answer.noting(_outside(answer, endpoint, visit.account)).also(recorder)

    def _naming(self, visit: Visit, endpoint: Endpoint | None) -> list[str]:
        """What of a path names a record that is there: a stub's success says nothing of it."""
        given, account = (visit.request.view_args or {}).values(), visit.account
        if endpoint is None or account is None:
            return []
        return [named for named in given if account.key_of(endpoint.resource, named) is not None]

    def _asked_for(self, request: Request) -> Endpoint | None:
        try:
            return self._route(request)
        except NoEndpointError:
            return None

    def _read(
        self, account: Account, endpoint: Endpoint, path: tuple[tuple[str, Any], ...], received: Received
    ) -> Answer:
        # All accounts that changed nothing see the same; version, for one that did, was read first.
        view = account if account.changed or account.own else self._untouched
        if endpoint.parameter:
            return self._remembered(ref(view), view.version, endpoint, path)
        return self._answer(view, endpoint, path, received)

    def _fetch(
        self, view: ref[Account], _version: int, endpoint: Endpoint, path: tuple[tuple[str, Any], ...]
    ) -> Answer:
        """What a fetch answers: a pure function of its arguments, so it may be remembered.

        view: weak, since an account that is forgotten would else stay for as long as its answers.
        """
        return self._answer(
            view() or self._untouched, endpoint, path, NOTHING
        )  # it is there: who asks has it

    def _write(
        self, key: str, endpoint: Endpoint, path: tuple[tuple[str, Any], ...], received: Received
    ) -> Answer:
        with self.accounts.writing(key) as current:
            return self._answer(current, endpoint, path, received)

    def _answer(
        self, view: Account, endpoint: Endpoint, path: tuple[tuple[str, Any], ...], received: Received
    ) -> Answer:
        """What an endpoint answers."""
        recorder, tenant = AssumptionRecorder(view.ground.assumptions), view.ground.tenant
        status = recorder.assume(endpoint.status) if endpoint.status else HTTPStatus.OK
        for name in endpoint.assumes:
            recorder.assume(name)
        if not tenant and endpoint.envelope.differs:
            recorder.assume("payload.tenant_fields")
        resource = self.resources[endpoint.resource]
        now = view.clock.now().astimezone(UTC).isoformat(sep=" ", timespec="seconds")[:19]
        call = Call(view, resource, endpoint, dict(path), received.query, received.body, now, recorder)
        body = endpoint.envelope.dump(endpoint.answer(call), tenant)
        if (view.ground.strict or self.checks) and (wrong := endpoint.envelope.check(body, tenant)):
            broken_contract(endpoint.operation, wrong)
            return broken(view.ground.assumptions)
        sent = None if status == HTTPStatus.NO_CONTENT else json_body(body)
        return Answer(status, sent, endpoint.truth.kind).also(recorder)

    def _preflight(self, recorder: AssumptionRecorder) -> Answer:
        recorder.assume("cors")
        return Answer(HTTPStatus.NO_CONTENT, None, headers=PREFLIGHT).also(recorder)

    def _route(self, request: Request) -> Endpoint:
        if request.url_rule is None or sent_path(request) != request.path:
            raise NoEndpointError(with_other_methods(request))
        endpoint = self.endpoints[request.url_rule.endpoint]
        # /customers/add is no customer of the id "add": a path of the table wins over one with a parameter.
        methods = self._literal.get(request.path, {endpoint.method})
        if endpoint.method not in methods:
            raise NoEndpointError(methods)
        return endpoint


def _due(account: Account, request: Request, bearer: Bearer) -> Due | None:
    try:
        return account.due(request.method, request.path, bearer.faults)
    except FaultError as error:
        raise unreadable_fault(error) from None


def _weathered(answer: Answer, due: Due, assumptions: Assumptions) -> Answer:
    """An answer as the faults leave it, and what they were."""
    for why in due.refused:
        LOGGER.warning("a fault was refused: %s", why)
        answer = answer.noting(f"a fault was refused: {why}")
    before = answer.document() if due.alters else None
    after, media = due.alter(before)
    if after is not before or media:
        recorder = AssumptionRecorder(assumptions)
        recorder.assume("fault.answer")
        body = answer.body if after is before else json_body(after)
        answer = replace(answer, body=body, media=media or answer.media).also(recorder)
        answer = answer.noting(f"a fault changed the answer: {due}")
    return replace(answer, sending=due.sending, fault=failures.header_text(str(due)))


def _outside(answer: Answer, endpoint: Endpoint | None, account: Account | None) -> str:
    """That the user gave an answer, and where it breaks the contract."""
    given = "a stub of this account answered"
    if endpoint is None:
        return f"{given}; fakekit has no such endpoint"
    ground = account.ground if account is not None else None
    tenant = ground.tenant if ground is not None else True
    success = answer.status < 300
    wrong = endpoint.envelope.check(answer.document(), tenant) if success else ERROR.check(answer.document())
    return f"{given}, outside the contract" if wrong else given
