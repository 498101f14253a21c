"""The place World: how far a search looks, what it refuses, and how records are downloaded with a token."""

from __future__ import annotations

import requests

from fakekit import FakeServer, Settings, create_app
from tests.helpers.console import CONSOLE, HEADER, get_page
from tests.helpers.processes import PATIENCE

WORLD = f"{CONSOLE}/fk_demo/world"


def test_a_search_of_many_records_has_pages() -> None:
    with FakeServer(customers=5_100) as fake:
        fake.change("customers", 5_050, customer_name="Zzq Mensah")
        page = get_page(fake, f"{WORLD}/customers?search=zzq").text
        assert "No record matches up to id 5000." in page
        assert f'href="{WORLD}/customers?search=zzq&amp;after=5000">Search further</a>' in page
        page = get_page(fake, f"{WORLD}/customers?search=zzq&after=5000").text
        assert "Zzq Mensah" in page
        assert "Search further" not in page


def test_a_search_goes_on_behind_a_gap_of_ids() -> None:
    with FakeServer(customers=10) as fake:
        fake.add_customer(id=10**9, customer_name="Zzq Mensah")
        page = get_page(fake, f"{WORLD}/customers?search=zzq").text
        assert f'href="{WORLD}/customers?search=zzq&amp;after=5000">Search further</a>' in page
        page = get_page(fake, f"{WORLD}/customers?search=zzq&after=5000").text
        assert "Zzq Mensah" in page
        assert "Search further" not in page


def test_records_are_listed_up_to_an_id() -> None:
    with FakeServer() as fake:
        url = f"{fake.origin}/_fakekit/accounts/fk_demo/records/customers?after=3&up_to=6"
        found = requests.get(url, headers=HEADER, timeout=PATIENCE).json()
        assert [record["id"] for record in found] == [4, 5, 6]


def test_an_unknown_choice_is_a_problem_and_no_list() -> None:
    with FakeServer() as fake:
        answer = get_page(fake, f"{WORLD}/customers?only=garbage")
        assert answer.status_code == 422
        assert "<strong>Show</strong>: must be all, changed or personas" in answer.text
        assert "Jane Doe" not in answer.text


def test_a_server_with_a_token_names_the_command_that_saves_the_records() -> None:
    client = create_app(Settings.of(host="0.0.0.0", control_token="a-token-of-this-test")).test_client()
    headers = {"Fakekit-Control": "a-token-of-this-test"}
    page = client.get(f"{WORLD}/customers", headers=headers).text
    assert "Fakekit-Control: $FAKEKIT_CONTROL_TOKEN" in page
    assert "http://localhost/_fakekit/accounts/fk_demo/export?what=world" in page
    assert "/world/download" not in page
