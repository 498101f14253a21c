"""`fakekit shadow`: how a request is compared, by its key, its other headers and what came back."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from fakekit.drift.api_key import ApiKey
from fakekit.drift.fake_service import FAKE_KEY, fake_send
from fakekit.drift.judge import judge
from fakekit.drift.known_findings import NOTHING_USED
from fakekit.drift.observed_stream import PassedRequest
from fakekit.drift.rendering import as_text
from fakekit.drift.responses import OutgoingRequest, ReceivedResponse
from fakekit.drift.shadow import Shadow
from fakekit.drift.shadow_fake import ShadowFake
from fakekit.drift.shadow_requests import FakeRequest
from fakekit.drift.terms import Description
from fakekit.settings import Settings
from tests.helpers.shadow import results

pytestmark = pytest.mark.slow
SECRET = "CANARY$key!1"


class WatchedFake(ShadowFake):
    """A fake that remembers what Authorization it was sent."""

    def __init__(self) -> None:
        super().__init__(Settings())
        self.keys: list[str | None] = []

    def send(self, request: FakeRequest) -> ReceivedResponse:
        """The response of the fake."""
        self.keys.append(request.headers.get("Authorization"))
        return super().send(request)


def responses() -> Mapping[str, ReceivedResponse]:
    """Responses of a service: with its key, and to a key that it refuses."""
    send = fake_send(Settings())
    return {
        "customers": send(OutgoingRequest("customers", FAKE_KEY)),
        "sales": send(OutgoingRequest("sales", FAKE_KEY)),
        "missing": send(OutgoingRequest("customers")),
        "refused": send(OutgoingRequest("customers", ApiKey("made-up", ""))),
    }


def passed_request(
    authorization: str | None,
    response: ReceivedResponse,
    target: str = "customers",
    method: str = "GET",
    **others: str,
) -> PassedRequest:
    """A request that has passed, with its response. others: further headers."""
    headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in others.items()]
    if authorization is not None:
        headers.append((b"Authorization", authorization.encode()))
    passed = PassedRequest(method, f"/api/v1/{target}", headers, status=response.status)
    passed.response_headers = [(n.encode(), v.encode()) for n, v in response.headers.items()]
    passed.response_body = bytearray(response.body)
    return passed


def compared(*requests: PassedRequest) -> tuple[Shadow, list[str | None]]:
    """What a shadow has found, and the keys with which it has asked the fake."""
    fake = WatchedFake()
    shadow = Shadow(fake)
    with shadow.running():
        for request in requests:
            shadow.report(request)
    assert shadow.failed == 0
    return shadow, fake.keys


def found(shadow: Shadow) -> list[str]:
    return [f"{f.title} | {f.verdict}" for f in judge(shadow.real_responses, shadow.fake_responses)]


@pytest.mark.parametrize(
    "authorization", [f"Bearer {SECRET}", f"bearer  {SECRET}", SECRET, f"Token {SECRET}"]
)
def test_a_key_of_any_characters_that_a_service_accepts_is_one_and_never_reaches_the_fake(
    authorization: str,
) -> None:
    shadow, keys = compared(passed_request(authorization, responses()["customers"]))
    assert (found(shadow), keys) == ([], ["Bearer fk_shadow"])


def test_a_header_without_a_bearer_token_that_is_refused_is_a_request_without_a_key() -> None:
    answers = responses()
    shadow, keys = compared(
        passed_request(None, answers["missing"]),
        passed_request(" ", answers["missing"]),
        passed_request("Bearer", answers["missing"]),
        passed_request(f"Basic {SECRET}", answers["missing"]),
        passed_request(f"Bearer {SECRET}", answers["missing"]),
    )
    assert found(shadow) == ["list_customers with a made-up key: error: text | our assumption was wrong"]
    assert keys == [None, None, None, None, "Bearer made-up"]


def test_a_key_that_is_accepted_at_one_endpoint_and_refused_at_another_is_found_in_any_order() -> None:
    """Though the 401 is the one that the contract has for a made-up key."""
    answers = responses()
    accepted = passed_request(f"Bearer {SECRET}", answers["customers"])
    sales = passed_request(f"Bearer {SECRET}", answers["refused"], "sales")
    added = passed_request(f"Bearer {SECRET}", answers["refused"], "customer-groups/add", "POST")
    other = passed_request("Bearer of-another-account", answers["refused"], "sales")
    for requests in ((accepted, sales, added, other), (sales, other, added, accepted)):
        shadow, _ = compared(*requests)
        assert sorted(found(shadow)) == [
            "add_customer_group: status | the vendor left its page",
            "list_sales: status | the vendor left its page",
        ]
    shadow, _ = compared(sales, other, added)
    assert (found(shadow), shadow.accepted, shadow.compared) == ([], 0, 3)


KEY = "Bearer fk_demo"


def test_a_response_that_the_request_has_asked_for_by_a_header_is_not_compared() -> None:
    """Without that header it is a finding; and only what is a redirect is called so."""
    unchanged, part = ReceivedResponse(304, {}, b""), ReceivedResponse(206, {}, b"{")
    shadow, _ = compared(
        passed_request(KEY, unchanged, If_None_Match='"a"'), passed_request(KEY, part, Range="bytes=0-0")
    )
    assert (found(shadow), shadow.compared) == ([], 0)
    moved = ReceivedResponse(302, {"location": "/login"}, b"")
    shadow, _ = compared(passed_request(KEY, unchanged), passed_request(KEY, moved, "sales"))
    text = as_text(shadow.make_report("service"), NOTHING_USED)
    assert "the contract says 200; seen 304 in 1 of 1 response" in text
    assert "the contract says 200; seen a redirect, 302 in 1 of 1 response" in text


def test_a_response_that_breaks_off_is_found_though_its_json_is_whole() -> None:
    passed = passed_request(KEY, responses()["customers"])
    passed.problem = Description.BROKEN
    shadow, _ = compared(passed)
    assert (found(shadow), shadow.accepted) == (["service: availability | the page is silent, now known"], 1)
    passed = passed_request(KEY, ReceivedResponse(200, {}, b'{"status": 200'))
    passed.problem = Description.BROKEN
    shadow, _ = compared(passed)
    assert found(shadow) == ["list_customers: body | the vendor left its page"]


@pytest.mark.parametrize("status", [403, 429])
def test_a_missing_record_may_be_answered_with_a_status_that_has_another_meaning_elsewhere(
    status: int,
) -> None:
    settings = Settings.of(assumptions={"missing.status": status})
    response = fake_send(settings)(OutgoingRequest("customers/999", FAKE_KEY))
    assert response.status == status
    shadow = Shadow(ShadowFake(settings))
    with shadow.running():
        shadow.report(passed_request(KEY, response, "customers/999"))
    assert found(shadow) == []
    assert results(shadow)["missing.status"] == ("confirmed", status)


def test_a_write_that_is_too_long_to_be_read_is_not_observed() -> None:
    passed = passed_request(KEY, ReceivedResponse(200, {}, b"{}"), "customers/add", "POST")
    passed.is_cut = True
    shadow, _ = compared(passed)
    assert [(item.place.operation, item.reason) for item in shadow.not_observed()] == [
        ("add_customer", "the body of the request has more than 4 MB")
    ]
