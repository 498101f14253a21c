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
           "Every body that fakekit sends is valid JSON (RFC 8259): no dots in place of records, no trailing commas, one object to an answer.",
           (), "standard"),
    Oddity(3, "The number in a list's message",
           'It is the number of records in this answer, 0 with an empty array; "Item categories found" has no number, as its page prints it.',
           ("list.count",), "assumed"),
    Oddity(4, "A customer's group is a list",
           "`customer-group` is an array with the customer's own group, and empty when there is none.",
           ("fetch_customer.groups",), "assumed"),
    Oddity(5, "Hyphens and plurals in the keys of `data`",
           "Every key is spelled as its page prints it, a single sale under the plural `sales` too; the keys that no page shows follow those of their siblings.",
           ("message.by_analogy", "endpoint.by_analogy"), "assumed"),
    Oddity(6, "Two different error envelopes",
           "The two 401 bodies are the printed ones on every path under `/api/`; every other error has their form too, `status` and `error` and nothing else.",
           ("missing.error", "unknown_path.error", "method.error", "invalid.status", "server.error"), "assumed"),
    Oddity(7, "Whether `status` is the HTTP status",
           "It is, as the introduction says; only with `create.status` set to 201 does a create's body keep the 200 of its page.",
           ("create.status",), "documented"),
    # Status codes
    Oddity(8, "201 or 200 for a create",
           "A create answers HTTP 200 with 200 in the body; `create.status` makes the HTTP status 201 and leaves the body as it is.",
           ("create.status",), "assumed"),
    Oddity(9, "204 against JSON in every answer",
           "A successful DELETE and an OPTIONS request answer 204, without a body and a Content-Type (RFC 9110, 15.3.5); with `delete.status` 200 a DELETE has the envelope.",
           ("delete.status", "cors"), "assumed"),
    Oddity(10, "Failures other than 401",
           "A missing record or path answers 404, another method 405, a request that breaks the tables 422, an `invoice_code` in use 409; nothing answers 429, and 5xx are fakekit's own failures and limits.",
           ("missing.status", "unknown_path.error", "method.error", "invalid.status", "conflict.status", "server.error", "accounts.full"), "assumed"),
    Oddity(11, "DELETE without a page",
           "It works on the paths of the fetches and removes the record; what named it stays, a customer without her deleted group, sales and items with the id of what is gone.",
           ("delete.status", "delete.cascade"), "assumed"),
    Oddity(12, "GET described as adding",
           "No position is needed: it is a slip of the introduction, and every page that has a GET only reads with it.",
           (), "none"),
    # Paths and keys
    Oddity(13, "Two hosts",
           "fakekit answers alike whatever Host a request names; the paths are the same on both.",
           ("hosts.any",), "assumed"),
    Oddity(14, "`add` where an id could stand",
           "A path that is printed as it stands wins over one with a parameter, as OpenAPI has it: on `/customers/add` and its kind POST creates and every other method answers 405.",
           ("method.error",), "assumed"),
    Oddity(15, "The path of Edit Sale",
           "A sale is edited with PUT on `/sales/edit/{invoice_code}` only, as both hosts' pages have it; PUT on `/sales/{invoice_code}` answers 405.",
           ("method.error",), "documented"),
    Oddity(16, "Three kinds of key",
           "Each path takes the key of its page: `invoice_code` for sales, `item_code` for items, `id` for the others. The id of a sale or an item is not taken for its code.",
           (), "documented"),
    Oddity(17, "An id is text here and a number there",
           "It is a number in every answer. In a path it is up to 18 digits without sign or leading zero; anything else names no record and answers 404.",
           ("id.form", "missing.status"), "assumed"),
    Oddity(18, "Samples that send a literal {id}",
           "A placeholder that was not filled in names no record: it answers 404, and the note says what happened.",
           ("id.form", "missing.status", "missing.error"), "assumed"),
    Oddity(19, "A store that is a sale",
           "`/stores/{id}` is the sale of that id, without its lines, under `store`; there is no list and no create of stores.",
           ("stores.sale",), "assumed"),
    Oddity(20, "Edit Store has no body",
           "PUT without a body succeeds and moves `updated_at`; with a body it reads the fields of Edit Sale and requires none of them.",
           ("stores.sale",), "assumed"),
    Oddity(21, "user/authenticate is one curl line",
           'GET answers "User authenticated" with `user_id` and `business_code` under `user`, the same for every key; POST, PUT and DELETE answer 405.',
           ("authenticate.answer", "method.error"), "assumed"),
    # Filters
    Oddity(22, "What the range filters compare",
           "Both ends, also `due_date` for sales, are compared with the record's `created_at` and belong to the range; an end that is a date takes its whole day.",
           ("filter.range",), "assumed"),
    Oddity(23, "H:m:s with or without zeros",
           "Hour, minute and second may have one or two digits; either end may be a date alone or a date and time.",
           ("filter.range",), "assumed"),
    Oddity(24, "business_code: number and string",
           "The filter takes a whole number and compares it with the string of the records; it works also where `payload.tenant_fields` hides the field, and text that is no number answers 422.",
           ("payload.tenant_fields", "invalid.status"), "assumed"),
    Oddity(25, "Filters promised but not listed",
           "Only the listed filters work; any other query parameter is ignored, on a single record too, and the note names it.",
           ("body.unknown_fields",), "assumed"),
    Oddity(26, "category_name: exact or partial",
           "On the list of categories it leaves those of exactly that name, case included; the list of items ignores it.",
           ("filter.category_name", "body.unknown_fields"), "assumed"),
    Oddity(27, "Group filters described as customers'",
           "No position is needed: the text is a copy from another page, and the filters of groups compare the groups' own fields.",
           (), "none"),
    Oddity(28, "Two vocabularies of invoice_type",
           "A write takes `main`, `pos` or `order`; the filter takes these too, `invoice` for `main` and `storefront` for `order`. Any other word answers 422.",
           ("filter.invoice_type", "invalid.status"), "assumed"),
    Oddity(29, "How payment_status comes about",
           "It is worked out at every write of a sale, spelled `draft`, `partial` or `paid`, and never read from a body; the filter takes these lower-case words only.",
           ("sales.payment_status", "body.unknown_fields"), "assumed"),
    Oddity(30, "No pages, limits, sorting or search",
           "A list has every record that its filters leave; parameters such as `page` and `limit` are ignored, and the note names them.",
           ("body.unknown_fields", "list.shape"), "assumed"),
    # Types and values
    Oddity(31, "invoice_code: number and string",
           "It is a number in the sale and six digits of text in its lines, as printed; a write takes six digits in a string or the number.",
           ("body.numbers",), "documented"),
    Oddity(32, "customer_id: number and string",
           "A sale has it as a string of digits, as printed; writes and the filter take the digits, and a JSON body also the number.",
           ("body.numbers",), "documented"),
    Oddity(33, "Money as text and as numbers",
           "Sales and expenses have strings with two decimals, items have numbers, whole ones written like 1000.0; writes take either.",
           ("body.numbers",), "documented"),
    Oddity(34, "A date as payment_type",
           "Add Sale takes one of its eight names, and generated sales have one. The vendor's own sample sale has the date that it prints, and Edit Sale takes a date too, so that what was read can be written back.",
           ("sales.payment_type",), "assumed"),
    Oddity(35, "Payment words differ by resource",
           "An expense has `payment_method`, any text; a sale has `payment_type`, one of eight names.",
           (), "documented"),
    Oddity(36, "Words for an item's status",
           "A write takes `available`, `out of stock` or `in-stock` and answers the word that was sent, whatever `quantity` says.",
           ("items.status",), "assumed"),
    Oddity(37, "A space in front of item_code",
           "Every code that the server makes has the space, and answers keep it; a path finds the item with or without it.",
           ("items.code_match", "items.code"), "assumed"),
    Oddity(38, "Quantities are strings",
           "`quantity` and `minimum_qty_alert` are text in answers and requests, as tables and samples have them; a JSON number answers 422.",
           ("invalid.status",), "documented"),
    Oddity(39, "Updated before it was created",
           "The vendor's sample records keep the times that they print; a write sets `updated_at`, and a create also `created_at`, to the time of the request.",
           ("time.zone",), "assumed"),
    Oddity(40, "created_by and issued_by are free names",
           "Both are any text. Add and Edit Expense require `created_by`; where Add Customer leaves out `created_by`, or Add Sale `issued_by`, it is the business's first user.",
           ("customer.created_by", "sales.issued_by"), "assumed"),
    Oddity(41, "Sample amounts that do not add up",
           "Amounts are kept as they are sent: nothing checks that lines, tax, discount and totals agree, as they do not in the vendor's own sample.",
           ("sales.sums",), "assumed"),
    Oddity(42, "Nothing paid, and not a draft",
           "0 with payment type None is a draft; 0 with another type is partial, or paid when the total is 0 too.",
           ("sales.payment_status",), "assumed"),
    Oddity(43, "Who adds the prefix INV-",
           "A write puts it in front of an `invoice_number` that does not start with it, and leaves one that does.",
           ("sales.invoice_number",), "assumed"),
    Oddity(44, "Codes that clients make",
           "An `invoice_code` that another sale has answers 409; an `invoice_number` may be another sale's.",
           ("conflict.status", "sales.invoice_number"), "assumed"),
    Oddity(45, "user_id and business_code come and go",
           "Customers, groups, items and the answer of Add Expense have them; sales, stores, categories and the other answers on expenses do not. `payload.tenant_fields` false drops them from all records.",
           ("payload.tenant_fields",), "assumed"),
    Oddity(46, "item_images in one rendering only",
           "No answer has them, except that of Fetch Item with `payload.tenant_fields` false; no body is read for them.",
           ("payload.tenant_fields", "body.unknown_fields"), "assumed"),
    Oddity(47, "The sample's e-mail address is lost",
           "No position is needed: the value cannot be recovered and nothing depends on it. The sample customer has jane.doe@example.com, of a domain reserved for examples (RFC 2606).",
           (), "none"),
    # Bodies
    Oddity(48, "Edit Sale: the table against the sample",
           "`invoice_code` may be left out of the body, and must be the path's when it is there; the sample's further fields are read.",
           ("sales.edit_code", "cut.by_sibling"), "assumed"),
    Oddity(49, "PUT: the whole record or a part",
           "The fields that the edit table requires must come, but for Edit Store and the `invoice_code` of Edit Sale; an absent field keeps its value, and null empties one that a record may lack.",
           ("update.partial", "sales.edit_code", "stores.sale"), "assumed"),
    Oddity(50, "PHP samples send a form labelled JSON",
           "Multipart bytes under application/json answer 422, and the note gives the cure; a form under its own type is read.",
           ("invalid.status", "body.forms"), "assumed"),
    Oddity(51, "Samples that do not parse",
           "No position is needed: a PHP or Node program with a syntax error sends no request.",
           (), "none"),
    Oddity(52, "How Add Sale names its lines",
           "They are a list under `sales-item`, each with `item_name`, `unit_price`, `quantity` and, if wanted, `description` and `tax`; a sale may have none.",
           ("sales.items",), "assumed"),
    Oddity(53, "Success messages that no page shows",
           'They follow those that one does: "<Noun> added successfully" and "<Noun> updated successfully".',
           ("message.by_analogy",), "assumed"),
    Oddity(54, "Zone, limits, repeats, webhooks, null",
           "Written times are UTC, and null is taken for what a record may lack. There are no rate limits, idempotency keys or webhooks, and text has no limit of length but that of the body, at most 1 MiB.",
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
