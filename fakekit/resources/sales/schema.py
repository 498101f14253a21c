"""A sale and its lines, as fetch-sale prints them."""

from __future__ import annotations

from collections.abc import Mapping

from fakekit.contract.amounts import Money, Quantity
from fakekit.contract.fields import Colour, Date, Text, Timestamp
from fakekit.contract.form import NOT_BLANK
from fakekit.contract.numbers import Id, SixDigits, TextReference
from fakekit.contract.provenance import assumed, documented
from fakekit.contract.schema import Record, Records, RecordSchema

_PAGE = documented("fetch-sale")
_TABLE = documented("add-sale")
CUT_PAGE = assumed("cut.by_sibling")


class SaleSchema(RecordSchema):
    """A sale without its lines: 22 fields, in the documented order.

    No rendering of the vendor's pages has `user_id` and `business_code`.
    """

    id = Id(example=32, truth=_PAGE)
    invoice_code = SixDigits(example=324232, truth=_PAGE)
    invoice_number = Text(example="INV-000001", truth=_TABLE)
    customer_id = TextReference("customers", example="42", truth=_PAGE)
    sub_total_amount = Money(example="100.00", truth=_TABLE)
    total_amount = Money(example="200.00", truth=_TABLE)
    amount_paid = Money(example="200.00", truth=_TABLE)
    discount = Money(example="0.00", truth=_TABLE, optional=True)
    invoice_type = Text(example="pos", truth=_TABLE)
    invoice_colour = Colour(example="#FFFFFF", truth=_TABLE, optional=True)
    invoice_note = Text(example=None, truth=_TABLE, optional=True)
    invoice_terms = Text(example="Thanks for doing business", truth=_TABLE, optional=True)
    payment_internal_note = Text(example=None, truth=_TABLE, optional=True)
    payment_date = Date(example="2024-08-04", truth=_PAGE, optional=True)
    payment_type = Text(
        example="2024-08-04",
        truth=_PAGE,
        note="one of the names of Add Sale; the vendor's samples print a date",
    )
    payment_status = Text(example="paid", truth=_PAGE, note="paid, partial or draft")
    issued_by = Text(example="Jones Nathal", truth=_PAGE)
    due_date = Date(example="2024-08-30", truth=_PAGE, optional=True)
    reminder_date = Date(example="2024-08-25", truth=_PAGE, optional=True)
    reminder_message = Text(example=None, truth=_PAGE, optional=True)
    created_at = Timestamp(example="2024-08-04 08:23:45", truth=_PAGE)
    updated_at = Timestamp(example="2024-08-04 02:00:43", truth=_PAGE)


class SaleItemSchema(RecordSchema):
    """A line of a sale: ten fields, in the documented order."""

    id = Id(example=45, truth=_PAGE)
    invoice_code = Text(example="324232", truth=_PAGE, note="a number in the sale itself")
    invoice_number = Text(example="INV-000001", truth=_PAGE)
    item_name = Text(example="Web Design", truth=_PAGE)
    description = Text(example="Including hosting", truth=_PAGE, optional=True)
    unit_price = Money(example="100.00", truth=_PAGE)
    quantity = Quantity(example="2", truth=_PAGE, rule=NOT_BLANK)
    tax = Money(example="0.00", truth=_PAGE, default="0.00")
    created_at = Timestamp(example="2024-08-04 08:23:45", truth=_PAGE)
    updated_at = Timestamp(example="2024-08-04 02:00:43", truth=CUT_PAGE)


LINES = "sales-item"
LINE_NAMES = (LINES, "items")
"""The names under which a request may have the lines of a sale (assumption ``sales.items``)."""
SPACING = 1000
"""How many ids are reserved for the lines of each sale: those of sale 42 are 42001, 42002, ..."""


class StoredLineSchema(SaleItemSchema):
    """A line of a sale in a fixture file and in memory: fields that repeat the sale's may be left out.

    Code and number are the sale's, whatever the line has.
    """

    id = Id(example=45, truth=_PAGE, optional=True)
    invoice_code = Text(example="324232", truth=_PAGE, optional=True)
    invoice_number = Text(example="INV-000001", truth=_PAGE, optional=True)
    created_at = Timestamp(example="2024-08-04 08:23:45", truth=_PAGE, optional=True)
    updated_at = Timestamp(example="2024-08-04 02:00:43", truth=_PAGE, optional=True)


class StoredSaleSchema(SaleSchema):
    """A sale in a fixture file and in memory: with its lines, which responses show beside the sale."""

    class Meta(SaleSchema.Meta):
        """marshmallow's options; a field whose name has a hyphen can only be declared here."""

        include = {
            LINES: Records(StoredLineSchema, example=[], truth=_PAGE, default=list),
        }

    def read(self, values: Mapping[str, object]) -> dict[str, object]:
        """Validate a sale of a fixture file or a test, and complete its lines from it.

        values: the fields of the sale, with its lines. Raises `RecordError` with every problem at once.
        """
        return super().read(_complete_lines(values))

    def complete(self, values: Mapping[str, object]) -> dict[str, object]:
        """Return a valid sale of a request, or a generated one, with its lines completed from it."""
        return super().complete(_complete_lines(values))


def _complete_lines(sale: Record) -> Record:
    """Return a sale whose lines have its code and number, and the id and times that they lack.

    The sale itself is returned where it has no list of lines. A line that is no mapping stays as it is, for
    the schema to reject. The number of a line in the sale, from 1, becomes part of its id.
    """
    lines, key, code = sale.get(LINES), sale.get("id"), sale.get("invoice_code")
    if not isinstance(lines, list):
        return sale
    first_id = key * SPACING if isinstance(key, int) else 0
    times = {name: sale.get(name) for name in ("created_at", "updated_at")}
    repeated = {
        "invoice_code": f"{code:06d}" if isinstance(code, int) else str(code),
        "invoice_number": sale.get("invoice_number"),
    }
    completed = [
        {
            "id": first_id + n,
            **times,
            **{name: value for name, value in line.items() if value is not None},
            **repeated,
        }
        if isinstance(line, Mapping)
        else line
        for n, line in enumerate(lines, 1)
    ]
    return {**sale, LINES: completed}
