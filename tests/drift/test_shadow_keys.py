"""`fakekit shadow`: what a request has in Authorization, and what a refused key says."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from fakekit.drift.api_key import ApiKey
from fakekit.drift.fake_service import FAKE_KEY, fake_send
from fakekit.drift.judge import judge
from fakekit.drift.observed_stream import PassedRequest
from fakekit.drift.responses import OutgoingRequest, ReceivedResponse
from fakekit.drift.shadow import Shadow
from fakekit.drift.shadow_fake import ShadowFake
from fakekit.drift.shadow_requests import FakeRequest
from fakekit.settings import Settings

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
    authorization: str | None, response: ReceivedResponse, target: str = "customers", method: str = "GET"
) -> PassedRequest:
    """A request that has passed, with its response."""
    headers = [] if authorization is None else [(b"Authorization", authorization.encode())]
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
    return [
        f"{f.identity.partition(' -> ')[0]} | {f.verdict}"
        for f in judge(shadow.real_responses, shadow.fake_responses)
    ]


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
