"""A program in this process whose requests pass through the gateway of `fakekit shadow`."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any, NamedTuple

import fakekit
from fakekit.drift.shadow import Shadow
from fakekit.drift.shadow_fake import ShadowFake
from fakekit.drift.shadow_gateway import ShadowGateway
from fakekit.server.authority import Authority
from fakekit.settings import Settings
from tests.helpers.processes import PATIENCE
from tests.helpers.vendor_api import SALE

OF_EFFECTS = ("conflict.status", "delete.cascade", "delete.stores", "sales.items", "sales.stock")
"""The assumptions of which only several requests together show something."""
GROUP = {"group_name": "VIP", "group_description": "Very"}
HEADERS = {
    "Authorization": "Bearer fk_program",
    "Host": "app.xtrakit.com",
    "Content-Type": "application/json",
}


LINE = {"item_name": "Kettle", "unit_price": "5.00", "quantity": "2"}


def sale(code: int, **fields: Any) -> dict[str, Any]:
    return {**SALE, "invoice_code": f"{code}", **fields}


class Program:
    """A program that calls the service through the gateway."""

    headers = HEADERS

    def __init__(self, connection: http.client.HTTPConnection) -> None:
        self.connection = connection

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The status and the JSON of a response."""
        sent = None if body is None else json.dumps(body)
        self.connection.request(method, f"/api/v1/{path}", sent, {**HEADERS, **headers})
        response = self.connection.getresponse()
        content = response.read()
        return response.status, json.loads(content) if content else None

    def add(self, path: str, fields: Mapping[str, Any]) -> Any:
        """The record that the program has added."""
        status, answer = self.send("POST", f"{path}/add", fields)
        assert status == 200, answer
        return next(iter(answer["data"].values()))


@contextmanager
def shadowing(service: fakekit.FakeServer, shadow: Shadow) -> Iterator[Program]:
    base_url = service.account("fk_program").base_url
    tls = Authority().server_context("app.xtrakit.com")
    gateway = ShadowGateway(base_url, tls, {}, None, shadow.report)
    with shadow.running():
        gateway.start()
        try:
            with closing(
                http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=PATIENCE)
            ) as connection:
                yield Program(connection)
        finally:
            gateway.stop()


@contextmanager
def served(**settings: Any) -> Iterator[fakekit.FakeServer]:
    server = fakekit.FakeServer(**settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def results(shadow: Shadow) -> dict[str, tuple[str, Any]]:
    """What was found of assumptions, by name."""
    return {r.name: (str(r.outcome), r.found) for r in shadow.make_report("service").assumptions}


def observed_effects(shadow: Shadow) -> dict[str, Any]:
    """Of the assumptions that several requests show, those that were observed: whether and with which value."""
    found = {name: results(shadow)[name] for name in OF_EFFECTS}
    return {name: result for name, result in found.items() if result[0] != "not observed"}


class Scenario(NamedTuple):
    """What a program and other users do, with a service that has some assumptions, and what is observed then."""

    run: Callable[[Program, fakekit.Handle], None]
    assumptions: Mapping[str, Any]
    expected: Mapping[str, Any]


class Scenarios(dict[str, Scenario]):
    """Scenarios by the names of their functions."""

    def expecting(
        self, expected: Mapping[str, Any], **assumptions: Any
    ) -> Callable[[Callable[[Program, fakekit.Handle], None]], None]:
        """Add the decorated function; assumptions: with ``_`` in the place of the dot."""

        def add(function: Callable[[Program, fakekit.Handle], None]) -> None:
            values = {name.replace("_", "."): value for name, value in assumptions.items()}
            self[function.__name__] = Scenario(function, values, expected)

        return add


def observe_scenario(scenario: Scenario, fake: fakekit.FakeServer) -> dict[str, Any]:
    """What a shadow observes of a scenario."""
    handle = fake.account("fk_program", Settings.of(assumptions=scenario.assumptions))
    shadow = Shadow(ShadowFake(Settings()))
    with shadowing(fake, shadow) as program:
        scenario.run(program, handle)
    assert shadow.failed == 0
    return observed_effects(shadow)
