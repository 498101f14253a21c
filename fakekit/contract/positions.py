"""The positions: every assumption of `fakekit.contract.assumptions`, one to a name.

A name stands here only where the vendor's pages and the standards are silent or contradict themselves.
``docs/fidelity.md`` is made from this table.
"""

from __future__ import annotations

from fakekit.contract.assumptions import TEXT, Assumption, Assumptions
from fakekit.contract.request_positions import REQUEST_POSITIONS

TABLE: tuple[Assumption, ...] = (
    Assumption(
        "auth.before_routing",
        "Under `/api/` a request without a valid key is answered 401, even with an unknown path or a wrong method.",
        "Gateways do so; no page of the vendor says anything.",
    ),
    Assumption(
        "auth.scheme",
        'Another scheme, or `Bearer` without a token, is answered "Missing Bearer Token". The name of the '
        "scheme may be in upper or lower case (RFC 9110, 11.1).",
        "The documented text says so.",
    ),
    Assumption(
        "fetch_customer.groups",
        "`customer-group` lists the customer's own group, and is empty when she has none.",
        "A customer has one `customer_group_id`; the page prints a list.",
    ),
    Assumption(
        "customer.nulls",
        "An optional field without a value is null.",
        "The table of Add Customer calls the fields optional; no page shows a record without them.",
    ),
    Assumption(
        "payload.tenant_fields",
        "Answers have `user_id` and `business_code` where a rendering of the vendor's page has them; they are the "
        "same on every record. `false` is the other rendering of the same pages: without these fields, and with "
        "`item_images` on Fetch Item.",
        "Fetch Customer prints them; other renderings of the same pages do not.",
        True,
        (True, False),
    ),
    Assumption(
        "id.form",
        "An id is ASCII `[1-9][0-9]{0,17}`; anything else names no record.",
        "The tables of path parameters say string, but every answer has a number.",
    ),
    Assumption(
        "missing.status",
        "A record that does not exist answers 404.",
        "No page shows it.",
        404,
        range(400, 500),
    ),
    Assumption(
        "missing.error",
        'The `error` for a record that does not exist is "Customer not found", with the name of the resource.',
        'The text of a success is "Customer found".',
        "{noun} not found",
        TEXT,
    ),
    Assumption(
        "unknown_path.error",
        'A path that is no endpoint is answered 404 "Not Found" in the documented error envelope.',
        "No page shows it.",
    ),
    Assumption(
        "method.error",
        'The path of an endpoint with another method is answered 405 "Method Not Allowed" in the documented error '
        "envelope, with the `Allow` header of RFC 9110, 15.5.6.",
        "No page shows it.",
    ),
    Assumption(
        "cors",
        "Answers have CORS headers that allow every origin, with credentials too, and an OPTIONS request needs no key.",
        "Browser clients need it; nothing is documented.",
    ),
    Assumption(
        "accounts.full",
        "When the limit of accounts is reached and all of them have changes, a request with a new key is answered "
        "503 in the documented error envelope.",
        "The limit is fakekit's own; the vendor has none.",
    ),
    Assumption(
        "server.error",
        'An error in fakekit is answered 500 "Internal Server Error" in the documented error envelope.',
        "No page shows one. The cause is in fakekit's log.",
    ),
    Assumption(
        "list.shape",
        "A list is an array, ascending by id.",
        "The sample of item categories, the only one that is a real answer, is an array. The others show one "
        "object and three dots.",
    ),
    Assumption(
        "list.count",
        "The number in the message is the number of records in this answer.",
        'A page has "Customers found: 20". The page of item categories has no number.',
    ),
    Assumption(
        "filter.range",
        "`created_at` is the start of a range and `updated_at` (for sales, `due_date`) its end. Both are compared "
        "with the record's `created_at`. The range includes both ends, and the whole day of an end without a time. "
        "Either may be a date or a date and time; hour, minute and second may have one digit.",
        "The pages call them start date and end date.",
    ),
    Assumption(
        "filter.category_name",
        "The filter `category_name` finds the categories with exactly that name.",
        "The page does not say whether a part of the name is enough.",
    ),
    Assumption(
        "filter.invoice_type",
        "In the filter, `invoice` means `main` and `storefront` means `order`; `main` and `order` work too.",
        "List Sales and Add Sale have different names for two of the three types.",
    ),
    Assumption(
        "create.status",
        "A create is answered HTTP 200. With 201, its body still says 200, as the pages show.",
        "The endpoint's own page counts more than the 201 of the introduction. HTTP 201 with 200 in the body would "
        "agree with both.",
        200,
        (200, 201),
    ),
    Assumption(
        "invalid.status",
        "A request with values that the vendor's tables do not allow is answered 422 in the documented error "
        "envelope; `error` names every wrong field.",
        "No page shows it.",
        422,
        range(400, 500),
    ),
    Assumption(
        "conflict.status",
        "A new sale with the `invoice_code` of another one is answered 409.",
        "The page calls the code unique, and does not say how a second one is answered.",
        409,
        range(400, 500),
    ),
    Assumption(
        "reference.missing",
        "A write that names a customer, group or category that does not exist is rejected with the status of "
        "`invalid.status`.",
        "No page shows it; Add Sale requires an existing customer.",
    ),
    Assumption(
        "update.partial",
        "PUT requires the fields that its table calls required. Other fields keep their values if they are absent.",
        "The edit tables repeat the required rows of the add tables.",
    ),
    Assumption(
        "delete.status",
        "DELETE on the paths of the fetches removes the record and answers 204 without a body; 200 has the "
        'envelope, "Customer deleted successfully" and empty `data`.',
        "The introduction names the method, and 204 among the statuses; no page documents a DELETE.",
        204,
        (200, 204),
    ),
    Assumption(
        "delete.cascade",
        "Customers of a deleted group are in no group; sales of a deleted customer and items of a deleted "
        "category stay, and keep its id.",
        "The introduction calls deleting permanent, and says nothing about records that refer to the deleted one.",
    ),
    *REQUEST_POSITIONS,
    Assumption(
        "cut.by_sibling",
        "Where our copy of a page is cut off, the rest is taken from the page of a similar endpoint.",
        "Our copies of Add Customer, Edit Customer, Add Sale, Edit Sale, Add Item and Edit Expense are not complete.",
    ),
    Assumption(
        "message.by_analogy",
        'Texts and keys that no page shows are formed like documented ones: "Customer added successfully" under '
        "`customer`.",
        '"Group added successfully", "Store updated successfully" and similar texts are documented.',
    ),
    Assumption(
        "endpoint.by_analogy",
        "List Expenses and Fetch, Add and Edit Category work like the same endpoints of other resources.",
        "The vendor documents these endpoints for the other resources; users expect them here too.",
    ),
    Assumption(
        "hosts.any",
        "The Host of a request makes no difference.",
        "The pages use app.xtrakit.com and api.xtrakit.com with the same paths; which is newer is not known.",
    ),
    Assumption(
        "limits.none",
        "There are no rate limits, idempotency keys or webhooks. The length of a text has no limit but that of a "
        "body, 1 MiB.",
        "No page has one.",
    ),
    Assumption(
        "customer.created_by",
        "`created_by` is optional in Add Customer; by default it is the business's first user.",
        "Our copy of the page ends before this row; the page of expenses calls it required.",
    ),
    Assumption(
        "time.zone",
        "The timestamps of writes are in UTC, and every edit changes `updated_at`.",
        "No page names a zone; the samples' timestamps are placeholders.",
    ),
    Assumption(
        "sales.payment_status",
        "An amount paid of 0 with payment type None is a draft; the whole total or more is paid; anything else "
        "is partial.",
        "The draft rule is documented, the other two are implied.",
    ),
    Assumption(
        "sales.invoice_number",
        "An `invoice_number` without the prefix `INV-` gets it. The number of another sale is accepted.",
        "The text says that the system adds the prefix; the samples send it.",
    ),
    Assumption(
        "sales.issued_by",
        "`issued_by` is optional in Add Sale; by default it is the business's first user.",
        "Our copy of the page ends before this row; every answer has the field.",
    ),
    Assumption(
        "sales.payment_type",
        "`payment_type` is one of the eight names of Add Sale; Edit Sale also accepts a date.",
        "The vendor's samples have a date there, so a client can write back a sale that it has read.",
    ),
    Assumption(
        "sales.sums",
        "Amounts are stored as they are sent; fakekit does not check whether they agree.",
        "No page has a rule, and the sums in the samples do not agree.",
    ),
    Assumption(
        "sales.edit_code",
        "`invoice_code` is optional in the body of Edit Sale; it must be the one in the path.",
        "The table requires it, but the sample on the same page does not have it.",
    ),
    Assumption(
        "sales.items",
        "The lines of a sale are sent as `sales-item`, a list of records with the fields of the answer. An edit with "
        "lines replaces all of them.",
        "Our copy ends before the name in the request; the name in the answer is known.",
    ),
    Assumption(
        "stores.sale",
        "A store is the sale with that id. Edit Store accepts the fields of Edit Sale and requires none of them.",
        "Both pages print a sale under `store` and document no body.",
    ),
    Assumption(
        "items.code_match",
        "An item is found with or without the leading space that every sample prints in `item_code`.",
        "The text of the pages has no space there.",
    ),
    Assumption(
        "items.code",
        "`item_code` is made by the server: a space, J, and seven hexadecimal digits.",
        "No table of a body has it; the samples show such a code.",
    ),
    Assumption(
        "items.status",
        "`status` is one of available, out of stock and in-stock, and is answered as it was sent.",
        "The table has the first two, the samples the third.",
    ),
    Assumption(
        "items.tail",
        "An item ends with `item_location`, `item_slug`, `created_at` and `updated_at`, in this order.",
        "Our copies of the samples all end at `item_location`. Edit Item has the next row, other resources the rest.",
    ),
    Assumption(
        "fault.error",
        "An error that a fault causes (`fail=503`) has the documented error envelope. Its text is HTTP's own phrase or, "
        "for a 422, a field that the endpoint requires. A 429 has `Retry-After: 1`.",
        "No page shows such an error.",
    ),
    Assumption(
        "fault.answer",
        "An answer that a test set (`respond`) or changed (`drop`, `null`, `mistype`, `content-type`) is sent as it is, "
        "even if it breaks the contract.",
        "It is the user's answer and not the vendor's; the note says so.",
    ),
    Assumption(
        "authenticate.answer",
        'The answer is "User authenticated", with `user_id` and `business_code` under `user`.',
        "Only a curl line is documented.",
    ),
)

DEFAULTS = Assumptions(TABLE)
"""The values of the table."""
