"""The place World: records are found, read, and compared with their first values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import requests
from markupsafe import escape

from fakekit import FakeServer, Handle
from tests.helpers.console import CONSOLE, get_page, send_form
from tests.helpers.processes import PATIENCE

HOSTILE = ["<script>alert(1)</script>", '" onmouseover="x', "{{7*7}}", "\u202eevil", "long " * 1000]


@pytest.fixture(scope="module")
def server() -> Iterator[Handle]:
    """A server for the pages that change nothing."""
    with FakeServer() as running:
        yield running


def world(key: str = "fk_demo") -> str:
    return f"{CONSOLE}/{key}/world"


def names(page: str) -> list[str]:
    """The text of the first links of the rows of a list."""
    return re.findall(r"<tr[^>]*>\s*<td><a href=\"[^\"]+\">([^<]+)</a>", page)


def test_it_begins_with_the_first_resource(server: Handle) -> None:
    answer = get_page(server, world())
    assert answer.url == f"{server.origin}{world()}/customers"
    assert "+233244567890" in answer.text  # of customer 1
    assert "15848484" not in answer.text  # what is the same in every record is no column
    assert names(answer.text)[:2] == ["1", "2"]


def test_records_are_found_by_any_text(server: Handle) -> None:
    page = get_page(server, f"{world()}/customers?search=o%27brien").text
    assert names(page) == ["8"]
    assert "persona: an apostrophe in the name" in page
    empty = get_page(server, f"{world()}/customers?search=nobody").text
    assert "No record matches." in empty


def test_a_record_leads_back_to_the_list_that_led_to_it(server: Handle) -> None:
    query = "search=o%27brien"
    page = get_page(server, f"{world()}/customers?{query}").text
    own = f"{world()}/customers/8?{query}"
    assert f'<a href="{own}">8</a>' in page
    assert f'<a href="{own}">Nana Ama O&#39;Brien</a>' in page
    page = get_page(server, own).text
    assert f'<a href="{world()}/customers?{query}">Back to the list: o&#39;brien</a>' in page
    assert f'href="{world()}/customers/8/edit?{query}"' in page
    answer = send_form(server, f"{world()}/customers/8/edit?{query}")
    assert answer.url == f"{server.origin}{own}"
    page = get_page(server, f"{world()}/customers/8?search=sk_live_4eC39HqLyjWDarjtT1").text
    assert "sk_live" not in page


def test_personas_are_a_filter(server: Handle) -> None:
    page = get_page(server, f"{world()}/customers?only=personas").text
    assert names(page) == ["2", "3", "4", "5", "6", "7", "8", "9"]
    assert "persona: lives abroad" in page


def test_a_long_list_has_pages() -> None:
    with FakeServer(customers=120) as fake:
        page = get_page(fake, f"{world()}/customers").text
        assert names(page)[-1] == "50"
        assert f'href="{world()}/customers?after=50">Next</a>' in page
        page = get_page(fake, f"{world()}/customers?after=100").text
        assert names(page) == [str(key) for key in range(101, 121)]
        assert "Next" not in page


def test_a_record_says_where_its_fields_are_from_and_leads_to_others(server: Handle) -> None:
    page = get_page(server, f"{world()}/customers/1").text
    assert "<h1>Customer 1: Jane Doe</h1>" in page
    assert "<small>fetch-customer</small>" in page
    assert f'<a href="{world()}/customer_groups/1">1</a> <small>Premium Customers</small>' in page
    assert f'<a href="{world()}/sales?refers_to=customers/1">Sales of this customer</a>' in page.replace(
        "%2F", "/"
    )
    assert f"curl -i {server.origin}/api/v1/customers/1" in page


def test_the_sales_of_a_customer_have_lines_that_lead_to_items(server: Handle) -> None:
    sales = server.records("sales", customer_id=8)
    page = get_page(server, f"{world()}/sales?refers_to=customers/8").text
    assert names(page) == [str(sale["invoice_code"]) for sale in sales]
    page = get_page(server, f"{world()}/sales/{sales[0]['invoice_code']}").text
    item = server.sale_items(sales[0]["invoice_code"])[0]["item_name"]
    assert f'<a href="{world()}/items?search={item.replace(" ", "+")}">{item}</a>' in page
    assert f'<a href="{world()}/customers/8">8</a>' in page


def test_a_sale_of_a_deleted_customer_says_so() -> None:
    with FakeServer() as fake:
        sale = fake.records("sales")[0]
        fake.remove("customers", sale["customer_id"])
        page = get_page(fake, f"{world()}/sales/{sale['invoice_code']}").text
        assert "customers has no such record" in page


@pytest.mark.slow
def test_a_world_without_records_says_how_to_get_some() -> None:
    with FakeServer(customers=0) as fake:
        page = get_page(fake, f"{world()}/customers").text
        assert "There are no customers. Add one" in page
        assert get_page(fake, f"{world()}/sales/new").status_code == 200


def test_an_item_is_reached_by_its_code(server: Handle) -> None:
    code = server.records("items")[0]["item_code"]
    assert f'href="{world()}/items/{code.strip()}"' in get_page(server, f"{world()}/items").text
    page = get_page(server, f"{world()}/items/{quote(code)}").text
    assert "<h1>Item Jce84a50: HP Laptop</h1>" in page
    assert f'<a href="{world()}/sales?search=HP+Laptop">Sales with this name in a line</a>' in page


def test_changes_are_marked_and_can_be_listed_alone() -> None:
    with FakeServer() as fake:
        city = fake.customer(8)["customer_city"]
        fake.change("customers", 8, customer_city="Kumasi")
        fake.remove("customers", 9)
        added = fake.add_customer(customer_name="Ama")["id"]
        page = get_page(fake, f"{world()}/customers").text
        assert "3 changes:" in page
        assert f'<a href="{world()}/customers?only=changed">3 of customers</a>' in page
        assert f"<del>{city}</del> <ins>Kumasi</ins>" in page
        assert "<strong>removed</strong>" in page
        page = get_page(fake, f"{world()}/customers?only=changed").text
        assert names(page) == ["8", "9", str(added)]
        assert "<strong>changed</strong> customer_city" in page
        assert "<strong>added</strong>" in page
        page = get_page(fake, f"{world()}/customers/8").text
        assert f"<del>{city}</del> <ins>Kumasi</ins>" in page
        assert "Added with this key" in get_page(fake, f"{world()}/customers/{added}").text


def test_a_record_is_deleted_and_brought_back() -> None:
    with FakeServer() as fake:
        first = fake.customer(8)
        answer = send_form(fake, f"{world()}/customers/8/delete")
        assert (answer.status_code, answer.url) == (404, f"{fake.origin}{world()}/customers/8")
        assert "This record was deleted with the key" in answer.text
        assert f"<del>{first['customer_city']}</del>" in answer.text
        assert "<h1>Customer 8: Nana Ama O&#39;Brien</h1>" in answer.text
        answer = send_form(fake, f"{world()}/customers/8/restore")
        assert answer.status_code == 200
        assert fake.customer(8) == first


def test_an_added_record_that_goes_back_leads_to_the_list() -> None:
    with FakeServer() as fake:
        added = fake.add_customer()["id"]
        answer = send_form(fake, f"{world()}/customers/{added}/restore")
        assert answer.url == f"{fake.origin}{world()}/customers"
        assert fake.find("customers", id=50)
        assert get_page(fake, f"{world()}/customers/{added}").status_code == 404


def test_all_records_go_back_and_faults_stay() -> None:
    with FakeServer() as fake:
        first = fake.customer(8)
        fake.change("customers", 8, customer_city="Kumasi")
        fake.fail(503, times=1)
        answer = send_form(fake, f"{world()}/clear", resource="sales")
        assert answer.url == f"{fake.origin}{world()}/sales"
        assert "changes:" not in answer.text
        assert fake.customer(8) == first
        assert len(fake.faults) == 1
        assert " removed 1 changed record." in get_page(fake, world()).text
        send_form(fake, f"{CONSOLE}/fk_demo/faults/reset/undo")
        assert fake.customer(8)["customer_city"] == "Kumasi"


def test_a_stale_link_says_what_happened(server: Handle) -> None:
    answer = get_page(server, f"{world()}/customers/999")
    assert answer.status_code == 404
    assert "the population ends at 50" in answer.text
    assert f'<a href="{world()}/customers/new?id=999">Add it</a>' in answer.text
    assert ' value="999"' in get_page(server, f"{world()}/customers/new?id=999").text
    assert get_page(server, f"{world()}/nope/1").status_code == 404
    unknown = get_page(server, f"{world()}/customers/sk_live_4eC39HqLyjWDarjtT1")
    assert (unknown.status_code, "sk_live" in unknown.text) == (404, False)


def test_an_earlier_code_leads_to_the_record() -> None:
    with FakeServer() as fake:
        fake.change("items", "Jce84a50", item_code="Jnew")
        page = get_page(fake, f"{world()}/items/Jce84a50").text
        assert f'It had this code before: <a href="{world()}/items/Jnew">Item Jnew</a>' in page


def test_what_cannot_be_searched_for_is_a_problem_on_the_page(server: Handle) -> None:
    for query in ("after=x", "refers_to=nope/1", "search=sk_live_4eC39HqLyjWDarjtT1"):
        answer = get_page(server, f"{world()}/sales?{query}")
        assert answer.status_code == 422
        assert 'class="problems"' in answer.text
        assert "sk_live" not in answer.text


@pytest.mark.parametrize(
    ("query", "name", "word"),
    [
        ("", "fk_demo-changes.yaml", "# What fk_demo changed"),
        ("?what=world&form=json", "fk_demo-world.json", '"population": 0'),
    ],
)
def test_records_are_downloaded_as_a_fixture_file(server: Handle, query: str, name: str, word: str) -> None:
    answer = get_page(server, f"{world()}/download{query}")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert word in answer.text


def test_hostile_texts_are_texts() -> None:
    with FakeServer() as fake:
        for text in HOSTILE:
            key = fake.add_customer(customer_name=text, customer_email=text)["id"]
            for path in (f"?search={quote(text[:60])}", f"/{key}", f"/{key}/edit"):
                page = get_page(fake, f"{world()}/customers{path}").text
                assert escape(text[:40]) in page
                assert "<script>alert" not in page
                assert ' onmouseover="' not in page


def test_a_change_needs_the_control_header(server: Handle) -> None:
    for path in ("customers/8/delete", "customers/8/restore", "clear", "customers/new", "customers/8/edit"):
        assert requests.post(f"{server.origin}{world()}/{path}", timeout=PATIENCE).status_code == 403
    assert server.customer(8)["customer_name"] == "Nana Ama O'Brien"
