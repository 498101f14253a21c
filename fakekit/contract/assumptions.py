"""What fakekit had to choose, each choice under a name, and who leaned on it.

Documented beats standard beats assumed: a name stands here only where the vendor's pages and the
standards are silent or contradict themselves. ``docs/fidelity.md`` is made from this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Assumption:
    """One choice: its name, what we do, why, and its value where it is one."""

    name: str
    position: str
    why: str
    value: int | str | None = None


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
        "`user_id` and `business_code` are present, and the same on every record of a business.",
        "The founding page prints them; some renderings of the same page drop them.",
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
    ),
    Assumption(
        "missing.error",
        'Its `error` is "Customer not found", and so for each noun, in the documented error envelope.',
        'It mirrors "Customer found".',
        "{noun} not found",
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
)


class Leaning:
    """What one answer leaned on. Reading an assumption through `on` records it.

    >>> lean = Leaning()
    >>> lean.on("missing.status")
    404
    >>> lean.names
    ['missing.status']
    """

    __slots__ = ("names",)

    def __init__(self) -> None:
        self.names: list[str] = []

    def on(self, name: str) -> Any:
        """The value of the assumption `name` (None where it is a rule); KeyError if there is none."""
        value = _VALUES[name]
        if name not in self.names:
            self.names.append(name)
        return value


_VALUES = {assumption.name: assumption.value for assumption in TABLE}
