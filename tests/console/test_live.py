"""What the list of requests says to the script that adds new rows to it."""

from __future__ import annotations

import re

import pytest

from fakekit import FakeServer, Settings, create_app
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


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("fk_a/requests", ["unauthenticated", "missing-here", "new"]),
        ("fk_a/start", ["unauthenticated", "first"]),
        ("fk_a/faults", ["unauthenticated", "now"]),
    ],
)
def test_no_part_that_asks_again_and_again_is_replaced_by_an_error(path: str, parts: list[str]) -> None:
    with FakeServer() as fake:
        page = get_page(fake, f"{CONSOLE}/{path}").text
        polls = [tag for tag in re.findall(r"<[^>]+>", page) if re.search(r'hx-trigger="[^"]*every', tag)]
        assert sorted(re.findall(r' id="([^"]+)"', " ".join(polls))) == sorted(parts)
        assert [p for p in polls if ' hx-status:4xx="swap:none" hx-status:5xx="swap:none"' not in p] == []


def test_a_page_whose_token_is_no_longer_that_of_the_server_loads_itself_again() -> None:
    client = create_app(Settings.of(host="0.0.0.0", control_token="a-token")).test_client()
    path = f"{CONSOLE}/fk_a/unauthenticated"
    for target, refresh in (("a#unauthenticated", "true"), ("body", None)):
        answer = client.get(path, headers={"Fakekit-Control": "old", "HX-Target": target})
        assert (answer.status_code, answer.headers.get("HX-Refresh")) == (403, refresh)
    for sent, is_wrong in (("old", True), ("1", False)):
        page = client.get(path, headers={"Fakekit-Control": sent}).text
        assert ("is not the token of this server" in page) == is_wrong
