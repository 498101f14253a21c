"""The console's first page, the switch between accounts and the API reference."""

from __future__ import annotations

import re
from html import unescape

import pytest
import requests

from fakekit import FakeServer
from fakekit.accounts.journal import EntryJson, JournalEntry
from fakekit.resources import ENDPOINTS
from tests.helpers.console import CONSOLE, get_page, send_form
from tests.helpers.processes import PATIENCE


@pytest.mark.parametrize(
    ("accept", "is_page"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("*/*", False),
        ("application/json", False),
        ("text/plain, text/html;q=0.9", False),
    ],
)
def test_the_root_is_a_page_only_where_html_is_preferred(accept: str, is_page: bool) -> None:
    with FakeServer() as fake:
        answer = get_page(fake, "/", accept)
    assert answer.status_code == 200
    assert answer.url.endswith(f"{CONSOLE}/fk_demo/start") == is_page
    assert answer.text.startswith("<!doctype html>" if is_page else "This is fakekit")


def test_the_start_page_has_what_a_first_request_needs() -> None:
    with FakeServer() as fake:
        page = get_page(fake, f"{CONSOLE}/fk_mine/start").text
        assert f"curl -i {fake.origin}/api/v1/customers/1 \\\n  -H 'Authorization: Bearer fk_mine'" in page
        assert "&lt;?php" in page
        assert "Waiting for your first request with the key <code>fk_mine</code>" in page


def test_the_start_page_turns_when_the_first_request_comes() -> None:
    with FakeServer() as fake:
        url = f"{fake.origin}/api/v1/customers/1"
        requests.get(url, headers={"Authorization": "Bearer fk_mine"}, timeout=PATIENCE)
        first = get_page(fake, f"{CONSOLE}/fk_mine/start/first").text
        assert "<strong>GET /api/v1/customers/1</strong>" in first
        assert '<h1 id="start-title" hx-swap-oob="true">A request came</h1>' in first
        page = get_page(fake, f"{CONSOLE}/fk_mine/start").text
        assert re.findall("<h1[^>]*>.*</h1>", page) == ['<h1 id="start-title">A request came</h1>']
        assert f'href="{CONSOLE}/fk_mine/requests/1"' in first


def test_the_start_page_says_that_a_request_with_another_key_came() -> None:
    with FakeServer() as fake:
        url = f"{fake.origin}/api/v1/customers/1"
        requests.get(url, headers={"Authorization": "Bearer fk_mine"}, timeout=PATIENCE)
        page = get_page(fake, f"{CONSOLE}/fk_demo/start").text
        assert "A request with the key <strong>fk_mine</strong> came: GET /api/v1/customers/1" in page
        assert f'href="{CONSOLE}/fk_mine/requests"' in page


def test_the_start_page_says_why_a_request_without_a_valid_key_failed() -> None:
    with FakeServer() as fake:
        headers = {"Authorization": "Bearer API_KEY"}
        requests.get(f"{fake.origin}/api/v1/customers/1", headers=headers, timeout=PATIENCE)
        page = get_page(fake, f"{CONSOLE}/fk_demo/start").text
        assert "this is the literal API_KEY of the vendor&#39;s sample" in page
        assert f'href="{CONSOLE}/-/requests/1?account=fk_demo"' in page
        assert ">1 without a valid key</a>" in page
        requests.get(
            f"{fake.origin}/customers/1", headers={"Authorization": "Bearer fk_mine"}, timeout=PATIENCE
        )
        page = get_page(fake, f"{CONSOLE}/fk_demo/start").text
        assert "A request of <strong>no account</strong> came: GET /customers/1" in page


def test_home_leads_to_the_account_that_had_the_latest_request() -> None:
    with FakeServer() as fake:
        for key in ("fk_a", "fk_b", "fk_a"):
            headers = {"Authorization": f"Bearer {key}"}
            requests.get(f"{fake.origin}/api/v1/customers/1", headers=headers, timeout=PATIENCE)
        answer = requests.get(f"{fake.origin}{CONSOLE}", allow_redirects=False, timeout=PATIENCE)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{CONSOLE}/fk_a")
        answer = requests.get(f"{fake.origin}{CONSOLE}/fk_a", allow_redirects=False, timeout=PATIENCE)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{CONSOLE}/fk_a/requests")


def test_the_menu_lists_the_accounts_that_were_used_last() -> None:
    server = FakeServer()
    with server as fake:
        for number in range(60):
            server.do("open", key=f"fk_{number}")
        requests.get(
            f"{fake.origin}/api/v1/customers/1", headers={"Authorization": "Bearer fk_7"}, timeout=PATIENCE
        )
        page = get_page(fake, f"{CONSOLE}/fk_demo/accounts/menu").text
    keys = re.findall(r'<a href="/_fakekit/console/(fk_\w+)"', page)
    assert (len(keys), keys[:3]) == (50, ["fk_7", "fk_59", "fk_58"])
    assert "fk_7</a> <small>1 request</small>" in page
    assert "11 more, which were used less recently" in page  # of 60, and fk_demo


def test_the_pages_that_every_page_asks_for_format_one_request_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    formatted: list[int] = []

    def as_json(entry: JournalEntry) -> EntryJson:
        formatted.append(entry.number)
        return original(entry)

    original = JournalEntry.as_json
    with FakeServer() as fake:
        for key in ("none", "none", "fk_a", "fk_b", "fk_b"):
            headers = {"Authorization": f"Bearer {key}"}
            requests.get(f"{fake.origin}/api/v1/customers/1", headers=headers, timeout=PATIENCE)
        monkeypatch.setattr(JournalEntry, "as_json", as_json)
        for path in ("", "/fk_a/accounts/menu", "/fk_a/accounts", "/fk_a/start/first"):
            requests.get(f"{fake.origin}{CONSOLE}{path}", allow_redirects=False, timeout=PATIENCE)
    assert formatted == [3]


def test_an_address_below_the_console_that_is_no_page_is_a_page_that_says_so() -> None:
    with FakeServer() as fake:
        for path in ("/fk_demo/nothing", "/fk_demo/requests/1/2/3/<script>"):
            answer = get_page(fake, CONSOLE + path)
            assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
            assert "no page has this address" in answer.text
            assert f'<a href="{CONSOLE}">Open the console</a>' in answer.text
            assert "<script>" not in answer.text


def test_a_key_is_opened_by_its_name_and_anything_else_is_not_repeated() -> None:
    with FakeServer() as fake:
        assert (
            get_page(fake, f"{CONSOLE}/account?key=fk_other").url == f"{fake.origin}{CONSOLE}/fk_other/start"
        )
        answer = get_page(fake, f"{CONSOLE}/account?key=sk_live_4eC39HqLyjWDarjtT1")
        assert answer.status_code == 422
        assert "is not a key of fakekit" in answer.text
        assert "sk_live" not in answer.text
        assert get_page(fake, f"{CONSOLE}/sk_live_4eC39HqLyjWDarjtT1/start").status_code == 404


def test_a_new_key_is_made_by_a_form_with_the_control_header_only() -> None:
    with FakeServer() as fake:
        without_header = requests.post(f"{fake.origin}{CONSOLE}/account", timeout=PATIENCE)
        assert without_header.status_code == 403
        answer = send_form(fake, f"{CONSOLE}/account")
        assert answer.status_code == 200
        assert "Waiting for your first request with the key <code>fk_" in answer.text


def test_every_page_names_the_keys_that_do_something_on_it() -> None:
    with FakeServer() as fake:
        page = get_page(fake, f"{CONSOLE}/fk_demo/world/customers").text
        assert re.findall(r'aria-keyshortcuts="(.)"', page) == ["1", "2", "3", "4", "5", "/", "?"]
        page = get_page(fake, f"{CONSOLE}/fk_demo/start").text
        assert re.findall(r'aria-keyshortcuts="(.)"', page) == ["1", "2", "3", "4", "5", "?"]


def test_a_page_of_a_server_that_was_started_again_says_so() -> None:
    urls = []
    for _ in range(2):
        with FakeServer() as fake:
            page = get_page(fake, f"{CONSOLE}/fk_demo/world/customers").text
            urls += re.findall(r'hx-get="([^"]+/unauthenticated\?since=[0-9a-f]+)"', page)
            answers = [get_page(fake, url).text for url in urls]
    assert ["The server was started again" in answer for answer in answers] == [True, False]


def test_the_reference_lists_every_endpoint() -> None:
    with FakeServer() as fake:
        page = get_page(fake, f"{CONSOLE}/fk_demo/reference").text
        for endpoint in ("GET /api/v1/customers/{id}", "POST /api/v1/sales/add", "POST /api/v1/sales/add"):
            assert f"<code>{endpoint}</code>" in page
        assert "<code>customer_name</code> <small>required</small>" in page
        assert '<a href="/_fakekit/console/fk_demo/start" title=' in page
        assert re.search('aria-current="page">([^<]+)<', page)[1] == "Start"  # type: ignore[index]


def test_the_reference_has_an_example_of_every_endpoint() -> None:
    with FakeServer(assumptions={"delete.status": 200}) as fake:
        page = unescape(get_page(fake, f"{CONSOLE}/fk_demo/reference").text)
        assert page.count("<summary>Example</summary>") == len(ENDPOINTS)
        assert f"curl -i -X DELETE {fake.origin}/api/v1/customers/1 \\\n  -H 'Auth" in page
        assert '-d \'{\n  "customer_group_id": 1,\n  "customer_name": "Jane Doe",' in page
        assert '"message": "Customers found: 1"' in page
        page = re.sub(
            r"\bsince=\w+", "", page.replace(fake.origin, "")
        )  # a port or a token may have these digits
        assert "204" not in page


def test_every_page_forbids_scripts_of_others_and_frames() -> None:
    with FakeServer() as fake:
        for path in (f"{CONSOLE}/fk_demo/start", f"{CONSOLE}/static/console.js", f"{CONSOLE}/nokey/start"):
            headers = get_page(fake, path).headers
            assert headers["Content-Security-Policy"] == (
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            )
            assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_is_not_read_under_a_rebound_name() -> None:
    with FakeServer() as fake:
        url = f"{fake.origin}{CONSOLE}/fk_demo/start"
        answer = requests.get(url, headers={"Host": "evil.example"}, timeout=PATIENCE)
        assert answer.status_code == 403
        assert "fk_demo" not in answer.text
