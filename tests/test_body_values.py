"""Alike for alike: a quantity, a code or an amount is read the same way in every body that has one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import fakekit
from tests.helpers.vendor_api import EXPENSE, ITEM, SALE, Api

LINE = {"item_name": "Soap", "unit_price": "5.00", "quantity": "1"}
REFUSED = object()
"""Stands for a 422 that names the field."""
AMOUNT, PRICE = "amount in text", "amount as a number"
QUANTITY, CODE, COLOUR = "quantity", "code", "colour"

# What comes, and what a record has then.
READ: dict[str, list[tuple[Any, Any]]] = {
    AMOUNT: [
        *(
            (0.1 + 0.2, "0.30"),
            (10, "10.00"),
            ("10", "10.00"),
            (10.5, "10.50"),
            ("10.50", "10.50"),
            ("0", "0.00"),
        ),
        *((-5, "-5.00"), ("-5", "-5.00"), ("-0.5", "-0.50"), (99999999.99, "99999999.99")),
    ],
    PRICE: [
        *((0.1 + 0.2, 0.3), (10, 10.0), ("10", 10.0), (10.5, 10.5), ("10.50", 10.5), ("0", 0.0)),
        *((-5, -5.0), ("-5", -5.0), ("-0.5", -0.5), (99999999.99, 99999999.99)),
    ],
    QUANTITY: [
        *(
            (10, "10"),
            ("10", "10"),
            (10.5, "10.5"),
            ("10.50", "10.50"),
            ("0", "0"),
            (2.0, "2"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.3"),
        ),
        *((-5, "-5"), ("-5", "-5"), ("-0.5", "-0.5"), ("0.125", "0.125"), (0.125, "0.125")),
    ],
    CODE: [("123456", 123456), (123456, 123456), ("004232", 4232)],
    COLOUR: [("#FFFFFF", "#FFFFFF"), ("#00ff7A", "#00ff7A")],
}
NO_NUMBER: list[Any] = ["1,000", "1 000", "1.000,00", " 10", "10 ", " ", "+1", "1e3", "ten", "٣", "0x10"]
NO_NUMBER += [True, [], {}, 10**8, "1" * 9, "10.", ".5", "--1"]
NO: dict[str, list[Any]] = {
    AMOUNT: [*NO_NUMBER, "10.005", 10.005],
    PRICE: [*NO_NUMBER, "10.005", 10.005],
    QUANTITY: [*NO_NUMBER, "0.1255", 0.1255, "12 pcs"],
    CODE: [*NO_NUMBER, "12345", "1234567", 1234567, "-12345", -123456, "123456.0", "12345a"],
    COLOUR: ["red", "FFFFFF", "#FFF", "#FFFFFG", "#FFFFFFFF", " #FFFFFF", 0xFFFFFF, True],
}
# By body, the fields of each kind; one in a line is written with the lines in front.
BODIES: dict[str, dict[str, str]] = {
    "POST sales/add": {
        **dict.fromkeys(("sub_total_amount", "total_amount", "amount_paid", "discount"), AMOUNT),
        **{"sales-item.unit_price": AMOUNT, "sales-item.tax": AMOUNT, "sales-item.quantity": QUANTITY},
        **{"invoice_code": CODE, "invoice_colour": COLOUR},
    },
    "POST inventory/items/add": {
        **dict.fromkeys(("unit_cost", "item_price", "previous_price"), PRICE),
        **dict.fromkeys(("quantity", "minimum_qty_alert"), QUANTITY),
    },
    "POST expenses/add": {"expense_amount": AMOUNT},
}
BODIES["PUT sales/edit/324232"] = BODIES["PUT stores/32"] = BODIES["POST sales/add"]
BODIES["PUT inventory/items/Jce84a50"] = BODIES["POST inventory/items/add"]
BODIES["PUT expenses/1"] = BODIES["POST expenses/add"]
SENT: dict[str, dict[str, Any]] = {"sales": SALE, "stores": SALE, "inventory": ITEM, "expenses": EXPENSE}
CASES = [(asked, name, kind) for asked, names in BODIES.items() for name, kind in names.items()]


@pytest.fixture(scope="module")
def origins() -> Iterator[dict[str, str]]:
    """Where two fakes are, by whether values below zero are accepted or refused there."""
    refusing = fakekit.FakeServer(assumptions={"values.negative": "refused"})
    with fakekit.FakeServer() as accepting, refusing as handle:
        yield {"accepted": accepting.origin, "refused": handle.origin}


@pytest.fixture
def api(origins: dict[str, str]) -> Iterator[Api]:
    with Api(origins["accepted"]) as asking:
        yield asking


@pytest.fixture
def refusing_api(origins: dict[str, str]) -> Iterator[Api]:
    with Api(origins["refused"]) as asking:
        yield asking


def body_with(asked: str, name: str, value: Any) -> dict[str, Any]:
    """A body that is accepted, but for one field; the store keeps its code."""
    sent = SENT[asked.split()[1].split("/")[0]]
    sent = {n: v for n, v in sent.items() if n != "invoice_code" or "add" in asked}
    outer, _, nested = name.partition(".")
    return {**sent, outer: [{**LINE, nested: value}] if nested else value}


def kept(api: Api, asked: str, name: str, value: Any) -> Any:
    """What the record has of a field that was sent; `REFUSED` when it was not accepted, by its name."""
    method, path = asked.split()
    answer = api.ask(method, path, body_with(asked, name, value))
    if answer.status_code != 200:
        assert answer.status_code == 422, answer.text
        assert answer.json()["error"].startswith(name.replace("item.", "item[0].")), answer.text
        return REFUSED
    record = next(iter(answer.json()["data"].values()))
    outer, _, nested = name.partition(".")
    if path.startswith("sales") or path == "stores/32":
        whole = api.get(f"sales/{record['invoice_code']:06d}")
        record = whole["sales-item"][0] if nested else whole["sales"]
        restore = api.delete if "add" in path else lambda _: api.edit("stores/32", invoice_code="324232")
        restore(f"sales/{whole['sales']['invoice_code']:06d}")
    return record[nested or outer]


@pytest.mark.slow
@pytest.mark.parametrize(("asked", "name", "kind"), CASES)
def test_a_kind_of_value_is_read_the_same_way_in_every_body(
    api: Api, asked: str, name: str, kind: str
) -> None:
    expected = [*READ[kind], *[(value, REFUSED) for value in NO[kind]]]
    assert [(value, kept(api, asked, name, value)) for value, _ in expected] == expected


@pytest.mark.parametrize(
    ("asked", "name", "told"),
    [
        ("POST expenses/add", "expense_amount", "expense_amount may not be negative"),
        ("PUT inventory/items/Jce84a50", "unit_cost", "unit_cost may not be negative"),
        ("PUT inventory/items/Jce84a50", "quantity", "quantity may not be negative"),
        ("POST sales/add", "discount", "discount may not be negative"),
        ("PUT stores/32", "sales-item.unit_price", "sales-item[0].unit_price may not be negative"),
        ("PUT sales/edit/324232", "sales-item.quantity", "sales-item[0].quantity may not be negative"),
    ],
)
def test_a_value_below_zero_is_accepted_by_an_assumption_that_can_be_set(
    api: Api, refusing_api: Api, asked: str, name: str, told: str
) -> None:
    method, path = asked.split()
    for value in (-1, "-0.5"):
        answer = api.ask(method, path, body_with(asked, name, value))
        assert answer.status_code == 200 or (answer.status_code, value) == (409, "-0.5")
        assert "values.negative" in answer.headers["Fakekit-Assumed"].split(", ")
        refused = refusing_api.ask(method, path, body_with(asked, name, value))
        assert (refused.status_code, refused.json()["error"]) == (422, told)
        assert "values.negative='refused'" in refused.headers["Fakekit-Assumed"].split(", ")
    zero = refusing_api.ask(method, path, body_with(asked, name, 0))
    assert "values.negative" not in zero.headers["Fakekit-Assumed"]


@pytest.mark.parametrize(
    ("asked", "name", "value", "is_assumed"),
    [
        ("PUT inventory/items/Jce84a50", "quantity", 3, True),
        ("PUT inventory/items/Jce84a50", "quantity", "3", False),
        ("PUT stores/32", "sales-item.quantity", 3, True),
        ("PUT stores/32", "sales-item.unit_price", 3, False),
    ],
)
def test_a_quantity_as_a_number_is_an_assumption(
    api: Api, asked: str, name: str, value: Any, is_assumed: bool
) -> None:
    method, path = asked.split()
    answer = api.ask(method, path, body_with(asked, name, value))
    assert ("body.numbers" in answer.headers["Fakekit-Assumed"].split(", ")) is is_assumed


def test_text_that_is_required_and_empty_is_missing_or_text_as_the_assumption_says(api: Api) -> None:
    """The other bodies and ways to send it are in test_empty_values.py."""
    for path, sent, name in (
        ("sales", SALE, "invoice_number"),
        ("inventory/items", ITEM, "item_name"),
        ("expenses", EXPENSE, "expense_type"),
    ):
        answer = api.ask("POST", f"{path}/add", {**sent, name: ""})
        assert (answer.status_code, answer.json()["error"]) == (422, f"{name} is required")
        assert "values.empty" in answer.headers["Fakekit-Assumed"].split(", ")
