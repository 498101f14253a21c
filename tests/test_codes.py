"""What names a record in a path, and numbers that are given once: codes, ids of lines, assumptions' statuses."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

import fakekit
from tests.helpers.commands import cli
from tests.helpers.processes import PATIENCE, wait_until

SALE = {
    "invoice_number": "7",
    "customer_id": 1,
    "sub_total_amount": "5.00",
    "total_amount": "5.00",
    "amount_paid": "5.00",
    "invoice_type": "pos",
    "payment_type": "Cash",
}
LINE = {"item_name": "Soap", "unit_price": "5.00", "quantity": "1"}


def ask(xtrakit: fakekit.Handle, method: str, path: str, **sent: Any) -> requests.Response:
    return requests.request(method, xtrakit.url(path), headers=xtrakit.headers, timeout=PATIENCE, **sent)


@pytest.mark.parametrize("path", ["sales/791298", "inventory/items/Jbef9031"])
def test_the_code_that_a_generated_record_would_have_is_nobodys(xtrakit: fakekit.Handle, path: str) -> None:
    """Sale 32 and item 1 are the documented ones, with the documented codes."""
    answer = ask(xtrakit, "GET", path)
    assert answer.status_code == 404
    assert answer.headers["Fakekit-Note"].startswith(("no sale has this", "no item has this"))
    if "sales" in path:
        assert ask(xtrakit, "POST", "sales/add", json={**SALE, "invoice_code": "791298"}).status_code == 200


@pytest.mark.parametrize("named", ["abc", "%C2%83%08%5E%C3%AE", "-1", "1.0", "INV-000001", "9" * 30])
@pytest.mark.parametrize("path", ["sales", "inventory/items", "stores"])
def test_what_cannot_be_a_code_is_a_404_like_any_other(
    xtrakit: fakekit.Handle, path: str, named: str
) -> None:
    answer = ask(xtrakit, "GET", f"{path}/{named}")
    assert answer.status_code == 404
    assert answer.headers["Fakekit-Note"]


def test_a_code_goes_with_its_record_not_with_its_id(xtrakit: fakekit.Handle) -> None:
    code = next(
        s["invoice_code"] for s in ask(xtrakit, "GET", "sales").json()["data"]["sales"] if s["id"] == 5
    )
    xtrakit.remove("sales", code)
    xtrakit.add("sales", id=5, invoice_code=222222)
    assert ask(xtrakit, "GET", f"sales/{code}").status_code == 404
    assert ask(xtrakit, "GET", "sales/222222").status_code == 200


def test_there_is_a_code_left_when_the_function_has_given_all_it_has() -> None:
    with fakekit.FakeServer(customers=300_001) as xtrakit:
        assert xtrakit.add("sales")["invoice_code"] == 791298  # which sale 32 does not have
        assert xtrakit.add("sales")["invoice_code"] == 100_000
        assert xtrakit.add("sales")["invoice_code"] == 100_001


def test_a_sale_that_is_edited_is_there_all_the_time(xtrakit: fakekit.Handle) -> None:
    code = xtrakit.add("sales")["invoice_code"]
    found: list[int] = []
    done = threading.Event()

    def read() -> None:
        with requests.Session() as session:
            while not done.is_set():
                answer = session.get(xtrakit.url(f"sales/{code}"), headers=xtrakit.headers, timeout=PATIENCE)
                found.append(answer.status_code)

    with ThreadPoolExecutor(3) as pool, ExitStack() as end:
        end.callback(done.set)
        for _ in range(3):
            pool.submit(read)
        wait_until(lambda: len(found) >= 3)  # so that they read meanwhile, however late they began
        for turn in range(150):
            xtrakit.change("sales", code, invoice_note=str(turn))
    assert set(found) == {200}


def test_sixteen_threads_add_sales_by_handle_and_none_takes_anothers_code(xtrakit: fakekit.Handle) -> None:
    with ThreadPoolExecutor(16) as pool:
        added = list(pool.map(lambda _: xtrakit.add("sales"), range(160)))
    assert len({sale["invoice_code"] for sale in added}) == 160
    assert sorted(sale["id"] for sale in added) == list(range(99, 259))


def test_ids_of_lines_are_given_once_whoever_adds_them(xtrakit: fakekit.Handle) -> None:
    ids = [line["id"] for line in xtrakit.sale_items(324232)]
    for turn in range(3):
        xtrakit.add("sales", invoice_code=111_000 + turn, **{"sales-item": [LINE, LINE]})
        ids += [line["id"] for line in xtrakit.sale_items(111_000 + turn)]
        code = f"22200{turn}"
        sent = {**SALE, "invoice_code": code, "sales-item": [LINE, LINE]}
        data = ask(xtrakit, "POST", "sales/add", json=sent).json()["data"]
        ids += [line["id"] for line in data["sales-item"]]
        assert xtrakit.sale_items(code) == data["sales-item"]
        xtrakit.change("sales", 324232, **{"sales-item": [LINE]})
        ids += [line["id"] for line in xtrakit.sale_items("324232")]
    assert len(set(ids)) == len(ids) == 16
    for sale in ask(xtrakit, "GET", "sales").json()["data"]["sales"][:90]:
        assert not set(ids[1:]) & {line["id"] for line in xtrakit.sale_items(sale["invoice_code"])} or (
            sale["invoice_code"] == 324232
        )


def test_a_sale_of_a_very_large_id_keeps_no_other_from_being_added(xtrakit: fakekit.Handle) -> None:
    xtrakit.add("sales", id=10**15)
    answer = ask(xtrakit, "POST", "sales/add", json={**SALE, "invoice_code": "123456", "sales-item": [LINE]})
    assert answer.status_code == 200


def test_a_refused_write_leaves_the_account_unchanged() -> None:
    with fakekit.FakeServer(max_accounts=1) as xtrakit:
        headers = {"Authorization": "Bearer fk_a"}
        server = xtrakit.origin
        xtrakit_closed = requests.get(f"{server}/api/v1/customers/1", headers=headers, timeout=PATIENCE)
        assert xtrakit_closed.status_code == 503  # the handle holds fk_demo
    with fakekit.FakeServer(max_accounts=2) as xtrakit:
        sent = {**SALE, "customer_id": 999, "invoice_code": "123456", "sales-item": [LINE]}
        url = f"{xtrakit.origin}/api/v1/sales/add"
        for key in ("fk_a", "fk_b", "fk_c"):
            headers = {"Authorization": f"Bearer {key}"}
            assert requests.post(url, json=sent, headers=headers, timeout=PATIENCE).status_code == 422


@pytest.mark.parametrize("status", [419, 420, 452, 499])
def test_a_status_without_a_name_of_its_own_is_answered_as_it_was_set(status: int) -> None:
    given = {"missing.status": status, "invalid.status": status, "conflict.status": status}
    with fakekit.FakeServer(assumptions=given) as xtrakit:
        missing = ask(xtrakit, "GET", "customers/999")
        assert (missing.status_code, missing.json()["status"]) == (status, status)
        assert ask(xtrakit, "POST", "customers/add", json={}).status_code == status
        taken = {**SALE, "invoice_code": "324232"}
        assert ask(xtrakit, "POST", "sales/add", json=taken).status_code == status


@pytest.mark.parametrize(
    "sent",
    [
        {"sales-item": None},
        {"invoice_type": None},
        {"payment_type": None},
        {"issued_by": None},
        {"invoice_code": None},
    ],
)
@pytest.mark.parametrize("path", ["stores/32", "sales/edit/324232"])
def test_null_in_a_row_that_may_be_left_out_is_as_if_it_were(
    xtrakit: fakekit.Handle, path: str, sent: dict[str, Any]
) -> None:
    before = xtrakit.record("sales", 324232)
    answer = ask(xtrakit, "PUT", path, json={**SALE, "customer_id": 42, **sent} if "edit" in path else sent)
    assert answer.status_code == 200, answer.text
    after = xtrakit.record("sales", 324232)
    for name in sent:
        assert after.get(name) == before.get(name)


def test_edit_store_without_a_body_moves_updated_at_and_nothing_else(xtrakit: fakekit.Handle) -> None:
    xtrakit.change("sales", 324232, invoice_number="A-1", payment_status="odd")
    before = xtrakit.record("sales", 324232)
    after = ask(xtrakit, "PUT", "stores/32").json()["data"]["store"]
    assert after["updated_at"] > before["updated_at"]
    assert {**after, "updated_at": 0} == {**before, "updated_at": 0}


def test_a_form_spells_lines_in_brackets_and_nothing_as_null(xtrakit: fakekit.Handle) -> None:
    lines = {f"sales-item[0][{name}]": value for name, value in LINE.items()}
    form = {**SALE, "invoice_code": "123456", "discount": "", "due_date": "", "invoice_note": "", **lines}
    data = ask(xtrakit, "POST", "sales/add", data=form).json()["data"]
    assert data["sales"]["discount"] is None
    assert data["sales"]["due_date"] is None
    assert data["sales"]["invoice_note"] is None
    assert [(line["item_name"], line["unit_price"]) for line in data["sales-item"]] == [("Soap", "5.00")]


def test_rows_that_a_page_cuts_off_are_relied_on_when_they_come(xtrakit: fakekit.Handle) -> None:
    sent = {**SALE, "invoice_code": "123456", "due_date": "2024-08-30", "sales-item": [LINE]}
    assumed = ask(xtrakit, "POST", "sales/add", json=sent).headers["Fakekit-Assumed"]
    assert {"cut.by_sibling", "sales.items"} <= set(assumed.split(", "))
    later = ask(xtrakit, "GET", "sales/123456").headers["Fakekit-Assumed"].split(", ")
    computed = ["sales.issued_by", "sales.invoice_number", "sales.payment_status", "time.zone"]
    assert later == ["cut.by_sibling", *computed, "values.null"]


REST_OF_A_SALE = """
    invoice_number: A
    customer_id: "1"
    sub_total_amount: 1
    total_amount: 1
    amount_paid: 1
    invoice_type: pos
    payment_type: Cash
    payment_status: paid
    issued_by: Efua
    created_at: 2024-02-01 09:00:00
    updated_at: 2024-02-01 09:00:00
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("invoice_code: 123456", "sales[1].invoice_code: is the invoice_code of sales[0] too; found 123456"),
        ("invoice_code: 7", None),
    ],
)
def test_two_sales_of_a_file_may_not_have_one_code(tmp_path: Path, text: str, told: str | None) -> None:
    (tmp_path / "w.yaml").write_text(
        f"sales:\n  - id: 1\n    invoice_code: 123456{REST_OF_A_SALE}  - id: 2\n    {text}{REST_OF_A_SALE}"
    )
    done = cli("check", "w.yaml", cwd=tmp_path)
    assert done.returncode == (2 if told else 0)
    assert (told or "good") in done.stderr + done.stdout


NESTED = f"""
sales:
  - id: 1
    invoice_code: 123456{REST_OF_A_SALE}    sales-item:
      - item_name: Soap
        unit_prize: 1
        quantity: 2
      - item_name: Rice
        unit_price: x
        quantity: 2
        quantity: 3
      - just text
"""


def test_what_is_wrong_with_a_line_is_told_as_of_any_field(tmp_path: Path) -> None:
    (tmp_path / "w.yaml").write_text(NESTED)
    told = cli("check", "w.yaml", cwd=tmp_path).stderr.splitlines()
    where = "error: w.yaml:16: sales[0].sales-item"
    assert sorted(told) == [
        f"{where}[0].unit_price: is required; write something like unit_price: 100.00",
        f"{where}[0].unit_prize: is not a field of this record; write unit_price",
        f"{where}[1].quantity: occurs twice in this record; write it once",
        f"{where}[1].unit_price: must be an amount in text, such as \"10.00\"; found 'x';"
        " write something like unit_price: 100.00",
        f"{where}[2]: must be a record, a mapping of fields; found 'just text'",
    ]


def test_a_form_of_a_picture_is_told_too(tmp_path: Path) -> None:
    world = cli("generate", "--customers", "1").stdout
    (tmp_path / "w.yaml").write_text(world.replace("image_url: https://pub", "image_url: not a link", 1))
    done = cli("check", "w.yaml", cwd=tmp_path)
    assert "items[0].item_images[0].image_url: is neither a URL nor a path" in done.stderr
    assert cli("check", "--strict", "w.yaml", cwd=tmp_path).returncode == 2


def test_what_stands_alone_in_a_query_may_be_a_key_and_is_not_repeated(xtrakit: fakekit.Handle) -> None:
    answer = ask(xtrakit, "GET", "customers/1?correct-horse&color=red")
    assert answer.headers["Fakekit-Note"] == "not read: ..., color"


def test_several_assumptions_in_one_option_and_a_comma_in_a_value(xtrakit: fakekit.Handle) -> None:
    done = cli("openapi", "--assumptions", "missing.status=410,create.status=201,missing.error=No, {noun}")
    assert '"missing.status": 410' in done.stdout
    assert '"create.status": 201' in done.stdout
    assert '"missing.error": "No, {noun}"' in done.stdout
