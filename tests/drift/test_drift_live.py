"""`fakekit drift` on an account whose records others delete and edit during the run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fakekit.accounts.account import Account
from fakekit.drift.findings import Outcome, Report
from fakekit.drift.responses import OutgoingRequest, ReceivedResponse
from fakekit.drift.run import ComparedService, compare_services
from fakekit.resources import RECORDS
from fakekit.settings import Settings
from tests.helpers.bends.service import KEY, service

FROM_LISTS = (
    "id.form",
    "items.code_match",
    "values.empty",
    "filter.range",
    "filter.category_name",
    "filter.invoice_type",
)
"""The assumptions that are observed by the records of a list and a request that follows it."""


def drift_meanwhile(target: str, act: Callable[[Account], None]) -> Report:
    """The report on a service in which another user does something before the first request to a target."""
    asked = service(Settings.of(seed=7))
    account = asked.app.extensions["fakekit"].accounts.open(KEY.reveal())
    done: list[str] = []

    def send(request: OutgoingRequest) -> ReceivedResponse:
        if target in request.target and not done:
            done.append(target)
            act(account)
        return asked.send(request)

    report = compare_services(ComparedService("the service", send, KEY), Settings.of())
    assert done == [target]
    return report


def delete_every_second(account: Account) -> None:
    for name in RECORDS:
        for record in list(account.records(name))[::2]:
            account.change(name, record["id"], None)


def outcomes(report: Report) -> dict[str, Outcome]:
    return {result.name: result.outcome for result in report.assumptions}


@pytest.mark.slow
@pytest.mark.parametrize("target", ["customers/01", "?created_at=", "sales?invoice_type="])
def test_records_that_are_deleted_between_list_and_filter_say_nothing_of_the_filter(target: str) -> None:
    report = drift_meanwhile(target, delete_every_second)
    assert report.findings == ()
    assert {name: outcomes(report)[name] for name in FROM_LISTS} == dict.fromkeys(
        FROM_LISTS, Outcome.NOT_OBSERVED
    )
    assert Outcome.REFUTED not in outcomes(report).values()
    assert {item.place.operation for item in report.not_observed if "changed" in item.reason} == {
        "list_customers",
        "list_items",
        "list_item_categories",
        "list_sales",
    }
    assert {item.reason for item in report.not_observed} == {"its records were changed during the run"}


@pytest.mark.slow
def test_a_record_that_is_added_meanwhile_changes_nothing_of_what_is_observed() -> None:
    def add(account: Account) -> None:
        first = next(iter(account.records("customers")))
        account.change("customers", 51, {**first, "id": 51})

    report = drift_meanwhile("?created_at=", add)
    assert report.not_observed == ()
    assert {outcomes(report)[name] for name in FROM_LISTS} == {Outcome.CONFIRMED}


@pytest.mark.slow
def test_a_listed_record_that_is_deleted_before_it_is_fetched_is_no_finding_unless_none_is_found() -> None:
    def delete(account: Account, *ids: int) -> None:
        for key in ids:
            account.change("customers", key, None)

    report = drift_meanwhile("customers/50", lambda account: delete(account, 50))
    assert report.findings == ()
    assert [(item.place.operation, item.reason) for item in report.not_observed] == [
        ("fetch_customer", "a record that was listed is missing: it may have been deleted since"),
        ("list_customers", "its records were changed during the run"),
    ]
    report = drift_meanwhile("customers/1", lambda account: delete(account, 1, 50))
    assert [finding.title for finding in report.findings] == ["fetch_customer: status"]
