"""What a field may be: each type as a request may spell it, and everything else refused by name."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakekit.resources import ENDPOINTS
from tests.helpers.processes import Server
from tests.helpers.raw_http import Reply
from tests.helpers.vendor_api import CUSTOMER, EXPENSE, ITEM, SALE, Wire, error_of

CODES = itertools.count(100_000)
SENT = {"customers": CUSTOMER, "sales": SALE, "inventory/items": ITEM, "expenses": EXPENSE}
PAYMENTS = (
    *("None", "Mobile Money", "Cash", "Bank Transfer / Deposit", "Cheque"),
    *("Card Payment", "Digital Payment", "Other Payment"),
)

ACCEPTED: dict[tuple[str, str], list[tuple[object, object]]] = {
    ("customers", "customer_group_id"): [(2, 2), ("2", 2), (2.0, 2), (None, None)],
    ("sales", "customer_id"): [(2, "2"), ("2", "2"), (2.0, "2")],
    ("sales", "invoice_code"): [("000008", 8), (123456.0, 123456), ("999999", 999999)],
    ("sales", "payment_date"): [("2024-02-29", "2024-02-29"), ("1999-12-31", "1999-12-31"), (None, None)],
    ("sales", "invoice_type"): [("main", "main"), ("pos", "pos"), ("order", "order")],
    ("sales", "payment_type"): [(word, word) for word in PAYMENTS],
    ("inventory/items", "online"): [(0, 0), (1, 1), ("1", 1), ("0", 0), (1.0, 1)],
    ("inventory/items", "quantity"): [(3, "3"), ("3", "3"), (2.5, "2.5"), ("0.125", "0.125"), (-1, "-1")],
    ("sales", "invoice_colour"): [("#00ff7A", "#00ff7A"), (None, None)],
    ("inventory/items", "status"): [(w, w) for w in ("available", "out of stock", "in-stock")],
    ("inventory/items", "unit_cost"): [("10", 10.0), ("10.5", 10.5), (10, 10.0), (99999999.99, 99999999.99)],
    ("expenses", "expense_amount"): [
        *(("10", "10.00"), ("10.5", "10.50"), (10, "10.00"), (10.50, "10.50"), (1e3, "1000.00")),
        *((-1, "-1.00"), ("-0.5", "-0.50"), (-0.0, "0.00"), (0.1 + 0.2, "0.30")),
        *(("99999999.99", "99999999.99"), (19.99, "19.99")),
    ],
}
NO_AMOUNTS: list[Any] = [
    *(10.005, "10.005", "1e3", "", " 10", "10,5", "+1", "٣", "1" * 9, 10**8, 10**400, 1e300, True),
    *([], {}, None, "9" * 5000, "NaN", "Infinity"),
]
NO_IDS: list[Any] = [True, 0, -1, 1.5, "1.0", "01", " 1", "x", "１", [1], {}, 10**18, 10**400, "9" * 5000]
NO_DATES: list[Any] = [
    *("2023-02-29", "2024-13-01", "2024-00-10", "0000-01-01", "2024-2-3", "2024-08-04 10:00:00"),
    *(20240804, "٢٠٢٤-٠١-٠١", "today", "2024-W01-1", [], True),
]
REFUSED: dict[tuple[str, str], list[Any]] = {
    ("customers", "customer_group_id"): NO_IDS,
    ("sales", "customer_id"): [*NO_IDS, None],
    ("sales", "invoice_code"): [
        *(
            7,
            99999,
            "7",
            "1234567",
            1000000,
            -1,
            True,
            1.5,
            "",
            "12345a",
            " 324233",
            "３２４２３３",
            None,
            10**400,
        ),
    ],
    ("inventory/items", "online"): [2, -1, "2", "01", True, False, "yes", 0.5, None, [1]],
    ("expenses", "expense_amount"): NO_AMOUNTS,
    ("sales", "total_amount"): NO_AMOUNTS,
    ("inventory/items", "unit_cost"): NO_AMOUNTS,
    ("inventory/items", "quantity"): ["1,000", " 3", "ten", "0.1255", 0.1255, True, 10**400, "", None, []],
    ("sales", "invoice_colour"): ["red", "FFFFFF", "#FFF", "#FFFFFF ", 0xFFFFFF],
    ("sales", "invoice_type"): ["shop", "POS", "invoice", "storefront", "", 1, None, ["pos"], {}],
    ("sales", "payment_type"): ["cash", "MOMO", "2024-08-04", "", 0, None, ["Cash"], {}],
    ("inventory/items", "status"): ["sold", "Available", "", 1, None, [], {}],
    ("sales", "payment_date"): NO_DATES,
    ("sales", "due_date"): NO_DATES,
    ("sales", "reminder_date"): NO_DATES,
    ("customers", "customer_name"): [1, True, [], {}, None],
    ("sales", "sales-item"): ["x", {}, 1, [1], ["x"], [[]], [{}], [None]],
}


@pytest.fixture
def wire(server: Server) -> Iterator[Wire]:
    connection = Wire(server.port)
    yield connection
    connection.http.close()


@pytest.mark.parametrize(("path", "name"), ACCEPTED)
def test_values_are_kept_as_the_records_spell_them(wire: Wire, path: str, name: str) -> None:
    for value, kept in ACCEPTED[path, name]:
        code = {"invoice_code": next(CODES)} if path == "sales" and name != "invoice_code" else {}
        found = wire.kept(path, {**SENT[path], **code, name: value})[name]
        assert found == kept, value
        assert type(found) is type(kept), value


@pytest.mark.parametrize(("path", "name"), REFUSED)
def test_values_outside_the_tables_are_refused_by_name(wire: Wire, path: str, name: str) -> None:
    for value in REFUSED[path, name]:
        error = wire.refused(path, {**SENT[path], name: value})
        assert error.startswith(name), (value, error)
        assert "; " not in error or name == "sales-item", (value, error)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("customers", {"customer_group_id": "2"}),
        ("inventory/items", {"unit_cost": "10", "online": "1"}),
    ],
)
def test_digits_in_a_string_for_an_int_are_an_assumption(
    wire: Wire, path: str, fields: dict[str, Any]
) -> None:
    code = {"invoice_code": f"{next(CODES)}"} if path == "sales" else {}
    assert "body.numbers" in assumed_of(wire.add(path, {**SENT[path], **code, **fields}))


def assumed_of(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.body
    return reply.headers["fakekit-assumed"].split(", ")


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("sales", {"customer_id": 1}),  # add-sale: int
        ("sales", {"customer_id": "42"}),  # edit-sale's sample; invoice_code is a string in both tables
        ("inventory/items", {"unit_cost": 1000, "item_price": 1500}),  # what a JSON writer makes of 1000.00
    ],
)
def test_a_number_as_the_pages_have_it_is_no_assumption(
    wire: Wire, path: str, fields: dict[str, Any]
) -> None:
    code = {"invoice_code": f"{next(CODES)}"} if path == "sales" else {}
    assert "body.numbers" not in assumed_of(wire.add(path, {**SENT[path], **code, **fields}))


def test_a_number_beyond_floats_is_refused(wire: Wire) -> None:
    for path, sent, name in (
        ("customers", CUSTOMER, "customer_group_id"),
        ("sales", SALE, "customer_id"),
        ("sales", SALE, "invoice_code"),
        ("sales", SALE, "amount_paid"),
        ("inventory/items", ITEM, "item_price"),
    ):
        for number in ("1e400", "-1e400", "1E+9999"):
            body = json.dumps({**sent, name: "~"}).replace('"~"', number).encode()
            assert wire.refused(path, body).startswith(f"{name} must be ")


WRONG: dict[str, Any] = {
    "invoice_code": "sent-1",
    "invoice_number": ["sent-2"],
    "customer_id": "sent-3",
    "sub_total_amount": "sent-4",
    "total_amount": {"sent-5": 1},
    "amount_paid": True,
    "discount": "sent-6",
    "invoice_type": "sent-7",
    "invoice_colour": 70007,
    "payment_date": "sent-8",
    "payment_type": "sent-9",
    "issued_by": 70007,
    "due_date": "sent-10",
    "sales-item": [{"item_name": 70007, "unit_price": "sent-11"}],
}


def test_every_field_at_fault_is_named_and_no_value_repeated(wire: Wire) -> None:
    reply = wire.add("sales", WRONG)
    assert reply.status == 422
    named = [part.split()[0] for part in error_of(reply).split("; ")]
    below = ["sales-item[0].item_name", "sales-item[0].unit_price", "sales-item[0].quantity"]
    assert sorted(named) == sorted([*list(WRONG)[:-1], *below])
    for sent in ("sent-", "70007", "True"):
        assert sent not in error_of(reply)
        assert sent not in str(reply.headers)


@pytest.mark.parametrize(
    ("path", "required"),
    [("customers", CUSTOMER), ("sales", SALE), ("inventory/items", ITEM), ("expenses", EXPENSE)],
)
def test_what_is_missing_is_named(wire: Wire, path: str, required: dict[str, Any]) -> None:
    told = wire.refused(path, {}).split("; ")
    assert sorted(told) == sorted(f"{name} is required" for name in required)
    for name in required:
        rest = {other: value for other, value in required.items() if other != name}
        assert wire.refused(path, rest) == f"{name} is required"


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["\ud800", "1", "0.5"]),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=9), below, max_size=3),
    max_leaves=6,
)
lines = st.lists(
    st.fixed_dictionaries(
        {"item_name": st.text() | values, "unit_price": st.integers(0, 9) | values, "quantity": st.just("1") | values},
        optional={"tax": values, "description": values, "id": values, "created_at": values},
    ),
    max_size=3,
)  # fmt: skip


def holds(reply: Reply, operation: str) -> None:
    assert reply.status in (200, 409, 422), reply.body
    if reply.status == 200:
        endpoint = next(e for e in ENDPOINTS if e.operation == operation)
        assert endpoint.envelope.check(reply.json()) == {}


def fields_of(operation: str) -> list[str]:
    endpoint = next(e for e in ENDPOINTS if e.operation == operation)
    assert endpoint.body is not None
    return list(endpoint.body.schema.fields)


@pytest.mark.parametrize(("path", "sent"), [("sales", SALE), ("inventory/items", ITEM)])
def test_any_value_of_any_field(wire: Wire, path: str, sent: dict[str, Any]) -> None:
    operation = {"sales": "add_sale"}.get(path, "add_item")

    @settings(max_examples=20, deadline=None)
    @given(st.dictionaries(st.sampled_from(fields_of(operation)), values, min_size=1, max_size=3), lines)
    def check(odd: dict[str, Any], items: list[Any]) -> None:
        code = {"invoice_code": next(CODES), "sales-item": items} if path == "sales" else {}
        for body in ({**sent, **code, **odd}, {**sent, **code}):
            reply = wire.send("POST", f"{path}/add", json.dumps(body).encode())
            holds(wire.checked(reply), operation)

    check()
    assert wire.http.sock is wire.sock
