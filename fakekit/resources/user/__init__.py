"""The user behind a key (documented: one curl line in the introduction)."""

from __future__ import annotations

from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.envelope import Envelope, Part
from fakekit.contract.fields import Text
from fakekit.contract.provenance import assumed, documented
from fakekit.contract.schema import RecordSchema
from fakekit.resources.business import BUSINESS_CODE, USER_ID
from fakekit.resources.call import Call

_ANSWER = assumed("authenticate.answer")


class UserSchema(RecordSchema):
    """The user and the business that an API key belongs to; both are the same for every key."""

    user_id = Text(example=USER_ID, truth=_ANSWER)
    business_code = Text(example=BUSINESS_CODE, truth=_ANSWER)


def authenticate(call: Call) -> dict[str, object]:
    """Return the user and the business of the API key as the response's ``data``.

    They are the same for every key. A handler that takes nothing from the call.
    """
    return {"user": {"user_id": USER_ID, "business_code": BUSINESS_CODE}}


RESOURCE = Resource(
    name="user",
    label="User",
    endpoints=(
        Endpoint(
            operation="authenticate",
            method="GET",
            route="user/authenticate",
            envelope=Envelope(
                "User authenticated",
                {"user": Part(UserSchema, hidden_without_tenant=(), hidden_by=(_ANSWER, "empty"))},
                _ANSWER,
            ),
            handler=authenticate,
            truth=documented("introduction"),
        ),
    ),
)
