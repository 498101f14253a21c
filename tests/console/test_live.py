"""What the list of requests says to the script that adds new rows to it."""

from __future__ import annotations

from fakekit import FakeServer
from tests.helpers.console import CONSOLE, get_page
from tests.helpers.raw_http import ask, port_of


def test_the_list_goes_on_behind_the_latest_request_of_the_server() -> None:
    with FakeServer() as fake:
        for sent in (b"fk_a", b"fk_b", b"API_KEY"):
            ask(port_of(fake.origin), "/api/v1/customers/1", b"Bearer " + sent)
        for key in ("fk_a", "-"):
            page = get_page(fake, f"{CONSOLE}/{key}/requests?text=a%22%26b").text
            assert f'hx-sse:connect="/_fakekit/accounts/{key}/stream?since=3"' in page
            assert '<input type="hidden" id="since" name="since" value="3">' in page
            assert f'hx-get="{CONSOLE}/{key}/requests/rows?text=a%22%26b"' in page


def test_the_list_goes_on_without_a_filter_that_is_none() -> None:
    with FakeServer() as fake:
        page = get_page(fake, f"{CONSOLE}/fk_a/requests?status=x&only=problems")
    assert page.status_code == 422
    assert f'hx-get="{CONSOLE}/fk_a/requests/rows?only=problems"' in page.text
