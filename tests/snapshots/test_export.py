"""Exports: what an account has or changed, as a fixture file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.account_changes import change_something_of_everything, everything, first
from tests.helpers.control_api import AMA, Fake, Key, problem, running


@pytest.mark.slow
@pytest.mark.parametrize("what", ["changes", "world"])
@pytest.mark.parametrize("form", ["yaml", "json"])
def test_what_was_exported_loads_back_to_the_same_answers(
    key: Key, tmp_path: Path, what: str, form: str
) -> None:
    change_something_of_everything(key)
    before = everything(key)
    exported = key.control("GET", f"/export?what={what}&form={form}")
    assert exported.headers["content-type"] == "text/plain; charset=utf-8"
    file = tmp_path / f"world.{form}"
    file.write_bytes(exported.content)
    with running(fixtures=[str(file)]) as other:
        again = other.key("fk_again")
        assert everything(again) == before
        assert again.customer(3) == again.customer(51) == 404
        added = again.ask("customers/add", AMA).json()["data"]["customer"]["id"]
        assert added == key.ask("customers/add", AMA).json()["data"]["customer"]["id"] == 53


def test_changes_that_were_exported_give_an_account_of_its_own(over_http: Fake, key: Key) -> None:
    change_something_of_everything(key)
    for name in ("customers", "sales", "items"):
        key.control("GET", f"/records/{name}")
    text = key.control("GET", "/export").text
    other = over_http.key()
    opened = over_http.control(
        "POST", json={"key": other.key, "fixtures": [{"name": "a.yaml", "text": text}]}
    )
    assert opened.status_code == 201, opened.text
    assert everything(other) == everything(key)
    as_json = key.control("GET", "/export?form=json").json()
    assert over_http.control("POST", json={"key": other.key, "fixtures": as_json}).status_code == 201
    assert everything(other) == everything(key)


def test_nothing_changed_exports_to_a_file_that_loads(key: Key, tmp_path: Path) -> None:
    assert key.control("GET", "/export?form=json").json() == {"removed": {}}
    assert key.control("GET", "/export").text == (
        f"# What {key.key} changed: seed 1, 50 customers.\n"
        "# yaml-language-server: $schema=https://fakekit.github.io/fakekit/fixtures.schema.json\n"
        "removed: {}\n"
    )


def test_an_export_shows_what_changed(key: Key) -> None:
    key.control("DELETE", "/records/customers/2")
    key.control("DELETE", "/records/expenses/1")
    assert key.control("GET", "/export?form=json").json() == {"removed": {"customers": [2], "expenses": [1]}}
    assert "customers: [2]\n" in key.control("GET", "/export").text


def test_a_sale_with_the_code_of_a_removed_one_is_the_one_that_is_found(key: Key) -> None:
    code = first(key, "sales")["invoice_code"]
    assert key.control("DELETE", f"/records/sales/{code}").ok
    answer = key.control("POST", "/records/sales", {"invoice_code": code, "invoice_note": "the second"})
    assert answer.status_code == 201, answer.text
    exported = key.control("GET", "/export?form=json").json()
    with running() as other:
        other.control("POST", json={"key": "fk_again", "fixtures": exported})
        again = other.key("fk_again")
        assert again.ask(f"sales/{code}").json() == key.ask(f"sales/{code}").json()
        assert again.control("GET", f"/records/sales/{code}").json()["invoice_note"] == "the second"


def test_a_form_that_is_none_is_refused(key: Key) -> None:
    assert problem(key.control("GET", "/export?form=xml"))[0] == 422
    assert problem(key.control("GET", "/export?what=everything"))[0] == 422


def test_a_world_too_large_to_be_worded_in_one_go_is_refused(over_http: Fake) -> None:
    key = over_http.key()
    over_http.control("POST", json={"key": key.key, "customers": 10_001})
    told = problem(key.control("GET", "/export?what=world"))
    assert told == (422, "ControlError", "export: is limited to worlds of 10,000 customers")
    assert key.control("GET", "/export").ok


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20) | st.sampled_from(
    [
        "null",
        "~",
        "NO",
        "00233",
        "1e3",
        "0x1F",
        "- a",
        "a: b",
        "a #b",
        "'",
        '"',
        "{",
        "\u2028",
        "\x85",
        "=",
        "<<",
    ]
)


@settings(max_examples=10)
@given(name=TEXTS, description=TEXTS | st.none())
def test_any_text_comes_back(over_http: Fake, name: str, description: str | None) -> None:
    key, other = over_http.key("fk_any"), over_http.key("fk_any_again")
    key.control("POST", "/reset")
    answer = key.control(
        "POST", "/records/customer_groups", {"group_name": name, "group_description": description}
    )
    if answer.status_code == 422:
        return
    for form in ("yaml", "json"):
        text = key.control("GET", f"/export?form={form}").content.decode()
        texts = [{"name": f"a.{form}", "text": text}]
        opened = over_http.control("POST", json={"key": other.key, "fixtures": texts})
        assert opened.status_code == 201, opened.text
        assert other.control("GET", "/records/customer_groups/6").json() == answer.json()
