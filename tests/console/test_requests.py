"""The list of requests in the console: its rows, filters, what it says when it is empty, and its buttons."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import pytest
import requests

from fakekit import FakeServer, Handle, Settings, create_app
from tests.helpers.console import CONSOLE, get_page, send_form
from tests.helpers.processes import PATIENCE

LIST = f"{CONSOLE}/fk_mine/requests"


def send(fake: Handle, path: str, key: str = "fk_mine", method: str = "GET", body: object = None) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    requests.request(method, f"{fake.origin}/api/v1/{path}", headers=headers, json=body, timeout=PATIENCE)


def numbers(page: str) -> list[str]:
    """Return the numbers of the rows on a page, from the top."""
    return re.findall(r'<tr id="request-(\d+)">', page)


def test_the_list_has_the_newest_request_first_and_says_why() -> None:
    with FakeServer() as fake:
        send(fake, "customers/1")
        send(fake, "customers?colour=red")
        send(fake, "customers/1", "fk_mine~fail=503")
        page = get_page(fake, LIST).text
    assert numbers(page) == ["3", "2", "1"]
    assert f'<a href="{LIST}/2"><code>GET /api/v1/customers?colour=red</code></a>' in page
    assert '<span class="status bad">503</span>' in page
    assert "<strong>Fault:</strong> fail=503" in page
    assert "<strong>Not read:</strong> colour" in page
    assert "</span> documented</span>" in page


def test_the_filters_are_in_the_address() -> None:
    with FakeServer() as fake:
        send(fake, "customers/1")
        send(fake, "customers/999")
        send(fake, "customers?colour=red")
        send(fake, "customers/add", method="POST", body={"customer_name": "Ama Mensah"})
        for query, found in {
            "text=AMA+mensah": ["4"],
            "text=population+ends": ["2"],
            "text=colour%3Dred": ["3"],
            "status=404": ["2"],
            "only=problems": ["4", "3", "2"],
            "assumption=missing.status": ["2"],
            "only=problems&text=get": ["3", "2"],
            "text=&status=&assumption=": ["4", "3", "2", "1"],
        }.items():
            assert numbers(get_page(fake, f"{LIST}?{query}").text) == found, query
        page = get_page(fake, f"{LIST}?text=nowhere&assumption=missing.error&only=problems").text
    assert "No request matches." in page
    assert "<option selected>missing.error</option>" in page
    assert 'name="text" value="nowhere"' in page
    assert 'value="problems" checked' in page


def test_a_filter_that_is_none_is_explained_and_kept() -> None:
    with FakeServer() as fake:
        page = get_page(fake, f"{LIST}?status=abc&only=problems")
        assert page.status_code == 422
        assert "<strong>status</strong>: must be a whole number from 100 to 599" in page.text
        assert 'name="status" value="abc"' in page.text
        send(fake, "customers/1")
        assert numbers(get_page(fake, f"{LIST}?status=abc").text) == ["1"]
        assert numbers(get_page(fake, f"{LIST}?status=abc&only=x&text=nowhere").text) == []
        page = get_page(fake, f"{LIST}?assumption=mising.status")
        assert "must be the name of an assumption, such as missing.status" in page.text
        assert "sk_live_4eC39" not in get_page(fake, f"{LIST}?text=sk_live_4eC39HqLyjWDarjt").text


def test_new_rows_are_those_after_a_number_by_the_same_filters() -> None:
    with FakeServer() as fake:
        for path in ("customers/1", "customers/999", "customers/2", "customers/998"):
            send(fake, path)
        rows = get_page(fake, f"{LIST}/rows?since=1&status=404").text
        assert numbers(rows) == ["4", "2"]
        assert rows.split()[0] == "<tr"
        assert get_page(fake, f"{LIST}/rows?since=4").text.strip() == ""
        assert get_page(fake, f"{LIST}/rows?since=x").status_code == 422


def test_an_empty_list_says_how_to_send_a_request() -> None:
    with FakeServer() as fake:
        page = get_page(fake, LIST).text
        assert "No request with the key <code>fk_mine</code> is recorded." in page
        assert f'<a href="{CONSOLE}/fk_mine/start">Send one</a>' in page
        assert "No request came without a valid key." in get_page(fake, f"{CONSOLE}/-/requests").text


def test_requests_without_a_valid_key_have_a_list_of_their_own() -> None:
    with FakeServer() as fake:
        send(fake, "customers/1", "API_KEY")
        send(fake, "customers/1")
        page = get_page(fake, f"{CONSOLE}/-/requests").text
        assert numbers(page) == ["1"]
        assert "the literal API_KEY" in page
        assert ">1 without a valid key</a>" in page
        page = send_form(fake, f"{CONSOLE}/-/requests/forget").text
        assert numbers(page) == []
        assert "No request came without a valid key." in page
        assert numbers(get_page(fake, LIST).text) == ["2"]


def test_the_list_of_an_account_says_how_many_had_no_valid_key() -> None:
    line = "1 request had no valid key, so it is not in this list."
    link = f'<a href="{CONSOLE}/-/requests?account=fk_mine">Show it</a>'
    with FakeServer() as fake:
        assert '"outerHTML" hidden>0 requests had no valid key' in get_page(fake, LIST).text
        send(fake, "customers/1", "API_KEY")
        for path in ("requests", "unauthenticated"):
            page = get_page(fake, f"{CONSOLE}/fk_mine/{path}").text
            assert f"{line} {link}" in page
        assert line not in get_page(fake, f"{CONSOLE}/-/requests").text


def test_the_account_stays_on_the_pages_of_requests_without_a_valid_key() -> None:
    stranger = f"{CONSOLE}/-/requests"
    with FakeServer() as fake:
        send(fake, "customers/1", "API_KEY")
        page = get_page(fake, f"{stranger}?account=fk_mine").text
        assert f'href="{CONSOLE}/fk_mine/world"' in page
        assert f'href="{CONSOLE}/fk_mine/requests"' in page
        assert '<input type="hidden" name="account" value="fk_mine">' in page
        assert f'<a href="{stranger}/1?account=fk_mine">' in page
        page = get_page(fake, f"{stranger}/1?account=fk_mine").text
        assert "Authorization: Bearer fk_mine" in page
        assert f'<a href="{stranger}?account=fk_mine">All requests without a valid key</a>' in page
        send(fake, "customers/1", "fk_latest")
        for query in ("", "?account=sk_live_4eC39HqLyjWDarjt"):
            page = get_page(fake, stranger + query).text
            assert f'href="{CONSOLE}/fk_latest/world"' in page
            assert "sk_live" not in page


def test_the_list_says_what_truth_means_and_which_assumptions_were_relied_on() -> None:
    with FakeServer() as fake:
        send(fake, "sales?customer_id=1")
        page = get_page(fake, LIST).text
    assert "documented</span> by the vendor" in page
    assert "relies on " in page


def test_a_long_list_has_pages() -> None:
    with FakeServer() as fake:
        with requests.Session() as session:
            session.headers["Authorization"] = "Bearer fk_mine"
            for _ in range(102):
                session.get(f"{fake.origin}/api/v1/customers/999", timeout=PATIENCE)
        page = get_page(fake, f"{LIST}?status=404").text
        assert (numbers(page)[0], numbers(page)[-1], len(numbers(page))) == ("102", "3", 100)
        assert f'href="{LIST}?status=404&amp;before=3">Older</a>' in page
        page = get_page(fake, f"{LIST}?status=404&before=3").text
        assert numbers(page) == ["2", "1"]
        assert f'href="{LIST}?status=404">Show the newest</a>' in page
        assert 'id="live"' not in page
        assert "Older</a>" not in page
        wrong = get_page(fake, f"{LIST}?before=x")
        assert (wrong.status_code, len(numbers(wrong.text))) == (422, 100)
        assert "Only requests before" not in wrong.text


@pytest.mark.slow
def test_a_list_that_dropped_requests_says_so() -> None:
    with FakeServer() as fake:
        send(fake, "customers/1")
        assert "Older requests were dropped" not in get_page(fake, LIST).text
        with requests.Session() as session:
            session.headers["Authorization"] = "Bearer fk_mine"
            for _ in range(1000):
                session.get(f"{fake.origin}/api/v1/customers/1", timeout=PATIENCE)
        page = get_page(fake, LIST).text
        last_page = get_page(fake, f"{LIST}?before=102").text
    assert "Older requests were dropped" not in page
    assert len(numbers(page)) == 100
    assert "Older requests were dropped: at most 1,000 are kept." in last_page
    assert len(numbers(last_page)) == 100


def test_the_list_is_deleted_by_its_form() -> None:
    with FakeServer() as fake:
        send(fake, "customers/1")
        assert requests.post(f"{fake.origin}{LIST}/forget", timeout=PATIENCE).status_code == 403
        page = send_form(fake, f"{LIST}/forget")
        assert page.url == f"{fake.origin}{LIST}"
        assert numbers(page.text) == []


def test_the_filtered_list_is_saved_as_har() -> None:
    with FakeServer() as fake:
        send(fake, "customers/1")
        send(fake, "customers/999")
        assert f'href="{LIST}/har?status=404"' in get_page(fake, f"{LIST}?status=404").text
        answer = get_page(fake, f"{LIST}/har?status=404")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="fk_mine.har"'
    assert [entry["_number"] for entry in json.loads(answer.text)["log"]["entries"]] == [2]


def test_a_server_with_a_token_names_the_command_that_saves_the_list() -> None:
    settings = Settings.of(host="0.0.0.0", control_token="a-token-of-this-test")
    client = create_app(settings).test_client()
    headers = {"Fakekit-Control": "a-token-of-this-test", "Authorization": "Bearer fk_mine"}
    client.get("/api/v1/customers/1", headers=headers)
    page = client.get(LIST, headers=headers).text
    assert "<code>fakekit requests --url http://localhost --key fk_mine --har FILE</code>" in page
    assert "/har" not in page


def test_hostile_text_in_a_request_is_text_in_the_list() -> None:
    hostile = '<script>alert(1)</script>" onmouseover={{7*7}}\u202e'
    text = "&lt;script&gt;alert(1)&lt;/script&gt;&#34; onmouseover={{7*7}}\u202e"
    with FakeServer() as fake:
        send(fake, "sales/%3Cscript%3E1")
        send(fake, f"sales?customer_id={quote(hostile)}")
        send(fake, f"sales?customer_id={quote(hostile + ' x' * 1000)}")
        page = get_page(fake, f"{LIST}?text={quote(hostile)}").text
        assert numbers(page) == ["3", "2"]
        page += get_page(fake, LIST).text
    assert "<script>" not in page
    assert '" onmouseover' not in page
    assert f'name="text" value="{text}"' in page
    assert f"GET /api/v1/sales?customer_id={text[:-1]}\\u202e</code>" in page
    assert "GET /api/v1/sales/...</code>" in page
    assert len(page) < 30_000


def test_a_credential_in_a_filter_is_not_repeated() -> None:
    with FakeServer() as fake:
        for name in ("text", "status", "assumption", "only"):
            page = get_page(fake, f"{CONSOLE}/fk_demo/requests?{name}=sk_live_4eC39HqLyjWDarjtT1")
            assert "sk_live" not in page.text, name
