"""JSON that parsers read in different ways or refuse: the report says what it is, and it is compared."""

from __future__ import annotations

import pytest

from fakekit.drift.fake_service import FAKE_KEY, fake_send
from fakekit.drift.findings import Report
from fakekit.drift.rendering import describe_terms
from fakekit.drift.responses import OutgoingRequest, ReceivedResponse
from fakekit.drift.run import ComparedService, compare_services
from fakekit.settings import Settings

SMALL = Settings.of(customers=3, sales=3, items=3, expenses=3)
START = b'{"status": 200, "message": "'
RFC = "the page is silent, now known (RFC 8259, %s) warning"


def report_on(added: dict[str, str]) -> Report:
    """The report on a service that puts text behind the status in the bodies of some paths.

    The message there begins with OK, so that a comparison that goes on shows.
    """
    send = fake_send(SMALL)

    def unusual(request: OutgoingRequest) -> ReceivedResponse:
        status, headers, body = send(request)
        if text := added.get(request.target):
            assert body.startswith(START)
            body = b'{"status": 200, %s, "message": "OK ' % text.encode() + body.removeprefix(START)
        return ReceivedResponse(status, headers, body)

    return compare_services(ComparedService("127.0.0.1", unusual, FAKE_KEY), SMALL)


def test_unusual_json_is_a_warning_of_its_own_and_compared() -> None:
    report = report_on(
        {
            "customers": '"status":200',
            "sales": '"new":' + "[" * 600 + "]" * 600,
            "expenses": '"new":"\\ud83d and \\\\ud83d, \\ud83d\\ude00"',
            "customer-groups": '"new":' + "[" * 100_000 + "]" * 100_000,
            "inventory/items": '"new":' + "7" * 5_000,
            "inventory/categories": '"new":-Infinity',
        }
    )
    found = {
        f"{f.difference.place.operation}: {f.difference.kind}: {describe_terms(f.difference.seen)}": (
            f"{f.verdict} ({f.difference.truth.source if f.difference.truth else ''}) {f.severity}"
        )
        for f in report.findings
        if f.difference.kind != "new field"
    }
    left = "the vendor left its page"
    assert found == {
        "list_customers: unusual JSON: an object that has a name twice": RFC % "4",
        "list_customers: text: another text": f"{left} (list-customers) warning",
        "list_sales: unusual JSON: JSON of more than 512 levels": RFC % "9",
        "list_sales: text: another text": f"{left} (list-sales) warning",
        "list_expenses: unusual JSON: half of a surrogate pair": RFC % "8.2",
        "list_expenses: text: another text": "our assumption was wrong (endpoint.by_analogy) warning",
        "list_customer_groups: unusual JSON: JSON of more than 512 levels": RFC % "9",
        "list_items: unusual JSON: a number of thousands of digits": RFC % "6",
        "list_item_categories: body: NaN or Infinity, which JSON does not have": (
            f"{left} (introduction) critical"
        ),
    }


@pytest.mark.slow
def test_half_of_a_surrogate_pair_in_the_code_of_a_record_is_survived() -> None:
    send = fake_send(SMALL)

    def unusual(request: OutgoingRequest) -> ReceivedResponse:
        status, headers, body = send(request)
        return ReceivedResponse(status, headers, body.replace(b'"item_code": " J', b'"item_code": "\\udc00J'))

    report = compare_services(ComparedService("127.0.0.1", unusual, FAKE_KEY), SMALL)
    kinds = {f.difference.kind.value for f in report.findings if f.difference.place.operation == "list_items"}
    assert kinds == {"unusual JSON", "format"}
