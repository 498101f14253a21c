"""The fake to compare with: an app in this process, asked without a socket."""

from __future__ import annotations

from fakekit.accounts.account_key import DEMO_KEY
from fakekit.app import create_app
from fakekit.drift.api_key import ApiKey
from fakekit.drift.responses import OutgoingRequest, ReceivedResponse, Send
from fakekit.settings import Settings
from fakekit.vendor import BASE_PATH

FAKE_KEY = ApiKey(DEMO_KEY, "the fake's key")


def fake_send(settings: Settings) -> Send:
    """Return a function that sends requests to a fake of its own with these settings."""
    client = create_app(settings).test_client()

    def send(request: OutgoingRequest) -> ReceivedResponse:
        headers = {} if request.key is None else {"Authorization": f"Bearer {request.key.reveal()}"}
        response = client.get(f"{BASE_PATH}/{request.target}", headers=headers)
        lower = {name.lower(): value for name, value in response.headers.items()}
        return ReceivedResponse(response.status_code, lower, response.get_data())

    return send
