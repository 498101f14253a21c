"""What the journal hides of a request, and how much of it is kept."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

import fakekit
from fakekit.accounts.credentials import may_have_credential
from fakekit.errors import without_secrets
from tests.helpers.journal_requests import ask, control, missed
from tests.helpers.processes import PATIENCE
from tests.helpers.secrets_in_requests import CANARY, NAMED

FORM = "application/x-www-form-urlencoded"


def test_a_body_nested_deeply_is_answered_and_kept_in_part(xtrakit: fakekit.Handle) -> None:
    data = '{"customer_name": ' + "[" * 500 + "]" * 500 + "}"
    answer = ask(xtrakit, "customers/add", "POST", data=data, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert xtrakit.requests[0].json == {"customer_name": [[[[[[[[[[["..."]]]]]]]]]]]}
    data = '{"sales-item": ' + '[{"sales-item": ' * 200 + "1" + "}]" * 200 + "}"
    answer = ask(xtrakit, "sales/add", "POST", data=data, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert len(str(xtrakit.requests[1].json)) < 250


def test_a_media_type_that_a_key_asks_for_is_redacted(fake: fakekit.FakeServer) -> None:
    handle = fake.account("fk_media")
    for media_type in ("text/html", "text/sk_live_51HxQv2eZvKYlo2C", "text/" + "x" * 200):
        bearer = {"Authorization": f"Bearer fk_media~content-type={media_type}"}
        requests.get(handle.url("customers/1"), headers=bearer, timeout=PATIENCE)
    assert [entry.media_type for entry in handle.requests] == ["text/html", "text/...", "text/..."]


CANARIES = {
    "real": CANARY.decode(),
    "named": NAMED.decode(),
    "live": "sk_live_51HxQv2eZvKYlo2C",
    "lower": "sk_live_abcdefghijkl",
    "bearer": "Bearer hunter2xyz",
}


@pytest.mark.parametrize("canary", CANARIES.values(), ids=CANARIES)
def test_a_canary_is_in_no_entry_and_no_line_of_the_log(
    xtrakit: fakekit.Handle, canary: str, caplog: pytest.LogCaptureFixture
) -> None:
    needle = canary.removeprefix("Bearer ")
    as_json = {"Content-Type": "application/json"}
    with caplog.at_level(logging.INFO, "fakekit"):
        for path in (
            f"customers/{canary}",
            f"{canary}/1",
            f"sales/{canary}",
            f"inventory/items/{canary}",
            f"customers?created_at={canary}",
            f"customers?foo={canary}",
            f"customers?{canary}=1",
            f"customers?{canary}",
            f"customers/1?created_at=2024&{canary}&x",
        ):
            ask(xtrakit, path)
            requests.get(xtrakit.url(path), timeout=PATIENCE)
        sentence = f"my key is {canary}, and so on"
        for body in (
            {"customer_name": canary},
            {"customer_name": sentence},
            {"customer_name": "x" * 480 + " " + canary},
            {"customer_name": " " * 990 + canary + " " * 990},
            {"customer_name": [canary, {"customer_city": canary}]},
            {"foo": canary},
            {canary: "x"},
            {"foo": {"customer_name": canary}},
            {"customer_name": {canary: canary}},
            {"sales-item": [{"item_name": canary, canary: 1}], "items": [{"item_name": canary}]},
        ):
            for path in ("customers/add", "sales/add", "no/such"):
                ask(xtrakit, path, "POST", json=body)
            ask(xtrakit, "customers/1", "PUT", json=body)
            requests.post(xtrakit.url("customers/add"), json=body, timeout=PATIENCE)
        for form in ({"customer_name": canary}, {canary: "x"}, {"sales-item[0][item_name]": canary}):
            ask(xtrakit, "customers/add", "POST", data=form)
            ask(xtrakit, "sales/add", "POST", files={"f": (canary, canary)}, data=form)
        for data in (canary, f'{{"customer_name": "{canary}"', f'["{canary}"]', f'"{canary}"', f"k={canary}"):
            for headers in (as_json, {"Content-Type": "text/plain"}, {"Content-Type": FORM}, {}):
                ask(xtrakit, "customers/add", "POST", data=data, headers=headers)
        ask(xtrakit, "customers/1", "DELETE", data=canary)
        ask(xtrakit, "customers/add", "POST", data="9" * 40, headers=as_json)
        ask(xtrakit, "customers/add", "POST", data=f'{{"customer_group_id": {"9" * 36}}}', headers=as_json)
    assert len(xtrakit.requests) == 78
    said = [
        control(xtrakit, f"/{xtrakit.api_key}/requests").text,
        control(xtrakit, "/-/requests").text,
        control(xtrakit, f"/{xtrakit.api_key}").text,
        control(xtrakit, "").text,
        caplog.text,
        str(xtrakit.requests),
        missed(lambda: xtrakit.assert_requested("GET", "nothing")),
        "".join(request.curl(xtrakit.origin, xtrakit.api_key) for request in xtrakit.requests),
    ]
    for text in said:
        assert needle not in text
        assert needle[:14] not in text
        assert "9" * 19 not in text  # the largest id has 18


def test_a_stub_s_success_shows_of_a_path_only_what_names_a_record(
    xtrakit: fakekit.Handle, caplog: pytest.LogCaptureFixture
) -> None:
    code = xtrakit.add("sales")["invoice_code"]
    xtrakit.respond("GET", "sales/*", json={})
    xtrakit.respond("GET", "customers/mine", json={})
    with caplog.at_level(logging.INFO, "fakekit"):
        for path in ("sales/sk_live_abcdefghijkl", f"sales/{code}", "customers/mine"):
            assert ask(xtrakit, path).status_code == 200
    paths = [request.path for request in xtrakit.requests]
    assert paths == ["/api/v1/sales/...", f"/api/v1/sales/{code}", "/api/v1/customers/mine"]
    assert "sk_live_abcdefghijkl" not in caplog.text


def test_a_misspelt_word_of_a_path_is_stored_and_any_other_is_not(
    xtrakit: fakekit.Handle, caplog: pytest.LogCaptureFixture
) -> None:
    shown = ["custmers", "Customers/1", "custumer-groups", "inventry/items"]
    with caplog.at_level(logging.INFO, "fakekit"):
        for path in shown:
            ask(xtrakit, path)
        for path in ("nonsense", "custmers2024", "hunter", "letmein", "sale5", "c-u-s-t-o-m-e-r-s"):
            ask(xtrakit, path)
    paths = [request.path.removeprefix("/api/v1/") for request in xtrakit.requests]
    assert paths == [*shown, *["..."] * 6]
    assert "/api/v1/custmers" in caplog.text


def test_a_curl_line_asks_with_the_same_method_where_a_get_has_a_body(xtrakit: fakekit.Handle) -> None:
    ask(xtrakit, "customers/1", "GET", json={"customer_name": "Ama"})
    ask(xtrakit, "customers/1", "HEAD", json={"customer_name": "Ama"})
    url = xtrakit.url("customers/1")
    assert [request.curl(xtrakit.origin, "fk_x") for request in xtrakit.requests] == [
        f"curl -i -X GET {url} -H 'Authorization: Bearer fk_x' -H 'Content-Type: application/json' "
        '-d \'{"customer_name": "Ama"}\'',
        f"curl -I {url} -H 'Authorization: Bearer fk_x'",
    ]


def test_half_a_key_at_the_end_of_an_answer_is_not_shown(xtrakit: fakekit.Handle) -> None:
    xtrakit.respond("GET", "stores", json={"name": "é" * 1018 + " " + "1234567890" * 4})
    assert ask(xtrakit, "stores").ok
    assert xtrakit.requests[0].answer == '{"name": "' + "é" * 1018 + " ..."


@pytest.mark.parametrize(
    "fields",
    [
        {"customer_name": "x " * 500_000},
        {"customer_name": "a1-" * 330_000},
        {"customer_name": "bearer " + " " * 900_000 + "fk_x"},
        {"customer_name": ["token  " * 100] * 1400},
        {f"f{n}": f"token abc{n}" for n in range(35_000)},
        {"sales-item": [{"item_name": "sk_" * 300}] * 1000},
    ],
    ids=["words", "one word", "spaces", "list", "fields", "lines"],
)
def test_a_large_body_does_not_take_long(xtrakit: fakekit.Handle, fields: dict[str, Any]) -> None:
    """A pattern that goes over it once for each of its characters would take minutes."""
    answer = ask(xtrakit, "customers/add", "POST", json=fields)
    assert answer.status_code == 422
    assert xtrakit.requests[0].size > 700_000
    assert xtrakit.requests[0].milliseconds < 1000 * PATIENCE
    assert len(str(xtrakit.requests[0].json)) < 4200


@pytest.mark.parametrize(
    ("query", "stored"),
    [
        ("page=2&per_page=20&sort=name", {"page": "2", "per_page": "20", "sort": "name"}),
        ("since=2024-08-04&price=-12.50&all=", {"since": "2024-08-04", "price": "-12.50", "all": ""}),
        ("q=Ama+Mensah&flag=TRUE", {"q": "Ama Mensah", "flag": "TRUE"}),
        ("pin=1234&otp=123456&apikey=red", {"pin": "...", "otp": "...", "apikey": "..."}),
        ("passphrase=correct+horse&cvv=123", {"passphrase": "...", "cvv": "..."}),
        ("q=hunter2&n=1234567890&w=correcthorsebattery", {"q": "...", "n": "...", "w": "..."}),
        ("q=aGhjKLsd&h=basic+abcd&u=me@home", {"q": "...", "h": "...", "u": "..."}),
        ("2=3", {"...": "..."}),
    ],
)
def test_harmless_values_of_unknown_fields_are_stored(
    xtrakit: fakekit.Handle, query: str, stored: dict[str, str]
) -> None:
    ask(xtrakit, f"customers?{query}")
    fields = {name: value for name, value in parse_qsl(query, keep_blank_values=True) if name != "all"}
    ask(xtrakit, "customer-groups/add", "POST", json={**fields, "nested": {"page": 2}, "many": [1]})
    by_query, by_body = xtrakit.requests
    assert by_query.query == stored
    expected = {name: value for name, value in stored.items() if name != "all"}
    assert by_body.json == {**expected, "nested": "...", "many": "..."}


def test_numbers_and_truths_of_unknown_fields_are_stored(xtrakit: fakekit.Handle) -> None:
    ask(
        xtrakit,
        "customer-groups/add",
        "POST",
        json={"size": 2.5, "big": 1234567890, "new": True, "old": None},
    )
    assert xtrakit.requests[0].json == {"size": 2.5, "big": "...", "new": True, "old": None}


def test_the_words_of_the_vendors_401_are_kept_and_a_token_behind_them_is_not(
    fake: fakekit.FakeServer,
) -> None:
    account = fake.account("fk_words")
    account.respond("GET", "customers/1", status=401, json={"error": "Missing Bearer Token"})
    account.respond("GET", "customers/2", status=401, json={"error": "wrong Bearer Token s3cretValue77"})
    ask(account, "customers/1")
    ask(account, "customers/2")
    first, second = account.requests
    assert first.answer == '{"error": "Missing Bearer Token"}'
    assert second.answer.startswith('{"error": "wrong Bearer ...')
    assert "s3cret" not in second.answer


PIECES = st.sampled_from(
    [
        *(
            "://",
            "@",
            "/",
            " ",
            "_",
            "-",
            "=",
            ".",
            '"',
            "\n",
            "\t",
            "a",
            "Z",
            "9",
            "fk_",
            "x" * 24,
            "7" * 12,
        ),
        *("bearer", "Basic", "TOKEN", "apikey", "live", "Test", "canary", "prod", "SECRET", "key", "token"),
        *(
            "sk",
            "pk_",
            "rk-",
            "xk",
            "ghp",
            "gho_",
            "xoxb",
            "f93c5a51-ffa4-4aef-a45b-4cdec1c8cc10",
            "\u212a",
            "\u017f",
        ),
    ]
)


@pytest.mark.slow
@given(pieces=st.lists(PIECES, max_size=12))
def test_the_quick_look_for_credentials_overlooks_none(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert may_have_credential(text) or without_secrets(text) == text


def test_the_quick_look_for_credentials_passes_an_ordinary_answer(xtrakit: fakekit.Handle) -> None:
    answer = requests.get(xtrakit.url("customers/10"), headers=xtrakit.headers, timeout=PATIENCE)
    assert not may_have_credential(answer.text)
