"""The page of all keys, where an account is deleted."""

from __future__ import annotations

import requests

from fakekit import FakeServer, Handle
from tests.helpers.console import CONSOLE, get_page, send_form
from tests.helpers.processes import PATIENCE

PAGE = f"{CONSOLE}/fk_demo/accounts"


def fetch(fake: Handle, key: str) -> None:
    """Send a request of the vendor's API with a key."""
    requests.get(fake.url("customers/1"), headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE)


def test_a_key_is_deleted_with_its_requests() -> None:
    with FakeServer() as fake:
        fetch(fake, "fk_mine")
        fetch(fake, "fk_other")
        assert "fk_mine" in get_page(fake, f"{PAGE}/menu").text
        assert f'<a href="{CONSOLE}/fk_mine"><code>fk_mine</code></a>' in get_page(fake, PAGE).text
        page = send_form(fake, f"{PAGE}/close", account="fk_mine")
        assert page.url == fake.origin + PAGE
        assert "fk_mine" not in page.text
        assert "fk_other" in page.text


def test_a_key_that_a_test_holds_is_emptied() -> None:
    with FakeServer() as fake:
        fetch(fake, "fk_demo")
        page = send_form(fake, f"{PAGE}/close", account="fk_demo")
        assert (fake.about["requests"], "fk_demo</code>" in page.text) == (0, True)


def test_what_is_no_key_is_not_repeated_and_deletes_nothing() -> None:
    with FakeServer() as fake:
        answer = send_form(fake, f"{PAGE}/close", account="sk_live_4eC39HqLyjWDarjtT1")
        assert (answer.status_code, "sk_live" in answer.text) == (404, False)
        data = {"account": "fk_demo"}
        assert requests.post(f"{fake.origin}{PAGE}/close", data=data, timeout=PATIENCE).status_code == 403
