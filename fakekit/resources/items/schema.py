"""An item, as list-items and fetch-item print it; fields that their samples cut off come from edit-item."""

from __future__ import annotations

from fakekit.contract.amounts import Price, Quantity
from fakekit.contract.fields import Text, Timestamp
from fakekit.contract.form import DIGITS, LINK, NOT_BLANK, UUID
from fakekit.contract.numbers import BinaryNumber, Id, Reference
from fakekit.contract.provenance import assumed, documented
from fakekit.contract.schema import Records, RecordSchema
from fakekit.resources.business import BUSINESS_CODE, USER_ID

_PAGE = documented("fetch-item")
_TABLE = documented("edit-item")
_TAIL = assumed("items.tail")
_BUCKET = "https://pub-60b577bb37f54e02b085ea3d4d65a159.r2.dev/items/33123516"


class ItemImageSchema(RecordSchema):
    """A picture of an item: its id and its URL."""

    id = Id(example=11, truth=_PAGE)
    image_url = Text(example=f"{_BUCKET}/image1.jpg", truth=_PAGE, rule=LINK)


class ItemSchema(RecordSchema):
    """An item: 23 fields, in the documented order as far as a sample shows it."""

    id = Id(example=1, truth=_PAGE)
    user_id = Text(example=USER_ID, truth=_PAGE, rule=UUID, default=USER_ID)
    business_code = Text(example=BUSINESS_CODE, truth=_PAGE, rule=DIGITS, default=BUSINESS_CODE)
    item_code = Text(example=" Jce84a50", truth=_PAGE, rule=NOT_BLANK)
    item_name = Text(example="HP Laptop", truth=_TABLE, rule=NOT_BLANK)
    item_images = Records(
        ItemImageSchema,
        example=[{"id": i, "image_url": f"{_BUCKET}/image{n}.jpg"} for n, i in enumerate((11, 14, 15), 1)],
        truth=_PAGE,
        default=list,
    )
    category_id = Reference("item_categories", example=1, truth=_TABLE)
    unit = Text(example="pcs", truth=_TABLE, rule=NOT_BLANK, note="pcs, kg, liters, ...")
    description = Text(
        example="High-end gaming laptop with advanced graphics and processing power.",
        truth=_TABLE,
        optional=True,
    )
    unit_cost = Price(example=1000.00, truth=_TABLE)
    item_price = Price(example=1500.00, truth=_TABLE)
    previous_price = Price(example=1400.00, truth=_TABLE, optional=True)
    quantity = Quantity(example="20", truth=_TABLE, rule=NOT_BLANK)
    minimum_qty_alert = Quantity(example="5", truth=_TABLE, optional=True)
    online = BinaryNumber(example=1, truth=_TABLE, note="1 (true) or 0 (false)")
    status = Text(example="in-stock", truth=_TABLE)
    barcode = Text(example="123456789", truth=_TABLE, optional=True)
    sku = Text(example="LAPTOP001", truth=_TABLE, optional=True)
    warehouse_id = Id(example=2, truth=_TABLE, optional=True)
    item_location = Text(example="Aisle 4", truth=_TAIL, optional=True, note="the place inside the warehouse")
    item_slug = Text(example="hp-laptop", truth=_TAIL, optional=True, note="the name as URLs spell it")
    created_at = Timestamp(example="2024-08-04 08:23:45", truth=_TAIL)
    updated_at = Timestamp(example="2024-08-04 02:00:43", truth=_TAIL)
