"""What becomes of a sale that is added or edited: its code, its number and its lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import fakekit
from tests.helpers.journal_requests import control
from tests.helpers.processes import PATIENCE
from tests.helpers.vendor_api import SALE, Api

LINE = {"item_name": "Soap", "unit_price": "5.00", "quantity": "1"}


def sale(**fields: Any) -> dict[str, Any]:
    return {**SALE, **fields}


@pytest.mark.parametrize(
    ("path", "code"), [("sales/edit/757975", 757975), ("sales/edit/324232", 324232), ("stores/32", 324232)]
)
def test_another_code_in_the_body_is_the_code_of_the_sale(api: Api, path: str, code: int) -> None:
    before = api.get(f"sales/{code}")
    answer = api.ask("PUT", path, sale(invoice_code="004200"))
    assert answer.status_code == 200
    assert "sales.edit_code" not in answer.headers["Fakekit-Assumed"]
    after = api.get("sales/004200")
    assert (after["sales"]["id"], after["sales"]["invoice_code"]) == (before["sales"]["id"], 4200)
    assert [line["id"] for line in after["sales-item"]] == [line["id"] for line in before["sales-item"]]
    assert {line["invoice_code"] for line in after["sales-item"]} == {"004200"}
    assert api.get(f"sales/{code}") == 404
    assert api.all("sales", invoice_code=str(code)) == []
    assert len(api.all("sales")) == 98


@pytest.mark.parametrize("path", ["sales/edit/324232", "stores/32"])
def test_the_code_of_another_sale_is_a_conflict_and_changes_nothing(api: Api, path: str) -> None:
    before = api.get("sales")
    answer = api.ask("PUT", path, sale(invoice_code="757975", invoice_note="x"))
    assert answer.status_code == 409
    assert answer.json() == {"status": 409, "error": "invoice_code is taken: another record has it"}
    assert "conflict.status" in answer.headers["Fakekit-Assumed"].split(", ")
    assert api.get("sales") == before
    assert api.edit("sales/edit/324232", **sale(invoice_code="324232"))["invoice_code"] == 324232


def test_a_code_goes_from_sale_to_sale(api: Api) -> None:
    first, second = api.one("sales/324232")["id"], api.one("sales/757975")["id"]
    for path, code in (("324232", "111111"), ("757975", "324232"), ("111111", "757975")):
        api.edit(f"sales/edit/{path}", **sale(invoice_code=code))
    assert (api.one("sales/757975")["id"], api.one("sales/324232")["id"]) == (first, second)
    assert api.get("sales/111111") == 404
    assert api.add("sales", **sale(invoice_code="111111"))["id"] == 99
    assert api.delete("sales/757975") == 204
    assert (api.get("sales/757975"), api.one("sales/324232")["id"]) == (404, second)


def test_a_handle_changes_a_code_too(fake: fakekit.FakeServer, api: Api) -> None:
    handle = fake.account(api.key)
    assert handle.change("sales", 324232, invoice_code=222222)["invoice_code"] == 222222
    assert {line["invoice_code"] for line in handle.sale_items(222222)} == {"222222"}
    told = "sales.invoice_code: belongs to another record; found 757975"
    with pytest.raises(fakekit.RefusedRecordError, match=told):
        handle.change("sales", 222222, invoice_code=757975)
    assert api.get("sales/324232") == 404


def sent_number(handle: fakekit.Handle, number: str) -> Any:
    """What the number of an added sale becomes."""
    with Api(handle.origin, handle.api_key) as asking:
        code = str(handle.add("sales")["invoice_code"])
        return asking.edit(f"sales/edit/{code}", **sale(invoice_code=code, invoice_number=number))[
            "invoice_number"
        ]


@pytest.mark.parametrize(
    ("prefix", "sent", "number"),
    [
        ("INV-", "000007", "INV-000007"),
        ("INV-", "INV-000007", "INV-000007"),
        ("KS/", "000007", "KS/000007"),
        ("KS/", "KS/000007", "KS/000007"),
        ("KS/", "INV-000007", "KS/INV-000007"),
        ("", "000007", "000007"),
        ("20", "200001", "20200001"),
        ("20", "20200001", "20200001"),
    ],
)
def test_the_prefix_of_invoice_numbers_is_a_setting_of_the_account(
    fake: fakekit.FakeServer, prefix: str, sent: str, number: str
) -> None:
    handle = fake.account("fk_prefix", fakekit.Settings.of(invoice_prefix=prefix))
    assert sent_number(handle, sent) == number
    numbers = {s["id"]: s["invoice_number"] for s in handle.records("sales", customer_id=2)}
    assert numbers
    assert [n for n in numbers.values() if not n.startswith(prefix) or "INV-" in n[len(prefix) :]] == []
    assert handle.record("sales", 324232)["invoice_number"] == "INV-000001"
    assert handle.add("sales")["invoice_number"].startswith(prefix)


@pytest.mark.parametrize(
    ("number", "is_noted"), [("000007", False), ("INV-000007", False), ("7", True), ("INV-7", True)]
)
def test_a_number_that_is_not_six_digits_is_accepted_with_a_note(
    api: Api, number: str, is_noted: bool
) -> None:
    answer = api.ask("PUT", "stores/32", {"invoice_number": number})
    assert answer.json()["data"]["store"]["invoice_number"] == "INV-" + number.removeprefix("INV-")
    note = "invoice_number is not six digits behind the prefix"
    assert answer.headers.get("Fakekit-Note") == (note if is_noted else None)


def test_the_prefix_is_set_wherever_settings_are(fake: fakekit.FakeServer, tmp_path: Path) -> None:
    def read(**environ: str) -> str:
        return fakekit.Settings.read({}, environ, tmp_path).invoice_prefix

    assert read() == "INV-"
    (tmp_path / "pyproject.toml").write_text('[tool.fakekit]\ninvoice_prefix = "KS/"\n')
    assert read() == "KS/"
    assert read(FAKEKIT_INVOICE_PREFIX="ACC ") == "ACC "
    key = fake.do("open", invoice_prefix="A-")["key"]
    assert sent_number(fake.account(key), "000007") == "A-000007"
    with pytest.raises(fakekit.SettingsError, match="invoice_prefix: must be up to 20 printable ASCII"):
        fakekit.FakeServer(invoice_prefix="₵")


TEXT = '[{"item_name": "Soap", "unit_price": "5.00", "quantity": "1"}]'
READ: list[tuple[str, dict[str, Any], int, str]] = [
    ("both", {"items": [LINE]}, 1, ""),
    ("both", {"sales-item": [LINE]}, 1, ""),
    ("both", {"items": TEXT}, 1, ""),
    ("both", {"sales-item": TEXT}, 1, ""),
    ("both", {"items": [LINE, LINE], "sales-item": [LINE]}, 1, "not read: items"),
    ("both", {"items": [LINE], "sales-item": None}, 1, ""),
    ("both", {"items": TEXT, "sales-item": ""}, 1, ""),
    ("both", {"items": None, "sales-item": [LINE]}, 1, ""),
    ("items", {"items": TEXT}, 1, ""),
    ("items", {"sales-item": ["no line"]}, 0, "not read: sales-item"),
    ("sales-item", {"items": "no line"}, 0, "not read: items"),
    ("sales-item", {"items": [LINE, LINE], "sales-item": [LINE]}, 1, "not read: items"),
]
NO_LINES = "the sale has no lines: a write reads them from {}, a list of item_name, unit_price, quantity"
NAMES = {"both": "sales-item or items", "items": "items", "sales-item": "sales-item"}


@pytest.mark.parametrize(("value", "sent", "count", "note"), READ)
def test_lines_are_read_from_the_names_of_the_assumption(
    fake: fakekit.FakeServer, value: str, sent: dict[str, Any], count: int, note: str
) -> None:
    handle = fake.account("fk_items", fakekit.Settings.of(assumptions={"sales.items": value}))
    with Api(handle.origin, handle.api_key) as asking:
        for method, path in (("POST", "sales/add"), ("PUT", "sales/edit/100200")):
            answer = asking.ask(method, path, sale(**sent))
            assert answer.status_code == 200, answer.text
            lines = answer.json()["data"]["sales-item"]
            assert [(line["item_name"], line["invoice_code"]) for line in lines] == [
                ("Soap", "100200")
            ] * count
            told = "sales.items" if value == "both" else f"sales.items='{value}'"
            assert told in answer.headers["Fakekit-Assumed"].split(", ")
            notes = ([] if count else [NO_LINES.format(NAMES[value])]) + ([note] if note else [])
            assert answer.headers.get("Fakekit-Note", "") == "; ".join(notes)


@pytest.mark.parametrize("text", ["no list", "{}", "[1", '[{"item_name": "a", "item_name": "b"}]', "7"])
def test_text_that_is_no_list_is_no_lines(api: Api, text: str) -> None:
    answer = api.ask("POST", "sales/add", sale(items=text))
    assert (answer.status_code, answer.json()["error"]) == (422, "items must be a list of records")
    half = api.ask("POST", "sales/add", sale(items='[{"item_name": "Soap", "quantity": " 1"}]'))
    told = "items[0].unit_price is required; items[0].quantity must be a quantity, such as 2"
    assert half.json()["error"].startswith(told)


def test_a_form_may_have_the_lines_as_json_text_and_a_store_too(api: Api) -> None:
    form = {**sale(), "items": TEXT}
    added = api.session.post(f"{api.base}/sales/add", data=form, timeout=PATIENCE)
    assert [line["quantity"] for line in added.json()["data"]["sales-item"]] == ["1"]
    api.edit("stores/32", items=[LINE, LINE])
    assert [line["item_name"] for line in api.get("sales/324232")["sales-item"]] == ["Soap", "Soap"]


def test_a_sale_without_lines_says_where_they_are_read_from(api: Api) -> None:
    added = api.ask("POST", "sales/add", sale())
    assert added.headers["Fakekit-Note"] == NO_LINES.format("sales-item or items")
    assert "sales.items" in added.headers["Fakekit-Assumed"].split(", ")
    assert api.ask("GET", "sales/100200").headers["Fakekit-Note"] == added.headers["Fakekit-Note"]
    assert "Fakekit-Note" not in api.ask("GET", "sales/324232").headers


def test_the_report_on_unread_names_suggests_no_name_for_itself(api: Api, xtrakit: fakekit.Handle) -> None:
    api.add("sales", **sale(**{"items": [LINE], "sales-item": [LINE]}))
    unread = control(xtrakit, f"/{xtrakit.api_key}").json()["unread"]
    assert unread == [{"endpoint": "POST /api/v1/sales/add", "name": "items", "nearest": ""}]


@pytest.mark.parametrize("path", ["stores/32", "sales/edit/324232"])
def test_an_edit_that_leaves_the_invoice_number_adds_no_prefix(fake: fakekit.FakeServer, path: str) -> None:
    settings = fakekit.Settings.of(invoice_prefix="SHOP-", assumptions={"update.partial": "partial"})
    handle = fake.account("fk_kept_number", settings)
    with Api(handle.origin, handle.api_key) as asking:
        before = asking.get("sales/324232")["sales"]
        for body in ({"invoice_note": "x"}, {"invoice_number": "INV-000001"}, before):
            answer = asking.ask("PUT", path, body)
            (written, *_) = answer.json()["data"].values()
            assert written["invoice_number"] == "INV-000001"
            assert "sales.invoice_number" not in answer.headers["Fakekit-Assumed"].split(", ")
            assert "six digits" not in answer.headers.get("Fakekit-Note", "")
        assert asking.edit(path, invoice_number="000002")["invoice_number"] == "SHOP-000002"
    fake.close_account("fk_kept_number")


def test_six_digits_without_a_prefix_to_add_rely_on_no_assumption(fake: fakekit.FakeServer) -> None:
    handle = fake.account("fk_no_prefix", fakekit.Settings.of(invoice_prefix=""))
    with Api(handle.origin, handle.api_key) as asking:
        answer = asking.ask("POST", "sales/add", sale(invoice_number="000007"))
    assert "sales.invoice_number" not in answer.headers["Fakekit-Assumed"].split(", ")
    assert "six digits" not in answer.headers.get("Fakekit-Note", "")
