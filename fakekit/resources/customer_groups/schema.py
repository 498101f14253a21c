"""A customer group, as fetch-customer prints it."""

from __future__ import annotations

from fakekit.contract.fields import Text, Timestamp
from fakekit.contract.form import DIGITS, NOT_BLANK, UUID
from fakekit.contract.numbers import Id
from fakekit.contract.provenance import documented
from fakekit.contract.schema import RecordSchema
from fakekit.resources.business import BUSINESS_CODE, USER_ID

_PAGE = documented("fetch-customer")
_TABLE = documented("add-customer-group")


class CustomerGroupSchema(RecordSchema):
    """A customer group: seven fields, in the documented order."""

    id = Id(example=1, truth=_PAGE)
    user_id = Text(example=USER_ID, truth=_PAGE, rule=UUID, default=USER_ID)
    business_code = Text(example=BUSINESS_CODE, truth=_PAGE, rule=DIGITS, default=BUSINESS_CODE)
    group_name = Text(example="Premium Customers", truth=_TABLE, rule=NOT_BLANK)
    group_description = Text(
        example="Customers who have spent over $1000 and have been with the business for over a year.",
        truth=_TABLE,
        optional=True,
    )
    created_at = Timestamp(example="2024-08-04 08:23:45", truth=_PAGE)
    updated_at = Timestamp(example="2024-08-04 02:00:43", truth=_PAGE)
