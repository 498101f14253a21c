"""A customer, as fetch-customer prints her; a field is optional where add-customer calls it optional."""

from __future__ import annotations

from fakekit.contract.fields import Text, Timestamp
from fakekit.contract.form import DIGITS, EMAIL, LINK, NOT_BLANK, PHONE, UUID
from fakekit.contract.numbers import Id, Reference
from fakekit.contract.provenance import documented
from fakekit.contract.schema import RecordSchema
from fakekit.resources.business import BUSINESS_CODE, USER_ID

_PAGE = documented("fetch-customer")
_TABLE = documented("add-customer")


class CustomerSchema(RecordSchema):
    """A customer: 18 fields, in the documented order."""

    id = Id(example=1, truth=_PAGE)
    user_id = Text(example=USER_ID, truth=_PAGE, rule=UUID, default=USER_ID)
    business_code = Text(example=BUSINESS_CODE, truth=_PAGE, rule=DIGITS, default=BUSINESS_CODE)
    customer_group_id = Reference(
        "customer_groups", checked_in_files=True, example=1, truth=_TABLE, optional=True
    )
    customer_name = Text(example="Jane Doe", truth=_TABLE, rule=NOT_BLANK)
    customer_email = Text(example="jane.doe@example.com", truth=_TABLE, optional=True, rule=EMAIL)
    customer_phone = Text(example="+233244567890", truth=_TABLE, rule=PHONE)
    customer_whatsapp = Text(example="+233244567890", truth=_TABLE, optional=True, rule=PHONE)
    customer_country = Text(example="Ghana", truth=_TABLE, rule=NOT_BLANK)
    customer_city = Text(example="Accra", truth=_TABLE, rule=NOT_BLANK)
    customer_state = Text(example="Greater Accra", truth=_TABLE, rule=NOT_BLANK)
    customer_zip = Text(example="00233", truth=_TABLE, optional=True)
    address1 = Text(example="123 Main Street", truth=_TABLE, rule=NOT_BLANK)
    address2 = Text(example="Apt 4B, Downtown Complex", truth=_TABLE, optional=True)
    customer_profile = Text(
        example="https://example.com/profiles/customer123.jpg",
        truth=_TABLE,
        optional=True,
        rule=LINK,
    )
    created_by = Text(example="Edward", truth=_PAGE, rule=NOT_BLANK)
    created_at = Timestamp(example="2024-08-04 08:23:45", truth=_PAGE)
    updated_at = Timestamp(example="2024-08-04 02:00:43", truth=_PAGE)
