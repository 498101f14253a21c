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
from tests.helpers.alternatives import SHOWN, Value, alternatives
from tests.helpers.processes import PATIENCE
from tests.helpers.project import ROOT
from tests.helpers.samples import (
    ADD_EXPENSE,
    EDIT_EXPENSE,
    ELIDED,
    FORMS,
    HOLES,
    SAMPLES,
    Sample,
    at,
)


class World:
    """The documented records and no others, under one other value of an assumption, or under none."""

    keys = itertools.count()

    def __init__(
        self, server: fakekit.FakeServer, override: tuple[str, Value], http: requests.Session
    ) -> None:
        self.server, self.override, self.http = server, override, http
        self.tenant = override != ("payload.tenant_fields", False)
        self.arrays = override != ("list.shape", "object")

    def ask(self, key: str, asked: str, body: Any = None) -> requests.Response:
        method, path = asked.split(" ", 1)
        account = self.server.account(key)
        headers = dict(account.headers)
        if isinstance(body, bytes):
            headers |= {"Content-Type": "application/json", "Content-Encoding": "gzip"}
            return self.http.request(method, account.url(path), data=body, headers=headers, timeout=PATIENCE)
        return self.http.request(method, account.url(path), json=body, headers=headers, timeout=PATIENCE)

    def first(self, records: Any) -> Any:
        """The first record of a list whose page prints one object."""
        return records[0] if self.arrays else records

    def answer(self, sample: Sample) -> requests.Response:
        """What the sample's request is answered, by an account of its own if it writes."""
        key = "fk_reader" if sample.method == "GET" and not sample.listed else f"fk_{next(self.keys)}"
        if sample.listed:
            for _ in range(19):
                self.server.account(key).add(sample.listed)
        return self.ask(key, sample.request, sample.body)

    def statuses(self, sample: Sample) -> tuple[int, int]:
        """The status of the sample's answer, and the one in its body."""
        if sample.method != "POST":
            return 200, 200
        status, body_status = (201 if self.override == (f"create.{n}", 201) else 200 for n in CREATED)
        return status, body_status

    def printed(self, sample: Sample) -> dict[str, Any]:
        """What the page prints, in the rendering and with the form of lists of this world."""
        body = {**sample.answer(self.tenant), "status": self.statuses(sample)[1]}
        if sample.listed and not self.arrays:
            ((key, records),) = body["data"].items()
            body["data"] = {key: records[0]}
        return body

    def holes(self, name: str) -> list[tuple[str, str]]:
        """What is not compared in the answer of a sample."""
        holes = HOLES.get(name, [])
        if self.arrays or not SAMPLES[name].listed:
            return holes
        return [(path.replace("[0]", ""), why) for path, why in holes if why != ELIDED]


CREATED = ("status", "body_status")
PLAIN = ("", "")
"""No other value of any assumption."""


@pytest.fixture(
    scope="module", params=[PLAIN, *alternatives()], ids=lambda o: "=".join(map(str, o)).replace(" ", "_")
)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    name, value = request.param
    server = fakekit.FakeServer(
        customers=0,
        fixtures=[ROOT / "fixtures" / "documented"],
        assumptions={name: value} if name else {},
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
    sample, holes = SAMPLES[name], world.holes(name)
    answer, printed = world.answer(sample), world.printed(sample)
    assert answer.status_code == world.statuses(sample)[0], name
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert json.dumps(filled(body, printed, holes)) == json.dumps(printed)
    assert sorted(differences(printed, body)) == sorted(path for path, _ in holes)
    if sample.listed and world.arrays:
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
    answer = world.http.get(
        world.server.account("fk_reader").url("customers/1"), headers=headers, timeout=PATIENCE
    )
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
        world.first(world.ask(key, "GET expenses").json()["data"]["expenses"]),
        world.ask(key, "GET expenses/2").json()["data"]["expense"],
        world.ask(key, "PUT expenses/2", EDIT_EXPENSE).json()["data"]["expense"],
    ]
    assert len(others) == 3
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


def test_another_value_of_an_assumption_shows(world: World) -> None:
    if world.override == PLAIN:
        return
    shown, (name, value) = SHOWN[world.override], world.override
    answer = world.ask(f"fk_{next(world.keys)}", shown.request, shown.body)
    assert (answer.status_code, shown.text in answer.text) == (shown.status, True), answer.text
    told = f"{name}='{value}'" if isinstance(value, str) else f"{name}={str(value).lower()}"
    assert told in answer.headers["Fakekit-Assumed"].split(", ")


def test_no_other_value_shows_unless_it_is_set(world: World) -> None:
    for name, value in alternatives() if world.override == PLAIN else []:
        shown = SHOWN[name, value]
        answer = world.ask(f"fk_{next(world.keys)}", shown.request, shown.body)
        if shown.text:
            assert (answer.status_code, shown.text in answer.text) != (shown.status, True), name
        assert f"{name}=" not in answer.headers.get("Fakekit-Assumed", "")


def test_every_other_value_is_known_here() -> None:
    assert list(SHOWN) == alternatives()
