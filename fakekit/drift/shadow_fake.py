"""The fake in this process that `fakekit shadow` asks what the program has asked the real service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.endpoint import Endpoint
from fakekit.drift.responses import ReceivedResponse
from fakekit.drift.shadow_requests import SHADOW_KEY, FakeRequest
from fakekit.resources import RESOURCES

if TYPE_CHECKING:
    from fakekit.settings import Settings


class ShadowFake:
    """A fake without a socket. Each request finds the records that a new account has.

    settings: of the project; its faults are left out.
    """

    def __init__(self, settings: Settings) -> None:
        from fakekit.app import create_app

        app = create_app(settings.with_(faults=()))
        self._client = app.test_client(use_cookies=False)
        self._account = app.extensions["fakekit"].accounts.open(SHADOW_KEY, is_permanent=True)

    @property
    def assumptions(self) -> Assumptions:
        """The values of the assumptions that the settings say."""
        assumptions: Assumptions = self._account.baseline.assumptions
        return assumptions

    def find_record_key(self, endpoint: Endpoint) -> str | None:
        """Return what identifies the first record of an endpoint's resource in paths; None without records.

        Empty for an endpoint whose path names no record.
        """
        if not endpoint.parameter:
            return ""
        resource = RESOURCES[endpoint.resource]
        records = self._account.records(resource.owner_name)
        return next((resource.record_key(record) for record in records), None)

    def send(self, request: FakeRequest) -> ReceivedResponse:
        """Return the fake's response to a request. What it writes is undone at once."""
        response = self._client.open(
            request.path,
            method=request.method,
            query_string=request.query,
            headers=dict(request.headers),
            data=request.body,
        )
        if request.method != "GET":
            self._account.reset()
        headers = {name.lower(): value for name, value in response.headers}
        return ReceivedResponse(response.status_code, headers, response.get_data())
