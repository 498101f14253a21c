"""The form of a record in the console: what its fields take, what is wrong with them, what they change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest

from fakekit import FakeServer, Handle
from tests.helpers.console import CONSOLE, get_page, send_form

WORLD = f"{CONSOLE}/fk_demo/world"


@pytest.fixture(scope="module")
def server() -> Iterator[Handle]:
    """A server for the forms that change nothing."""
    with FakeServer() as running:
        yield running


def form_of(page: str) -> dict[str, str]:
    """The names and texts of the one-line inputs of a form."""
    return dict(re.findall(r'<input id="field-[^"]+" name="([^"]+)"[^>]* value="([^"]*)"', page))


def test_the_form_has_an_input_for_each_kind_of_field(server: Handle) -> None:
    page = get_page(server, f"{WORLD}/customers/8/edit").text
    assert form_of(page)["customer_name"] == "Nana Ama O&#39;Brien"
    assert "a date and time, YYYY-MM-DD HH:MM:SS; example: 2024-08-04 08:23:45" in page
    assert '<option value="">null</option>' in page  # of the group
    assert '<option value="1">1: Premium Customers</option>' in page
    assert 'name="id"' not in page
    page = get_page(server, f"{WORLD}/items/Jce84a50/edit").text
    assert re.search('<textarea [^>]*name="item_images"', page)
    assert re.search('<input [^>]*name="item_price"[^>]* type="number"', page)
    assert '<option value="1" selected>1 (true)</option>' in page


def test_an_edit_changes_only_what_was_typed() -> None:
    with FakeServer() as fake:
        before = fake.customer(8)
        page = get_page(fake, f"{WORLD}/customers/8/edit").text
        sent = {**form_of(page), "customer_name": before["customer_name"], "customer_city": "Kumasi"}
        answer = send_form(fake, f"{WORLD}/customers/8/edit", **sent)
        assert answer.url == f"{fake.origin}{WORLD}/customers/8"
        assert fake.customer(8) == {**before, "customer_city": "Kumasi"}


def test_an_edit_keeps_what_another_page_changed_meanwhile() -> None:
    with FakeServer() as fake:
        page = get_page(fake, f"{WORLD}/customers/8/edit").text
        seen = re.findall(r'name="fakekit_seen" value="([^"]+)"', page)[0]
        sent = {**form_of(page), "fakekit_seen": unescape(seen)}
        sent = {name: unescape(text) for name, text in sent.items()}
        fake.change("customers", 8, customer_city="Kumasi")
        answer = send_form(fake, f"{WORLD}/customers/8/edit", **{**sent, "created_at": "yesterday"})
        assert form_of(answer.text)["customer_city"] == "Kumasi"
        assert form_of(answer.text)["created_at"] == "yesterday"
        send_form(fake, f"{WORLD}/customers/8/edit", **{**sent, "customer_zip": "00042"})
        customer = fake.customer(8)
        assert (customer["customer_city"], customer["customer_zip"]) == ("Kumasi", "00042")


def test_an_edit_of_a_field_that_was_changed_meanwhile_is_said_first() -> None:
    with FakeServer() as fake:
        path = f"{WORLD}/customers/8/edit"
        opened = re.findall(r'name="fakekit_seen" value="([^"]+)"', get_page(fake, path).text)[0]
        fake.change("customers", 8, customer_city="Kumasi")
        answer = send_form(fake, path, fakekit_seen=unescape(opened), customer_city="Tamale")
        assert answer.status_code == 422
        message = "customer_city was changed meanwhile to 'Kumasi'; save again to replace that"
        assert message in unescape(answer.text)
        assert (form_of(answer.text)["customer_city"], fake.customer(8)["customer_city"]) == (
            "Tamale",
            "Kumasi",
        )
        opened = re.findall(r'name="fakekit_seen" value="([^"]+)"', answer.text)[0]
        send_form(fake, path, fakekit_seen=unescape(opened), customer_city="Tamale")
        assert fake.customer(8)["customer_city"] == "Tamale"


def test_no_text_in_an_optional_field_is_null() -> None:
    with FakeServer() as fake:
        send_form(fake, f"{WORLD}/customers/8/edit", customer_email="", customer_zip="00042")
        customer = fake.customer(8)
        assert (customer["customer_email"], customer["customer_zip"]) == (None, "00042")


def test_a_form_says_what_an_empty_field_is_saved_as(server: Handle) -> None:
    page = unescape(get_page(server, f"{WORLD}/customers/8/edit").text)
    assert '+233244567890; empty is saved as "" <' in page
    assert "jane.doe@example.com; leave empty for null <" in page
    assert "2024-08-04 08:23:45 <" in page  # empty is an error
    page = get_page(server, f"{WORLD}/customers/new").text
    assert "+233244567890; leave empty for a generated value <" in page


def test_an_empty_text_in_another_form_is_said_in_a_sentence() -> None:
    with FakeServer() as fake:
        answer = send_form(fake, f"{WORLD}/customers/8/edit", customer_phone="")
        assert fake.customer(8)["customer_phone"] == ""
        assert '<span class="quiet">""</span></ins>' in answer.text
        assert "This is not in the international form." in answer.text


def test_line_ends_of_a_browser_are_those_of_the_record() -> None:
    with FakeServer() as fake:
        fake.change("customer_groups", 1, group_description="one\ntwo")
        send_form(fake, f"{WORLD}/customer_groups/1/edit", group_description="one\r\ntwo\r\nthree")
        assert fake.group(1)["group_description"] == "one\ntwo\nthree"


def test_the_errors_of_the_schema_are_beside_the_fields() -> None:
    with FakeServer() as fake:
        before = fake.customer(8)
        sent = {"created_at": "yesterday", "customer_group_id": "77", "customer_city": "Kumasi"}
        answer = send_form(fake, f"{WORLD}/customers/8/edit", **sent)
        assert answer.status_code == 422
        assert (
            '<p class="problem" id="problem-created_at">created_at must be a date and time, '
            "YYYY-MM-DD HH:MM:SS</p>"
        ) in answer.text
        assert 'aria-describedby="hint-created_at problem-created_at" aria-invalid="true"' in answer.text
        assert answer.text.count(" autofocus") == 1
        assert form_of(answer.text)["created_at"] == "yesterday"
        assert form_of(answer.text)["customer_city"] == "Kumasi"
        assert fake.customer(8) == before


def test_a_reference_to_no_record_is_an_error() -> None:
    with FakeServer() as fake:
        answer = send_form(fake, f"{WORLD}/customers/8/edit", customer_group_id="77")
        assert answer.status_code == 422
        assert "customer_group_id names a record of customer_groups that does not exist" in answer.text
        assert '<option value="77" selected>77: there is none</option>' in answer.text


def test_what_looks_like_a_credential_is_not_repeated(server: Handle) -> None:
    sent = {"customer_city": "sk_live_4eC39HqLyjWDarjtT1", "created_at": "x"}
    answer = send_form(server, f"{WORLD}/customers/8/edit", **sent)
    assert answer.status_code == 422
    assert "sk_live" not in answer.text
    assert "What was typed here looks like a credential and is not repeated: type it again." in answer.text


def test_a_record_is_added_and_the_rest_is_generated() -> None:
    with FakeServer() as fake:
        answer = send_form(
            fake, f"{WORLD}/customers/new", customer_name="<b>Ama</b>", customer_email="", id=""
        )
        assert answer.url == f"{fake.origin}{WORLD}/customers/51"
        assert "&lt;b&gt;Ama&lt;/b&gt;" in answer.text
        customer = fake.customer(51)
        assert customer["customer_name"] == "<b>Ama</b>"
        assert customer["customer_phone"].startswith("+")
        assert customer["customer_email"] is None
        answer = send_form(fake, f"{WORLD}/customers/new", id="51")
        assert answer.status_code == 422
        assert "id is the id of a record that exists" in answer.text


def test_the_lines_of_a_sale_are_json() -> None:
    with FakeServer() as fake:
        code = fake.records("sales")[0]["invoice_code"]
        lines = '[{"item_name": "Zebra", "unit_price": "1.00", "quantity": "2"}]'
        answer = send_form(fake, f"{WORLD}/sales/{code}/edit", **{"sales-item": lines})
        assert answer.status_code == 200
        assert [line["item_name"] for line in fake.sale_items(code)] == ["Zebra"]
        assert "The seed has: <del>" in answer.text
        answer = send_form(fake, f"{WORLD}/sales/{code}/edit", **{"sales-item": "two"})
        assert "sales-item must be a list of records, as JSON" in answer.text
        answer = send_form(fake, f"{WORLD}/sales/{code}/edit", **{"sales-item": '[{"quantity": "2"}]'})
        assert "sales-item[0].item_name is required" in answer.text


def test_a_record_with_a_new_code_is_shown_by_it() -> None:
    with FakeServer() as fake:
        answer = send_form(fake, f"{WORLD}/items/Jce84a50/edit", item_code="Jnew", item_price="12.5")
        assert answer.url == f"{fake.origin}{WORLD}/items/Jnew"
        assert fake.record("items", "Jnew")["item_price"] == 12.5


def test_the_form_of_a_record_that_is_gone_says_so() -> None:
    with FakeServer() as fake:
        fake.remove("customers", 8)
        for answer in (
            get_page(fake, f"{WORLD}/customers/8/edit"),
            send_form(fake, f"{WORLD}/customers/8/edit", customer_city="Kumasi"),
        ):
            assert answer.status_code == 404
            assert "This record was deleted with the key" in answer.text
