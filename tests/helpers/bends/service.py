"""A service in the place of the vendor's: a fakekit of a random seed, of which one thing may be bent."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from flask import Flask

from fakekit.app import create_app
from fakekit.contract.endpoint import Endpoint
from fakekit.contract.pattern import find_endpoints
from fakekit.drift.api_key import ApiKey
from fakekit.drift.findings import Verdict
from fakekit.drift.responses import OutgoingRequest, ReceivedResponse
from fakekit.drift.terms import DifferenceKind
from fakekit.resources import ENDPOINTS
from fakekit.settings import Settings
from fakekit.vendor import BASE_PATH

KEY = ApiKey("fk_demo", "the test")
OWN_HEADERS = ("fakekit-truth", "fakekit-assumed", "fakekit-note", "fakekit-fault")


class Asked(NamedTuple):
    """A request to the service, as a bend sees it.

    endpoint: that of the path; None for a path that is none.
    number: of the request, from 1.
    """

    request: OutgoingRequest
    endpoint: Endpoint | None
    number: int

    @property
    def operation(self) -> str:
        return self.endpoint.operation if self.endpoint is not None else ""

    @property
    def has_key(self) -> bool:
        return self.request.key is not None and self.request.key.reveal() == KEY.reveal()


Change = Callable[[Asked, ReceivedResponse], ReceivedResponse]
"""Returns the response in the place of the service's; may raise `NoResponseError`."""


@dataclass(frozen=True)
class Bend:
    """One thing that a service does in another way than fakekit, and what a comparison has to say about it.

    kinds: of the difference; one of them is right. verdicts: likewise.
    operations: those that are bent; empty for all of them.
    assumption: the one that the finding names; empty where it may name any.
    is_of_fake: whether fakekit itself is bent, in the place of the service.
    refutes: further assumptions that do not hold then, without a finding.
    """

    name: str
    change: Change
    kinds: frozenset[DifferenceKind]
    verdicts: frozenset[Verdict]
    operations: frozenset[str] = frozenset()
    assumption: str = ""
    is_of_fake: bool = False
    refutes: frozenset[str] = frozenset()


def as_it_is(_: Asked, response: ReceivedResponse) -> ReceivedResponse:
    return response


@dataclass(eq=False)
class Service:
    """An app in this process that is asked as a service is.

    change: what it does to its responses. bent: the targets of the responses that were changed.
    """

    app: Flask
    change: Change = as_it_is
    bent: list[str] = field(default_factory=list)
    requests: int = 0

    def send(self, request: OutgoingRequest) -> ReceivedResponse:
        """A `fakekit.drift.responses.Send`."""
        self.requests += 1
        headers = {"Authorization": f"Bearer {request.key.reveal()}"} if request.key is not None else {}
        answer = self.app.test_client().get(f"{BASE_PATH}/{request.target}", headers=headers)
        received = {n.lower(): v for n, v in answer.headers if n.lower() not in OWN_HEADERS}
        response = ReceivedResponse(answer.status_code, received, answer.data)
        path = f"{BASE_PATH}/{request.target.partition('?')[0]}"
        found = [e for e in find_endpoints(ENDPOINTS, path) if e.method == "GET"]
        asked = Asked(request, found[0] if found else None, self.requests)
        try:
            changed = self.change(asked, response)
        except Exception:
            self.bent.append(request.target)
            raise
        if changed != response:
            self.bent.append(request.target)
        return changed


def random_settings(random: Random, tenant: bool) -> Settings:
    """A world of any size and seed, in one of the two renderings of the vendor's pages."""
    customers = random.choice([0, 1, 3, 12, 12, 50])
    few = (
        {name: random.choice([0, 1, 12]) for name in ("sales", "items", "expenses")} if customers > 1 else {}
    )
    if few.get("sales"):
        few["items"] = 12
    return Settings.of(
        seed=random.randrange(10**6),
        customers=customers,
        phones=random.choice(["unassigned", "valid"]),
        invoice_prefix=random.choice(["INV-", "", "AC/"]),
        assumptions={"payload.tenant_fields": tenant},
        **few,
    )


def service(settings: Settings, change: Change = as_it_is) -> Service:
    return Service(create_app(settings), change)


def with_document(response: ReceivedResponse, document: Any) -> ReceivedResponse:
    """The response with another body, as JSON; the same one where that changes nothing."""
    body = json.dumps(document, ensure_ascii=False).encode() + b"\n"
    return response._replace(body=body, headers={**response.headers, "content-length": str(len(body))})


def document_of(response: ReceivedResponse) -> Any:
    """The JSON of a response; None for another body."""
    try:
        return json.loads(response.body)
    except ValueError:
        return None
