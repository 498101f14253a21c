"""The vendor's samples are the conformance suite: each is asserted whole against what HTTP answers.

The samples are typed in from the pages, both renderings in one text: `user_id` and `business_code` stand
in one of them, `item_images` in the other. A dictionary is compared with the order of its keys, a number
with its type, so what is compared is the JSON text. What a page elides, cuts off or fills with a
placeholder is in `HOLES`, and nothing else is let through.

Known in one rendering only, and asserted in the other as its siblings' is: Fetch and Edit Customer Group
(without tenant fields), List Items (with them).

Edit Sale and Edit Expense are cut off before their answers; theirs here are put together from their
siblings (assumptions `cut.by_sibling` and `message.by_analogy`).
"""

from __future__ import annotations

import copy
import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

import fakekit
from tests.helpers.project import ROOT
from tests.helpers.samples import (
    ADD_EXPENSE,
    ADD_GROUP,
    ADD_SALE,
    EDIT_EXPENSE,
    FORMS,
    HOLES,
    OVERRIDES,
    SAMPLES,
    Sample,
    at,
)


class World:
    """The documented records and no others, under one override; every key has them for itself."""

    keys = itertools.count()

    def __init__(self, server: fakekit.FakeServer, override: tuple[str, Any], http: requests.Session) -> None:
        self.server, self.override, self.http = server, override, http
        self.tenant = override != ("payload.tenant_fields", False)
        self.created = 201 if override == ("create.status", 201) else 200

    def ask(self, key: str, asked: str, body: Any = None) -> requests.Response:
        method, path = asked.split()
        account = self.server.account(key)
        return self.http.request(method, account.url(path), json=body, headers=account.headers, timeout=5)

    def answer(self, sample: Sample) -> requests.Response:
        """What the sample's request is answered, by an account of its own if it writes."""
        key = "fk_reader" if sample.method == "GET" and not sample.listed else f"fk_{next(self.keys)}"
        if sample.listed:
            path, body = sample.listed
            for n in range(19):
                more = {**body, "invoice_code": str(500000 + n)} if "invoice_code" in body else body
                assert self.ask(key, f"POST {path}", more).status_code == self.created
        return self.ask(key, sample.request, sample.body)


@pytest.fixture(scope="module", params=OVERRIDES, ids=lambda o: f"{o[0]}={o[1]}".replace(" ", "_"))
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    name, value = request.param
    server = fakekit.FakeServer(
        customers=0, fixtures=[ROOT / "fixtures" / "documented"], assumptions={name: value}
    )
    with server, requests.Session() as http:
        yield World(server, (name, value), http)


def filled(answer: Any, sample: Any, holes: list[tuple[str, str]]) -> Any:
    """The answer with what the sample prints in each of its holes; what stood there has its form."""
    answer = copy.deepcopy(answer)
    for path, why in holes:
        holder, key = at(answer, path)
        assert re.fullmatch(FORMS[why], json.dumps(holder[key])), path
        printed, there = at(sample, path)
        holder[key] = printed[there]
    return answer


def differences(sample: Any, answer: Any, path: str = "") -> Iterator[str]:
    """Every path at which an answer is not, to the letter, what the sample prints."""
    if isinstance(sample, dict) and isinstance(answer, dict) and list(sample) == list(answer):
        for name, value in sample.items():
            yield from differences(value, answer[name], f"{path}.{name}" if path else name)
        return
    if (
        isinstance(sample, list)
        and isinstance(answer, list)
        and (sample[-1] == "..." or len(sample) == len(answer))
    ):
        known = sample[:-1] if sample[-1] == "..." else sample
        for n, value in enumerate(known):
            yield from differences(value, answer[n], f"{path}[{n}]")
        if known != sample:
            yield f"{path}[{len(known)}:]"
        return
    if json.dumps(sample) != json.dumps(answer):
        yield path


def test_every_sample_is_answered_whole(world: World) -> None:
    for name in SAMPLES:
        assert_is_answered_whole(world, name)


def assert_is_answered_whole(world: World, name: str) -> None:
    sample = SAMPLES[name]
    answer, printed = world.answer(sample), sample.answer(world.tenant)
    assert answer.status_code == (world.created if sample.method == "POST" else 200), name
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert json.dumps(filled(body, printed, HOLES.get(name, []))) == json.dumps(printed)
    assert sorted(differences(printed, body)) == sorted(path for path, _ in HOLES.get(name, []))
    if sample.listed:
        (records,) = body["data"].values()
        assert len(records) == 20
        assert {tuple(record) for record in records} == {tuple(records[0])}


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({}, '{"status": 401, "error": "Unauthorized: Missing Bearer Token"}'),
        ({"Authorization": "Bearer API_KEY"}, '{"status": 401, "error": "Unauthorized: Invalid API Key"}'),
    ],
)
def test_the_two_401_samples(world: World, headers: dict[str, str], text: str) -> None:
    answer = world.http.get(world.server.account("fk_reader").url("customers/1"), headers=headers, timeout=5)
    assert answer.status_code == 401
    assert json.dumps(answer.json()) == text


def test_every_hole_is_of_a_sample_and_has_a_reason() -> None:
    assert set(HOLES) <= set(SAMPLES)
    assert {why for holes in HOLES.values() for _, why in holes} == set(FORMS)


def test_only_the_rendering_without_tenant_fields_has_images(world: World) -> None:
    item = world.ask("fk_reader", "GET inventory/items/Jce84a50").json()["data"]["item"]
    assert ("user_id" in item, "business_code" in item) == (world.tenant, world.tenant)
    assert [image["id"] for image in item.get("item_images", [])] == ([] if world.tenant else [11, 14, 15])
    assert ("item_images" in item) is not world.tenant


def test_of_expenses_only_the_added_one_has_tenant_fields(world: World) -> None:
    key = f"fk_{next(world.keys)}"
    added = world.ask(key, "POST expenses/add", ADD_EXPENSE).json()["data"]["expense"]
    assert list(added)[:2] == (["id", "user_id"] if world.tenant else ["id", "expense_type"])
    assert ("business_code" in added) is world.tenant
    others = [
        *world.ask(key, "GET expenses").json()["data"]["expenses"],
        world.ask(key, "GET expenses/2").json()["data"]["expense"],
        world.ask(key, "PUT expenses/2", EDIT_EXPENSE).json()["data"]["expense"],
    ]
    assert len(others) == 4
    assert not [other for other in others if {"user_id", "business_code"} & set(other)]


def test_an_invoice_code_is_a_number_in_the_sale_and_text_in_its_lines(world: World) -> None:
    text = world.ask("fk_reader", "GET sales/324232").text
    assert text.count('"invoice_code": 324232,') == 1
    assert text.count('"invoice_code": "324232",') == 1


def test_money_is_text_in_sales_and_expenses_and_a_number_in_items(world: World) -> None:
    assert '"total_amount": "200.00"' in world.ask("fk_reader", "GET sales").text
    assert '"expense_amount": "200.00"' in world.ask("fk_reader", "GET expenses/1").text
    assert '"unit_cost": 1000.0,' in world.ask("fk_reader", "GET inventory/items").text


def test_an_item_code_keeps_the_space_in_front(world: World) -> None:
    for path in ("inventory/items/Jce84a50", "inventory/items/%20Jce84a50", "inventory/items"):
        assert '"item_code": " Jce84a50"' in world.ask("fk_reader", f"GET {path}").text


# By override: a request, its body, the status and how the answer begins.
SHOWN: dict[str, tuple[str, Any, int, str]] = {
    "missing.status": ("GET customers/99", None, 400, '{"status": 400, "error": "Customer not found"}'),
    "missing.error": ("GET customers/99", None, 404, '{"status": 404, "error": "No such Customer"}'),
    "create.status": ("POST customer-groups/add", ADD_GROUP, 201, '{"status": 200, "message": "Group added'),
    "invalid.status": (
        "POST customer-groups/add",
        {},
        400,
        '{"status": 400, "error": "group_name is required"}',
    ),
    "conflict.status": (
        "POST sales/add",
        {**ADD_SALE, "invoice_code": "324232"},
        422,
        '{"status": 422, "error": ',
    ),
    "delete.status": (
        "DELETE customers/1",
        None,
        200,
        '{"status": 200, "message": "Customer deleted successfully"',
    ),
    "sales.items": ("POST sales/add", {**ADD_SALE, "sales-item": [], "items": []}, 200, '{"status": 200, '),
    "sales.stock": (
        "POST sales/add",
        {**ADD_SALE, "items": [{"item_name": "HP Laptop", "unit_price": "1500.00", "quantity": "2"}]},
        200,
        '{"status": 200, "message": "Sale added successfully"',
    ),
    "values.negative": (
        "POST expenses/add",
        {**ADD_EXPENSE, "expense_amount": "-1.00"},
        422,
        '{"status": 422, "error": "expense_amount may not be negative"}',
    ),
}
TOLD = {
    "missing.status": "missing.status=400",
    "missing.error": "missing.error='No such {noun}'",
    "create.status": "create.status=201",
    "invalid.status": "invalid.status=400",
    "conflict.status": "conflict.status=422",
    "delete.status": "delete.status=200",
    "values.negative": "values.negative='refused'",
    "sales.items": "sales.items='{value}'",
    "sales.stock": "sales.stock='reduced'",
}
"""What Fakekit-Assumed says, by override."""


def test_an_override_shows(world: World) -> None:
    name, value = world.override
    if name == "payload.tenant_fields":
        assert ('"user_id"' in world.ask("fk_reader", "GET customers/1").text) is value
        return
    asked, body, status, text = SHOWN[name]
    answer = world.ask(f"fk_{next(world.keys)}", asked, body)
    assert answer.status_code == status
    assert answer.text.startswith(text)
    assert TOLD[name].replace("{value}", str(value)) in answer.headers["Fakekit-Assumed"].split(", ")


def test_without_an_override_the_defaults_hold(world: World) -> None:
    defaults = {
        "missing.status": 404,
        "missing.error": 404,
        "create.status": 200,
        "invalid.status": 422,
        "conflict.status": 409,
        "delete.status": 204,
    }
    for name, status in defaults.items():
        if name == world.override[0] or {name, world.override[0]} == {"missing.status", "missing.error"}:
            continue
        asked, body, _, _ = SHOWN[name]
        answer = world.ask(f"fk_{next(world.keys)}", asked, body)
        assert answer.status_code == status, name
        assert TOLD[name] not in answer.headers["Fakekit-Assumed"].split(", ")
        assert name in answer.headers["Fakekit-Assumed"].split(", ")
