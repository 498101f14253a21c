"""`fakekit shadow`: what passes is compared with the fake, by shapes."""

from __future__ import annotations

import gzip
import sys
import zlib

import pytest

import fakekit
from fakekit.drift.judge import judge
from fakekit.drift.observed_stream import PassedRequest
from fakekit.drift.responses import ReceivedResponse
from fakekit.drift.shadow import Shadow
from fakekit.drift.shadow_fake import ShadowFake
from fakekit.drift.shadow_requests import FakeRequest
from fakekit.settings import Settings
from tests.helpers import brotli_library
from tests.helpers.shadow import Program, results, served, shadowing

CUSTOMER = {
    "customer_name": "Ama",
    "customer_email": "ama@example.com",
    "customer_phone": "+233244567890",
    "customer_country": "Ghana",
    "customer_city": "Accra",
    "customer_state": "Greater Accra",
    "address1": "1 High Street",
}


def found(shadow: Shadow) -> list[str]:
    return [
        f"{f.title} | {', '.join(map(str, f.difference.contract))} -> {', '.join(map(str, f.difference.seen))}"
        f" | {f.difference.observed} | {f.verdict}{f' ({f.assumption})' if f.assumption else ''}"
        for f in judge(shadow.real_responses, shadow.fake_responses)
    ]


def use_everything(program: Program) -> None:
    """What a program may do: reads, writes, mistakes."""
    for path in (
        "customers",
        "customers/7",
        "customer-groups",
        "sales",
        "inventory/items",
        "expenses",
        "stores/3",
    ):
        assert program.send("GET", path)[0] == 200
    group = {"group_name": "VIP", "group_description": "Very"}
    _, added = program.send("POST", "customer-groups/add", group)
    key = added["data"]["group"]["id"]
    customer = {**CUSTOMER, "customer_group_id": key}
    status, added = program.send("POST", "customers/add", {**customer, "customer_zip": "00233"})
    assert status < 300, added
    key = added["data"]["customer"]["id"]
    assert program.send("PUT", f"customers/{key}", {**customer, "customer_name": "Ama Mensah"})[0] == 200
    assert program.send("PUT", f"customers/{key}", {"customer_name": "Ama Mensah"})[0] in (200, 400, 422)
    assert program.send("GET", f"customers/{key}")[0] == 200
    assert program.send("DELETE", f"customers/{key}")[0] < 300
    assert program.send("GET", f"customers/{key}")[0] >= 400
    assert program.send("DELETE", f"customers/{key}")[0] >= 400
    assert program.send("POST", "customers/add", {"customer_name": ""})[0] >= 400
    assert program.send("GET", "customers?customer_group_id=x")[0] >= 400
    assert program.send("GET", "suppliers")[0] >= 400
    assert program.send("GET", "customers/1", Authorization="Bearer wrong")[0] == 401
    assert program.send("GET", "customers/1", Authorization="")[0] == 401


@pytest.mark.slow
def test_a_service_that_does_as_fakekit_does_is_found_to_agree() -> None:
    """Though its records are others, and the program has added, edited and deleted some."""
    shadow = Shadow(ShadowFake(Settings()))
    with served(seed=7, customers=80) as service, shadowing(service, shadow) as program:
        use_everything(program)
    assert found(shadow) == []
    assert (shadow.passed, shadow.compared, shadow.failed) == (20, 20, 0)
    assert shadow.not_observed() == []
    found_out = results(shadow)
    assert "refuted" not in {outcome for outcome, _ in found_out.values()}
    assert [found_out[name] for name in ("create.status", "update.partial", "missing.error")] == [
        ("confirmed", 200),
        ("confirmed", "required"),
        ("confirmed", "{noun} not found"),
    ]


OTHER = {
    "create.status": 201,
    "delete.status": 200,
    "invalid.status": 400,
    "missing.status": 410,
    "update.partial": "partial",
}


@pytest.mark.slow
def test_what_a_service_does_otherwise_is_found_in_writes_too_and_known_afterwards() -> None:
    shadow = Shadow(ShadowFake(Settings()))
    with served(seed=7, assumptions=OTHER) as service:
        with shadowing(service, shadow) as program:
            use_everything(program)
        assert found(shadow) == [
            "add_customer_group: status | 200 -> 201 | 1 of 1 response | our assumption was wrong (create.status)",
            "add_customer: status | 200 -> 201 | 1 of 1 response | our assumption was wrong (create.status)",
            "delete_customer: status | 204 -> 200 | 1 of 1 response | our assumption was wrong (delete.status)",
            "fetch_customer for a record that does not exist: status | 404 -> 410 | 1 of 1 response"
            " | our assumption was wrong (missing.status)",
            "delete_customer for a record that does not exist: status | 404 -> 410 | 1 of 1 response"
            " | our assumption was wrong (missing.status)",
            "add_customer with values that are refused: status | 422 -> 400 | 1 of 1 response"
            " | our assumption was wrong (invalid.status)",
            "list_customers with values that are refused: status | 422 -> 400 | 1 of 1 response"
            " | our assumption was wrong (invalid.status)",
            "edit_customer: status | 422 -> 200 | 1 of 2 responses | our assumption was wrong (update.partial)",
        ]
        assert {name: results(shadow)[name] for name in (*OTHER, "create.body_status", "list.shape")} == {
            **{name: ("refuted", value) for name, value in OTHER.items()},
            "create.body_status": ("confirmed", 200),
            "list.shape": ("confirmed", "array"),
        }
        again = Shadow(ShadowFake(Settings().with_(assumptions=OTHER)))
        with shadowing(service, again) as program:
            use_everything(program)
        assert found(again) == []


@pytest.mark.slow
def test_a_write_that_only_the_service_refuses_is_known_now(fake: fakekit.FakeServer) -> None:
    """Unless the fields refer to records, which the fake does not have."""
    handle = fake.account("fk_program")
    handle.respond(
        "POST", "customer-groups/add", status=422, json={"status": 422, "error": "Too many groups"}
    )
    handle.respond("POST", "customers/add", status=422, json={"status": 422, "error": "No such group"})
    shadow = Shadow(ShadowFake(Settings()))
    with shadowing(fake, shadow) as program:
        program.send("POST", "customer-groups/add", {"group_name": "VIP", "group_description": "Very"})
        program.send("POST", "customers/add", {**CUSTOMER, "customer_group_id": 49})
    assert found(shadow) == [
        "add_customer_group with values that are refused: status | 200 -> 422 | 1 of 1 response"
        " | the page is silent, now known"
    ]


def test_a_write_that_only_the_service_accepts_left_the_page(fake: fakekit.FakeServer) -> None:
    handle = fake.account("fk_program")
    group = handle.add_group(group_name="VIP")
    body = {"status": 200, "message": "Group added successfully", "data": {"group": group}}
    handle.respond("POST", "customer-groups/add", json=body)
    shadow = Shadow(ShadowFake(Settings()))
    with shadowing(fake, shadow) as program:
        program.send("POST", "customer-groups/add", {"group_description": "It has no name"})
    assert found(shadow) == [
        "add_customer_group: status | 422 -> 200 | 1 of 1 response | the vendor left its page"
    ]


def compressed(coding: str, data: bytes) -> Shadow:
    """The comparison of one response that passed in a content coding."""
    headers = [(b"Content-Type", b"application/json"), (b"Content-Encoding", coding.encode())]
    passed = PassedRequest("GET", "/api/v1/customers/1", [(b"Authorization", b"Bearer x")], status=200)
    passed.response_headers, passed.response_body = headers, bytearray(data)
    shadow = Shadow(ShadowFake(Settings()))
    with shadow.running():
        shadow.report(passed)
    return shadow


@pytest.mark.slow
def test_a_response_in_a_content_coding_is_read_or_not_observed(monkeypatch: pytest.MonkeyPatch) -> None:
    """brotli is read where a library for it is installed."""
    body = b'{"status": 200, "message": "Customer found", "data": {}}'
    lacks = [
        "fetch_customer: data.customer: missing field",
        "fetch_customer: data.customer-group: missing field",
    ]
    for coding, data in (("gzip", gzip.compress(body)), ("deflate", zlib.compress(body))):
        shadow = compressed(coding, data)
        assert sorted(line.partition(" |")[0] for line in found(shadow)) == sorted(lacks)
    shadow = compressed("gzip", gzip.compress(body)[:-9])
    assert [line.partition(" | 1 of")[0] for line in found(shadow)] == [
        "fetch_customer: body | JSON -> JSON that ends early"
    ]
    monkeypatch.setitem(sys.modules, "brotli", None)
    monkeypatch.setitem(sys.modules, "brotlicffi", None)
    shadow = compressed("br", b"")
    assert [(item.place.operation, item.reason) for item in shadow.not_observed()] == [
        (
            "fetch_customer",
            "the body is in a content coding that is not read here; for br, pip install 'brotli>=1.2'",
        )
    ]
    monkeypatch.setitem(sys.modules, "brotli", brotli_library)
    shadow = compressed("br", zlib.compress(body))
    assert sorted(line.partition(" |")[0] for line in found(shadow)) == sorted(lacks)
    shadow = compressed("br", zlib.compress(body)[:-9])
    assert [line.partition(" | 1 of")[0] for line in found(shadow)] == [
        "fetch_customer: body | JSON -> JSON that ends early"
    ]


class BrokenFake(ShadowFake):
    def send(self, request: FakeRequest) -> ReceivedResponse:
        raise ValueError("Ama Mensah")


@pytest.mark.slow
def test_a_failure_of_fakekits_own_is_counted_and_told_without_a_value(
    fake: fakekit.FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    shadow = Shadow(BrokenFake(Settings()))
    with caplog.at_level("ERROR", "fakekit"), shadowing(fake, shadow) as program:
        assert program.send("GET", "customers/1")[0] == 200
    assert (shadow.failed, shadow.passed) == (1, 1)
    (record,) = caplog.records
    assert record.getMessage().startswith("fakekit failed with ValueError; please report this:\n")
    assert "Ama" not in caplog.text
