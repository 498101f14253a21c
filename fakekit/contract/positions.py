"""The positions: every assumption of `fakekit.contract.assumptions`, one to a name.

A name stands here only where the vendor's pages and the standards are silent or contradict themselves.
``docs/fidelity.md`` is made from this table.
"""

from __future__ import annotations

from fakekit.contract.assumptions import TEXT, Assumption

TABLE: tuple[Assumption, ...] = (
    Assumption(
        "auth.before_routing",
        "Under `/api/` a bad credential answers 401 even on an unknown path or with a wrong method.",
        "It is what gateways do; the vendor is silent.",
    ),
    Assumption(
        "auth.scheme",
        'Another scheme, or `Bearer` with nothing behind it, is "Missing Bearer Token"; the name '
        "of the scheme is read without regard to case (RFC 9110, 11.1).",
        "The wording of the documented body.",
    ),
    Assumption(
        "fetch_customer.groups",
        "`customer-group` lists the customer's own group, and is empty when she has none.",
        "A customer has one `customer_group_id`; the page prints a list.",
    ),
    Assumption(
        "customer.nulls",
        "An optional field that was never given is null.",
        "The table of Add Customer calls it optional; no page shows it missing.",
    ),
    Assumption(
        "payload.tenant_fields",
        "`user_id` and `business_code` are present where a rendering of the page prints them, and the same on "
        "every record of a business. `false` is the other rendering of the same pages: without them, and with "
        "`item_images` on Fetch Item.",
        "The founding page prints them; some renderings of the same pages drop them.",
        True,
        (True, False),
    ),
    Assumption(
        "id.form",
        "An id is ASCII `[1-9][0-9]{0,17}`; anything else names no record.",
        "The path table says string, every answer prints a number.",
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
        'Its `error` is "Customer not found", and so for each noun, in the documented error envelope.',
        'It mirrors "Customer found".',
        "{noun} not found",
        TEXT,
    ),
    Assumption(
        "unknown_path.error",
        'A path that fakekit does not know answers 404 "Not Found" in the documented error envelope.',
        "No page shows it.",
    ),
    Assumption(
        "method.error",
        'A known path with another method answers 405 "Method Not Allowed" in the documented error '
        "envelope, with the `Allow` header of RFC 9110, 15.5.6.",
        "No page shows it.",
    ),
    Assumption(
        "cors",
        "Answers carry permissive CORS headers, and an OPTIONS request needs no key.",
        "Browser clients need it; nothing is documented.",
    ),
    Assumption(
        "accounts.full",
        "When every account that may be kept open holds changes, a new key answers 503 in the "
        "documented error envelope.",
        "It is a limit of fakekit's own; the vendor has nothing like it.",
    ),
    Assumption(
        "server.error",
        'A failure of fakekit itself answers 500 "Internal Server Error" in the documented error envelope.',
        "No page shows one; the cause is in fakekit's log.",
    ),
    Assumption(
        "list.shape",
        "A list is an array, ascending by id.",
        "The one sample that is a pasted real answer (item categories) is one; the others print one object "
        "and three dots.",
    ),
    Assumption(
        "list.count",
        "The number in the message is the number of records in this answer.",
        '"Customers found: 20"; the page of item categories has no number.',
    ),
    Assumption(
        "filter.range",
        "`created_at` is the start and `updated_at` (sales: `due_date`) the end of a range, both compared with "
        "the record's `created_at`, both ends and the end day whole included; either may be a date or a date and time, whose hour, minute and second may have one digit.",
        "The pages' own words: start date, end date.",
    ),
    Assumption(
        "filter.category_name",
        "`category_name` leaves the categories of exactly that name.",
        "The page says neither exact nor partial.",
    ),
    Assumption(
        "filter.invoice_type",
        "The filter's `invoice` finds `main` and its `storefront` finds `order`; those words work too.",
        "List Sales and Add Sale name the three types differently; both have `pos`.",
    ),
    Assumption(
        "create.status",
        "A create answers HTTP 200; its body says 200 in any case, as both create pages print.",
        "The endpoint's own page beats the introduction's 201; HTTP 201 with 200 in the body would hold both.",
        200,
        (200, 201),
    ),
    Assumption(
        "invalid.status",
        "A request that breaks the tables answers 422 in the documented error envelope, `error` naming every "
        "field at fault.",
        "No page shows it.",
        422,
        range(400, 500),
    ),
    Assumption(
        "conflict.status",
        "An `invoice_code` that another sale has answers 409.",
        "The page calls it unique and does not say what a second one gets.",
        409,
        range(400, 500),
    ),
    Assumption(
        "reference.missing",
        "A write that names a customer, group or category that does not exist is refused as `invalid.status`.",
        "No page shows it; Add Sale asks for an existing customer.",
    ),
    Assumption(
        "update.partial",
        "PUT needs the fields that its table calls required; others are kept when they are absent.",
        "The edit tables repeat the required rows of the add tables.",
    ),
    Assumption(
        "delete.status",
        "DELETE on the paths of the fetches removes the record and answers 204 without a body; 200 has the "
        'envelope, "Customer deleted successfully" and empty `data`.',
        "The introduction names the method and a row 204; no page documents one.",
        204,
        (200, 204),
    ),
    Assumption(
        "delete.cascade",
        "Customers of a deleted group are in no group; sales of a deleted customer and items of a deleted "
        "category stay, and keep its id.",
        "The introduction calls deleting permanent and says nothing of what hangs on it.",
    ),
    Assumption(
        "body.unknown_fields",
        "Fields and query parameters that no table names are accepted and ignored; the note says which.",
        "Usual for this kind of service.",
    ),
    Assumption(
        "body.numbers",
        "Digits in a string are accepted for an int.",
        "PHP clients send strings; the vendor's own samples do.",
    ),
    Assumption(
        "body.forms",
        "A form (urlencoded or multipart) is read like a JSON object of its fields.",
        "The text says JSON; PHP's curl sends forms when nobody tells it otherwise.",
    ),
    Assumption(
        "cut.by_sibling",
        "What the known copy of a page cuts off is as the page of its sibling shows it.",
        "Add Customer, Edit Customer, Add Sale, Edit Sale, Add Item and Edit Expense end before their end.",
    ),
    Assumption(
        "message.by_analogy",
        'Texts and keys that no page shows follow those that one does: "Customer added successfully" under '
        "`customer`.",
        '"Group added successfully", "Store updated successfully" and their kind are documented.',
    ),
    Assumption(
        "endpoint.by_analogy",
        "List Expenses and Fetch, Add and Edit Category work as their siblings do.",
        "The vendor documents the verbs for the other resources; users expect them here too.",
    ),
    Assumption(
        "hosts.any",
        "Every Host is answered alike.",
        "The pages use app.xtrakit.com and api.xtrakit.com with the same paths; which is newer is not known.",
    ),
    Assumption(
        "limits.none",
        "There is no rate limit, no idempotency key, no webhook, and no limit to a text but the body's 1 MiB.",
        "No page has one.",
    ),
    Assumption(
        "customer.created_by",
        "`created_by` may be left out of Add Customer, and is then the business's first user.",
        "The row is cut off in the copy of the page; expenses call theirs required.",
    ),
    Assumption(
        "time.zone",
        "The timestamps of writes are UTC, and `updated_at` moves with every edit.",
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
        "The prefix `INV-` is put in front of an `invoice_number` that does not have it; a number that another "
        "sale has is accepted.",
        "The text says the system adds it, the samples send it.",
    ),
    Assumption(
        "sales.issued_by",
        "`issued_by` may be left out of Add Sale, and is then the business's first user.",
        "The row is cut off in the copy of the page; every answer has it.",
    ),
    Assumption(
        "sales.payment_type",
        "`payment_type` is one of the eight names of Add Sale; Edit Sale takes a date as well.",
        "The vendor's samples print a date there, so a sale that was read can be written back.",
    ),
    Assumption(
        "sales.sums",
        "Amounts are kept as they are sent; nothing checks that they agree.",
        "No page states a rule, and the sums of the samples do not agree.",
    ),
    Assumption(
        "sales.edit_code",
        "`invoice_code` may be left out of Edit Sale's body; another one than the path's is refused.",
        "The table requires it again, the page's own sample leaves it out.",
    ),
    Assumption(
        "sales.items",
        "A sale's lines are sent as `sales-item`, a list of records with the fields of the answer; an edit that "
        "sends some replaces them all.",
        "The name in the request is cut off; the answer's is known.",
    ),
    Assumption(
        "stores.sale",
        "A store is the sale of that id; Edit Store reads the fields of Edit Sale and needs none of them.",
        "Both pages print a sale under `store` and document no body.",
    ),
    Assumption(
        "items.code_match",
        "An item is found with or without the leading space that every sample prints in `item_code`.",
        "The prose has none.",
    ),
    Assumption(
        "items.code",
        "`item_code` is made by the server: a space, J, and seven hexadecimal digits.",
        "It is in no table of a body; the samples print one like it.",
    ),
    Assumption(
        "items.status",
        "`status` is one of available, out of stock and in-stock, and answered as it was sent.",
        "The table has the first two, the samples the third.",
    ),
    Assumption(
        "items.tail",
        "An item ends with `item_location`, `item_slug`, `created_at` and `updated_at`, in this order.",
        "Every copy of a sample is cut off at `item_location`; Edit Item has the next row, siblings the rest.",
    ),
    Assumption(
        "fault.error",
        "A failure that was asked for (`fail=503`) comes in the documented error envelope, with HTTP's own phrase or, of a "
        "422, a field that the endpoint needs; a 429 has `Retry-After: 1`.",
        "No page shows one.",
    ),
    Assumption(
        "fault.answer",
        "An answer that a test gave (`respond`) or changed (`drop`, `null`, `mistype`, `content-type`) goes out as it is, "
        "also outside the contract.",
        "It is the user's and not the vendor's; the note says so.",
    ),
    Assumption(
        "authenticate.answer",
        '"User authenticated", with `user_id` and `business_code` under `user`.',
        "Only a curl line is documented.",
    ),
)
