"""What users are told about mistakes: each message names the cure in the syntax of the place of the mistake."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

import fakekit
from tests.helpers.commands import cli
from tests.helpers.pytest_runs import run

IN_PYTHON: list[tuple[str, Callable[[Any], object], str]] = [
    ("create_customer", lambda x: x.create_customer, "a handle has no attribute 'create_customer'; write add_customer(...)"),
    ("get_customer", lambda x: x.get_customer(1), "a handle has no attribute 'get_customer'; write customer(1)"),
    ("update_customer", lambda x: x.update_customer, "a handle has no attribute 'update_customer'; write change(\"customers\", 1, ...)"),
    ("create_sale", lambda x: x.create_sale, "a handle has no attribute 'create_sale'; write add(\"sales\", ...)"),
    ("get_group", lambda x: x.get_group, "a handle has no attribute 'get_group'; write group(1)"),
    ("delete", lambda x: x.delete, "a handle has no attribute 'delete'; write remove(\"customers\", 1)"),
    ("calls", lambda x: x.calls, "a handle has no attribute 'calls'; write requests"),
    ("history", lambda x: x.history, "a handle has no attribute 'history'; write requests"),
    ("stub", lambda x: x.stub, "a handle has no attribute 'stub'; write respond(\"GET\", \"customers/1\", json={...})"),
    ("mock", lambda x: x.mock, "a handle has no attribute 'mock'; write respond(\"GET\", \"customers/1\", json={...})"),
    ("freeze", lambda x: x.freeze("now"), "a handle has no attribute 'freeze'; write clock.freeze(...)"),
    ("assert_called", lambda x: x.assert_called, "a handle has no attribute 'assert_called'; write assert_requested(\"GET\", \"customers/1\")"),
    ("assert_not_requested", lambda x: x.assert_not_requested, "a handle has no attribute 'assert_not_requested'; write assert_requested(\"GET\", \"customers/1\", times=0)"),
    ("a slip", lambda x: x.snapshott, "a handle has no attribute 'snapshott'; write snapshot"),
    ("nothing near", lambda x: x.zzz, "a handle has no attribute 'zzz'"),
    ("count=", lambda x: x.assert_requested("GET", "customers/1", count=2), "assert_requested() has no argument 'count'; write times"),
    ("params=", lambda x: x.assert_requested("GET", "customers/1", params={}), "assert_requested() has no argument 'params'; write query"),
    ("body= of wait_for", lambda x: x.wait_for("GET", "customers/1", body={}), "wait_for() has no argument 'body'; write json"),
    ("timeout in quotes", lambda x: x.wait_for("GET", "customers/1", timeout="1"), "timeout: must be a number of seconds; found '1'; write timeout=5"),
    ("fail timeout", lambda x: x.fail("timeout"), "fail: has no such fault; found 'timeout'; write delay(seconds), up to 60"),
    ("fail in quotes", lambda x: x.fail("503"), "fail: takes a status as a number; found '503'; write fail(503)"),
    ("fail json", lambda x: x.fail(503, json={}), "fail: json: is not a setting of a failure; write respond(\"GET\", \"customers/1\", status=503, json=...)"),
    ("total", lambda x: x.add("sales", total=3), "sales.total: is not a field of this record; write total_amount"),
    ("a number for text", lambda x: x.add_customer(customer_zip=233), 'customers.customer_zip: must be text; found 233; write something like customer_zip="00233"'),
    ("a number for an id in text", lambda x: x.add("sales", customer_id=42), 'sales.customer_id: must be a whole number in a string; found 42; write something like customer_id="42"'),
    ("text for an id", lambda x: x.add_customer(customer_group_id="2"), "customers.customer_group_id: must be a whole number; found '2'; write customer_group_id=2"),
    ("a number for an amount", lambda x: x.add("sales", total_amount=3), "sales.total_amount: must be an amount in text, such as \"10.00\"; found 3; write something like total_amount=\"200.00\""),
    ("a field of a line", lambda x: x.add("sales", **{"sales-item": [{"item_name": "Soap", "quantity": 2, "unit_price": "100.00"}]}), 'sales.sales-item[0].quantity: must be text; found 2; write something like "quantity": "2"'),
    ("a time", lambda x: x.change("customers", 1, created_at="2024-08-04"), "customers.created_at: must be a date and time, YYYY-MM-DD HH:MM:SS; found '2024-08-04'; write created_at=\"2024-08-04 00:00:00\""),
    ("an id that exists", lambda x: x.add_customer(id=1), "customers.id: is the id of a record that exists; found 1; write change(\"customers\", 1, ...)"),
    ("a customer that is missing", lambda x: x.customer(9999), "customers 9999: does not exist: the population ends at 50; write add_customer(id=9999), or mark the test @pytest.mark.fakekit(customers=9999)"),
    ("a group that is missing", lambda x: x.group(99), "customer_groups 99: does not exist: the generated customer_groups end at 5; write add_group(id=99)"),
    ("restore", lambda x: x.restore(x.snapshot() and "nope"), "snapshot: no snapshot has this name; write one of s1"),
    ("FakeServer", lambda _: fakekit.FakeServer(1), "FakeServer: takes a fakekit.Settings, or settings by name; found 1; write FakeServer(seed=1)"),  # type: ignore[arg-type]
    ("connect", lambda _: fakekit.connect(4310), "url: must be text; found 4310; write \"http://127.0.0.1:4310\""),  # type: ignore[arg-type]
]  # fmt: skip


@pytest.mark.parametrize(
    ("act", "message"), [row[1:] for row in IN_PYTHON], ids=[row[0] for row in IN_PYTHON]
)
@pytest.mark.parametrize("where", ["here", "remote"])
def test_in_python(xtrakit: fakekit.Handle, act: Callable[[Any], object], message: str, where: str) -> None:
    handle = xtrakit if where == "here" else fakekit.connect(xtrakit.origin, "fk_remote")
    with pytest.raises((fakekit.FakekitError, AttributeError, TypeError)) as error:
        act(handle)
    assert str(error.value) == message


def test_over_http_the_cure_is_json_and_beside_it_in_python(xtrakit: fakekit.Handle) -> None:
    answer = requests.post(
        f"{xtrakit.origin}/_fakekit/accounts/fk_json/records/customers",
        json={"customer_zip": 233, "id": 1},
        headers={"Fakekit-Control": "1"},
        timeout=10,
    )
    assert answer.json()["problems"] == [
        {
            "where": "customers.id",
            "what": "is the id of a record that exists",
            "found": "1",
            "write": "PATCH /records/customers/1",
            "python": 'change("customers", 1, ...)',
        }
    ]


IN_FILES = [
    ("json", '{"population": "7"}', "population: must be a whole number from 0 to 1,000,000; found '7'; write \"population\": 50"),
    ("yaml", "population: many\n", "population: must be a whole number from 0 to 1,000,000; found 'many'; write population: 50"),
    ("json", '{"customers": {"id": 1}}', "customers: must be a list of records; found {\"id\": 1}; write brackets around the records"),
    ("yaml", "customers: {id: 1}", "customers: must be a list of records; found {\"id\": \"1\"}; write a dash in front of each record"),
    ("json", '{"removed": {"customers": 3}}', 'removed: must be a list of ids; found 3; write "removed": {"customers": [3, 4]}'),
]  # fmt: skip


@pytest.mark.parametrize(("form", "text", "message"), IN_FILES)
def test_in_a_fixture_file(tmp_path: Path, form: str, text: str, message: str) -> None:
    (tmp_path / f"shop.{form}").write_text(text, "utf-8")
    assert (
        cli("check", f"shop.{form}", cwd=tmp_path).stderr.splitlines()[0]
        == f"error: shop.{form}:1: {message}"
    )


def test_a_field_of_a_fixture_file_is_spelled_as_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"items": [{"id": "1", "quantity": 20}]}')
    (tmp_path / "b.yaml").write_text('items:\n  - id: "1"\n    unit_cost: cheap\n')
    told = cli("check", ".", cwd=tmp_path).stderr
    assert 'items[0].quantity: must be text; found 20; write something like "quantity": "20"\n' in told
    assert "items[0].id: must be a whole number; found '1'; write \"id\": 1\n" in told
    assert "items[0].id: must be a whole number; found '1'; write id: 1 without quotes\n" in told


OVER_HTTP = [
    ("GET", "suppliers", "fakekit has no such endpoint; /_fakekit/openapi.json lists those that it has"),
    ("GET", "products", "fakekit has no such endpoint; /_fakekit/openapi.json lists those that it has"),
    ("GET", "costumers", "fakekit has no such endpoint (nearest: GET /api/v1/customers)"),
    ("GET", "items", "fakekit has no such endpoint (nearest: GET /api/v1/inventory/items)"),
    ("POST", "customers", "fakekit answers GET here; request POST /api/v1/customers/add"),
    ("POST", "customers/1", "fakekit answers DELETE, GET, PUT here; request POST /api/v1/customers/add"),
    ("PATCH", "customers/1", "fakekit answers DELETE, GET, PUT here; request PUT /api/v1/customers/{id}"),
    ("DELETE", "customers", "fakekit answers GET here; request DELETE /api/v1/customers/{id}"),
    ("POST", "inventory/items", "fakekit answers GET here; request POST /api/v1/inventory/items/add"),
    ("PUT", "sales/324232", "fakekit answers DELETE, GET here; request PUT /api/v1/sales/edit/{invoice_code}"),
    ("GET", "sales/edit/324232", "fakekit answers PUT here; request GET /api/v1/sales/{invoice_code}"),
    ("GET", "sales/1", "sales are requested by invoice_code, not by id; no sale has this invoice_code; the list of sales has them all"),
    ("GET", "inventory/items/1", "items are requested by item_code, not by id; no item has this item_code; the list of items has them all"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "note"), OVER_HTTP)
def test_over_http(xtrakit: fakekit.Handle, method: str, path: str, note: str) -> None:
    answer = requests.request(method, xtrakit.url(path), headers=xtrakit.headers, timeout=10)
    assert answer.headers["Fakekit-Note"] == note


def test_the_choice_that_reads_like_no_value_is_named_as_text(xtrakit: fakekit.Handle) -> None:
    sale = {"payment_type": "cash"}
    answer = requests.post(xtrakit.url("sales/add"), json=sale, headers=xtrakit.headers, timeout=10)
    assert answer.json()["error"].split("; ")[-1] == (
        'payment_type must be one of "None" (the text), Mobile Money, Cash, Bank Transfer / Deposit, Cheque, '
        "Card Payment, Digital Payment, Other Payment"
    )


AT_THE_COMMAND_LINE = [
    (("generate", "-o", "x.txt"), {}, "error: --output: must end in .yaml, .yml or .json, or have no suffix; found x.txt; write --output x.yaml"),
    (("generate",), {"FAKEKIT_FIXTURES": "a.yaml,b.yaml"}, f"error: FAKEKIT_FIXTURES: has commas between paths; found a.yaml,b.yaml; write a.yaml{os.pathsep}b.yaml"),
    (("generate", "--fixtures", "a.yaml,b.yaml"), {}, "error: --fixtures: has commas between paths; found a.yaml,b.yaml; write --fixtures a.yaml --fixtures b.yaml"),
    (("generate",), {"FAKEKIT_FAULTS": "fail=503,slow=2s"}, "error: FAKEKIT_FAULTS: fail: slow: is a fault of its own; write ~slow for ,slow: several faults have ~ between them"),
    (("generate", "--fault", "timeout"), {}, "error: --faults: is not a kind of fault; write slow=30s"),
    (("generate", "--fault", "503"), {}, "error: --faults: is not NAME=VALUE with commas between; write fail=503"),
    (("check", "spaces.yaml"), {}, "error: spaces.yaml:2: has a no-break space (U+00A0) at column 8, where YAML reads only spaces; write a space"),
    (("check", "indented.yaml"), {}, "error: indented.yaml:2: has a no-break space (U+00A0) at column 1, where YAML reads only spaces; write a space"),
    (("check", "flow.yaml"), {}, "error: flow.yaml:2: has a no-break space (U+00A0) at column 9, where YAML reads only spaces; write a space"),
    (("check", "behind.yaml"), {}, "error: behind.yaml:5: has a no-break space (U+00A0) at column 1, where YAML reads only spaces; write a space"),
    (("check", "sale.yaml"), {}, "error: sale.yaml:3: sales[0].total: is not a field of this record; write total_amount"),
]  # fmt: skip


@pytest.mark.parametrize(("command", "variables", "message"), AT_THE_COMMAND_LINE)
def test_at_the_command_line(
    tmp_path: Path, command: tuple[str, ...], variables: dict[str, str], message: str
) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("customers: []\n")
    (tmp_path / "spaces.yaml").write_text("customers:\n  - id:\u00a01\n    customer_name: Ama\n", "utf-8")
    (tmp_path / "indented.yaml").write_text("customers:\n\u00a0 - id: 1\n", "utf-8")
    (tmp_path / "flow.yaml").write_text("sales:\n  - {id:\u00a01}\n", "utf-8")
    behind = "sales:\n  - invoice_note: |\n      one\n      \u00a0two\n\u00a0   id: 1\n    total_amount: 5\n"
    (tmp_path / "behind.yaml").write_text(behind, "utf-8")
    (tmp_path / "sale.yaml").write_text("sales:\n  - id: 1\n    total: 5\n")
    told = cli(*command, cwd=tmp_path, env=variables)
    assert (told.returncode, message in told.stderr.splitlines()) == (2, True), told.stderr


def test_a_no_break_space_within_a_value_stays(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("customers:\n  - id: 1\n    customer_name: A\u00a0B\n", "utf-8")
    assert "no-break space" not in cli("check", "shop.yaml", cwd=tmp_path).stderr


def test_a_no_break_space_in_front_of_a_line_of_text_stays(tmp_path: Path) -> None:
    times = "created_at: 2024-01-01 00:00:00, updated_at: 2024-01-01 00:00:00"
    (tmp_path / "shop.yaml").write_text(
        "customer_groups:\n"
        f"  - {{id: 1, group_name: A, {times}, group_description: 'one\n\n      \u00a0two'}}\n"
        "  - id: 2\n    group_name: B\n    group_description: |\n      one\n      \u00a0two\n"
        f"    {times.replace(', ', chr(10) + '    ')}\n",
        "utf-8",
    )
    with fakekit.FakeServer(fixtures=[str(tmp_path / "shop.yaml")]) as xtrakit:
        texts = [group["group_description"] for group in xtrakit.records("customer_groups")[:2]]
    assert texts == ["one\n\u00a0two", "one\n\u00a0two\n"]


def test_wait_names_the_command_that_starts_a_server() -> None:
    told = cli("wait", "http://127.0.0.1:9", "--timeout", "0")
    assert told.stderr.endswith("; start it with fakekit serve --port 9\n")


def test_a_dead_url_is_told_in_full_once(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_1(xtrakit): pass\ndef test_2(xtrakit): pass")
    told = run(
        pytester, "--fakekit-url", "http://127.0.0.1:9", "--tb=short", "-rN", "-p", "no:randomly"
    ).outlines
    errors = [line.removeprefix("E   ").removeprefix("fakekit: ") for line in told if "127.0.0.1:9: " in line]
    assert errors == [
        "http://127.0.0.1:9: cannot be reached over HTTP ([Errno 111] Connection refused); start it with fakekit serve --port 9",
        "http://127.0.0.1:9: cannot be reached; the first test that needed it says why",
    ]


@pytest.mark.slow
def test_a_mark_of_the_fixtures_name_is_told(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.xtrakit(customers=3)
        def test_1(xtrakit): pass

        @pytest.mark.xtrakit
        def test_2(xtrakit): pass
        """
    )
    result = run(pytester, "-W", "ignore::pytest.PytestUnknownMarkWarning")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["*@pytest.mark.xtrakit: is not the mark of the fake; write @pytest.mark.fakekit(customers=...)"]
    )
