"""`fakekit shadow`: requests that were on their way at the same time, and what is concluded of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient

from fakekit.app import create_app
from fakekit.drift.observed_stream import PassedRequest
from fakekit.drift.shadow import Shadow
from fakekit.drift.shadow_fake import ShadowFake
from fakekit.settings import Settings
from tests.helpers.shadow import GROUP, observed_effects
from tests.helpers.vendor_api import CUSTOMER, ITEM, SALE

LINE = {"item_name": ITEM["item_name"], "unit_price": "5.00", "quantity": "2"}


@dataclass(eq=False)
class Service:
    """A service in this process whose responses reach the shadow when the test says so."""

    shadow: Shadow
    client: FlaskClient

    def send(self, method: str, path: str, body: Any = None) -> PassedRequest:
        """A request that the service has done, and whose response is still on its way."""
        headers = {"Authorization": "Bearer fk_program", "Content-Type": "application/json"}
        sent = b"" if body is None else json.dumps(body).encode()
        passed = PassedRequest(
            method, f"/api/v1/{path}", [(n.encode(), v.encode()) for n, v in headers.items()]
        )
        passed.body += sent
        response = self.client.open(passed.target, method=method, data=sent, headers=headers)
        passed.status, passed.response_body = response.status_code, bytearray(response.data)
        return passed

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The record of a response that came at once."""
        passed = self.send(method, path, body)
        self.shadow.report(passed)
        return next(iter(json.loads(passed.response_body)["data"].values())) if passed.response_body else None


def observed_of(run: Callable[[Service], None], **assumptions: Any) -> dict[str, Any]:
    shadow = Shadow(ShadowFake(Settings()))
    values = {name.replace("_", "."): value for name, value in assumptions.items()}
    client = create_app(Settings.of(assumptions=values)).test_client()
    with shadow.running():
        run(Service(shadow, client))
    assert shadow.failed == 0
    return observed_effects(shadow)


def delete_group(service: Service) -> None:
    """A group is deleted, and her customer after it is read."""
    group = service.ask("POST", "customer-groups/add", GROUP)["id"]
    key = service.ask("POST", "customers/add", {**CUSTOMER, "customer_group_id": group})["id"]
    service.ask("GET", f"customers/{key}")
    service.ask("DELETE", f"customer-groups/{group}")
    service.ask("GET", f"customers/{key}")


@pytest.mark.slow
def test_a_write_that_was_on_its_way_at_the_same_time_takes_back_what_was_concluded() -> None:
    """Whether its response comes later, or the client gives up, or too many requests wait."""

    def with_another(is_abandoned: bool) -> Callable[[Service], None]:
        def run(service: Service) -> None:
            other = service.send("DELETE", "customers/2")
            other.is_abandoned = is_abandoned
            delete_group(service)
            service.shadow.report(other)
            assert service.shadow.passed == (5 if is_abandoned else 6)

        return run

    assert observed_of(delete_group) == {"delete.cascade": ("confirmed", "keep")}
    assert observed_of(with_another(is_abandoned=False)) == {}
    assert observed_of(with_another(is_abandoned=True)) == {}


@pytest.mark.slow
def test_a_read_that_was_sent_before_the_response_to_the_write_says_nothing() -> None:
    def run(service: Service, is_early: bool) -> None:
        item = service.ask("POST", "inventory/items/add", ITEM)
        service.ask("GET", "inventory/items")
        path = f"inventory/items/{item['item_code'].strip()}"
        early = service.send("GET", path)
        service.ask("POST", "sales/add", {**SALE, "items": [LINE]})
        service.shadow.report(early) if is_early else service.ask("GET", path)

    assert observed_of(lambda service: run(service, is_early=False)) == {"sales.stock": ("confirmed", "kept")}
    assert observed_of(lambda service: run(service, is_early=True), sales_stock="reduced") == {}


@pytest.mark.slow
def test_a_list_that_may_be_older_than_an_edit_says_nothing_of_the_stock() -> None:
    """It shows as many as there are after the sale."""

    def run(service: Service) -> None:
        item = service.ask("POST", "inventory/items/add", ITEM)
        path = f"inventory/items/{item['item_code'].strip()}"
        early = service.send("GET", "inventory/items")
        service.ask("PUT", path, {**ITEM, "quantity": "14"})
        service.shadow.report(early)
        service.ask("POST", "sales/add", {**SALE, "items": [LINE]})
        assert service.ask("GET", path)["quantity"] == "12"

    assert observed_of(run, sales_stock="reduced") == {}


@pytest.mark.slow
def test_a_list_that_may_be_newer_than_a_sale_says_nothing_of_the_stock() -> None:
    def run(service: Service) -> None:
        item = service.ask("POST", "inventory/items/add", ITEM)
        sold = service.send("POST", "sales/add", {**SALE, "items": [LINE]})
        service.ask("GET", "inventory/items")
        service.shadow.report(sold)
        assert service.ask("GET", f"inventory/items/{item['item_code'].strip()}")["quantity"] == "10"

    assert observed_of(run, sales_stock="reduced") == {}


@pytest.mark.slow
def test_two_sales_at_once_of_which_one_is_refused_say_nothing_of_codes() -> None:
    """A service may refuse what it is working on."""

    def run(service: Service) -> None:
        first, second = service.send("POST", "sales/add", SALE), service.send("POST", "sales/add", SALE)
        service.shadow.report(first)
        service.shadow.report(second)
        assert (first.status, second.status) == (200, 409)

    assert observed_of(run) == {}


@pytest.mark.slow
def test_of_requests_that_came_too_fast_nothing_is_concluded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of them are not read, and may have written."""
    for waiting, expected in ((6, {"delete.cascade": ("confirmed", "keep")}), (5, {})):
        monkeypatch.setattr("fakekit.drift.shadow.MAX_WAITING", waiting)
        shadow = Shadow(ShadowFake(Settings()))
        service = Service(shadow, create_app(Settings()).test_client())
        delete_group(service)
        service.ask("GET", "sales")
        with shadow.running():
            pass
        assert observed_effects(shadow) == expected


@pytest.mark.slow
def test_a_program_that_has_seen_very_many_records_is_one_that_has_seen_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fakekit.drift.write_effects.MOST_RECORDS", 2)
    assert observed_of(delete_group) == {"delete.cascade": ("confirmed", "keep")}

    def run(service: Service) -> None:
        service.ask("GET", "customer-groups")
        service.ask("POST", "sales/add", SALE)
        service.ask("GET", "sales")
        assert service.send("POST", "sales/add", SALE).status == 409
        service.shadow.report(service.send("POST", "sales/add", SALE))

    assert observed_of(run) == {}
