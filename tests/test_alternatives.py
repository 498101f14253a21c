"""What an account answers under another value of an assumption; `test_conformance` has the samples."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import fakekit
from tests.helpers.vendor_api import Api

Under = Callable[[dict[str, Any]], tuple[Api, fakekit.Handle]]


@pytest.fixture(scope="module")
def fake() -> Iterator[fakekit.FakeServer]:
    server = fakekit.FakeServer()
    with server:
        yield server


@pytest.fixture
def under(fake: fakekit.FakeServer) -> Iterator[Under]:
    """Opens an account under assumptions, given like ``{"missing.status": 400}``."""
    opened: list[Api] = []

    def open_account(assumptions: dict[str, Any]) -> tuple[Api, fakekit.Handle]:
        handle = fake.account(f"fk_{uuid.uuid4().hex}", fakekit.Settings.of(assumptions=assumptions))
        opened.append(Api(handle.origin, handle.api_key))
        return opened[-1], handle

    yield open_account
    for api in opened:
        api.session.close()


RANGES = [
    ("created_at", "2010-03-04", ["at midnight", "by day"]),
    ("created_at", "2010-03-04 8:5:9", ["at midnight", "by day"]),
    ("own_field", "2010-03-04", []),
    ("own_field", "2010-04-01", ["at midnight"]),
    ("own_field", "2010-04-01 0:0:0", ["at midnight"]),
    ("own_field", "2010-04-30", ["at midnight", "by day"]),
    ("midnight", "2010-03-04", ["at midnight"]),
    ("midnight", "2010-03-04 8:5:9", ["at midnight", "by day"]),
]


@pytest.mark.parametrize(("value", "end", "left"), RANGES)
def test_what_the_end_of_a_range_is_compared_with(
    under: Under, value: str, end: str, left: list[str]
) -> None:
    api, handle = under({"filter.range": value})
    for name, created, changed in (
        ("at midnight", "2010-03-04 00:00:00", "2010-04-01 00:00:00"),
        ("by day", "2010-03-04 08:05:09", "2010-04-30 12:00:00"),
    ):
        handle.add("customer_groups", group_name=name, created_at=created, updated_at=changed)
    found = api.ask("GET", "customer-groups", created_at="2010-01-01", updated_at=end)
    assert [group["group_name"] for group in found.json()["data"]["groups"] if group["id"] > 5] == left
    told = "filter.range" if value == "created_at" else f"filter.range='{value}'"
    assert told in found.headers["Fakekit-Assumed"].split(", ")


def test_a_sale_without_a_due_date_is_due_in_no_range(under: Under) -> None:
    api, handle = under({"filter.range": "own_field"})
    for code, due in ((100200, None), (100201, "2010-03-04"), (100202, "2010-03-05")):
        handle.add("sales", invoice_code=code, due_date=due, created_at="2010-01-01 10:00:00")
    codes = [sale["invoice_code"] for sale in api.all("sales", due_date="2010-03-04")]
    assert codes == [100201]


@pytest.mark.parametrize(
    ("value", "left"), [("exact", ["Tools"]), ("contains", ["Tools", "Power tools", "TOOLS & Möbel"])]
)
def test_a_part_of_the_name_of_a_category(under: Under, value: str, left: list[str]) -> None:
    api, _ = under({"filter.category_name": value})
    for name in ("Tools", "Power tools", "TOOLS & Möbel", "Tool"):
        api.add("inventory/categories", category_name=name)
    assert [c["category_name"] for c in api.all("inventory/categories", category_name="Tools")] == left
