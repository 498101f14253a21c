"""Accounts: a key is a world of its own, and there is room for a stated number of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import fakekit


def app(**settings: Any) -> Any:
    return fakekit.create_app(fakekit.Settings.of(**settings))


def get(the_app: Any, path: str, key: str = "fk_demo") -> Any:
    return the_app.test_client().get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {key}"})


def name(the_app: Any, key: str) -> Any:
    return get(the_app, "customers/1", key).get_json()["data"]["customer"]["customer_name"]


def test_each_key_sees_its_own_changes_and_nobody_elses() -> None:
    the_app = app()
    accounts = the_app.extensions["fakekit"].accounts
    jane = accounts.world.find("customers", 1)
    accounts.open("fk_a").change("customers", 1, {**jane, "customer_name": "Changed"})
    accounts.open("fk_b").change("customers", 1, None)
    assert name(the_app, "fk_a") == "Changed"
    assert name(the_app, "fk_c") == "Jane Doe"
    gone = get(the_app, "customers/1", "fk_b")
    assert gone.status_code == 404
    assert gone.headers["Fakekit-Note"] == "this account removed the record"


def test_a_changed_group_shows_in_its_customers() -> None:
    the_app = app()
    account = the_app.extensions["fakekit"].accounts.open("fk_a")
    account.change("customer_groups", 1, None)
    answer = get(the_app, "customers/1", "fk_a")
    assert answer.get_json()["data"]["customer-group"] == []
    assert answer.get_json()["data"]["customer"]["customer_group_id"] is None
    assert answer.headers["Fakekit-Assumed"] == "values.null, fetch_customer.groups"


def test_the_least_recently_used_unchanged_account_makes_room() -> None:
    the_app = app(max_accounts=2)
    accounts = the_app.extensions["fakekit"].accounts
    accounts.open("fk_changed").change("customers", 1, None)
    for number in range(20):
        assert get(the_app, "customers/1", f"fk_{number}").status_code == 200
    assert len(accounts) == 2
    assert get(the_app, "customers/1", "fk_changed").status_code == 404


def test_when_all_accounts_are_changed_a_new_key_is_refused_and_told_why() -> None:
    the_app = app(max_accounts=2)
    accounts = the_app.extensions["fakekit"].accounts
    for key in ("fk_a", "fk_b"):
        accounts.open(key).change("customers", 1, None)
    answer = get(the_app, "customers/2", "fk_c")
    assert answer.status_code == 503
    assert answer.get_json() == {"status": 503, "error": "Service Unavailable"}
    assert answer.headers["Fakekit-Assumed"] == "accounts.full"
    assert answer.headers["Fakekit-Note"] == (
        "all 2 accounts are in use, so there is no room for a new key;"
        " write a larger --max-accounts, or use fewer keys"
    )
    assert get(the_app, "customers/2", "fk_a").status_code == 200


def test_a_hundred_threads_open_one_account_once() -> None:
    accounts = app().extensions["fakekit"].accounts
    with ThreadPoolExecutor(100) as pool:
        opened = set(pool.map(lambda _: id(accounts.open("fk_same")), range(1000)))
    assert len(opened) == 1
