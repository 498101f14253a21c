"""An item category, as list-item-categories prints it."""

from __future__ import annotations

from fakekit.contract.fields import Text, Timestamp
from fakekit.contract.form import NOT_BLANK
from fakekit.contract.numbers import Id
from fakekit.contract.provenance import documented
from fakekit.contract.schema import RecordSchema

_PAGE = documented("list-item-categories")


class ItemCategorySchema(RecordSchema):
    """An item category: four fields, in the documented order.

    No rendering of the vendor's page has `user_id` and `business_code`.
    """

    id = Id(example=14, truth=_PAGE)
    category_name = Text(example="Protein", truth=_PAGE, rule=NOT_BLANK)
    created_at = Timestamp(example="2023-11-27 07:49:27", truth=_PAGE)
    updated_at = Timestamp(example="2023-11-27 07:49:27", truth=_PAGE)
