"""How many records are generated, which phone numbers customers have, and a project that pins its world."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
import requests

import fakekit
from fakekit.world.names import NEWEST_TESTED
from tests.helpers.commands import cli
from tests.helpers.processes import PATIENCE
from tests.helpers.pytest_runs import run

WORLD = "580196e8a3ea"
OTHER = (
    "world: is 9d2bf812d580, but fakekit 0.1.0 generates world 580196e8a3ea, where a seed has other records; install "
    "the fakekit that the project had, or look at the new records (fakekit generate -o world.json), mend what relies "
    'on the old ones; write world = "580196e8a3ea"'
)


def generate(folder: Path, *options: str) -> Any:
    """The records of a world, by resource."""
    file = folder / "world.json"
    done = cli("generate", *options, "-o", str(file))
    assert done.returncode == 0, done.stderr
    return json.loads(file.read_text("utf-8"))


def ids(records: list[dict[str, Any]]) -> list[int]:
    return [record["id"] for record in records]


def test_each_number_of_records_can_be_set(tmp_path: Path) -> None:
    world = generate(tmp_path, "--customers", "4", "--sales", "40", "--items", "30", "--expenses", "12")
    assert ids(world["customers"]) == [1, 2, 3, 4]
    assert ids(world["sales"]) == list(range(1, 41))
    assert ids(world["items"]) == list(range(1, 31))
    assert ids(world["expenses"]) == list(range(1, 13))
    generated = [sale for sale in world["sales"] if sale["id"] != 32]  # the documented one is to customer 42
    assert {sale["customer_id"] for sale in generated} == {"2", "3", "4"}
    names = {item["item_name"] for item in world["items"]}
    assert {line["item_name"] for sale in generated for line in sale["sales-item"]} <= names


def test_by_default_they_follow_from_the_customers(tmp_path: Path) -> None:
    world = generate(tmp_path, "--customers", "20")
    assert {name: len(records) for name, records in world.items() if isinstance(records, list)} == {
        "customers": 20,
        "customer_groups": 5,
        "sales": 38,
        "items": 24,
        "item_categories": 10,
        "expenses": 30,
    }


def test_none_of_a_resource_leaves_those_of_the_others(tmp_path: Path) -> None:
    world = generate(tmp_path, "--customers", "6", "--sales", "0", "--items", "0", "--expenses", "0")
    assert ids(world["customers"]) == [1, 2, 3, 4, 5, 6]
    assert (world["sales"], world["items"], world["expenses"]) == ([], [], [])
    items = generate(tmp_path, "--customers", "0", "--items", "8")
    assert (ids(items["items"]), items["customers"], items["sales"]) == ([1, 2, 3, 4, 5, 6, 7, 8], [], [])


def test_sales_without_anybody_to_sell_to_are_refused() -> None:
    done = cli("generate", "--customers", "1", "--sales", "5")
    assert done.returncode == 2
    assert done.stderr == (
        "error: sales: needs two customers and two items to be of; write two of both, or sales = 0\n"
    )


def test_another_number_of_records_changes_none_that_there_are(tmp_path: Path) -> None:
    small = generate(tmp_path, "--customers", "30", "--expenses", "10")
    large = generate(tmp_path, "--customers", "90", "--expenses", "70")
    for name in ("customers", "sales", "items", "expenses"):
        assert large[name][: len(small[name])] == small[name]


def test_a_note_says_how_to_get_more_expenses(xtrakit: fakekit.Handle) -> None:
    with pytest.raises(fakekit.FakekitError) as caught:
        xtrakit.record("expenses", 31)
    assert str(caught.value) == (
        'expenses 31: does not exist: the generated expenses end at 30; write add("expenses", id=31), '
        "or mark the test @pytest.mark.fakekit(expenses=31)"
    )


def test_seeds_differ_in_categories_items_and_prices(tmp_path: Path) -> None:
    one, two = (generate(tmp_path, "--customers", "2", "--seed", seed) for seed in ("1", "2"))
    categories = [
        {c["category_name"] for c in world["item_categories"] if c["id"] < 7} for world in (one, two)
    ]
    assert len(categories[0]) == len(categories[1]) == 6
    assert categories[0] != categories[1]
    products = [{item["item_name"] for item in world["items"][1:]} for world in (one, two)]
    assert len(products[0] & products[1]) < 12
    prices = [{item["item_name"]: item["item_price"] for item in world["items"][1:]} for world in (one, two)]
    assert all(prices[0][name] != prices[1][name] for name in sorted(products[0] & products[1])[:2])
    assert one["items"][0] == two["items"][0]  # documented


def test_personas_of_sales_items_and_expenses_are_the_same_in_every_seed(tmp_path: Path) -> None:
    for seed in ("1", "-5", "20261126"):
        world = generate(tmp_path, "--customers", "9", "--seed", seed)
        sales, items, expenses = (
            {r["id"]: r for r in world[name]} for name in ("sales", "items", "expenses")
        )
        assert (sales[2]["payment_status"], sales[2]["amount_paid"]) == ("draft", "0.00")
        assert sales[3]["payment_status"] == "partial"
        assert sales[3]["due_date"] < "2024-08-20"
        assert 80_000_000 < float(sales[4]["total_amount"]) < 100_000_000
        assert len(sales[4]["sales-item"]) == 1
        assert len(sales[5]["sales-item"]) == 200
        assert len(sales[6]["invoice_note"]) > 1000
        assert (items[2]["quantity"], items[2]["status"]) == ("0", "out of stock")
        assert len(items[3]["description"]) > 1000
        assert items[4]["description"] is items[4]["sku"] is items[4]["item_slug"] is None
        assert expenses[2]["expense_amount"] == "99999999.99"
        assert len(expenses[3]["expense_description"]) > 1000
        assert expenses[4]["expense_description"] is expenses[4]["expense_image"] is None


@pytest.mark.parametrize(("phones", "is_valid"), [("unassigned", False), ("valid", True)])
def test_libphonenumber_accepts_numbers_if_they_are_to_be_valid(
    tmp_path: Path, phones: str, is_valid: bool
) -> None:
    people = generate(tmp_path, "--customers", "120", "--phones", phones)["customers"][1:]
    numbers = {c["customer_phone"]: c["customer_country"] for c in people}
    numbers |= {c["customer_whatsapp"]: c["customer_country"] for c in people if c["customer_whatsapp"]}
    assert len(numbers) > 120
    for number, country in numbers.items():
        parsed = phonenumbers.parse(number)
        assert phonenumbers.is_valid_number(parsed) is (is_valid or country == "United States"), number
        if country == "Ghana" and is_valid:
            assert re.fullmatch(r"\+233(20|24|26|27|50|54|55)\d{7}", number)
            assert phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE


def test_only_the_phones_differ_between_the_two(tmp_path: Path) -> None:
    one, two = (generate(tmp_path, "--customers", "60", "--phones", kind) for kind in ("unassigned", "valid"))
    for before, after in zip(one["customers"], two["customers"], strict=True):
        changed = {name for name in before if before[name] != after[name]}
        assert changed <= {"customer_phone", "customer_whatsapp"}
    assert one["sales"] == two["sales"]


def test_a_pinned_world_that_is_installed_changes_nothing() -> None:
    with fakekit.FakeServer(world=WORLD, customers=3) as handle:
        assert handle.customer(3)["id"] == 3


def test_a_server_does_not_start_with_another_world_than_the_pinned_one() -> None:
    done = cli("serve", "--port", "0", "--world", "9d2bf812d580")
    assert (done.returncode, done.stderr) == (2, f"error: {OTHER}\n")


def test_a_world_is_pinned_by_its_version() -> None:
    done = cli("serve", "--port", "0", "--world", "0.1.0")
    assert done.returncode == 2
    assert done.stderr == (
        "error: --world: must be a world version, twelve hexadecimal digits; found '0.1.0'\n"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", '[tool.fakekit]\nworld = "9d2bf812d580"\n'),
        ("pytest.ini", "[pytest]\nfakekit_world = 9d2bf812d580\n"),
    ],
)
def test_the_first_test_that_uses_a_fake_of_another_world_fails(
    pytester: pytest.Pytester, file: str, text: str
) -> None:
    (pytester.path / file).write_text(text)
    pytester.makepyfile("def test_without(): pass\n\ndef test_with(xtrakit): xtrakit.customer(1)")
    result = run(pytester)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([f"*{OTHER}*".replace("[", "[[]")])
    assert NEWEST_TESTED not in result.stdout.str()


@pytest.mark.parametrize(
    ("sizes", "cure"),
    [
        ({"customers": 1}, "add it to a fixture file"),
        ({"customers": 5, "items": 1}, "add it to a fixture file"),
        ({"customers": 2}, "start with --sales 5, or add it to a fixture file"),
    ],
    ids=str,
)
def test_the_note_on_a_missing_sale_suggests_sales_only_if_they_can_be_had(
    sizes: dict[str, int], cure: str
) -> None:
    with fakekit.FakeServer(**sizes) as handle:
        answer = requests.get(handle.url("stores/5"), headers=handle.headers, timeout=PATIENCE)
    assert answer.status_code == 404
    assert answer.headers["fakekit-note"].split("; ")[1:] == [cure]


def test_no_expense_is_for_stock_of_an_item_that_does_not_exist(tmp_path: Path) -> None:
    none, one, two = (generate(tmp_path, "--customers", "5", "--items", count)["expenses"] for count in "012")
    assert none == one
    assert [record["expense_type"] for record in one].count("Stock") == 0
    texts = [record["expense_description"] for record in two[4:] if record["expense_type"] == "Stock"]
    assert len(texts) == 13
    (item,) = generate(tmp_path, "--customers", "5", "--items", "2")["items"][1:]
    assert {text.partition(" of ")[2] for text in texts} == {item["item_name"]}
