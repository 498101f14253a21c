"""What `fakekit shadow` says of a request that only one of the service and the fake refuses."""

from __future__ import annotations

import gzip

import pytest

from fakekit.drift.findings import Outcome
from fakekit.drift.observed_stream import PassedRequest
from fakekit.drift.shadow import Shadow
from fakekit.drift.shadow_fake import ShadowFake
from fakekit.settings import Settings

LEFT, SILENT = "the vendor left its page", "the page is silent, now known"
CUSTOMERS = b'{"status": 200, "message": "Customers found: 0", "data": {"customers": []}}'
GROUP = b'{"group_name": "VIP"}'
NO_NAME = b'{"group_description": "It has no name"}'


def passed(method: str, path: str, status: int, answer: bytes, body: bytes = b"") -> PassedRequest:
    """A request that passed, with its response."""
    headers = [(b"Authorization", b"Bearer fk_program"), (b"Content-Type", b"application/json")]
    request = PassedRequest(method, f"/api/v1/{path}", headers, bytearray(body), status=status)
    request.response_headers = [(b"Content-Type", b"application/json")]
    request.response_body = bytearray(answer)
    return request


def error(method: str, path: str, status: int, body: bytes = b"") -> PassedRequest:
    """A request that the service refused."""
    return passed(method, path, status, b'{"status": %d, "error": "No"}' % status, body)


def compare(*requests: PassedRequest, **assumptions: int) -> list[str]:
    """The findings of a run, and the assumptions that it refutes. assumptions: of the fake, by name."""
    values = {name.replace("_", "."): value for name, value in assumptions.items()}
    shadow = Shadow(ShadowFake(Settings.of(assumptions=values)))
    with shadow.running():
        for request in requests:
            shadow.report(request)
    assert shadow.failed == 0
    report = shadow.make_report("127.0.0.1")
    found = [
        f"{f.difference.place.operation} {f.difference.kind} {f.difference.contract[0]}"
        f" -> {f.difference.seen[0]} ({f.difference.observed}): {f.verdict}"
        for f in report.findings
    ]
    return [*found, *(str(r.name) for r in report.assumptions if r.outcome is Outcome.REFUTED)]


def test_a_documented_read_that_the_service_refuses_left_its_page() -> None:
    found = compare(
        error("GET", "customers", 404), error("GET", "sales", 400), error("GET", "expenses/1", 405)
    )
    assert found == [
        f"list_customers status 200 -> 404 (1 of 1 response): {LEFT}",
        f"list_sales status 200 -> 400 (1 of 1 response): {LEFT}",
        f"fetch_expense status 200 -> 405 (1 of 1 response): {LEFT}",
    ]


def test_no_page_says_what_becomes_of_a_value_that_its_table_allows() -> None:
    found = compare(error("GET", "customers?customer_group_id=4711", 400))
    assert found == [f"list_customers status 200 -> 400 (1 of 1 response): {SILENT}"]


def test_a_service_that_ignores_a_wrong_value_of_a_filter_left_its_page() -> None:
    customers = passed("GET", "customers", 200, CUSTOMERS)
    ignored = passed("GET", "customers?customer_group_id=x", 200, CUSTOMERS)
    assert compare(customers, ignored) == [f"list_customers status 422 -> 200 (1 of 2 responses): {LEFT}"]


def test_a_write_to_a_path_that_is_gone_is_one_finding_on_its_page() -> None:
    found = compare(
        error("POST", "customer-groups/add", 405, GROUP), error("POST", "expenses/add", 405, b'{"id": 1}')
    )
    assert found == [
        f"add_customer_group status 200 -> 405 (1 of 1 response): {LEFT}",
        f"add_expense status 422 -> 405 (1 of 1 response): {LEFT}",
    ]
    assert compare(error("POST", "customer-groups/add", 404, GROUP)) == [
        f"add_customer_group status 200 -> 404 (1 of 1 response): {LEFT}"
    ]


def test_a_refusal_for_size_form_or_rights_says_nothing_about_values() -> None:
    found = compare(*(error("POST", "customer-groups/add", status, GROUP) for status in (403, 413, 415)))
    assert found == [
        f"add_customer_group status 200 -> {status} (1 of 3 responses): {SILENT}"
        for status in (403, 413, 415)
    ]


def test_values_that_both_refuse_show_the_status_of_refusals() -> None:
    found = compare(error("POST", "customer-groups/add", 400, NO_NAME))
    assert found == [
        "add_customer_group status 422 -> 400 (1 of 1 response): our assumption was wrong",
        "invalid.status",
    ]


SALE = (
    b'{"invoice_code": "324232", "invoice_number": "000123", "customer_id": 1, "sub_total_amount": "10.00",'
    b' "total_amount": "12.50", "amount_paid": "12.50", "invoice_type": "pos", "payment_type": "Cash"}'
)
CUSTOMER = (
    b'{"customer_name": "Ama", "customer_phone": "+233244567890", "customer_country": "Ghana",'
    b' "customer_city": "Accra", "customer_state": "Greater Accra", "address1": "1 High Street",'
    b' "customer_group_id": 4711}'
)


def accepted(method: str, path: str, body: bytes, *headers: tuple[bytes, bytes]) -> PassedRequest:
    """A write that the service accepted, with a response of which nothing can be read."""
    request = passed(method, path, 200, b"{}", body)
    request.headers.extend(headers)
    return request


def decisions(*requests: PassedRequest) -> list[str]:
    """The findings on statuses alone."""
    return [line for line in compare(*requests) if " status " in line]


@pytest.mark.slow
def test_a_code_that_only_a_record_of_the_fake_has_is_no_finding() -> None:
    """324232 is that of the vendor's sample, which every new account has."""
    assert decisions(accepted("POST", "sales/add", SALE)) == []
    assert not [
        line
        for line in compare(accepted("POST", "sales/add", SALE), conflict_status=422)
        if " status " in line
    ]
    assert decisions(accepted("POST", "sales/add", SALE.replace(b'"pos"', b'"no such"'))) == [
        f"add_sale status 422 -> 200 (1 of 1 response): {LEFT}"
    ]


@pytest.mark.slow
def test_a_record_that_only_the_service_has_may_be_named_in_a_compressed_body() -> None:
    coding = (b"Content-Encoding", b"gzip")
    assert decisions(accepted("POST", "customers/add", CUSTOMER)) == []
    assert decisions(accepted("POST", "customers/add", gzip.compress(CUSTOMER), coding)) == []
    no_phone = gzip.compress(CUSTOMER.replace(b"customer_phone", b"no_phone"))
    assert decisions(accepted("POST", "customers/add", no_phone, coding)) == [
        f"add_customer status 422 -> 200 (1 of 1 response): {LEFT}"
    ]


KEPT = b'{"data": {"customer": {"id": 7, "customer_zip": "00233"}}}'
CLEARED = KEPT.replace(b'"00233"', b"null")
LACKS_REQUIRED = b'{"customer_name": "Ama"}'


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fields", "answer", "outcome"),
    [
        (LACKS_REQUIRED, KEPT, Outcome.CONFIRMED),
        (LACKS_REQUIRED, CLEARED, Outcome.NOT_OBSERVED),
        (b'{"customer_name": "Ama", "customer_phone": 7.5}', KEPT, Outcome.NOT_OBSERVED),
        (b'{"customer_name": "Ama", "customer_group_id": 4711}', KEPT, Outcome.NOT_OBSERVED),
    ],
)
def test_an_edit_shows_that_fields_are_required_only_if_nothing_else_may_be_wrong(
    fields: bytes, answer: bytes, outcome: Outcome
) -> None:
    """And only if another one shows that an absent field is not cleared."""
    shadow = Shadow(ShadowFake(Settings()))
    with shadow.running():
        shadow.report(error("PUT", "customers/7", 422, fields))
        shadow.report(passed("PUT", "customers/7", 200, answer, CUSTOMER))
    results = {result.name: result.outcome for result in shadow.make_report("127.0.0.1").assumptions}
    assert results["update.partial"] is outcome


@pytest.mark.slow
def test_a_code_that_is_taken_in_both_says_nothing_of_values() -> None:
    assert compare(error("POST", "sales/add", 400, SALE)) == []


WRONG = "our assumption was wrong"


@pytest.mark.slow
def test_what_only_the_service_does_with_empty_and_null_values_refutes_an_assumption() -> None:
    empty_name, null_name = b'{"category_name": ""}', b'{"group_name": null}'
    assert decisions(accepted("POST", "inventory/categories/add", empty_name)) == [
        f"add_item_category status 422 -> 200 (1 of 1 response): {WRONG}"
    ]
    assert compare(error("GET", "customers?customer_group_id=", 422)) == [
        f"list_customers status 200 -> 422 (1 of 1 response): {WRONG}",
        "values.empty",
    ]
    empty = b'{"group_name": "", "group_description": "Very"}'
    assert decisions(accepted("PUT", "customer-groups/1", empty)) == [
        f"edit_customer_group status 422 -> 200 (1 of 1 response): {SILENT}"
    ]
    shadow = Shadow(ShadowFake(Settings()))
    with shadow.running():
        shadow.report(accepted("POST", "inventory/categories/add", empty_name))
        shadow.report(accepted("PUT", "customer-groups/1", null_name))
    results = {result.name: result.outcome for result in shadow.make_report("127.0.0.1").assumptions}
    assert (results["values.empty"], results["update.partial"]) == (Outcome.REFUTED, Outcome.REFUTED)


@pytest.mark.slow
def test_a_write_to_a_missing_record_is_refused_as_its_fetch() -> None:
    found = decisions(
        error("GET", "customers/4711", 400),
        error("DELETE", "customers/4711", 400),
        error("PUT", "customer-groups/4711", 400, GROUP),
    )
    assert found == [f"fetch_customer status 404 -> 400 (1 of 1 response): {WRONG}"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "path", "status", "outcome"),
    [
        ("POST", "customer-groups/add", 400, Outcome.REFUTED),
        ("PUT", "customer-groups/4711", 400, Outcome.NOT_OBSERVED),
        ("PUT", "customer-groups/4711", 422, Outcome.CONFIRMED),
    ],
)
def test_the_status_of_an_edit_may_be_that_of_a_missing_record(
    method: str, path: str, status: int, outcome: Outcome
) -> None:
    shadow = Shadow(ShadowFake(Settings()))
    with shadow.running():
        shadow.report(error(method, path, status, b'{"group_name": 7.5}'))
    report = shadow.make_report("127.0.0.1")
    results = {result.name: result.outcome for result in report.assumptions}
    assert (results["invalid.status"], bool(report.findings)) == (outcome, outcome is Outcome.REFUTED)
