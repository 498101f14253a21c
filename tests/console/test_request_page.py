"""The page of one request: why it was answered so, what came and went, sending it again."""

from __future__ import annotations

import html
from urllib.parse import quote

import pytest
import requests

from fakekit import FakeServer, Handle
from tests.helpers.console import CONSOLE, get_page, send_form
from tests.helpers.processes import PATIENCE

LIST = f"{CONSOLE}/fk_mine/requests"
HOSTILE = "<script>alert(1)</script>\" onmouseover={{7*7}}\u202e'"


def send(fake: Handle, path: str, method: str = "GET", key: str = "fk_mine", **options: object) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    requests.request(
        method,
        f"{fake.origin}/api/v1/{path}",
        headers=headers,
        timeout=PATIENCE,
        **options,  # type: ignore[arg-type]
    )


def entries(fake: Handle) -> list[dict[str, object]]:
    headers = {"Fakekit-Control": "1"}
    url = f"{fake.origin}/_fakekit/accounts/fk_mine/requests"
    listed: list[dict[str, object]] = requests.get(url, headers=headers, timeout=PATIENCE).json()["requests"]
    return listed


def test_a_request_says_why_it_was_answered_so() -> None:
    with FakeServer() as fake:
        send(fake, "customers/999")
        page = html.unescape(get_page(fake, f"{LIST}/1").text)
    assert '<p class="notice">the population ends at 50; start with --customers 999' in page
    assert f'<a href="{CONSOLE}/fk_mine/world/customers/999">customers 999 in World</a>' in page
    assert (
        "<summary><code>missing.status=404</code> A record that does not exist answers 404.</summary>" in page
    )
    assert "set a whole number from 400 to 499." in page
    assert "<code>fakekit serve --assumptions missing.status=400</code>" in page
    assert "<code>@pytest.mark.fakekit(assumptions={'missing.status': 400})</code>" in page
    assert "The <code>error</code> for a record that does not exist" in page
    assert "<code>GET /api/v1/customers/{id}</code></a>" in page


def test_the_values_of_assumptions_are_those_of_the_account() -> None:
    server = FakeServer()
    with server as fake:
        server.do("open", key="fk_mine", assumptions={"missing.status": 400})
        send(fake, "customers/999")
        page = get_page(fake, f"{LIST}/1").text
    assert "<code>missing.status=400</code>" in page
    assert "fakekit serve --assumptions missing.status=401" in page


def test_a_refusal_and_names_that_are_not_read_are_explained() -> None:
    with FakeServer() as fake:
        send(fake, "customers/add", "POST", json={"custmer_name": "Ama", "zzz": 1})
        page = html.unescape(get_page(fake, f"{LIST}/1").text)
    assert '<p class="notice">customer_name is required; ' in page
    assert "<code>custmer_name</code>; did you mean <code>customer_name</code>?" in page
    assert "<strong>Not read:</strong> <code>zzz</code></p>" in page
    assert '{\n  "custmer_name": "Ama",\n  "zzz": 1\n}' in page
    assert '<th scope="row"><code>customer_phone</code></th><td>body</td><td>required</td><td></td>' in page


def test_a_401_says_what_to_send_instead() -> None:
    with FakeServer() as fake:
        send(fake, "customers/1", key="sk_live_4eC39HqLyjWDarjtT1")
        requests.get(f"{fake.origin}/api/v1/customers/1", timeout=PATIENCE)
        first = get_page(fake, f"{CONSOLE}/-/requests/1").text
        second = get_page(fake, f"{CONSOLE}/-/requests/2").text
    assert "<strong>The request has no valid key:</strong> this is not a key of fakekit" in first
    assert "the request has no Authorization header" in second
    for page in (first, second):
        assert "<code>Authorization: Bearer fk_demo</code>" in page
        assert "Not possible: its key is not kept." in page
        assert "sk_live" not in page


def test_what_is_kept_of_request_and_response_is_shown() -> None:
    with FakeServer() as fake:
        send(fake, "customers?page=2")
        send(fake, "customers/1", data=b"\x00\x01")
        page = html.unescape(get_page(fake, f"{LIST}/1").text)
        raw = html.unescape(get_page(fake, f"{LIST}/2").text)
    assert '<th scope="row"><code>page</code></th><td><code>2</code></td>' in page
    assert '<th scope="row"><code>authorization</code></th><td><code>...</code></td>' in page
    assert (
        '"message": "Customers found: 50",\n  "data": {\n    "customers": [\n      {\n        "id": 1,'
        in page
    )
    assert "Cut here: only the start of a response is kept." in page
    assert "2 bytes, which are not kept: they are neither JSON nor a form." in raw


def test_a_fetched_customer_is_shown_whole_with_the_page_that_documents_it() -> None:
    with FakeServer() as fake:
        send(fake, "customers/1")
        page = get_page(fake, f"{LIST}/1").text
    assert "Cut here" not in page
    assert "the page <code>fetch-customer</code> of" in page
    assert '<a href="https://docs.xtrakit.com" target="_blank" rel="noopener">' in page


def test_an_unknown_path_is_shown_where_it_is_misspelt_and_else_said_to_be_hidden() -> None:
    with FakeServer() as fake:
        send(fake, "custmers/1")
        send(fake, "nonsense")
        misspelt, hidden = (get_page(fake, f"{LIST}/{number}").text for number in (1, 2))
        assert "GET /api/v1/custmers/1</code>" in get_page(fake, LIST).text
    assert "(nearest: GET /api/v1/customers/{id})" in misspelt
    assert "is not kept, since it could be a credential" not in misspelt
    assert "in it is not kept, since it could be a credential" in hidden
    assert f'<a href="{CONSOLE}/fk_mine/reference">All endpoints</a>' in hidden
    assert "nonsense" not in hidden


def test_a_fault_that_ended_the_connection_is_told() -> None:
    with FakeServer() as fake:
        with pytest.raises(requests.ConnectionError):
            send(fake, "customers/1", key="fk_mine~reset")
        page = get_page(fake, f"{LIST}/1").text
        assert '<span class="status bad">none</span>' in get_page(fake, LIST).text
    assert '<span class="status bad">none</span> response' in page
    assert "<strong>Fault:</strong> <code>reset" in page
    assert "the client got none, as the connection was ended" in page


def test_a_body_that_was_cut_says_so() -> None:
    with FakeServer() as fake:
        fields = {f"customer_{name}": "word " * 90 for name in ("name", "email", "city", "state", "zip")}
        fields |= {"address1": "word " * 90, "address2": "word " * 90, "customer_profile": "word " * 90}
        fields |= {"created_by": "word " * 90, "customer_country": "word " * 90}
        send(fake, "customers/add", "POST", json=fields)
        page = get_page(fake, f"{LIST}/1").text
    assert "Cut here: a longer body is not kept." in page
    assert "Not possible: a part of its body is not kept." in page


def test_a_request_is_sent_again_and_the_new_one_is_shown() -> None:
    with FakeServer() as fake:
        send(fake, "customer-groups/add", "POST", json={"group_name": HOSTILE})
        send(fake, "sales?customer_id=1&page=2")
        assert requests.post(f"{fake.origin}{LIST}/1/send", timeout=PATIENCE).status_code == 403
        answer = send_form(fake, f"{LIST}/1/send")
        assert answer.url == f"{fake.origin}{LIST}/3?again=1"
        assert "Sent again: this is the new request." in answer.text
        assert f'<a href="{LIST}/1">Request 1</a>' in answer.text
        assert send_form(fake, f"{LIST}/2/send").url == f"{fake.origin}{LIST}/4?again=2"
        first, second, third, fourth = entries(fake)
    assert (third["method"], third["path"], third["body"], third["status"]) == (
        "POST",
        "/api/v1/customer-groups/add",
        first["body"],
        first["status"],
    )
    assert (fourth["path"], fourth["query"]) == (second["path"], second["query"])


def test_a_request_of_which_a_part_is_hidden_is_not_sent_again() -> None:
    with FakeServer() as fake:
        send(fake, "customers/no-such-name")
        send(fake, "customers?password=hunter2")
        send(fake, "customers/add", "POST", json={"password": "hunter2"})
        for number, part in ((1, "path"), (2, "query"), (3, "body")):
            page = get_page(fake, f"{LIST}/{number}").text
            assert f"Not possible: a part of its {part} is not kept." in page
            assert '<button class="primary" disabled' in page
            assert "What is not kept is <code>...</code> in this code: put it in." in page
            answer = send_form(fake, f"{LIST}/{number}/send")
            assert answer.status_code == 422
            assert f"cannot be sent again: a part of its {part} is not kept" in answer.text
        assert len(entries(fake)) == 3


def test_a_request_that_would_be_another_one_is_not_sent_again() -> None:
    with FakeServer() as fake:
        send(fake, "sales?customer_id=1&customer_id=2")
        headers = {"Authorization": "Bearer fk_mine", "Content-Type": "text/plain"}
        requests.post(f"{fake.origin}/api/v1/customers/add", data="{}", headers=headers, timeout=PATIENCE)
        send(fake, "customers/1", key="fk_mine~fail=503")
        reasons = (
            "a part of its query is not kept",
            "its body was refused for a header, and would be sent as JSON",
            "its key carried a fault",
        )
        for number, reason in enumerate(reasons, 1):
            page = get_page(fake, f"{LIST}/{number}").text
            assert f"Not possible: {reason}." in page
            assert ("This code sends another request: " in page) == (number > 1)
            assert send_form(fake, f"{LIST}/{number}/send").status_code == 422
        assert [entry["status"] for entry in entries(fake)] == [422, 415, 503]


def test_a_request_that_is_not_kept_is_a_404() -> None:
    with FakeServer() as fake:
        page = get_page(fake, f"{LIST}/7")
        assert page.status_code == 404
        assert "<strong>Request 7</strong>: is not in this list" in page.text
        assert get_page(fake, f"{LIST}/seven").status_code == 422


def test_hostile_text_in_a_request_is_text_on_its_page() -> None:
    server = FakeServer()
    with server as fake:
        mine = server.account("fk_mine")
        mine.respond("POST", "customers/add", json={"error": HOSTILE}, status=400)
        body = {"customer_name": HOSTILE, "address1": HOSTILE + "x " * 2500}
        send(fake, "customers/add", "POST", json=body)
        send(fake, f"sales?customer_id={quote(HOSTILE)}")
        send(fake, f"customers/{quote(HOSTILE, safe='')}")
        pages = "".join(get_page(fake, f"{LIST}/{number}").text for number in (1, 2, 3))
    assert "<script>" not in pages
    assert '" onmouseover' not in pages
    assert "\u202e" not in pages
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\&#34; onmouseover={{7*7}}\\u202e&#39;" in pages
    assert "GET /api/v1/customers/.../...</code>" in pages
