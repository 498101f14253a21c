"""The ledger: the contradictions and gaps of the vendor's documentation, and what fakekit does about each.

``docs/fidelity.md`` and ``fakekit ledger`` are made from it; the assumptions that it names are in
`fakekit.contract.positions`.
"""

from __future__ import annotations

import textwrap
from dataclasses import asdict, dataclass
from json import dumps
from typing import Literal


@dataclass(frozen=True)
class Oddity:
    """A point on which the vendor's pages contradict themselves, are wrong or are silent.

    number: identifies the entry, from 1.
    title: the point in a few words.
    position: what fakekit does about it, or why nothing needs to be done.
    assumptions: the names of the assumptions that the position relies on.
    kind: what decides it: a page, a standard or the assumptions; ``none`` where nothing has to be decided.
    """

    number: int
    title: str
    position: str
    assumptions: tuple[str, ...]
    kind: Literal["documented", "standard", "assumed", "none"]


# fmt: off
ODDITIES: tuple[Oddity, ...] = (
    # Envelope and lists
    Oddity(1, "Lists printed as one object",
           "A list is an array, ascending by id, under every key.",
           ("list.shape",), "assumed"),
    Oddity(2, "Samples that are not valid JSON",
           "Every body that fakekit sends is valid JSON (RFC 8259): no dots instead of records, no trailing commas, one object in each answer.",
           (), "standard"),
    Oddity(3, "The number in a list's message",
           'It is the number of records in this answer, 0 for an empty array. "Item categories found" has no number, as on its page.',
           ("list.count",), "assumed"),
    Oddity(4, "A customer's group is a list",
           "`customer-group` is an array with the customer's own group; it is empty if there is none.",
           ("fetch_customer.groups",), "assumed"),
    Oddity(5, "Hyphens and plurals in the keys of `data`",
           "Every key is the one on its page, even the plural `sales` for a single sale. Keys that no page shows are formed like those of similar endpoints.",
           ("message.by_analogy", "endpoint.by_analogy"), "assumed"),
    Oddity(6, "Two different error envelopes",
           "Every path under `/api/` has the two documented 401 bodies. Every other error has the same form: `status` and `error`, and nothing else.",
           ("missing.error", "unknown_path.error", "method.error", "invalid.status", "server.error"), "assumed"),
    Oddity(7, "Whether `status` is the HTTP status",
           "It is, as the introduction says. The one exception: with `create.status` set to 201, the body of a create still says 200, as on its page.",
           ("create.status",), "documented"),
    # Status codes
    Oddity(8, "201 or 200 for a create",
           "A create is answered HTTP 200 with 200 in the body. `create.status` can make the HTTP status 201, without a change of the body.",
           ("create.status",), "assumed"),
    Oddity(9, "204 against JSON in every answer",
           "A successful DELETE and an OPTIONS request are answered 204, without a body and a Content-Type (RFC 9110, 15.3.5). With `delete.status` 200, the answer to a DELETE has the envelope.",
           ("delete.status", "cors"), "assumed"),
    Oddity(10, "Failures other than 401",
           "A missing record or path is answered 404, a wrong method 405, a request that the tables do not allow 422, an `invoice_code` in use 409. Nothing is answered 429; 5xx are fakekit's own errors and limits.",
           ("missing.status", "unknown_path.error", "method.error", "invalid.status", "conflict.status", "server.error", "accounts.full"), "assumed"),
    Oddity(11, "DELETE without a page",
           "It has the path of the fetch and removes the record. Records that refer to it stay: a customer is then in no group, sales and items keep the id of the deleted record.",
           ("delete.status", "delete.cascade"), "assumed"),
    Oddity(12, "GET described as adding",
           "No position is needed: it is a mistake in the introduction, and every page with a GET only reads.",
           (), "none"),
    # Paths and keys
    Oddity(13, "Two hosts",
           "The Host of a request makes no difference; the paths are the same on both hosts.",
           ("hosts.any",), "assumed"),
    Oddity(14, "`add` where an id could stand",
           "A path without a parameter takes precedence over one with a parameter, as in OpenAPI: on `/customers/add` and similar paths, POST creates a record and every other method is answered 405.",
           ("method.error",), "assumed"),
    Oddity(15, "The path of Edit Sale",
           "A sale is edited only with PUT on `/sales/edit/{invoice_code}`, as on the pages of both hosts. PUT on `/sales/{invoice_code}` is answered 405.",
           ("method.error",), "documented"),
    Oddity(16, "Three kinds of key",
           "Each path has the key that its page has: `invoice_code` for sales, `item_code` for items, `id` for the others. The id of a sale or an item does not work in the place of its code.",
           (), "documented"),
    Oddity(17, "An id is text here and a number there",
           "It is a number in every answer. In a path it is up to 18 digits without sign or leading zero. Anything else names no record and is answered 404.",
           ("id.form", "missing.status"), "assumed"),
    Oddity(18, "Samples that send a literal {id}",
           "A placeholder that was not filled in names no record. It is answered 404, and the note says what happened.",
           ("id.form", "missing.status", "missing.error"), "assumed"),
    Oddity(19, "A store that is a sale",
           "`/stores/{id}` is the sale with that id, without its lines, under `store`. Stores cannot be listed or created.",
           ("stores.sale",), "assumed"),
    Oddity(20, "Edit Store has no body",
           "PUT without a body succeeds and changes only `updated_at`. With a body, it reads the fields of Edit Sale and requires none of them.",
           ("stores.sale",), "assumed"),
    Oddity(21, "user/authenticate is one curl line",
           'GET answers "User authenticated" with `user_id` and `business_code` under `user`, the same for every key. POST, PUT and DELETE are answered 405.',
           ("authenticate.answer", "method.error"), "assumed"),
    # Filters
    Oddity(22, "What the range filters compare",
           "Both ends (`due_date` for sales, too) are compared with the record's `created_at` and are part of the range. An end that is a date includes its whole day.",
           ("filter.range",), "assumed"),
    Oddity(23, "H:m:s with or without zeros",
           "Hour, minute and second may have one or two digits; either end may be a date alone or a date and time.",
           ("filter.range",), "assumed"),
    Oddity(24, "business_code: number and string",
           "The filter takes a whole number and compares it with the string in the records. It works even if `payload.tenant_fields` hides the field. Text that is no number is answered 422.",
           ("payload.tenant_fields", "invalid.status"), "assumed"),
    Oddity(25, "Filters promised but not listed",
           "Only the filters in the tables work. Any other query parameter is ignored, for a single record too, and the note names it.",
           ("body.unknown_fields",), "assumed"),
    Oddity(26, "category_name: exact or partial",
           "The list of categories has those with exactly that name, in upper and lower case as written. The list of items ignores the filter.",
           ("filter.category_name", "body.unknown_fields"), "assumed"),
    Oddity(27, "Group filters described as customers'",
           "No position is needed: the text was copied from another page. The filters of groups compare the fields of groups.",
           (), "none"),
    Oddity(28, "Two vocabularies of invoice_type",
           "A write accepts `main`, `pos` or `order`. The filter accepts these, and `invoice` for `main` and `storefront` for `order`. Any other word is answered 422.",
           ("filter.invoice_type", "invalid.status"), "assumed"),
    Oddity(29, "How payment_status comes about",
           "It is computed at every write of a sale: `draft`, `partial` or `paid`. It is never read from a body. The filter accepts only these lower-case words.",
           ("sales.payment_status", "body.unknown_fields"), "assumed"),
    Oddity(30, "No pages, limits, sorting or search",
           "A list has every record that passes its filters. Parameters such as `page` and `limit` are ignored, and the note names them.",
           ("body.unknown_fields", "list.shape"), "assumed"),
    # Types and values
    Oddity(31, "invoice_code: number and string",
           "It is a number in the sale and text of six digits in its lines, as on the page. A write accepts six digits in a string, or the number.",
           ("body.numbers",), "documented"),
    Oddity(32, "customer_id: number and string",
           "A sale has it as a string of digits, as on the page. Writes and the filter accept the digits; a JSON body may also have the number.",
           ("body.numbers",), "documented"),
    Oddity(33, "Money as text and as numbers",
           "Sales and expenses have strings with two decimals; items have numbers, and whole ones are written like 1000.0. Writes accept both.",
           ("body.numbers",), "documented"),
    Oddity(34, "A date as payment_type",
           "Add Sale accepts one of its eight names, and generated sales have one of them. The vendor's own sample sale has a date, as on its page. Edit Sale also accepts a date, so that a client can write back what it has read.",
           ("sales.payment_type",), "assumed"),
    Oddity(35, "Payment words differ by resource",
           "An expense has `payment_method`, any text; a sale has `payment_type`, one of eight names.",
           (), "documented"),
    Oddity(36, "Words for an item's status",
           "A write accepts `available`, `out of stock` or `in-stock`. The answer has the word that was sent, whatever the `quantity` is.",
           ("items.status",), "assumed"),
    Oddity(37, "A space in front of item_code",
           "Every code that the server makes has the space, and answers have it too. A path works with or without it.",
           ("items.code_match", "items.code"), "assumed"),
    Oddity(38, "Quantities are strings",
           "`quantity` and `minimum_qty_alert` are text in answers and requests, as in tables and samples. A JSON number is answered 422.",
           ("invalid.status",), "documented"),
    Oddity(39, "Updated before it was created",
           "The vendor's sample records have the times of their pages. A write sets `updated_at`, and a create also `created_at`, to the time of the request.",
           ("time.zone",), "assumed"),
    Oddity(40, "created_by and issued_by are free names",
           "Both can be any text. Add and Edit Expense require `created_by`. If `created_by` is missing in Add Customer, or `issued_by` in Add Sale, it is the business's first user.",
           ("customer.created_by", "sales.issued_by"), "assumed"),
    Oddity(41, "Sample amounts that do not add up",
           "Amounts are stored as they are sent. fakekit does not check whether lines, tax, discount and totals agree: in the vendor's own sample they do not.",
           ("sales.sums",), "assumed"),
    Oddity(42, "Nothing paid, and not a draft",
           "0 with payment type None is a draft; 0 with another type is partial, or paid when the total is 0 too.",
           ("sales.payment_status",), "assumed"),
    Oddity(43, "Who adds the prefix INV-",
           "A write adds it to an `invoice_number` that does not start with it.",
           ("sales.invoice_number",), "assumed"),
    Oddity(44, "Codes that clients make",
           "A new sale with the `invoice_code` of another one is answered 409. It may have the `invoice_number` of another one.",
           ("conflict.status", "sales.invoice_number"), "assumed"),
    Oddity(45, "user_id and business_code come and go",
           "Customers, groups, items and the answer of Add Expense have them; sales, stores, categories and the other answers with expenses do not. With `payload.tenant_fields` false, no record has them.",
           ("payload.tenant_fields",), "assumed"),
    Oddity(46, "item_images in one rendering only",
           "No answer has them, except that of Fetch Item with `payload.tenant_fields` false. In a body they are ignored.",
           ("payload.tenant_fields", "body.unknown_fields"), "assumed"),
    Oddity(47, "The sample's e-mail address is lost",
           "No position is needed: the value cannot be recovered and nothing depends on it. The sample customer has jane.doe@example.com, in a domain reserved for examples (RFC 2606).",
           (), "none"),
    # Bodies
    Oddity(48, "Edit Sale: the table against the sample",
           "`invoice_code` is optional in the body, and must be the one in the path. The further fields of the sample are read.",
           ("sales.edit_code", "cut.by_sibling"), "assumed"),
    Oddity(49, "PUT: the whole record or a part",
           "The fields that the edit table requires must be in the body, except in Edit Store, and except the `invoice_code` of Edit Sale. An absent field keeps its value; null deletes the value of an optional field.",
           ("update.partial", "sales.edit_code", "stores.sale"), "assumed"),
    Oddity(50, "PHP samples send a form labelled JSON",
           "A multipart body under application/json is answered 422, and the note says what to write. A form with its own Content-Type is read.",
           ("invalid.status", "body.forms"), "assumed"),
    Oddity(51, "Samples that do not parse",
           "No position is needed: a PHP or Node program with a syntax error sends no request.",
           (), "none"),
    Oddity(52, "How Add Sale names its lines",
           "They are a list under `sales-item`. Each line has `item_name`, `unit_price`, `quantity` and, optionally, `description` and `tax`. A sale may have no lines.",
           ("sales.items",), "assumed"),
    Oddity(53, "Success messages that no page shows",
           'They are formed like documented ones: "<Resource> added successfully" and "<Resource> updated successfully".',
           ("message.by_analogy",), "assumed"),
    Oddity(54, "Zone, limits, repeats, webhooks, null",
           "Times of writes are in UTC, and an optional field accepts null. There are no rate limits, idempotency keys or webhooks. The length of a text has no limit but that of a body, 1 MiB.",
           ("time.zone", "customer.nulls", "limits.none"), "assumed"),
)
# fmt: on


def as_table(width: int = 80) -> str:
    """Return the table of the vendor's contradictions and gaps as text for a terminal (``fakekit ledger``).

    Each has a line with number, kind and title, followed by what fakekit does about it.

    width: how many characters those lines may have.
    """
    lines = []
    for oddity in ODDITIES:
        lines.append(f"{oddity.number:>2}  {oddity.kind:<10}  {oddity.title}")
        text = oddity.position + (f" [{', '.join(oddity.assumptions)}]" if oddity.assumptions else "")
        lines += textwrap.wrap(text, width, initial_indent=" " * 16, subsequent_indent=" " * 16)
    return "\n".join(lines) + "\n"


def as_json() -> str:
    """Return the table of the vendor's contradictions and gaps as JSON: ``fakekit ledger --format json``."""
    # The key was there before the attribute was renamed; users may read it.
    items = [{("truths" if n == "assumptions" else n): v for n, v in asdict(o).items()} for o in ODDITIES]
    return dumps(items, indent=2) + "\n"


def as_markdown() -> str:
    """Return the table of the vendor's contradictions and gaps in Markdown, for ``docs/fidelity.md``."""
    rows = [
        f"| {o.number} | {o.title} | {o.kind} | {o.position} | {', '.join(f'`{t}`' for t in o.assumptions)} |"
        for o in ODDITIES
    ]
    return (
        "\n".join(["| | what | settled by | what fakekit does | assumptions |", "| --- " * 5 + "|", *rows])
        + "\n"
    )
