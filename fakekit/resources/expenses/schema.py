"""An expense, as add-expense prints it; fetch-expense prints no `user_id` and `business_code`."""

from __future__ import annotations

from fakekit.contract.amounts import Money
from fakekit.contract.fields import Text, Timestamp
from fakekit.contract.form import DIGITS, LINK, NOT_BLANK, UUID
from fakekit.contract.numbers import Id
from fakekit.contract.provenance import documented
from fakekit.contract.schema import RecordSchema
from fakekit.resources.business import BUSINESS_CODE, USER_ID

_PAGE = documented("fetch-expense")
_TABLE = documented("add-expense")


class ExpenseSchema(RecordSchema):
    """An expense: eleven fields, in the documented order."""

    id = Id(example=1, truth=_PAGE)
    user_id = Text(example=USER_ID, truth=_TABLE, rule=UUID, default=USER_ID)
    business_code = Text(example=BUSINESS_CODE, truth=_TABLE, rule=DIGITS, default=BUSINESS_CODE)
    expense_type = Text(example="Travel", truth=_TABLE, rule=NOT_BLANK)
    expense_description = Text(example="Flight ticket to Kumasi", truth=_TABLE, optional=True)
    expense_amount = Money(example="200.00", truth=_TABLE)
    payment_method = Text(example="MOMO", truth=_TABLE, rule=NOT_BLANK)
    expense_image = Text(example="https://url-to-image.com/image.jpg", truth=_TABLE, optional=True, rule=LINK)
    created_by = Text(example="Edward", truth=_TABLE, rule=NOT_BLANK)
    created_at = Timestamp(example="2024-08-04 08:23:45", truth=_PAGE)
    updated_at = Timestamp(example="2024-08-04 02:00:43", truth=_PAGE)
