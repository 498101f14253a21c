"""The fake itself: one request, read top to bottom."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from flask import Request
from werkzeug.exceptions import MethodNotAllowed

from fakekit.contract.assumptions import Leaning
from fakekit.contract.endpoint import Endpoint
from fakekit.contract.envelope import ERROR
from fakekit.contract.fields import parse_id
from fakekit.errors import AccountsFullError
from fakekit.resources.call import Call, MissingRecordError
from fakekit.serving import hints
from fakekit.serving.accounts import Account, Accounts
from fakekit.serving.answer import PREFLIGHT, Answer
from fakekit.serving.auth import RefusedError, read_bearer
from fakekit.serving.log import crash

REMEMBERED = 1024
"""How many successful answers to GET are kept at hand."""

CHALLENGE = (("WWW-Authenticate", "Bearer"),)  # RFC 9110, 11.6.1 and RFC 6750, 3


class _NoEndpointError(Exception):
    """The request matches no endpoint; its ``routing_exception`` says whether another method would."""


class Service:
    """Answers requests from the accounts' worlds by the table of endpoints."""

    def __init__(self, endpoints: Iterable[Endpoint], accounts: Accounts) -> None:
        self.endpoints = {endpoint.operation: endpoint for endpoint in endpoints}
        self.accounts = accounts
        self._untouched = Account("", accounts.world)
        self._remembered = lru_cache(REMEMBERED)(self._answer)

    def serve(self, request: Request) -> Answer:
        """One request, top to bottom. Never raises."""
        lean = Leaning()
        try:
            if request.method == "OPTIONS":
                return self._preflight(lean)
            key = self._authenticate(request, lean)
            account = self.accounts.open(key)
            endpoint = self._route(request)
            path = tuple((request.view_args or {}).items())
            # All accounts that changed nothing see the same; version, for one that did, was read first.
            view = account if account.changed else self._untouched
            return self._remembered(view, view.version, endpoint, path).also(lean)
        except RefusedError as refused:
            return self._refused(refused, request, lean)
        except AccountsFullError as full:
            lean.on("accounts.full")
            return _failed(lean, HTTPStatus.SERVICE_UNAVAILABLE, note=str(full))
        except _NoEndpointError:
            return self._no_endpoint(request, lean)
        except MissingRecordError as missing:
            return self._missing(missing, lean)
        except Exception as error:
            crash(error)
            return broken()

    def _answer(
        self, view: Account, _version: int, endpoint: Endpoint, path: tuple[tuple[str, Any], ...]
    ) -> Answer:
        """What an endpoint answers: a pure function of its arguments, so it may be remembered."""
        lean = Leaning()
        body = endpoint.envelope.dump(endpoint.answer(Call(view, dict(path), lean)))
        return Answer(endpoint.envelope.status, body, endpoint.truth.kind).also(lean)

    def _preflight(self, lean: Leaning) -> Answer:
        lean.on("cors")
        return Answer(HTTPStatus.NO_CONTENT, None, headers=PREFLIGHT).also(lean)

    def _authenticate(self, request: Request, lean: Leaning) -> str:
        """The key. Only the vendor's API asks for one; elsewhere there is nothing to find anyway."""
        if not request.path.startswith("/api/"):
            raise _NoEndpointError
        return read_bearer(request.environ.get("HTTP_AUTHORIZATION"), lean)

    def _route(self, request: Request) -> Endpoint:
        if request.url_rule is None or _sent_path(request) != request.path:
            raise _NoEndpointError
        return self.endpoints[request.url_rule.endpoint]

    def _refused(self, refused: RefusedError, request: Request, lean: Leaning) -> Answer:
        if request.url_rule is None:
            lean.on("auth.before_routing")
        body = ERROR.dump(HTTPStatus.UNAUTHORIZED, refused.error)
        answer = Answer(HTTPStatus.UNAUTHORIZED, body, note=refused.note, headers=CHALLENGE)
        return answer.also(lean)

    def _no_endpoint(self, request: Request, lean: Leaning) -> Answer:
        note = hints.unknown_path(_sent_path(request), list(self.endpoints.values()))
        if isinstance(request.routing_exception, MethodNotAllowed):
            lean.on("method.error")
            allowed = sorted({*(request.routing_exception.valid_methods or ()), "OPTIONS"})
            allow = (("Allow", ", ".join(allowed)),)  # RFC 9110, 15.5.6
            return _failed(lean, HTTPStatus.METHOD_NOT_ALLOWED, note=note, headers=allow)
        lean.on("unknown_path.error")
        return _failed(lean, HTTPStatus.NOT_FOUND, note=note)

    def _missing(self, missing: MissingRecordError, lean: Leaning) -> Answer:
        world = self.accounts.world
        if parse_id(missing.named) is None:
            lean.on("id.form")
        status = lean.on("missing.status")
        error = str(lean.on("missing.error")).format(noun=world.resources[missing.resource].noun)
        note = hints.missing_record(world, missing.resource, missing.named)
        return _failed(lean, HTTPStatus(status), error, note)


def _sent_path(request: Request) -> str:
    """The path, with what WSGI and werkzeug tidy away: encoded slashes, and slashes at the start."""
    sent: str = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or ""
    if "%" not in sent and not sent.startswith("//"):
        return request.path
    path = sent.partition("?")[0]
    return path if path.startswith("//") or "%2f" in path.lower() else request.path


def broken() -> Answer:
    """The answer when fakekit itself failed; the log has the cause."""
    lean = Leaning()
    lean.on("server.error")
    note = "fakekit itself failed; its log says where"
    return _failed(lean, HTTPStatus.INTERNAL_SERVER_ERROR, note=note)


def _failed(
    lean: Leaning,
    status: HTTPStatus,
    error: str = "",
    note: str = "",
    headers: tuple[tuple[str, str], ...] = (),
) -> Answer:
    body = ERROR.dump(status, error or status.phrase)
    return Answer(status, body, note=note, headers=headers).also(lean)
