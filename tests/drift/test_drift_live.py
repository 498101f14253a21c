"""`fakekit drift` where others change records during the run, and where it only looks like that."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fakekit.accounts.account import Account
from fakekit.drift.findings import Outcome, Report
from fakekit.drift.responses import OutgoingRequest, ReceivedResponse
from fakekit.drift.run import ComparedService, compare_services, count_requests_of
from fakekit.resources import RECORDS
from fakekit.settings import Settings
from tests.helpers.alternatives import Value
from tests.helpers.bends.service import KEY, Asked, Change, as_it_is, service

MISSING = ReceivedResponse(
    404, {"content-type": "application/json"}, b'{"status": 404, "error": "No such record"}'
)

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


def drift_changed(
    change: Change = as_it_is, max_requests: int = 1000, assumptions: dict[str, Value] | None = None
) -> Report:
    """The report on a service that answers in another way, and whose records nobody changes.

    assumptions: of the service and of fakekit.
    """
    asked = service(Settings.of(seed=7, assumptions=assumptions or {}), change)
    compared = ComparedService("the service", asked.send, KEY)
    return compare_services(compared, Settings.of(assumptions=assumptions or {}), max_requests)


def delete_every_second(account: Account) -> None:
    for name in RECORDS:
        for record in list(account.records(name))[::2]:
            account.change(name, record["id"], None)


def outcomes(report: Report) -> dict[str, Outcome]:
    return {result.name: result.outcome for result in report.assumptions}


def reasons(report: Report) -> list[tuple[str, str]]:
    return [(item.place.operation, item.reason) for item in report.not_observed]


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
def test_a_listed_record_that_is_deleted_before_it_is_fetched_is_no_finding() -> None:
    def delete(*ids: int) -> Callable[[Account], None]:
        def act(account: Account) -> None:
            for key in ids:
                account.change("customers", key, None)

        return act

    expected = [
        ("fetch_customer", "a record that was listed is missing: it may have been deleted since"),
        ("list_customers", "its records were changed during the run"),
    ]
    for target, act in {"customers/50": delete(50), "customers/1": delete(1, 50)}.items():
        report = drift_meanwhile(target, act)
        assert report.findings == ()
        assert reasons(report) == expected


@pytest.mark.slow
@pytest.mark.parametrize(
    ("targets", "operation", "requests"),
    [
        (["inventory/items/Jca894ff"], "fetch_item", 39),
        (["customer-groups/1"], "fetch_customer_group", 40),
        (["expenses/30"], "fetch_expense", 40),
        (["stores/1", "stores/98"], "fetch_store", 39),
    ],
)
def test_a_record_that_is_listed_all_the_time_and_not_found_is_a_finding(
    targets: list[str], operation: str, requests: int
) -> None:
    report = drift_changed(lambda asked, response: MISSING if asked.request.target in targets else response)
    assert [finding.title for finding in report.findings] == [f"{operation}: status"]
    assert (report.not_observed, report.requests) == ((), requests)


@pytest.mark.slow
def test_a_service_that_finds_no_record_gets_as_many_requests_as_were_announced() -> None:
    def find_none(asked: Asked, response: ReceivedResponse) -> ReceivedResponse:
        is_list = asked.endpoint is not None and asked.endpoint.is_list
        return response if is_list or asked.operation == "authenticate" else MISSING

    report = drift_changed(find_none)
    assert report.requests == count_requests_of(Settings.of()) == 41
    at_limit = drift_changed(find_none, max_requests=35)
    assert {"fetch_customer: status", "fetch_item: status", "fetch_expense: status"} <= {
        finding.title for finding in at_limit.findings
    }


@pytest.mark.slow
def test_without_a_second_list_what_was_seen_counts_unless_a_record_is_missing() -> None:
    report = drift_changed(max_requests=35)
    assert {outcomes(report)[name] for name in FROM_LISTS} == {Outcome.CONFIRMED}
    limit = "the limit of requests was reached"
    names = ["list_customers", "list_items", "list_item_categories", "list_sales"]
    assert reasons(report) == [(name, limit) for name in names]

    def lose_last_item(asked: Asked, response: ReceivedResponse) -> ReceivedResponse:
        return MISSING if asked.request.target == "inventory/items/Jca894ff" else response

    report = drift_changed(lose_last_item, max_requests=35)
    assert report.findings == ()
    assert reasons(report) == [
        ("list_items", limit),
        ("fetch_item", "a record that was listed is missing: it may have been deleted since"),
        *[(name, limit) for name in names if name != "list_items"],
    ]
    assert {name for name in FROM_LISTS if outcomes(report)[name] is Outcome.NOT_OBSERVED} == {
        "items.code_match"
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("second", "came"),
    [
        (ReceivedResponse(503, {}, b""), "503"),
        (ReceivedResponse(200, {}, b"<html></html>"), "HTML"),
        (ReceivedResponse(200, {}, b"{}"), "JSON without the list"),
    ],
)
def test_a_second_list_that_does_not_come_is_named_and_nothing_was_changed(
    second: ReceivedResponse, came: str
) -> None:
    asked_for: list[str] = []

    def fail_second_list(asked: Asked, response: ReceivedResponse) -> ReceivedResponse:
        asked_for.append(asked.request.target)
        return second if asked_for.count("customers") == 2 and asked_for[-1] == "customers" else response

    report = drift_changed(fail_second_list)
    assert reasons(report) == [("list_customers", f"{came} came when the list was asked for once more")]
    assert outcomes(report)["id.form"] is Outcome.NOT_OBSERVED


@pytest.mark.slow
def test_the_only_record_of_a_list_may_have_been_deleted_where_no_second_list_comes() -> None:
    asked_for: list[str] = []

    def change(asked: Asked, response: ReceivedResponse) -> ReceivedResponse:
        target = asked.request.target
        asked_for.append(target)
        if target == "customers/1" and asked_for.count(target) == 1:
            return MISSING
        is_second = target == "customers" and asked_for.count(target) == 2
        return ReceivedResponse(503, {}, b"") if is_second else response

    compared = ComparedService("the service", service(Settings.of(customers=1), change).send, KEY)
    report = compare_services(compared, Settings.of())
    assert report.findings == ()
    assert asked_for.count("customers") == 2
    assert (
        "fetch_customer",
        "a record that was listed is missing: it may have been deleted since",
    ) in reasons(report)


@pytest.mark.slow
def test_a_rate_limit_that_was_obeyed_is_no_deleted_record() -> None:
    asked_for: list[str] = []

    def limit_once(asked: Asked, response: ReceivedResponse) -> ReceivedResponse:
        asked_for.append(asked.request.target)
        is_first = asked_for.count("customers/50") == 1 and asked_for[-1] == "customers/50"
        headers = {**response.headers, "retry-after": "0"}
        return response._replace(status=429, headers=headers) if is_first else response

    report = drift_changed(limit_once, assumptions={"missing.status": 429})
    assert (report.not_observed, report.requests) == ((), 40)
    assert [finding.title for finding in report.findings] == ["service: availability"]
