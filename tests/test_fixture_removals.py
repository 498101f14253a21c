"""Fixture files that remove records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import fakekit
from tests.helpers.commands import cli
from tests.helpers.fixture_files import errors, short, write
from tests.helpers.project import ROOT
from tests.helpers.raw_http import ask, port_of


@pytest.fixture(scope="module")
def removed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[fakekit.Handle]:
    """A server of a file that removes three customers, of which one was never there, and a group."""
    text = "removed:\n  customers: [3, 50, 60]\n  customer_groups: [1]\n  sales: []\n"
    file = write(tmp_path_factory.mktemp("removed"), text)
    with fakekit.FakeServer(seed=1, fixtures=[str(file)]) as xtrakit:
        yield xtrakit


@pytest.mark.parametrize("path", ["customers/3", "customers/50", "customer-groups/1"])
def test_what_a_file_removes_is_not_found(removed: fakekit.Handle, path: str) -> None:
    assert ask(port_of(removed.origin), f"/api/v1/{path}").status == 404


def test_customers_of_a_group_that_a_file_removes_are_in_none(removed: fakekit.Handle) -> None:
    jane: Any = ask(port_of(removed.origin), "/api/v1/customers/1").json()
    assert jane["data"]["customer"]["customer_group_id"] is None
    assert jane["data"]["customer-group"] == []


def test_lists_and_counts_have_no_customer_that_a_file_removes(removed: fakekit.Handle) -> None:
    port, bearer = port_of(removed.origin), b"Bearer fk_lists"
    listed: Any = ask(port, "/api/v1/customers", bearer).json()
    assert listed["message"] == "Customers found: 48"
    assert [c["id"] for c in listed["data"]["customers"]][:3] == [1, 2, 4]
    health: Any = ask(port, "/_fakekit/health").json()
    assert health["customers"] == 48


def test_ids_go_on_behind_the_largest_that_a_file_removes(removed: fakekit.Handle) -> None:
    assert removed.add_customer()["id"] == 61


@pytest.mark.parametrize(
    ("first", "second", "there"),
    [
        ("removed: {customers: [7]}\n", "customers:\n" + short(), True),
        ("customers:\n" + short(), "removed: {customers: [7]}\n", False),
        ("removed: {customers: [7]}\ncustomers:\n" + short(), "", True),
        ("customers:\n" + short() + "removed: {customers: [7]}\n", "", False),
        ("removed: {customers: [7]}\n", "removed: {customers: [8]}\n", False),
    ],
)
def test_what_stands_behind_wins(tmp_path: Path, first: str, second: str, there: bool) -> None:

    write(tmp_path, first, "1.yaml")
    if second:
        write(tmp_path, second, "2.yaml")
    with fakekit.FakeServer(seed=1, fixtures=[str(tmp_path)]) as xtrakit:
        status = ask(port_of(xtrakit.origin), "/api/v1/customers/7").status
    assert status == (200 if there else 404)


def test_json_removes_too_and_what_is_no_record_is_no_mistake(tmp_path: Path) -> None:
    file = write(tmp_path, '{"removed": {"sales": [1], "items": [999999]}}', "a.json")
    done = cli("check", str(file))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("removed: [1]", "1: removed: must be a list of ids"),
        ("removed: 3", "1: removed: must be a list of ids"),
        ("removed: {custommers: [1]}", "1: removed: is not a resource; write customers"),
        ("removed: {customers: 3}", "1: removed: must be a list of ids; found '3'; write removed: {customers: [3, 4]}"),
        ("removed: {customers: [x]}", "1: removed: must be a list of ids; found 'x'; write whole numbers from 1"),
        ("removed: {customers: [0]}", "1: removed: must be a list of ids; found '0'"),
        ("removed: {customers: [-1]}", "1: removed: must be a list of ids; found '-1'"),
        ("removed: {customers: [1.0]}", "1: removed: must be a list of ids; found '1.0'"),
        ('removed: {customers: ["3"]}', "1: removed: must be a list of ids; found '3'"),
        ("removed: {customers: [null]}", "1: removed: must be a list of ids"),
        ("removed: {customers: [[3]]}", "1: removed: must be a list of ids"),
        ("removed: {customers: [99999999999999999999]}", "1: removed: must be a list of ids"),
        ("removed: {customers: [3]}\nremoved: {customers: [4]}", "removed"),
    ],
)  # fmt: skip
def test_what_cannot_be_removed_is_told(tmp_path: Path, text: str, message: str) -> None:
    (line, *_) = errors(write(tmp_path, text + "\n"))
    assert message in line


def test_a_customer_may_not_be_of_a_group_that_is_removed(tmp_path: Path) -> None:
    text = "customers:\n" + short(7, "Ama", "customer_group_id: 2") + "removed: {customer_groups: [2]}\n"
    (line,) = errors(write(tmp_path, text))
    assert (
        "customers[0].customer_group_id: names a record of customer_groups that does not exist; found 2"
        in line
    )


def test_the_example_of_what_is_gone_is_good(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "fixtures.md").read_text("utf-8")
    block = page.split("## Removed records\n", 1)[1].split("```text\n", 1)[1].split("```", 1)[0]
    assert cli("check", str(write(tmp_path, block))).returncode == 0
